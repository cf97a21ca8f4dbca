//go:build arm64 && !purego

package cpu

func machine() []Set { return []Set{NEON, Portable} } // every arm64 has NEON

// BF16 reports whether AVX-512 kernels may multiply bfloat16.
func BF16() bool { return false }
