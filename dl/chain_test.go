package dl

import "testing"

// BenchmarkTinyChain times the forward and backward pass of 125 operations on three elements: what is paid for each
// operation beside the elements.
func BenchmarkTinyChain(b *testing.B) {
	x, w := Full(0.5, 3).RequireGrad(), Full(2, 3).RequireGrad()
	arena := NewArena()
	step := func() {
		x.ZeroGrad()
		w.ZeroGrad()
		y := x
		for range 41 {
			y = y.Mul(w).Add(x).Tanh()
		}
		y.MulScalar(3).Sum().Backward()
	}
	b.ReportAllocs()
	for b.Loop() {
		arena.Run(step)
	}
}
