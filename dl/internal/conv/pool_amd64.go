//go:build amd64 && !purego

package conv

import "modelbook/dl/internal/cpu"

// pools are the pooling kernels of this machine, the best first.
var pools = func() (all []poolKernel) {
	if cpu.Has(cpu.AVX512) {
		all = append(all, poolKernel{16, maxPoolAVX512, maxPoolGradAVX512})
	}
	if cpu.Has(cpu.AVX2) {
		all = append(all, poolKernel{8, maxPoolAVX2, maxPoolGradAVX2})
	}
	return append(all, poolKernel{})
}()
