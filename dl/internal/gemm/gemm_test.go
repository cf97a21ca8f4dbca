package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"modelbook/dl/internal/parallel"
)

// naive is the definition of a matrix product, in float64.
func naive(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, beta float32, c []float32, ldc int, e Epilogue) {
	row := make([]float64, n)
	for i := range m {
		clear(row)
		for p := range k {
			x := at(a, lda, i, p, transA)
			if transB {
				for j := range row {
					row[j] += x * float64(b[j*ldb+p])
				}
				continue
			}
			for j, y := range b[p*ldb : p*ldb+n] {
				row[j] += x * float64(y)
			}
		}
		for j, s := range row {
			if beta != 0 {
				s += float64(beta) * float64(c[i*ldc+j])
			}
			if e.Bias != nil {
				s += float64(e.Bias[j])
			}
			if e.ReLU {
				s = max(s, 0)
			}
			c[i*ldc+j] = float32(s)
		}
	}
}

func at(a []float32, lda, i, p int, trans bool) float64 {
	if trans {
		i, p = p, i
	}
	return float64(a[i*lda+p])
}

func random(r *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = r.Float32()*2 - 1
	}
	return x
}

func eachKernel(t *testing.T, f func(t *testing.T)) {
	for _, k := range Kernels() {
		t.Run(k.Name, func(t *testing.T) {
			defer Force(k)()
			f(t)
		})
	}
}

// Every kernel computes every shape and transposition as the definition does,
// and writes nothing outside of C.
func TestProducts(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	eachKernel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		shapes := [][3]int{{64, 128, 2050}, {700, 40, 20}, {33, 600, 64}, {300, 330, 520}, {1500, 35, 16}, {30, 1030, 40}, {1024, 40, 18}, {10, 64, 128}, {3, 32, 26}, {65, 33, 17}}
		stepM, stepN := 3, 5
		if testing.Short() || underRace { // an emulated processor, or slow
			shapes, stepM, stepN = [][3]int{{300, 33, 20}, {33, 17, 520}}, 5, 9
		}
		for m := 1; m < 32; m += stepM {
			for n := 1; n < 70; n += stepN {
				shapes = append(shapes, [3]int{m, n, 1 + (m*n)%19})
			}
		}
		for _, s := range shapes {
			m, n, k := s[0], s[1], s[2]
			for v := range 16 {
				transA, transB, threads, beta := v&1 != 0, v&2 != 0, 1+v>>2&1*(1+v&1), float32(v>>3)
				parallel.SetThreads(threads)
				lda, ldb, ldc := k+3, n+1, n+2
				a, b := random(r, m*lda), random(r, k*ldb)
				if transA {
					lda = m + 1
					a = random(r, k*lda)
				}
				if transB {
					ldb = k + 5
					b = random(r, n*ldb)
				}
				c := random(r, m*ldc)
				want := append([]float32(nil), c...)
				e := Epilogue{}
				if beta == 0 && v&1 == 0 {
					e = Epilogue{Bias: random(r, n), ReLU: true}
				}
				naive(transA, transB, m, n, k, a, lda, b, ldb, beta, want, ldc, e)
				if beta == 0 {
					SgemmFused(Matrix[float32]{a, m, k, lda, transA}, Matrix[float32]{b, k, n, ldb, transB}, Matrix[float32]{c, m, n, ldc, false}, e)
				} else {
					Sgemm(1, Matrix[float32]{a, m, k, lda, transA}, Matrix[float32]{b, k, n, ldb, transB}, beta, Matrix[float32]{c, m, n, ldc, false})
				}
				for i := range c {
					if !(math.Abs(float64(c[i]-want[i])) <= 1e-5*float64(k+10)) || i%ldc >= n && c[i] != want[i] {
						t.Fatalf("%v transA %v transB %v threads %d beta %v: C[%d,%d] = %v, want %v", s, transA, transB, threads, beta, i/ldc, i%ldc, c[i], want[i])
					}
				}
			}
		}
	})
}

// residual adds another matrix to C.
type residual struct {
	x []float32
	n int
}

func (r residual) Finish(i, j int, c []float32) {
	for k := range c {
		c[k] += r.x[i*r.n+j+k]
	}
}

