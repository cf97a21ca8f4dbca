package vec

import "testing"

// BenchmarkShortRows times functions on the short rows of attention and of norms, where the call itself counts.
func BenchmarkShortRows(b *testing.B) {
	x, y, z := make([]float32, 64), make([]float32, 64), make([]float32, 64)
	for name, f := range map[string]func(){
		"ExpSum":      func() { ExpSum(y, x, 1, 0) },
		"Max":         func() { Max(x) },
		"Dot":         func() { Dot(x, y) },
		"Scale":       func() { Scale(y, 1, x) },
		"Fill":        func() { Fill(z[:16], 1) },
		"SoftmaxGrad": func() { SoftmaxGrad(z, x, y, 1, 1) },
		"Add":         func() { Add(z, x, y) },
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				f()
			}
		})
	}
}
