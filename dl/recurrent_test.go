package dl

import "testing"

func init() {
	mask := Of([]bool{true, true, true, false, true, false, false, false, true, true, true, true}, 3, 4)
	layer := func(kind string, o RecurrentOptions) op {
		return func(x []*Tensor) []*Tensor {
			o, b, rest := o, (*Tensor)(nil), x[3:]
			if len(rest) > 0 {
				b, rest = rest[0], rest[1:]
			}
			if kind == "GRU" && len(rest) > 0 {
				o.RecurrentBias, rest = rest[0], rest[1:]
			}
			if len(rest) > 0 {
				o.Hidden = rest[0]
			}
			if len(rest) > 1 {
				o.Cell = rest[1]
			}
			switch kind {
			case "LSTM":
				y, h, c := LSTM(x[0], x[1], x[2], b, o)
				return []*Tensor{y, h, c}
			case "GRU":
				return pairOf(GRU(x[0], x[1], x[2], b, o))
			}
			return pairOf(RNN(x[0], x[1], x[2], b, o))
		}
	}
	for name, f := range map[string]op{
		"dl.LSTM": layer("LSTM", RecurrentOptions{}), "dl.LSTM with states": layer("LSTM", RecurrentOptions{}),
		"dl.LSTM without bias":        layer("LSTM", RecurrentOptions{}),
		"dl.LSTM Reverse":             layer("LSTM", RecurrentOptions{Reverse: true}),
		"dl.LSTM Lengths":             layer("LSTM", RecurrentOptions{Lengths: []int{2, 4, 0}}),
		"dl.LSTM Lengths, Reverse":    layer("LSTM", RecurrentOptions{Lengths: []int{3, 1, 4}, Reverse: true}),
		"dl.GRU":                      layer("GRU", RecurrentOptions{}),
		"dl.GRU Lengths, Reverse":     layer("GRU", RecurrentOptions{Lengths: []int{3, 1, 4}, Reverse: true}),
		"dl.GRU Mask":                 layer("GRU", RecurrentOptions{Mask: mask}),
		"dl.GRU ResetBefore":          layer("GRU", RecurrentOptions{ResetBefore: true}),
		"dl.GRU ResetBefore, Lengths": layer("GRU", RecurrentOptions{ResetBefore: true, Lengths: []int{2, 4, 3}}),
		"dl.RNN":                      layer("RNN", RecurrentOptions{}),
		"dl.RNN ReLU":                 layer("RNN", RecurrentOptions{ReLU: true}),
		"dl.RNN Lengths, Reverse":     layer("RNN", RecurrentOptions{Lengths: []int{3, 1, 4}, Reverse: true}),
	} {
		operations[name] = f
	}
}

// Sizes at which rows are shared by threads and units are no multiple of a vector: float32 computes what float64 does.
func TestRecurrentOfOddSizes(t *testing.T) {
	const batch, steps, size, units = 21, 5, 19, 37
	r := NewRand(3)
	random := func(shape ...int) *Tensor { return r.Normals(0, 0.3, shape...).To(Float64) }
	lengths := make([]int, batch)
	for i := range lengths {
		lengths[i] = r.IntN(steps + 1)
	}
	for _, kind := range []string{"LSTM", "GRU", "GRU before", "RNN"} {
		for _, o := range []RecurrentOptions{{}, {Lengths: lengths, Reverse: true}} {
			gates := map[string]int{"LSTM": 4, "GRU": 3, "GRU before": 3, "RNN": 1}[kind]
			o.Hidden = random(batch, units)
			xs := []*Tensor{random(batch, steps, size), random(size, gates*units), random(units, gates*units), random(gates * units)}
			run := func(d DType) (all []*Tensor) {
				in := make([]*Tensor, len(xs))
				for i, x := range xs {
					in[i] = x.Detach().To(d).RequireGrad()
				}
				o := o
				o.Hidden = o.Hidden.Detach().To(d).RequireGrad()
				switch kind {
				case "LSTM": // also of sequences that lie the other way
					o.TimeMajor = true
					y, h, c := LSTM(in[0].Transpose(1, 0, 2), in[1], in[2], in[3], o)
					y = y.Transpose(1, 0, 2)
					all = []*Tensor{y, h, c}
				case "RNN":
					all = pairOf(RNN(in[0], in[1], in[2], in[3], o))
				default:
					o.ResetBefore = kind != "GRU"
					all = pairOf(GRU(in[0], in[1], in[2], in[3], o))
				}
				sum := New(d)
				for _, y := range all {
					sum = sum.Add(weigh(y))
				}
				sum.Backward()
				for _, x := range append(in, o.Hidden) {
					all = append(all, x.Grad())
				}
				return all
			}
			want, got := run(Float64), run(Float32)
			for i := range want {
				if err := closeTo(got[i], want[i], 2e-4); err != nil {
					t.Errorf("%s %v: result %d: %v", kind, o.Reverse, i, err)
				}
			}
		}
	}
}