// A Finisher sees each element of C once, when bias and ReLU have been applied.
func TestFinish(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	eachKernel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(3, 4))
		for _, s := range [][3]int{{33, 70, 300}, {5, 1300, 20}, {20, 16, 2100}, {7, 9, 0}} {
			for threads := range 3 {
				parallel.SetThreads(threads + 1)
				m, n, k := s[0], s[1], s[2]
				a, b, x := random(r, m*k), random(r, k*n), random(r, m*n)
				e := Epilogue{Bias: random(r, n), ReLU: true}
				c, want := make([]float32, m*n), make([]float32, m*n)
				naive(false, false, m, n, k, a, k, b, n, 0, want, n, e)
				e.Finish = residual{x, n}
				SgemmFused(Of(a, m, k), Of(b, k, n), Of(c, m, n), e)
				for i := range c {
					if d := math.Abs(float64(c[i] - want[i] - x[i])); !(d <= 1e-5*float64(k+10)) {
						t.Fatalf("%v, %d threads: C[%d] = %v, want %v", s, threads+1, i, c[i], want[i]+x[i])
					}
				}
			}
		}
	})
}

// A batch has the results of its products one by one.
func TestBatch(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	eachKernel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(5, 6))
		m, n, k := 19, 40, 33
		for v := range 16 {
			transA, transB, add, threads := v&1 != 0, v&2 != 0, v&4 != 0, 1+v>>3
			parallel.SetThreads(threads)
			lda, ldb := k, n
			if transA {
				lda = m
			}
			if transB {
				ldb = k
			}
			for _, count := range []int{0, 1, 2, 9} {
				for _, strideB := range []int{0, n * k} {
					a, b, c := random(r, 9*m*k), random(r, 9*n*k), random(r, 9*m*n)
					want := append([]float32(nil), c...)
					beta := float32(0)
					if add {
						beta = 1
					}
					for i := range count {
						naive(transA, transB, m, n, k, a[i*m*k:], lda, b[i*strideB:], ldb, beta, want[i*m*n:], n, Epilogue{})
					}
					Batch{count, m * k, strideB, m * n}.Sgemm(Matrix[float32]{a, m, k, lda, transA}, Matrix[float32]{b, k, n, ldb, transB}, Of(c, m, n), add)
					for i := range c {
						if !(math.Abs(float64(c[i]-want[i])) <= 1e-4) {
							t.Fatalf("variant %d, %d products, stride %d: C[%d] = %v, want %v", v, count, strideB, i, c[i], want[i])
						}
					}
				}
			}
		}
	})
}

// Results repeat bit for bit, and a call allocates nothing.
func TestRepeats(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	r := rand.New(rand.NewPCG(7, 8))
	for _, s := range [][3]int{{64, 96, 2100}, {150, 90, 70}, {9, 32, 5000}} {
		m, n, k := s[0], s[1], s[2]
		a, b, c := random(r, m*k), random(r, k*n), make([]float32, m*n)
		for threads := 1; threads < 4; threads++ {
			parallel.SetThreads(threads)
			multiply := func() { Sgemm(1, Of(a, k, m).T(), Of(b, k, n), 0, Of(c, m, n)) }
			multiply()
			want := append([]float32(nil), c...)
			if allocs := testing.AllocsPerRun(5, multiply); allocs >= 1 {
				t.Errorf("%v, %d threads: %v allocations", s, threads, allocs)
			}
			if !slices.Equal(c, want) {
				t.Errorf("%v, %d threads: other values the second time", s, threads)
			}
		}
	}
}

func BenchmarkSgemm(b *testing.B) {
	for _, s := range []struct {
		name           string
		transA, transB bool
		m, n, k        int
	}{
		{"square", false, false, 512, 512, 512}, {"square", false, false, 1024, 1024, 1024},
		{"dense_forward", false, false, 64, 128, 21632}, {"dense_dW", true, false, 21632, 128, 64}, {"dense_dX", false, true, 64, 21632, 128},
	} {
		for _, threads := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s_%dx%dx%d/threads=%d", s.name, s.m, s.n, s.k, threads), func(b *testing.B) {
				defer parallel.SetThreads(parallel.Threads())
				parallel.SetThreads(threads)
				r := rand.New(rand.NewPCG(1, 2))
				x, y, z := random(r, s.m*s.k), random(r, s.k*s.n), make([]float32, s.m*s.n)
				lda, ldb := s.k, s.n
				if s.transA {
					lda = s.m
				}
				if s.transB {
					ldb = s.k
				}
				for b.Loop() {
					SgemmFused(Matrix[float32]{x, s.m, s.k, lda, s.transA}, Matrix[float32]{y, s.k, s.n, ldb, s.transB}, Of(z, s.m, s.n), Epilogue{})
				}
				b.ReportMetric(2*float64(s.m)*float64(s.n)*float64(s.k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
