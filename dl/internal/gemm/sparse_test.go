package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

type known bool

func (k known) Finite() bool { return bool(k) }

// Products of a row with zeros are those of the definition; what is not finite in B is only left out where it was said that
// there is none.
func TestSparse(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	nan := float32(math.NaN())
	for _, set := range vec.Sets() {
		t.Run(fmt.Sprint(set), func(t *testing.T) {
			defer vec.Force(set)()
			r := rand.New(rand.NewPCG(3, 4))
			for _, s := range [][3]int{{1, 192, 96}, {1, 97, 203}, {1, 2000, 35}, {2, 128, 600}, {1, 8, 9}, {1, 4, 0}} {
				for _, threads := range []int{1, 3} {
					parallel.SetThreads(threads)
					for _, zeros := range []float64{0, 0.5, 0.9, 1} {
						m, n, k := s[0], s[1], s[2]
						a, b, c := random(r, m*k), random(r, k*n), random(r, m*n)
						for i := range a {
							if r.Float64() < zeros {
								a[i] = 0
							}
						}
						e := Epilogue{Bias: random(r, n), ReLU: true}
						want := make([]float32, m*n)
						naive(false, false, m, n, k, a, k, b, n, 0, want, n, e)
						SgemmSparse(Of(a, m, k), Of(b, k, n), Of(c, m, n), e, known(true))
						for i := range c {
							if d := math.Abs(float64(c[i] - want[i])); !(d <= 1e-4*math.Sqrt(float64(k))) {
								t.Fatalf("%v, %v of zeros: element %d is %v, the definition says %v", s, zeros, i, c[i], want[i])
							}
						}
						for i := range k {
							if m == 1 && a[i] == 0 {
								b[i*n+n-1] = nan
								SgemmSparse(Of(a, m, k), Of(b, k, n), Of(c, m, n), Epilogue{}, known(false))
								if c[n-1] == c[n-1] || c[0] != c[0] {
									t.Errorf("%v: zero times NaN is %v", s, c[n-1])
								}
								break
							}
						}
					}
				}
			}
		})
	}
}

// BenchmarkSparse is a row times the weights of a large layer, with so many zeros in the row: ns/op falls with them.
func BenchmarkSparse(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	const k, n = 21632, 128
	w, y := random(r, k*n), make([]float32, n)
	for _, zeros := range []float64{0, 0.25, 0.5, 0.75, 0.9} {
		x := random(r, k)
		for i := range x {
			if r.Float64() < zeros {
				x[i] = 0
			}
		}
		for _, finite := range []known{false, true} {
			b.Run(fmt.Sprintf("zeros=%v/finite=%v", zeros, finite), func(b *testing.B) {
				for b.Loop() {
					SgemmSparse(Of(x, 1, k), Of(w, k, n), Of(y, 1, n), Epilogue{}, finite)
				}
			})
		}
	}
}
