//go:build amd64 && !purego

package conv

import "modelbook/dl/internal/cpu"

var (
	depthAVX512 = depthKernels{16, depthRow8AVX512, depthRow4AVX512, depthRow1AVX512, depthTaps3x3AVX512, depthTaps1x5AVX512, depthTaps1x3AVX512, depthTaps1x1AVX512}
	depthAVX2   = depthKernels{8, depthRow8AVX2, depthRow4AVX2, depthRow1AVX2, depthTaps3x3AVX2, depthTaps1x5AVX2, depthTaps1x3AVX2, depthTaps1x1AVX2}
	linesAVX512 = [lineCount]func(*byte){winogradInputAVX512, winogradOutputAVX512, winogradWeightsAVX512, winogradOutputGradAVX512, winogradInputGradAVX512, winogradInputGradAddAVX512, winogradWeightsGradAVX512}
	linesAVX2   = [lineCount]func(*byte){winogradInputAVX2, winogradOutputAVX2, winogradWeightsAVX2, winogradOutputGradAVX2, winogradInputGradAVX2, winogradInputGradAddAVX2, winogradWeightsGradAVX2}
)

var sets = func() (all []kernels) {
	if cpu.Has(cpu.AVX512) {
		all = append(all, kernels{16, maxPoolAVX512, maxPoolGradAVX512, copyRunsAVX512, addRunsAVX512, maskRunsAVX512, []depthKernels{depthAVX512, depthAVX2}, linesAVX512})
	}
	if cpu.Has(cpu.AVX2) {
		all = append(all, kernels{8, maxPoolAVX2, maxPoolGradAVX2, copyRunsAVX2, addRunsAVX2, maskRunsAVX2, []depthKernels{depthAVX2}, linesAVX2})
	}
	return append(all, kernels{})
}()
