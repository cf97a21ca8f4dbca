// Package scratch lends float32 buffers to the compute kernels, so that a
// steady training step allocates nothing. Unlike a sync.Pool it survives
// garbage collection; it holds at most what was in use at once.
package scratch

import (
	"math/bits"
	"sync"
	"unsafe"
)

var (
	mu   sync.Mutex
	free [48][][]float32 // free[k] holds buffers of capacity 1<<k
)

// Get lends n floats that begin on a cache line; their values are arbitrary.
func Get(n int) []float32 {
	k := bits.Len(uint(max(n, 64) - 1))
	mu.Lock()
	if l := free[k]; len(l) > 0 {
		b := l[len(l)-1]
		free[k] = l[:len(l)-1]
		mu.Unlock()
		return b[:n]
	}
	mu.Unlock()
	return aligned(1 << k)[:n]
}

// Put takes a buffer from Get back; the caller must not use it any more.
func Put(b []float32) {
	k := bits.Len(uint(cap(b) - 1))
	mu.Lock()
	free[k] = append(free[k], b[:0])
	mu.Unlock()
}

func aligned(n int) []float32 {
	b := make([]float32, n+15)
	skip := int(-uintptr(unsafe.Pointer(&b[0]))%64) / 4
	return b[skip : skip+n : skip+n]
}
