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

// listedBlocks does AxpyListed in the same way.
func listedBlocks(l *List, x []float32, stride int, y []float32) (done int) {
	if !best.masks {
		return 0
	}
	for _, block := range []struct {
		size int
		f    func(y, alpha *float32, at *int32, x *float32, stride, rows int64)
	}{{128, axpyListed128AVX512}, {64, axpyListed64AVX512}} {
		for ; done+block.size <= len(y); done += block.size {
			block.f(&y[done], &l.values[0], &l.at[0], &x[done], int64(stride), int64(len(l.values)))
		}
	}
	return done
}

// nonZero writes the values of x that are not zero and their places, of as many as it read.
func nonZero(values []float32, at []int32, x []float32) (n, read int) {
	if vectors := len(x) / 16; best.masks && vectors > 0 {
		return int(nonZeroAVX512(&values[0], &at[0], &x[0], int64(vectors))), 16 * vectors
	}
	return 0, 0
}
