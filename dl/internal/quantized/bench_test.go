package quantized

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"modelbook/dl/internal/gemm"
	"modelbook/dl/internal/parallel"
)

// BenchmarkMultiply is about products of GPT-2's layers and head: the weights read in a second, and what they would be in
// float32. As in a model, each product has its own weights, which come from memory.
//
//	go test ./dl/internal/quantized -run - -bench Multiply
func BenchmarkMultiply(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	defer parallel.SetThreads(0)
	for _, size := range []struct{ rows, cols int }{{3072, 768}, {50257, 768}} {
		for _, m := range []int{1, 4, 8, 16, 128} {
			x, y := make([]float32, m*size.cols), make([]float32, m*size.rows)
			for i := range x {
				x[i] = float32(r.NormFloat64())
			}
			for _, threads := range []int{1, 2} {
				run := func(name string, bytes int, f func(copy int)) {
					b.Run(fmt.Sprintf("%dx%d/rows=%d/threads=%d/%s", size.cols, size.rows, m, threads, name), func(b *testing.B) {
						parallel.SetThreads(threads)
						b.SetBytes(int64(bytes))
						i := 0
						for b.Loop() {
							f(i)
							i++
						}
						b.ReportMetric(float64(m)*float64(size.rows*size.cols)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GMAC/s")
					})
				}
				copies := 1 + 40_000_000/(size.rows*size.cols)
				for _, f := range []Format{Q8_0, Q4_0} {
					var all []*Matrix
					for range copies {
						all = append(all, random(r, f, size.rows, size.cols, func() uint16 { return 0x2000 }))
					}
					run([]string{"Q8_0", "Q4_0"}[f], len(all[0].Blocks), func(i int) { Multiply(y, x, all[i%copies], nil, m) })
				}
				w := make([]float32, copies*size.rows*size.cols)
				run("float32", 4*size.rows*size.cols, func(i int) {
					part := w[i%copies*size.rows*size.cols:][:size.rows*size.cols]
					gemm.Sgemm(1, gemm.Of(x, m, size.cols), gemm.Of(part, size.rows, size.cols).T(), 0, gemm.Of(y, m, size.rows))
				})
			}
		}
	}
}
