package dist

import (
	"testing"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
)

// Two ranks take each piece once, whichever comes, and a piece is the sum of both ranks' gradients, of factors and written.
func TestPiecesOfTwoRanks(t *testing.T) {
	const in, width, n = 50, 7, 3
	memory := func(n int) []float32 { return make([]float32, n) }
	factors, taken, grads := memory(in*width), memory(2*apart), [][]float32{memory(in * width), memory(in * width)}
	r, want := dl.NewRand(1), make([]float64, in*width)
	var ranks []*share
	for rank := range 2 {
		s := newShare(&Comm{rank: rank, size: 2}, dl.Zeros(in, width))
		s.divide()
		s.factors, s.taken, s.grads, s.samples = factors, taken, grads, n
		s.x, s.dy = r.Uniforms(-1, 1, n, in).Float32s(), r.Uniforms(-1, 1, n, width).Float32s()
		for i := range want {
			for k := range n {
				want[i] += float64(s.x[k*in+i/width]) * float64(s.dy[k*width+i%width])
			}
			grads[rank][i] = float32(want[i])
		}
		ranks = append(ranks, s)
		s.place(rank*n, 2*n)
	}
	for i := range want {
		grads[1][i] -= grads[0][i] // so that both are what both factors are
	}
	for _, test := range []struct {
		name    string
		samples []float32
		dynamic bool
		turns   string // the rank that asks
		taken   [2]int
	}{
		{"factors, each its own", []float32{n, n}, false, "00000000001", [2]int{each, 1}},
		{"factors, the other is slow", []float32{n, n}, true, "1000000000000000000", [2]int{2*each - 1, 1}},
		{"gradients, in turns", []float32{written, written}, true, "010101010101010101", [2]int{each, each}},
		{"gradients, rank 1 alone", []float32{written, written}, true, "11111111111111111111", [2]int{0, 2 * each}},
	} {
		for _, s := range ranks {
			s.begin()
			s.dynamic = test.dynamic
		}
		seen, count := make([]int, in*width), [2]int{}
		for _, turn := range test.turns {
			s := ranks[turn-'0']
			s.find(test.samples)
			var p gradient.Part
			if !s.next(&p) {
				continue
			}
			count[turn-'0']++
			for i := p.Lo; i < p.Hi; i++ {
				seen[i]++
				got := 0.0
				if p.Values != nil {
					got = float64(p.Values[i-p.Lo])
				}
				rows := (p.Hi - p.Lo) / width
				for k := range p.Samples {
					got += float64(p.X[k*rows+(i-p.Lo)/width]) * float64(p.DY[k*width+i%width])
				}
				if d := got - want[i]; d > 1e-5 || d < -1e-5 {
					t.Fatalf("%s: gradient %d is %v, not %v", test.name, i, got, want[i])
				}
			}
		}
		if count != test.taken {
			t.Errorf("%s: the ranks took %v pieces, not %v", test.name, count, test.taken)
		}
		for i, n := range seen {
			if n > 1 || n == 0 && count[0]+count[1] == 2*each {
				t.Fatalf("%s: element %d was visited %d times", test.name, i, n)
			}
		}
		if test.samples[0] == written { // what was added up is used up
			for i := range want {
				grads[0][i] = 0
			}
			copy(grads[1], asFloat32(want))
		}
	}
}

func asFloat32(values []float64) (list []float32) {
	for _, v := range values {
		list = append(list, float32(v))
	}
	return list
}
