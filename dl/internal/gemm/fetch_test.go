package gemm

import (
	"math/rand/v2"
	"testing"
)

// A Fetching's products are those of Sgemm, whatever it fetches meanwhile.
func TestFetch(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, kern := range Kernels() {
		t.Run(kern.Name, func(t *testing.T) {
			defer Force(kern)()
			f := Fetch()
			defer f.Release()
			for _, s := range [][3]int{{42, 128, 64}, {1, 1, 1}, {7, 33, 300}, {29, 70, 513}, {2, 40, 3}} {
				m, n, k := s[0], s[1], s[2]
				lda := m + 5
				a, b := make([]float32, k*lda), make([]float32, k*n)
				for _, v := range [][]float32{a, b} {
					for i := range v {
						v[i] = r.Float32() - 0.5
					}
				}
				got, want := make([]float32, m*n), make([]float32, m*n)
				Sgemm(1, Matrix[float32]{a, m, k, lda, true}, Of(b, k, n), 0, Of(want, m, n))
				for _, next := range [][3][]float32{{}, {a, b, want}, {a[:1], nil, b}} {
					clear(got)
					f.Sgemm(Matrix[float32]{a, m, k, lda, true}, Of(b, k, n), Of(got, m, n), next)
					for i, w := range want {
						if d := got[i] - w; d > 1e-4 || d < -1e-4 || d != d {
							t.Fatalf("%v: [%d] = %v, want %v", s, i, got[i], w)
						}
					}
				}
			}
		})
	}
}