// A step in its steady state allocates nothing but the results' sixteen bytes.
func TestRecurrentStepsAllocateNothing(t *testing.T) {
	if !countable() {
		t.Skip("allocations are not the operations' own")
	}
	r := NewRand(1)
	x, w, u, b := r.Normals(0, 1, 8, 6, 16), r.Normals(0, 1, 16, 128).RequireGrad(), r.Normals(0, 1, 32, 128).RequireGrad(), Zeros(128).RequireGrad()
	a := NewArena()
	lengths := []int{1, 2, 3, 4, 5, 6, 0, 1}
	step := func() {
		a.Run(func() {
			y, h, c := LSTM(x, w, u, b, RecurrentOptions{Lengths: lengths})
			y.Sum().Add(h.Sum()).Add(c.Sum()).Backward()
		})
		for _, p := range []*Tensor{w, u, b} {
			p.ZeroGrad()
		}
	}
	for range 4 {
		step()
	}
	if n := testing.AllocsPerRun(20, step); n > 3 {
		t.Errorf("%v allocations in a step", n)
	}
}

// What a layer's gradient is written to is a part of that of the layer in front, and where only the last states are used the
// outputs have none: neither changes a gradient, whatever else reads the outputs. A copy in between hides that x is a view.
func TestRecurrentChain(t *testing.T) {
	const steps, batch, d, h = 5, 3, 4, 6
	r := NewRand(7)
	x := r.Normals(0, 1, steps, batch, d)
	var parameters []*Tensor
	for range 2 {
		in := d
		if len(parameters) > 0 {
			in = h
		}
		parameters = append(parameters, r.Normals(0, 0.5, in, 4*h).RequireGrad(), r.Normals(0, 0.5, h, 4*h).RequireGrad())
	}
	factor := r.Normals(0, 1, steps, batch, h)
	for name, use := range map[string]func(y1, h1, y2, h2, c2 *Tensor) *Tensor{
		"last state":                     func(_, _, _, h2, _ *Tensor) *Tensor { return h2.Square().Sum() },
		"last states":                    func(_, _, _, h2, c2 *Tensor) *Tensor { return h2.Square().Add(c2).Sum() },
		"outputs":                        func(_, _, y2, _, _ *Tensor) *Tensor { return y2.Mul(factor).Sum() },
		"outputs and states":             func(_, _, y2, h2, c2 *Tensor) *Tensor { return y2.Mul(factor).Sum().Add(h2.Mul(c2).Sum()) },
		"outputs of the first, too":      func(y1, _, _, h2, _ *Tensor) *Tensor { return y1.Mul(factor).Sum().Add(h2.Sum()) },
		"some outputs of the first":      func(y1, _, _, h2, _ *Tensor) *Tensor { return y1.Slice(0, 1, 3).Square().Sum().Add(h2.Sum()) },
		"the last state of the first":    func(_, h1, _, h2, _ *Tensor) *Tensor { return h1.Mul(h2).Sum() },
		"the outputs of the first twice": func(y1, h1, y2, h2, _ *Tensor) *Tensor { return y1.Mul(y1).Mul(y2).Sum().Add(h1.Mul(h2).Sum()) },
	} {
		for _, reverse := range []bool{false, true} {
			gradients := func(copied bool) []*Tensor {
				for _, p := range parameters {
					p.ZeroGrad()
				}
				o := RecurrentOptions{TimeMajor: true, Reverse: reverse}
				y1, h1, _ := LSTM(x, parameters[0], parameters[1], nil, o)
				in := y1
				if copied {
					in = y1.MulScalar(1)
				}
				y2, h2, c2 := LSTM(in, parameters[2], parameters[3], nil, o)
				if copied {
					y2 = y2.MulScalar(1)
					h2 = y2.Sum().MulScalar(0).Add(h2) // the outputs have a gradient, of zeros
				}
				use(y1, h1, y2, h2, c2).Backward()
				var all []*Tensor
				for _, p := range parameters {
					all = append(all, p.Grad().Clone())
				}
				return all
			}
			want := gradients(true)
			for i, g := range gradients(false) {
				if diff := g.Sub(want[i]).Abs().Max().Item(); !(diff < 1e-4) {
					t.Errorf("%s, reverse %v: the gradient of parameter %d differs by %v", name, reverse, i, diff)
				}
			}
			NewArena().Run(func() {
				for i, g := range gradients(false) {
					if diff := g.Sub(want[i]).Abs().Max().Item(); !(diff < 1e-4) {
						t.Errorf("%s, reverse %v, in an arena: the gradient of parameter %d differs by %v", name, reverse, i, diff)
					}
				}
			})
		}
	}
}
