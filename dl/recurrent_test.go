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
