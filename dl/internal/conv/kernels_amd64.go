//go:build amd64 && !purego

package conv

import "modelbook/dl/internal/cpu"

var (
	depthAVX512 = depthKernels{16, depthRow8AVX512, depthRow4AVX512, depthRow1AVX512, depthTaps3x3AVX512, depthTaps1x5AVX512, depthTaps1x3AVX512, depthTaps1x1AVX512}
	depthAVX2   = depthKernels{8, depthRow8AVX2, depthRow4AVX2, depthRow1AVX2, depthTaps3x3AVX2, depthTaps1x5AVX2, depthTaps1x3AVX2, depthTaps1x1AVX2}
)

var sets = func() (all []kernels) {
	if cpu.Has(cpu.AVX512) {
		all = append(all, kernels{16, maxPoolAVX512, maxPoolGradAVX512, copyRunsAVX512, addRunsAVX512, maskRunsAVX512, []depthKernels{depthAVX512, depthAVX2}})
	}
	if cpu.Has(cpu.AVX2) {
		all = append(all, kernels{8, maxPoolAVX2, maxPoolGradAVX2, copyRunsAVX2, addRunsAVX2, maskRunsAVX2, []depthKernels{depthAVX2}})
	}
	return append(all, kernels{})
}()
