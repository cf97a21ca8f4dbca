package gemm

import (
	"math/rand/v2"
	"testing"

	"modelbook/dl/internal/parallel"
)

// Turned products are those of the definition, also at edges, and write only their part of C.
func TestTurned(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	defer func(n int) { transposeFrom = n }(transposeFrom)
	transposeFrom = 0
	r := rand.New(rand.NewPCG(5, 6))
	for _, kern := range Kernels() {
		t.Run(kern.Name, func(t *testing.T) {
			defer Force(kern)()
			for i, s := range [][3]int{{64, 256, 128}, {33, 71, 65}, {128, 32, 64}, {40, 7, 100}, {47, 130, 300}} {
				m, n, k := s[0], s[1], s[2]
				parallel.SetThreads(1 + i%2)
				lda, ldb, ldc := k+1, k+3, n+2
				if kern != portable && !betterTransposed(m, n, k, ldb) {
					t.Errorf("%v is not computed transposed", s)
				}
				a, b, c := make([]float32, m*lda), make([]float32, n*ldb), make([]float32, m*ldc)
				for _, v := range [][]float32{a, b, c} {
					for i := range v {
						v[i] = r.Float32() - 0.5
					}
				}
				want := append([]float32(nil), c...)
				for i := range m {
					for j := range n {
						sum := float32(0)
						for p := range k {
							sum += a[i*lda+p] * b[j*ldb+p]
						}
						want[i*ldc+j] = sum
					}
				}
				Sgemm(1, Matrix[float32]{a, m, k, lda, false}, Matrix[float32]{b, k, n, ldb, true}, 0, Matrix[float32]{c, m, n, ldc, false})
				for i, w := range want {
					if d := c[i] - w; d > 1e-4 || d < -1e-4 || d != d {
						t.Fatalf("%v: c[%d] = %v, want %v", s, i, c[i], w)
					}
				}
				x, c := random(r, m*n), make([]float32, m*n)
				SgemmFused(Matrix[float32]{a, m, k, lda, false}, Matrix[float32]{b, k, n, ldb, true}, Of(c, m, n), Epilogue{Finish: residual{x, n}})
				for i, v := range c {
					if w := want[i/n*ldc+i%n] + x[i]; v-w > 1e-4 || w-v > 1e-4 || v != v {
						t.Fatalf("%v: finished, c[%d] = %v, want %v", s, i, v, w)
					}
				}
			}
		})
	}
}
