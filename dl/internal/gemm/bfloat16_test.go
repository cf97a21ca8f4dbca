package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"modelbook/dl/internal/parallel"
)

// Values beside the middle between two bfloat16, and those without neighbours.
func TestRound(t *testing.T) {
	eachKernel(t, func(t *testing.T) {
		bits := []uint32{0, 1 << 31, 0x3F800000, 0x3F808000, 0x3F807FFF, 0x3F808001, 0x3F818000, 0x3F817FFF, 0xBF818000,
			0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7F800001, 0x7FC00001, 0xFFFFFFFF, 1, 0x8000, 0x8001, 0x7FFF, 0x18000}
		want := []BFloat16{0, 0x8000, 0x3F80, 0x3F80, 0x3F80, 0x3F81, 0x3F82, 0x3F81, 0xBF82,
			0x7F80, 0x7F80, 0xFF80, 0x7FC0, 0x7FC0, 0xFFFF, 0, 0, 1, 0, 2}
		for n := range 50 {
			src, dst, back := make([]float32, n), make([]BFloat16, n), make([]float32, n)
			for i := range src {
				src[i] = math.Float32frombits(bits[i%len(bits)])
			}
			Round(dst, src)
			Widen(back, dst)
			for i, v := range dst {
				if w := want[i%len(bits)]; v != w || math.Float32bits(back[i]) != uint32(w)<<16 {
					t.Fatalf("%d values: %08x becomes %04x and %08x, want %04x", n, bits[i%len(bits)], v, math.Float32bits(back[i]), w)
				}
			}
		}
	})
}

// Products of bfloat16 are those of the same values in float64, whether they
// were bfloat16 before or are rounded on the way.
func TestBgemm(t *testing.T) {
	defer parallel.SetThreads(parallel.Threads())
	rounded := func(x []float32) ([]float32, []BFloat16) {
		h, f := make([]BFloat16, len(x)), make([]float32, len(x))
		Round(h, x)
		Widen(f, h)
		return f, h
	}
	eachKernel(t, func(t *testing.T) {
		r := rand.New(rand.NewPCG(1, 2))
		for _, s := range [][3]int{{1, 1, 1}, {3, 5, 2}, {16, 16, 16}, {17, 33, 31}, {64, 40, 515}, {33, 70, 1030}, {15, 16, 0}} {
			for v := range 16 {
				transA, transB, add, threads := v&1 != 0, v&2 != 0, v&4 != 0, 1+v>>3
				parallel.SetThreads(threads)
				m, n, k := s[0], s[1], s[2]
				lda, ldb, ldc := k+3, n+2, n+1
				rowsA, rowsB := m, k
				if transA {
					lda, rowsA = m+1, k
				}
				if transB {
					ldb, rowsB = k+1, n
				}
				a, b, c := random(r, rowsA*lda), random(r, rowsB*ldb), random(r, m*ldc)
				fa, ha := rounded(a)
				fb, hb := rounded(b)
				e, beta := Epilogue{Bias: random(r, n), ReLU: true}, float32(0)
				if add {
					beta = 1
				}
				want := append([]float32(nil), c...)
				naive(transA, transB, m, n, k, fa, lda, fb, ldb, beta, want, ldc, e)
				d := append([]float32(nil), c...)
				Bgemm(Matrix[BFloat16]{ha, m, k, lda, transA}, Matrix[BFloat16]{hb, k, n, ldb, transB}, Matrix[float32]{c, m, n, ldc, false}, add, e)
				SgemmBF16(Matrix[float32]{a, m, k, lda, transA}, Matrix[float32]{b, k, n, ldb, transB}, Matrix[float32]{d, m, n, ldc, false}, add, e)
				for i := range c {
					if !(math.Abs(float64(c[i]-want[i])) <= 1e-5*float64(k+10)) || d[i] != c[i] {
						t.Fatalf("%v variant %d: C[%d,%d] = %v and %v, want %v", s, v, i/ldc, i%ldc, c[i], d[i], want[i])
					}
				}
			}
		}
	})
}

func BenchmarkBgemm(b *testing.B) {
	defer parallel.SetThreads(parallel.Threads())
	r := rand.New(rand.NewPCG(1, 2))
	for _, s := range [][3]int{{1024, 1024, 1024}, {2048, 512, 128}, {64, 128, 21632}} {
		m, n, k := s[0], s[1], s[2]
		x, y, c := random(r, m*k), random(r, k*n), make([]float32, m*n)
		hx, hy := make([]BFloat16, m*k), make([]BFloat16, k*n)
		Round(hx, x)
		Round(hy, y)
		for _, threads := range []int{1, 2} {
			for _, how := range []struct {
				name string
				f    func()
			}{
				{"float32", func() { Sgemm(1, Of(x, m, k), Of(y, k, n), 0, Of(c, m, n)) }},
				{"rounded", func() { SgemmBF16(Of(x, m, k), Of(y, k, n), Of(c, m, n), false, Epilogue{}) }},
				{"bfloat16", func() { Bgemm(Of(hx, m, k), Of(hy, k, n), Of(c, m, n), false, Epilogue{}) }},
			} {
				b.Run(fmt.Sprintf("%dx%dx%d/%s/threads=%d", m, n, k, how.name, threads), func(b *testing.B) {
					parallel.SetThreads(threads)
					b.ReportAllocs()
					for b.Loop() {
						how.f()
					}
					b.ReportMetric(2*float64(m)*float64(n)*float64(k)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
				})
			}
		}
	}
}
