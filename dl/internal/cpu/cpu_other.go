//go:build (!amd64 && !arm64) || purego

package cpu

func machine() []Set { return []Set{Portable} }

// BF16 reports whether AVX-512 kernels may multiply bfloat16.
func BF16() bool { return false }
