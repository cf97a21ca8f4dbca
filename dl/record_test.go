package dl

import "testing"

// Recording an operation, and going back through it, allocates nothing in an
// arena.
func TestRecordsAllocateNothing(t *testing.T) {
	x, w := input(1, 8, 16, 4).To(Float32).RequireGrad(), input(2, 4, 4).To(Float32).RequireGrad()
	two := []int{2, 0}
	one, none := []int{1, 1, 1}, []int{0, 0, 0}
	arena := NewArena()
	for _, c := range []struct {
		name string
		f    func() *Tensor
	}{
		{"Exp", func() *Tensor { return x.Exp() }},
		{"Add", func() *Tensor { return x.Add(x) }},
		{"Mul rows", func() *Tensor { return x.Mul(w.Sum(0)) }},
		{"Slice", func() *Tensor { return x.Slice(1, 2, 5) }},
		{"Permute", func() *Tensor { return x.Permute(2, 0, 1) }},
		{"T", func() *Tensor { return x.T() }},
		{"Expand", func() *Tensor { return x.Unsqueeze(0).Expand(2, 8, 16, 4) }},
		{"Concat", func() *Tensor { return Concat(0, x, x) }},
		{"Rows", func() *Tensor { return x.Rows(two) }},
		{"Pad", func() *Tensor { return x.Pad(one, none) }},
		{"Max", func() *Tensor { return x.Max(2) }},
		{"Softmax", func() *Tensor { return x.Softmax(-1) }},
		{"MatMul", func() *Tensor { return x.MatMul(w) }},
		{"Affine", func() *Tensor { return Affine(x.Flatten(1).Reshape(-1, 4), w, nil, FuseGELU) }},
		{"MSE", func() *Tensor { return MSE(x, x.Tanh()) }},
	} {
		step := func() {
			x.ZeroGrad()
			w.ZeroGrad()
			c.f().Sum().Backward()
		}
		for range 3 {
			arena.Run(step)
		}
		if n := testing.AllocsPerRun(50, func() { arena.Run(step) }); n >= 1 && countable() {
			t.Errorf("%s: %v allocations", c.name, n)
		}
	}
}
