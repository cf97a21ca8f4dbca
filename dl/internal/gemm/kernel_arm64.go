//go:build arm64 && !purego

package gemm

import "modelbook/dl/internal/cpu"

// kernels are the micro-kernels in use, the best first.
var kernels = func() (k []*Kernel) {
	if cpu.Has(cpu.NEON) {
		k = append(k, &Kernel{Name: "NEON", Rows: 8, Cols: 8, run: []func(*byte){tileNEON_1, tileNEON_2, tileNEON_3, tileNEON_4,
			tileNEON_5, tileNEON_6, tileNEON_7, tileNEON_8}})
	}
	return append(k, portable)
}()
