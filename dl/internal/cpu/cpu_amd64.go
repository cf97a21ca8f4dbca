//go:build amd64 && !purego

package cpu

import "golang.org/x/sys/cpu"

func machine() (s []Set) {
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW {
		s = append(s, AVX512)
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		s = append(s, AVX2)
	}
	return append(s, Portable)
}

// BF16 reports whether AVX-512 kernels may multiply bfloat16.
func BF16() bool { return Has(AVX512) && cpu.X86.HasAVX512BF16 }

// VNNI reports whether AVX-512 kernels may multiply bytes.
func VNNI() bool { return Has(AVX512) && cpu.X86.HasAVX512VNNI }

// F16C reports whether AVX2 kernels may convert half precision: all processors with AVX2 do so far.
func F16C() bool {
	_, _, c, _ := cpuid(1, 0)
	return Has(AVX2) && c>>29&1 == 1
}
