package dl

import "testing"

// Gradients of a recurrent layer's outputs are the same whatever reads which slices of them, in any order: layers that write
// their own gradient into that of the outputs, others that add to it, and none. A copy in between hides that they are slices.
func TestGradientsOfSlicesOfRecurrentOutputs(t *testing.T) {
	const steps, batch, d, h = 6, 2, 3, 3
	r := NewRand(9)
	parameters := []*Tensor{r.Normals(0, 1, steps, batch, d), r.Normals(0, 0.5, d, 4*h), r.Normals(0, 0.5, h, 4*h), r.Normals(0, 0.5, h, 4*h), r.Normals(0, 0.5, h, 4*h)}
	for _, p := range parameters {
		p.RequireGrad()
	}
	x, w1, u1, w2, u2 := parameters[0], parameters[1], parameters[2], parameters[3], parameters[4]
	o := RecurrentOptions{TimeMajor: true}
	gradients := func(seed uint64, copied bool) (all []*Tensor) {
		for _, p := range parameters {
			p.ZeroGrad()
		}
		q := NewRand(seed)
		read := func(t *Tensor) *Tensor {
			if copied {
				return t.MulScalar(1)
			}
			return t
		}
		y, last, _ := LSTM(read(x), w1, u1, nil, o)
		loss := last.Sum().Add(w2.Sum()).Add(u2.Sum())
		for range 2 + q.IntN(4) {
			s := y
			if q.IntN(3) > 0 {
				lo := q.IntN(steps - 1)
				s = y.Slice(0, lo, min(steps, lo+1+q.IntN(steps-lo)))
			}
			switch q.IntN(3) {
			case 0:
				z, state, _ := LSTM(read(s), w2, u2, nil, o)
				loss = loss.Add(state.Square().Sum())
				if q.IntN(2) == 0 {
					loss = loss.Add(z.Square().Sum())
				}
			case 1:
				loss = loss.Add(s.Square().Sum())
			case 2:
				z, state, _ := LSTM(read(s), w2, u2, nil, o)
				_, third, _ := LSTM(read(z), w2, u2, nil, o)
				loss = loss.Add(third.Mul(state).Sum()).Add(s.Sum())
			}
		}
		loss.Backward()
		for _, p := range parameters {
			all = append(all, p.Grad().Clone())
		}
		return all
	}
	for seed := range uint64(100) {
		want := gradients(seed, true)
		check := func() {
			for i, g := range gradients(seed, false) {
				if diff := g.Sub(want[i]).Abs().Max().Item(); !(diff < 1e-4) {
					t.Errorf("seed %d: the gradient of parameter %d differs by %v", seed, i, diff)
				}
			}
		}
		check()
		NewArena().Run(check)
	}
}
