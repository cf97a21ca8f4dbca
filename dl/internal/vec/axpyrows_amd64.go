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
	return inBlocks(len(y), func(at int, wide bool) {
		kernel := axpyRows64AVX512
		if wide {
			kernel = axpyRows128AVX512
		}
		kernel(&y[at], &alpha[0], &x[at], int64(stride), int64(len(alpha)))
	})
}

// listedBlocks does AxpyListed in the same way.
func listedBlocks(l *List, x []float32, stride int, y []float32) (done int) {
	if !best.masks {
		return 0
	}
	return inBlocks(len(y), func(at int, wide bool) {
		kernel := axpyListed64AVX512
		if wide {
			kernel = axpyListed128AVX512
		}
		kernel(&y[at], &l.values[0], &l.at[0], &x[at], int64(stride), int64(len(l.values)))
	})
}

// inBlocks calls f for each block of 128 of n values, and then for those of 64, and returns how many values are in them.
func inBlocks(n int, f func(at int, wide bool)) (done int) {
	for ; done+64 <= n; done += 64 {
		wide := done+128 <= n
		f(done, wide)
		if wide {
			done += 64
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
