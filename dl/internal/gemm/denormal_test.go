//go:build amd64 && !purego

package gemm

import (
	"math"
	"testing"
)

// The kernels of float32 take denormal numbers for zero, as operands and as results; those of float64 do not, and nor does
// what is computed after a product.
func TestDenormalsAreZero(t *testing.T) {
	const n = 40
	a, b, c := make([]float32, n*n), make([]float32, n*n), make([]float32, n*n)
	for i := range a {
		a[i], b[i] = 1e-30, 1e-9
		if i%2 == 1 {
			b[i] = 1e-42 // denormal itself
		}
	}
	tiny, half := float32(1e-40), float32(0.5)
	for _, k := range Kernels() {
		if k == portable {
			continue
		}
		undo := Force(k)
		for _, scale := range []float32{1, 1e30} {
			for i := range a {
				a[i] = 1e-30 * scale
			}
			SgemmFused(Of(a, n, n), Of(b, n, n), Of(c, n, n), Epilogue{})
			for i, v := range c {
				want := 0.0
				if scale > 1 && i%2 == 0 {
					want = n * 1e-9
				}
				if math.Abs(float64(v)-want) > 1e-6*want {
					t.Fatalf("%s: element %d is %v, want %v", k.Name, i, v, want)
				}
			}
		}
		if tiny*half == 0 {
			t.Errorf("%s: half of 1e-40 is 0 after a product", k.Name)
		}
		x, y, z := make([]float64, n*n), make([]float64, n*n), make([]float64, n*n)
		for i := range x {
			x[i], y[i] = 1e-300, 1e-12
		}
		Dgemm(1, Matrix[float64]{x, n, n, n, false}, Matrix[float64]{y, n, n, n, false}, 0, Matrix[float64]{z, n, n, n, false})
		if want := n * 1e-300 * 1e-12; math.Abs(z[0]-want) > 1e-3*want {
			t.Errorf("%s: the double product is %v, want %v", k.Name, z[0], want)
		}
		undo()
	}
}
