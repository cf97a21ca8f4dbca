//go:build amd64 && !purego

package vec

import "modelbook/dl/internal/cpu"

var sets = func() (all []*set) {
	if cpu.Has(cpu.AVX512) {
		all = append(all, &set{cpu.AVX512, 16, true, &kernelsAVX512})
	}
	if cpu.Has(cpu.AVX2) {
		all = append(all, &set{cpu.AVX2, 8, false, &kernelsAVX2})
	}
	return append(all, portable)
}()
