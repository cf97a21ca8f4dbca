//go:build !amd64 || purego

package gemm

// Packing and conversions are left to Go.

func transpose8(dst, src []float32, ldd, lds, n int) bool         { return false }
func fetchRows(p []float32, stride, n int)                        {}
func panels(dst, src []float32, ldd, lds, rows, n, cols int) bool { return false }
func narrow(dst, src []float32, ldd, lds, rows, n int) bool       { return false }

func roundRow(dst []BFloat16, src []float32) bool    { return false }
func widenRow(dst []float32, src []BFloat16) bool    { return false }
func roundPairs(dst []BFloat16, x, y []float32) bool { return false }
func pairRows(dst, x, y []BFloat16) bool             { return false }
