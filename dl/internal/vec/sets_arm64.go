//go:build arm64 && !purego

package vec

import "modelbook/dl/internal/cpu"

var sets = func() (all []*set) {
	if cpu.Has(cpu.NEON) {
		all = append(all, &set{cpu.NEON, 4, false, &kernelsNEON})
	}
	return append(all, portable)
}()
