package dl

import (
	"fmt"
	"runtime"
	"strings"
)

// A ChangedError is a Backward through an operation whose operand or result,
// which the gradient needs, was changed after the operation.
type ChangedError struct {
	Op      string // of which the gradient was to be computed
	Shape   Shape  // of the tensor that was changed
	Changed string // file (or cell) and line of the change
	Caller  string // and of the Backward
}

// Error returns "Mul: a tensor of shape [3] that its gradient needs was changed
// at cell[3]:5, after the operation: ... (cell[3]:6)".
func (e *ChangedError) Error() string {
	s := fmt.Sprintf("%s: a tensor of shape %v that its gradient needs was changed", e.Op, e.Shape)
	if e.Changed != "" {
		s += " at " + e.Changed
	}
	s += ", after the operation: compute the result again after the change, or operate on a Clone"
	if e.Caller != "" {
		s += " (" + e.Caller + ")"
	}
	return s
}

// A kept is a tensor as an operation's gradient needs it.
type kept struct {
	t       *Tensor
	version uint32
}

// keep notes tensors whose elements the gradient of an operation reads.
// Backward refuses to go on when they were changed. Nil tensors are left out.
func (n *node) keep(ts ...*Tensor) {
	at := 0
	for _, t := range ts {
		if t != nil {
			t.pending.Add(1)
			n.kept[at] = kept{t, t.version.Load()}
			at++
		}
	}
}

// checkKept panics when what the gradient needs was changed.
func (n *node) checkKept() {
	for _, k := range n.kept {
		if k.t == nil {
			return
		}
		k.t.check()
		if k.t.version.Load() != k.version {
			panic(&ChangedError{Op: n.op, Shape: k.t.shape.Clone(), Changed: k.t.changedAt(), Caller: caller()})
		}
	}
}

// drop is called when the gradient will not be computed again.
func (n *node) drop() {
	for i, k := range n.kept {
		if k.t == nil {
			return
		}
		k.t.pending.Add(-1)
		n.kept[i] = kept{}
	}
}

// needed returns t if a gradient that needs it will be asked for, else nil.
func (t *Tensor) needed(by *Tensor) *Tensor {
	if by == nil || !by.requires {
		return nil
	}
	return t
}

// Changed tells that the elements of t were changed through the slice that
// Float32s or another of these methods returned. Backward then refuses to
// compute gradients that need them as they were; without it such a change goes
// unnoticed. Set, CopyFrom, Fill and SetSlice tell by themselves.
func (t *Tensor) Changed() {
	t.check()
	t.storage.changed()
}

// changed counts a change of the elements. Who did it is noted when a gradient
// may need them.
func (s *storage) changed() {
	s.version.Add(1)
	if s.pending.Load() > 0 {
		where := new([64]uintptr)
		runtime.Callers(2, where[:])
		s.where.Store(where)
	}
}

// changedAt is the line of the last change, the first one outside of dl and
// its packages.
func (s *storage) changedAt() string {
	where, _ := s.where.Load().(*[64]uintptr)
	if where == nil {
		return ""
	}
	n := 0
	for n < len(where) && where[n] != 0 {
		n++
	}
	return outside(runtime.CallersFrames(where[:n]))
}

// outside is the first line of a stack that is not in this module's dl
// packages, or in a test of them.
func outside(frames *runtime.Frames) string {
	for {
		f, more := frames.Next()
		test := strings.HasSuffix(f.File, "_test.go")
		if f.Function != "" && (test || !strings.HasPrefix(f.Function, "modelbook/dl.") && !strings.HasPrefix(f.Function, "modelbook/dl/")) {
			file := f.File
			if i := strings.LastIndexByte(file, '/'); i >= 0 {
				file = file[i+1:]
			}
			return fmt.Sprintf("%s:%d", file, f.Line)
		}
		if !more {
			return ""
		}
	}
}
