//go:build amd64 && !purego

package gemm

import "modelbook/dl/internal/cpu"

// kernels are the micro-kernels in use, the best first.
var kernels = func() (k []*Kernel) {
	if cpu.Has(cpu.AVX512) {
		k = append(k, &Kernel{Name: "AVX-512", Rows: 14, Cols: 32, run: []func(*byte){tileAVX512_1, tileAVX512_2, tileAVX512_3, tileAVX512_4,
			tileAVX512_5, tileAVX512_6, tileAVX512_7, tileAVX512_8, tileAVX512_9, tileAVX512_10, tileAVX512_11,
			tileAVX512_12, tileAVX512_13, tileAVX512_14}, far: tileFarAVX512_14})
	}
	if cpu.Has(cpu.AVX512) {
		k[0].double = &Kernel{Name: "AVX-512 double", Rows: 14, Cols: 32, long: true, run: []func(*byte){tileDouble512_1, tileDouble512_2, tileDouble512_3, tileDouble512_4,
			tileDouble512_5, tileDouble512_6, tileDouble512_7, tileDouble512_8, tileDouble512_9, tileDouble512_10, tileDouble512_11,
			tileDouble512_12, tileDouble512_13, tileDouble512_14}}
	}
	if cpu.BF16() {
		k[0].pairs = &Kernel{Name: "AVX-512 BF16", Rows: 14, Cols: 32, dot: true, run: []func(*byte){tileBF16_1, tileBF16_2, tileBF16_3, tileBF16_4,
			tileBF16_5, tileBF16_6, tileBF16_7, tileBF16_8, tileBF16_9, tileBF16_10, tileBF16_11,
			tileBF16_12, tileBF16_13, tileBF16_14}}
	}
	if cpu.Has(cpu.AVX2) {
		k = append(k, &Kernel{Name: "AVX2", Rows: 6, Cols: 16, run: []func(*byte){tileAVX2_1, tileAVX2_2, tileAVX2_3, tileAVX2_4, tileAVX2_5, tileAVX2_6}})
		k[len(k)-1].double = &Kernel{Name: "AVX2 double", Rows: 6, Cols: 16, long: true, run: []func(*byte){tileDouble256_1, tileDouble256_2, tileDouble256_3,
			tileDouble256_4, tileDouble256_5, tileDouble256_6}}
	}
	return append(k, portable)
}()

// The functions below pack with AVX2, and report whether they did.

// transpose8 writes 8 rows of src, n*8 values each, as 8 columns of dst.
func transpose8(dst, src []float32, ldd, lds, n int) bool {
	if best == portable {
		return false
	}
	if n > 0 {
		_, _ = src[7*lds+8*n-1], dst[(8*n-1)*ldd+7]
		transpose8AVX2(&dst[0], &src[0], int64(ldd), int64(lds), int64(n))
	}
	return true
}

// fetchRows fetches two cache lines of each of n rows, from p on.
func fetchRows(p []float32, stride, n int) {
	if best != portable && n > 0 {
		fetchRowsAVX2(&p[0], int64(stride), int64(n))
	}
}

// panels copies rows of n*cols values into n panels, ldd apart.
func panels(dst, src []float32, ldd, lds, rows, n, cols int) bool {
	if best == portable {
		return false
	}
	_, _ = src[(rows-1)*lds+n*cols-1], dst[(n-1)*ldd+rows*cols-1]
	if cols == 32 {
		panels32AVX2(&dst[0], &src[0], int64(ldd), int64(lds), int64(rows), int64(n))
	} else {
		panels16AVX2(&dst[0], &src[0], int64(ldd), int64(lds), int64(rows), int64(n))
	}
	return true
}

// narrow copies rows of n values.
func narrow(dst, src []float32, ldd, lds, rows, n int) bool {
	if best == portable || n < 8 || n > 16 {
		return false
	}
	_, _ = src[(rows-1)*lds+n-1], dst[(rows-1)*ldd+n-1]
	narrowAVX2(&dst[0], &src[0], int64(ldd), int64(lds), int64(rows), int64(n))
	return true
}

// The conversions take a multiple of 16 values.

func roundRow(dst []BFloat16, src []float32) bool {
	if best == portable {
		return false
	}
	_ = dst[len(src)-1]
	roundAVX2((*uint16)(&dst[0]), &src[0], int64(len(src)))
	return true
}

func widenRow(dst []float32, src []BFloat16) bool {
	if best == portable {
		return false
	}
	_ = dst[len(src)-1]
	widenAVX2(&dst[0], (*uint16)(&src[0]), int64(len(src)))
	return true
}

func roundPairs(dst []BFloat16, x, y []float32) bool {
	if best == portable {
		return false
	}
	_, _ = dst[2*len(x)-1], y[len(x)-1]
	roundPairsAVX2((*uint16)(&dst[0]), &x[0], &y[0], int64(len(x)))
	return true
}

func pairRows(dst, x, y []BFloat16) bool {
	if best == portable {
		return false
	}
	_, _ = dst[2*len(x)-1], y[len(x)-1]
	pairsAVX2((*uint16)(&dst[0]), (*uint16)(&x[0]), (*uint16)(&y[0]), int64(len(x)))
	return true
}
