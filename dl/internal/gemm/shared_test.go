package gemm

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"modelbook/dl/internal/parallel"
)

// Products of a shared B, and the sums of its columns, are those of the definition, and the same for any number of threads.
func TestShared(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	eachKernel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(7, 8))
		for _, s := range []struct{ k, n, m, m2, n2, lo, hi int }{
			{600, 96, 32, 17, 96, 25, 600}, {520, 128, 64, 40, 70, 0, 515}, {40, 33, 5, 0, 0, 0, 0}, {300, 70, 9, 31, 70, 7, 7}, {0, 40, 3, 4, 40, 0, 0},
		} {
			for _, add := range []bool{false, true} {
				a, a2, b := random(r, s.k*(s.m+3)), random(r, s.k*s.m2), random(r, s.k*(s.n+2))
				c, c2, sums := random(r, s.m*(s.n+1)), random(r, s.m2*s.n2), random(r, s.n)
				want, want2, wantSums := slices.Clone(c), slices.Clone(c2), slices.Clone(sums)
				beta := float32(0)
				if add {
					beta = 1
				}
				naive(true, false, s.m, s.n, s.k, a, s.m+3, b, s.n+2, beta, want, s.n+1, Epilogue{})
				naive(true, false, s.m2, s.n2, s.hi-s.lo, a2[s.lo*s.m2:], s.m2, b[s.lo*(s.n+2):], s.n+2, beta, want2, s.n2, Epilogue{})
				naive(true, false, 1, s.n, s.k, slices.Repeat([]float32{1}, s.k), 1, b, s.n+2, 0, wantSums, s.n, Epilogue{})
				var first []float32
				for _, threads := range []int{1, 2, 3} {
					parallel.SetThreads(threads)
					c, c2, sums := slices.Clone(c), slices.Clone(c2), slices.Clone(sums)
					p := Shared{B: Matrix[float32]{b, s.k, s.n, s.n + 2, false}, Sums: sums, Each: [2]SharedPart{
						{Matrix[float32]{a, s.k, s.m, s.m + 3, false}, Matrix[float32]{c, s.m, s.n, s.n + 1, false}, 0, add},
						{Of(a2[s.lo*s.m2:], s.hi-s.lo, s.m2), Of(c2, s.m2, s.n2), s.lo, add}}}
					p.Sgemm()
					for what, pair := range [][2][]float32{{c, want}, {c2, want2}, {sums, wantSums}} {
						for i, w := range pair[1] {
							if d := math.Abs(float64(pair[0][i] - w)); !(d < 1e-4*math.Sqrt(float64(s.k+1))) {
								t.Fatalf("%+v, %d threads, add %v: element %d of result %d is %v, the definition says %v", s, threads, add, i, what, pair[0][i], w)
							}
						}
					}
					if first == nil {
						first = slices.Concat(c, c2, sums)
					} else if !slices.Equal(first, slices.Concat(c, c2, sums)) {
						t.Fatalf("%+v: %d threads make other values", s, threads)
					}
				}
			}
		}
	})
}
