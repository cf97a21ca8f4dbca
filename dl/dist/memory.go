package dist

// #include "calls.h"
import "C"

import "unsafe"

// common is memory that ranks of one host have in common. It is kept for the next training: MPI frees it when all ranks
// together ask for that.
type common struct {
	known, possible bool
	free            map[int][][]float32 // by length
}

// together reports whether all ranks can have memory in common.
func (c *Comm) together() bool {
	m := &c.memory
	if !m.known {
		var all C.int
		c.call("Fit", func() C.int { return C.dist_on_one_host(&all) })
		m.known, m.possible, m.free = true, all != 0, map[int][][]float32{}
	}
	return m.possible
}

// take returns memory for n values that all ranks have in common. All ask for the same at the same time.
func (c *Comm) take(n int) []float32 {
	if list := c.memory.free[n]; len(list) > 0 {
		last := len(list) - 1
		c.memory.free[n] = list[:last]
		return list[last]
	}
	var memory unsafe.Pointer
	c.call("Fit", func() C.int { return C.dist_memory(C.size_t(4*n), &memory) })
	return unsafe.Slice((*float32)(memory), n)
}

// giveBack takes what take returned.
func (c *Comm) giveBack(memory []float32) {
	if memory != nil {
		c.memory.free[len(memory)] = append(c.memory.free[len(memory)], memory)
	}
}
