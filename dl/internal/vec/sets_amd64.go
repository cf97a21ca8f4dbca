//go:build amd64 && !purego

package vec

import "modelbook/dl/internal/cpu"

var sets = func() (all []*set) {
	if cpu.Has(cpu.AVX512) {
		all = append(all, &set{"AVX-512", 16, addAVX512, subAVX512, mulAVX512, divAVX512, scaleAVX512, addScalarAVX512,
			axpyAVX512, maxScalarAVX512, reluGradAVX512, sumAVX512, dotAVX512, adamAVX512})
	}
	if cpu.Has(cpu.AVX2) {
		all = append(all, &set{"AVX2", 8, addAVX2, subAVX2, mulAVX2, divAVX2, scaleAVX2, addScalarAVX2,
			axpyAVX2, maxScalarAVX2, reluGradAVX2, sumAVX2, dotAVX2, adamAVX2})
	}
	return append(all, portable)
}()
