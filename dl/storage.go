package dl

import (
	"fmt"
	"sync/atomic"
)

// storage is a piece of memory with elements of one type. A tensor and its
// views share it.
type storage struct {
	dtype   DType
	data    any                         // []float32 for Float32 and so on
	loan    atomic.Uint32               // how often an Arena took it back
	version atomic.Uint32               // counts changes of the elements
	pending atomic.Int32                // gradients that need the elements and were not computed yet
	where   atomic.Pointer[[64]uintptr] // the stack of the last change while some were

	// What an Arena keeps about memory of its own:
	class int    // of sizes
	bytes int64  // taken
	run   uint32 // the last one that used it
}

// An EndedError is the use of a tensor that was made inside an [Arena.Run],
// such as a training step, after that has returned: its memory may hold
// something else now.
type EndedError struct {
	Shape  Shape
	Caller string // file (or cell) and line of the use
}

// Error returns "a tensor of shape [32 10] was made in a training step that has
// ended: ... (cell[3]:5)".
func (e *EndedError) Error() string {
	s := fmt.Sprintf("a tensor of shape %v was made in a training step (an Arena.Run) that has ended, and its memory is used again: keep a Clone of it", e.Shape)
	if e.Caller != "" {
		s += " (" + e.Caller + ")"
	}
	return s
}

// check panics unless the memory is the tensor's still.
func (t *Tensor) check() {
	if t.loan != t.storage.loan.Load() {
		panic(&EndedError{Shape: t.shape.Clone(), Caller: caller()})
	}
}
