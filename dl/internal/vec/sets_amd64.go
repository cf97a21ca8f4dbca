//go:build amd64 && !purego

package vec

import "golang.org/x/sys/cpu"

var sets = func() (all []*set) {
	if cpu.X86.HasAVX512F && cpu.X86.HasAVX512VL && cpu.X86.HasAVX512DQ && cpu.X86.HasAVX512BW {
		all = append(all, &set{"AVX-512", 16, addAVX512, subAVX512, mulAVX512, divAVX512, scaleAVX512, addScalarAVX512,
			axpyAVX512, maxScalarAVX512, reluGradAVX512, sumAVX512, dotAVX512, adamAVX512})
	}
	if cpu.X86.HasAVX2 && cpu.X86.HasFMA {
		all = append(all, &set{"AVX2", 8, addAVX2, subAVX2, mulAVX2, divAVX2, scaleAVX2, addScalarAVX2,
			axpyAVX2, maxScalarAVX2, reluGradAVX2, sumAVX2, dotAVX2, adamAVX2})
	}
	return append(all, portable)
}()
