// Package label reads and sets the labels by which CPU profiles tell the samples of goroutines apart, as they are: a
// pointer. Package runtime/pprof makes labels, but can neither say which a goroutine has nor put these back. Labels that
// a loop of the calling goroutine has are those of its parts on other goroutines while somebody wants that: see
// [Share].
//
// It imports nothing but the standard library's atomic counters.
package label

import (
	"sync/atomic"
	"unsafe" // for go:linkname, too
)

// Labels are those of a goroutine; the zero value is none.
type Labels struct{ set unsafe.Pointer }

// Package runtime lets others link to these.
//
//go:linkname get runtime/pprof.runtime_getProfLabel
func get() unsafe.Pointer

//go:linkname set runtime/pprof.runtime_setProfLabel
func set(labels unsafe.Pointer)

// Of returns the labels of the calling goroutine.
func Of() Labels { return Labels{get()} }

// Use gives the calling goroutine these labels.
func (l Labels) Use() { set(l.set) }

var sharing atomic.Int32

// Share says that the parts of loops carry the labels of their loops until done is called.
func Share() (done func()) {
	sharing.Add(1)
	return func() { sharing.Add(-1) }
}

// Shared says whether the parts of loops carry the labels of their loops.
func Shared() bool { return sharing.Load() > 0 }
