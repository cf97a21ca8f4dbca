//go:build amd64 && !purego

package vec

// widest is how wide rows are at most that are read by blocks. Those of 3072 are read at 21 GB/s so and at 25 whole, those
// of 768 at 27 and 25, of 128 at 23 and 12.5 (BenchmarkFewRows of package gemm on a Xeon, from memory, which has 25).
const widest = 1024

// axpyBlocks does AxpyRows for as many values of y as fill its blocks, which stay in registers, and returns their number.
func axpyBlocks(alpha, x []float32, stride int, y []float32) (done int) {
	if !best.masks || len(y) > widest {
		return 0
	}
	for _, block := range []struct {
		size int
		f    func(y, alpha, x *float32, stride, rows int64)
	}{{128, axpyRows128AVX512}, {64, axpyRows64AVX512}} {
		for ; done+block.size <= len(y); done += block.size {
			block.f(&y[done], &alpha[0], &x[done], int64(stride), int64(len(alpha)))
		}
	}
	return done
}
