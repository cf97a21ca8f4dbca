//go:build !amd64 || purego

package gemm

// Packing is left to Go.

func transpose8(dst, src []float32, ldd, lds, n int) bool         { return false }
func panels(dst, src []float32, ldd, lds, rows, n, cols int) bool { return false }
func narrow(dst, src []float32, ldd, lds, rows, n int) bool       { return false }
