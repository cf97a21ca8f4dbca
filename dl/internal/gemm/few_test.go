package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// Products of few rows are those of the definition: on each instruction set, with threads, epilogues, and gaps between rows.
func TestFewRows(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	for _, set := range vec.Sets() {
		t.Run(fmt.Sprint(set), func(t *testing.T) {
			defer vec.Force(set)()
			r := rand.New(rand.NewPCG(3, 4))
			for _, s := range [][3]int{{1, 192, 96}, {1, 97, 203}, {2, 160, 115}, {3, 35, 530}, {4, 523, 33}} {
				for _, threads := range []int{1, 3} {
					parallel.SetThreads(threads)
					for which := range 8 {
						m, n, k, transB := s[0], s[1], s[2], which&1 != 0
						if !isFew(m, n, k, false) {
							t.Fatal("the shape is another path's", s)
						}
						lda, ldb, ldc := k+3, n+5, n+2
						if transB {
							ldb = k + 5
						}
						a, b, c := random(r, m*lda), random(r, ldb*max(n, k)), random(r, m*ldc)
						add, beta, e := which&2 != 0, 0.0, Epilogue{}
						if add {
							beta = 1
						}
						if which&4 != 0 {
							e = Epilogue{Bias: random(r, n), ReLU: true, Finish: counted{c, ldc}}
						}
						want := append([]float32(nil), c...)
						naive(false, transB, m, n, k, a, lda, b, ldb, float32(beta), want, ldc, e)
						bm := Matrix[float32]{b, k, n, ldb, transB}
						run(Matrix[float32]{a, m, k, lda, false}, bm, Matrix[float32]{c, m, n, ldc, false}, add, e)
						if e.Finish != nil {
							for i := range m {
								for j := range n {
									want[i*ldc+j] = 2 * want[i*ldc+j]
								}
							}
						}
						for i := range c {
							if d := math.Abs(float64(c[i] - want[i])); d > 1e-4*math.Sqrt(float64(k)) {
								t.Fatalf("%v, %d threads, case %d: element %d is %v, the definition says %v", s, threads, which, i, c[i], want[i])
							}
						}
					}
				}
			}
		})
	}
}

// counted doubles what it gets, so that pieces that come twice, or not at all, are seen.
type counted struct {
	c   []float32
	ldc int
}

func (f counted) Finish(i, j int, c []float32) {
	for k := range c {
		f.c[i*f.ldc+j+k] *= 2
	}
}

// BenchmarkFewRows is at the speed of memory when its MB/s are those of reading: see the case copy, of which half are read.
func BenchmarkFewRows(b *testing.B) {
	r := rand.New(rand.NewPCG(5, 6))
	const size = 3072 * 16384 // 200 MB: from memory
	w := random(r, size)
	for _, n := range []int{128, 768, 3072} {
		k := size / n
		for _, m := range []int{1, 2, 4} {
			a, c := random(r, m*k), make([]float32, m*n)
			for _, transB := range []bool{false, true} {
				b.Run(fmt.Sprintf("columns=%d/rows=%d/transposed=%v", n, m, transB), func(b *testing.B) {
					b.SetBytes(4 * size)
					bm := Matrix[float32]{w, k, n, n, false}
					if transB {
						bm = Matrix[float32]{w, k, n, k, true}
					}
					for b.Loop() {
						SgemmFused(Of(a, m, k), bm, Of(c, m, n), Epilogue{})
					}
				})
			}
		}
	}
	b.Run("copy", func(b *testing.B) {
		b.SetBytes(4 * size)
		half := len(w) / 2
		for b.Loop() {
			parallel.For(half, 1<<16, func(lo, hi int) { copy(w[lo:hi], w[half+lo:half+hi]) })
		}
	})
	b.Run("sum", func(b *testing.B) {
		b.SetBytes(4 * size)
		for b.Loop() {
			parallel.For(len(w), 1<<16, func(lo, hi int) { vec.Sum(w[lo:hi]) })
		}
	})
}
