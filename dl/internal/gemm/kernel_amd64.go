//go:build amd64 && !purego

package gemm

import "modelbook/dl/internal/cpu"

// kernels are the micro-kernels in use, the best first.
var kernels = func() (k []*Kernel) {
	if cpu.Has(cpu.AVX512) {
		k = append(k, &Kernel{"AVX-512", 14, 32, []func(*byte){tileAVX512_1, tileAVX512_2, tileAVX512_3, tileAVX512_4,
			tileAVX512_5, tileAVX512_6, tileAVX512_7, tileAVX512_8, tileAVX512_9, tileAVX512_10, tileAVX512_11,
			tileAVX512_12, tileAVX512_13, tileAVX512_14}})
	}
	if cpu.Has(cpu.AVX2) {
		k = append(k, &Kernel{"AVX2", 6, 16, []func(*byte){tileAVX2_1, tileAVX2_2, tileAVX2_3, tileAVX2_4, tileAVX2_5, tileAVX2_6}})
	}
	return append(k, portable)
}()

// transpose8 writes the transpose of 8 x 8 values and reports that it did.
func transpose8(src *float32, lds int, dst *float32, ldd int) bool {
	if !cpu.Has(cpu.AVX2) || best == portable {
		return false
	}
	transpose8AVX2(src, int64(lds), dst, int64(ldd))
	return true
}
