package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
	"gonum.org/v1/gonum/blas/gonum"
	"gonum.org/v1/gonum/mat"
	"modelbook/dl/internal/parallel"
)

func randoms(r *rand.Rand, n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// Dgemm computes what gonum's does, and writes nothing outside of C.
func TestDgemm(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	flag := map[bool]blas.Transpose{false: blas.NoTrans, true: blas.Trans}
	eachKernel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		shapes := [][3]int{{1, 1, 1}, {300, 45, 20}, {33, 300, 130}, {9, 10, 1100}, {520, 40, 515}, {20, 5, 0}}
		for m := 1; m < 20; m += 4 {
			for n := 1; n < 40; n += 3 {
				shapes = append(shapes, [3]int{m, n, 1 + m*n%13})
			}
		}
		for _, s := range shapes {
			for v := range 16 {
				transA, transB, beta, threads := v&1 != 0, v&2 != 0, float64(v>>2&1)*0.5, 1+v>>3
				parallel.SetThreads(threads)
				m, n, k := s[0], s[1], s[2]
				lda, ldb, ldc, rowsA, rowsB := k+3, n+1, n+2, m, k
				if transA {
					lda, rowsA = m+1, k
				}
				if transB {
					ldb, rowsB = k+2, n
				}
				a, b, c := randoms(r, rowsA*lda), randoms(r, rowsB*ldb), randoms(r, m*ldc)
				want := append([]float64(nil), c...)
				gonum.Implementation{}.Dgemm(flag[transA], flag[transB], m, n, k, 1.5, a, lda, b, ldb, beta, want, ldc)
				Dgemm(1.5, Matrix[float64]{a, m, k, lda, transA}, Matrix[float64]{b, k, n, ldb, transB}, beta, Matrix[float64]{c, m, n, ldc, false})
				for i := range c {
					if !(math.Abs(c[i]-want[i]) <= 1e-14*float64(k+10)*4) {
						t.Fatalf("%v variant %d: C[%d,%d] = %v, want %v", s, v, i/ldc, i%ldc, c[i], want[i])
					}
				}
			}
		}
	})
}

// BenchmarkMatMul multiplies gonum's matrices before and after Use.
func BenchmarkMatMul(b *testing.B) {
	defer blas64.Use(gonum.Implementation{})
	defer parallel.SetThreads(parallel.Threads())
	r := rand.New(rand.NewPCG(1, 2))
	for _, n := range []int{256, 1024} {
		x, y := mat.NewDense(n, n, randoms(r, n*n)), mat.NewDense(n, n, randoms(r, n*n))
		z := mat.NewDense(n, n, nil)
		for _, use := range []struct {
			name string
			f    func()
		}{{"gonum", func() { blas64.Use(gonum.Implementation{}) }}, {"ours", Use}} {
			b.Run(fmt.Sprintf("%d/%s", n, use.name), func(b *testing.B) {
				use.f()
				for b.Loop() {
					z.Mul(x, y)
				}
				b.ReportMetric(2*float64(n*n*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
