//go:build arm64 && !purego

package quantized

import "modelbook/dl/internal/cpu"

var sets = func() (all []kernels) {
	if cpu.SDOT() {
		all = append(all, kernels{name: "SDOT", dot: [2][most]func(*byte){{dotQ8x1SDOT, dotQ8x2SDOT, dotQ8x3SDOT, dotQ8x4SDOT},
			{dotQ4x1SDOT, dotQ4x2SDOT, dotQ4x3SDOT, dotQ4x4SDOT}}})
	}
	if cpu.Has(cpu.NEON) {
		all = append(all, kernels{name: "NEON", dot: [2][most]func(*byte){{dotQ8x1NEON, dotQ8x2NEON, dotQ8x3NEON, dotQ8x4NEON},
			{dotQ4x1NEON, dotQ4x2NEON, dotQ4x3NEON, dotQ4x4NEON}}})
	}
	return append(all, kernels{name: "portable"})
}()
