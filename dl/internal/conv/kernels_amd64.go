//go:build amd64 && !purego

package conv

import "modelbook/dl/internal/cpu"

var sets = func() (all []kernels) {
	if cpu.Has(cpu.AVX512) {
		all = append(all, kernels{16, maxPoolAVX512, maxPoolGradAVX512, copyRunsAVX512, addRunsAVX512, maskRunsAVX512})
	}
	if cpu.Has(cpu.AVX2) {
		all = append(all, kernels{8, maxPoolAVX2, maxPoolGradAVX2, copyRunsAVX2, addRunsAVX2, maskRunsAVX2})
	}
	return append(all, kernels{})
}()
