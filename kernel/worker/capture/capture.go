// Package capture takes what single goroutines print. The worker asks it before
// text is written to stdout or stderr (see package toolchain/hook); widgets
// capture the output of functions with it.
//
// A goroutine is known by its profiler label: the only thing that goroutines
// inherit from those that start them and that costs nothing to look at. Code
// that sets labels of its own (pprof.Do) prints past the capture.
//
// The package imports nothing but the standard library.
package capture

import (
	"context"
	"runtime/pprof"
	"sync"
	"unsafe" // for go:linkname, too
)

// The label of the calling goroutine. Package runtime lets others link to these.
//
//go:linkname label runtime/pprof.runtime_getProfLabel
func label() unsafe.Pointer

//go:linkname setLabel runtime/pprof.runtime_setProfLabel
func setLabel(label unsafe.Pointer)

var (
	mu  sync.RWMutex
	all = map[unsafe.Pointer]func(fd int, text []byte){}
)

// New returns a function that calls f and hands what f prints to write, and what
// goroutines print that f starts, for as long as they run. It may be called
// several times, by several goroutines.
func New(write func(fd int, text []byte)) (do func(f func())) {
	ctx := pprof.WithLabels(context.Background(), pprof.Labels("modelbook", "captured"))
	before := label()
	pprof.SetGoroutineLabels(ctx)
	own := label()
	setLabel(before)
	mu.Lock()
	defer mu.Unlock()
	all[own] = write
	return func(f func()) {
		before := label()
		pprof.SetGoroutineLabels(ctx)
		defer setLabel(before)
		f()
	}
}

// Take takes text that the calling goroutine is about to write to a descriptor.
// It reports whether it has.
func Take(fd int, text []byte) bool {
	own := label()
	if own == nil {
		return false
	}
	mu.RLock()
	write := all[own]
	mu.RUnlock()
	if write == nil {
		return false
	}
	write(fd, text)
	return true
}
