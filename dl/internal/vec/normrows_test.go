package vec

import (
	"math"
	"math/rand/v2"
	"testing"
)

// Many rows at once have what each has alone, for lengths around those of vectors and of groups of vectors.
func TestLayerNormRows(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	for _, set := range Sets() {
		undo := Force(set)
		for _, n := range []int{0, 1, 3, 15, 16, 17, 48, 63, 64, 65, 128, 200, block + 3} {
			const rows = 3
			draw := func(size int) []float32 {
				v := make([]float32, size+1)
				for i := range v {
					v[i] = float32(2 + r.NormFloat64())
				}
				return v
			}
			x, y, dy, dx, gamma, beta := draw(rows*n), draw(rows*n), draw(rows*n), draw(rows*n), draw(n)[:n], draw(n)[:n]
			want, wantDX := append([]float32(nil), y...), append([]float32(nil), dx...)
			moments, wantMoments := make([]float32, 2*rows), make([]float32, 2*rows)
			LayerNormRows(y[:rows*n], x[:rows*n], gamma, beta, moments, 1e-5)
			for i := range rows {
				wantMoments[2*i], wantMoments[2*i+1] = LayerNorm(want[i*n:(i+1)*n], x[i*n:(i+1)*n], gamma, beta, 1e-5)
			}
			same := func(what string, got, want []float32) {
				for i := range want {
					if !(math.Abs(float64(got[i]-want[i])) <= 2e-5*(1+math.Abs(float64(want[i])))) {
						t.Fatalf("%v: rows of %d: element %d of %s is %v, not %v", set, n, i, what, got[i], want[i])
					}
				}
			}
			same("y", y, want)
			if n > 1 { // of one element, the deviation is nothing
				same("the moments", moments, wantMoments)
			}
			for _, add := range []bool{false, true} {
				sums, wantSums := make([]float32, 2*n), make([]float32, 2*n)
				LayerNormGradRows(dx[:rows*n], sums[:n], sums[n:], dy[:rows*n], x[:rows*n], gamma, moments, add)
				for i := range rows {
					LayerNormGrad(wantDX[i*n:(i+1)*n], wantSums[:n], wantSums[n:], dy[i*n:(i+1)*n], x[i*n:(i+1)*n], gamma, moments[2*i], moments[2*i+1], add)
				}
				if n > 1 {
					same("dx", dx, wantDX)
				}
				same("the sums", sums, wantSums)
			}
		}
		undo()
	}
}
