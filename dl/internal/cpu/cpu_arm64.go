//go:build arm64 && !purego

package cpu

import "golang.org/x/sys/cpu"

func machine() []Set { return []Set{NEON, Portable} } // every arm64 has NEON

// SDOT reports whether NEON kernels may multiply bytes by SDOT.
func SDOT() bool { return Has(NEON) && cpu.ARM64.HasASIMDDP }

// BF16 reports whether AVX-512 kernels may multiply bfloat16.
func BF16() bool { return false }
