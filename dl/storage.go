package dl

import (
	"sync/atomic"

	"modelbook/dl/internal/guard"
)

// storage is a piece of memory with elements of one type. A tensor and its
// views share it.
type storage struct {
	dtype   DType
	data    any           // []float32 for Float32 and so on
	loan    atomic.Uint32 // how often an Arena took it back
	version atomic.Uint32 // counts changes of the elements
	pending atomic.Int32  // gradients that need the elements and were not computed yet
	finite  atomic.Uint64 // what is known of the elements: see finiteness

	// Not of type atomic.Pointer, whose methods each cell with a tensor would compile:
	where atomic.Value // the *[64]uintptr stack of the last change while some were
	guard atomic.Value // the *guard.Lock for who trains it and who predicts with it

	// What an Arena keeps about memory of its own:
	class     int    // of sizes
	bytes     int64  // taken
	run       uint32 // the last one that used it
	at        int    // in the list of what is lent
	gradients int    // that lie in it and are to be used by the Backward under way
}

func init() {
	guard.Of = func(t any) *guard.Lock {
		s := t.(*Tensor).storage
		if s.guard.Load() == nil {
			s.guard.CompareAndSwap(nil, new(guard.Lock))
		}
		return s.guard.Load().(*guard.Lock)
	}
}

// An EndedError is the use of a tensor that was made inside an [Arena.Run],
// such as a training step, after that has returned: its memory may hold
// something else now.
type EndedError struct {
	Caller string // file (or cell) and line of the use
}

// Error returns "a tensor was made in a training step that has ended: ...
// (cell[3]:5)".
func (e *EndedError) Error() string {
	s := "a tensor was made in a training step (an Arena.Run) that has ended, and its memory is used again: keep a Clone of it"
	if e.Caller != "" {
		s += " (" + e.Caller + ")"
	}
	return s
}

// check panics unless the body and the memory are the tensor's still. Nothing
// of a tensor that a caller gave may be read before.
func (t *Tensor) check() {
	if t == nil {
		isNil()
	}
	if t.use != t.uses.Load() || t.loan != t.storage.loan.Load() {
		ended()
	}
}

func ended() { panic(&EndedError{Caller: caller()}) }

func isNil() {
	panic(&ValueError{Op: "dl", Caller: caller(),
		Detail: "a tensor is nil: Grad returns nil before Backward has computed a gradient; where a tensor may be left out, the documentation says so"})
}

// nowhere is the storage of bodies that no tensor has.
var nowhere = &storage{dtype: Float32, data: []float32(nil)}

// hold gives a storage its memory.
func (s *storage) hold(d DType, data any) { s.dtype, s.data = d, data }

// ints is memory for an operation to work with, of the type places.
func (s *storage) ints(n int) []int { return s.data.([]int)[:n:n] }

// numbers returns n numbers for an operation to work with, undefined, from the arena in use.
func numbers(n int) []float64 { return result(Float64, shapeOf(n)).f64() }

// lay lets float32 elements lie in other memory of the same length and returns that in which they lay; nil for others.
func (s *storage) lay(memory []float32) []float32 {
	before, ok := s.data.([]float32)
	if !ok || len(before) != len(memory) {
		return nil
	}
	s.data = memory
	return before
}
