package gemm

import (
	"math/rand/v2"
	"testing"

	"modelbook/dl/internal/parallel"
)

// Tall products are those of the definition and write only their part of C.
func TestTall(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	r := rand.New(rand.NewPCG(7, 8))
	for _, kern := range Kernels() {
		t.Run(kern.Name, func(t *testing.T) {
			defer Force(kern)()
			for i, s := range [][3]int{{128, 32, 512}, {517, 128, 513}, {161, 37, 700}} {
				m, n, k := s[0], s[1], s[2]
				parallel.SetThreads(1 + i%2)
				if kern != portable && !isTall(m, n, k) {
					t.Errorf("%v is not tall", s)
				}
				lda, ldb, ldc := m+3, n+1, n+2
				a, b, c := random(r, k*lda), random(r, k*ldb), random(r, m*ldc)
				want := append([]float32(nil), c...)
				for i := range m {
					for j := range n {
						sum := 0.0
						for p := range k {
							sum += float64(a[p*lda+i]) * float64(b[p*ldb+j])
						}
						want[i*ldc+j] = float32(sum)
					}
				}
				SgemmFused(Matrix[float32]{a, m, k, lda, true}, Matrix[float32]{b, k, n, ldb, false}, Matrix[float32]{c, m, n, ldc, false}, Epilogue{})
				for i, w := range want {
					if d := c[i] - w; d > 1e-3 || d < -1e-3 || d != d || i%ldc >= n && d != 0 {
						t.Fatalf("%v: c[%d] = %v, want %v", s, i, c[i], w)
					}
				}
			}
		})
	}
}
