package dl

import "testing"

// BenchmarkOperations times operations beside the products and convolutions, forward and backward, on the output of
// the flagship's convolution.
func BenchmarkOperations(b *testing.B) {
	r := NewRand(1)
	x := r.Normals(0, 1, 64, 26, 26, 32).RequireGrad()
	row, mean, variance := Ones(32).RequireGrad(), Zeros(32), Ones(32)
	same := r.Normals(0, 1, 64, 26, 26, 32)
	for _, c := range []struct {
		name string
		f    func() *Tensor
	}{
		{"ReLU", func() *Tensor { return x.ReLU() }},
		{"Tanh", func() *Tensor { return x.Tanh() }},
		{"Sigmoid", func() *Tensor { return x.Sigmoid() }},
		{"GELU", func() *Tensor { return x.GELU() }},
		{"Exp", func() *Tensor { return x.Exp() }},
		{"LeakyReLU", func() *Tensor { return x.LeakyReLU(0.1) }},
		{"Dropout", func() *Tensor { return Dropout(x, 0.5, r) }},
		{"BatchNorm", func() *Tensor {
			return BatchNorm(x, row, row, mean, variance, BatchNormOptions{Training: true, Momentum: 0.9})
		}},
		{"Softmax", func() *Tensor { return x.Softmax(-1) }},
		{"AddRow", func() *Tensor { return x.Add(row) }},
		{"Mul", func() *Tensor { return x.Mul(same) }},
		{"MSE", func() *Tensor { return MSE(x, same) }},
		{"BinaryCrossEntropyLogits", func() *Tensor { return BinaryCrossEntropyLogits(x, same) }},
		{"MeanAll", func() *Tensor { return x.Mean() }},
		{"MeanFirstAxes", func() *Tensor { return x.Mean(0, 1, 2) }},
		{"MaxLastAxis", func() *Tensor { return x.Max(-1) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			arena := NewArena()
			var y *Tensor
			both := func() {
				x.ZeroGrad()
				row.ZeroGrad()
				if y = c.f(); y.Size() == 1 {
					y.Backward()
					return
				}
				y.BackwardWith(BackwardOptions{Gradient: same.Reshape(-1).Slice(0, 0, y.Size()).Reshape(y.Shape()...)})
			}
			arena.Run(both)
			for b.Loop() {
				arena.Run(both)
			}
		})
	}
}

// BenchmarkSmallStep times a training step so small that recording, and finding the way back, cost most.
func BenchmarkSmallStep(b *testing.B) {
	s, arena := newSmall(), NewArena()
	step := func() { s.step() }
	b.ReportAllocs()
	for b.Loop() {
		arena.Run(step)
	}
}
