package dl

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
)

// A Shape is the sizes of a tensor's axes, outermost first. Images are
// [N, H, W, C]. The empty shape is a scalar's.
type Shape []int

// Size returns the number of elements.
func (s Shape) Size() int {
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// mostElements is more than any machine has memory for, and can be asked of Go.
const mostElements = 1 << 44

// check returns the number of elements of a shape that a caller asked for.
func (s Shape) check(op string) int {
	n := 1
	for _, d := range s {
		if d < 0 {
			panic(&ShapeError{Op: op, Shapes: []Shape{s.Clone()}, Detail: "sizes must not be negative", Caller: caller()})
		}
		if d > 0 && n > mostElements/d {
			panic(&ShapeError{Op: op, Shapes: []Shape{s.Clone()}, Detail: "there is no memory for so many elements", Caller: caller()})
		}
		n *= d
	}
	return n
}

// Equal reports whether two shapes are the same.
func (s Shape) Equal(t Shape) bool { return slices.Equal(s, t) }

// Clone returns a copy.
func (s Shape) Clone() Shape { return slices.Clone(s) }

// String returns a shape as "[64 28 28 1]".
func (s Shape) String() string { return fmt.Sprint([]int(s)) }

// A ShapeError is a mistake in the shapes handed to an operation. Operations
// panic with it; [Try] makes it an error.
type ShapeError struct {
	Op     string  // "MatMul"
	Shapes []Shape // of the operands
	Axes   [][]int // of each shape, the axes that do not fit; nil: not known
	Detail string  // what would be right
	Caller string  // file (or cell) and line of the call
}

// Error returns "MatMul: shapes [2 3] and [4 5]: ... (cell[3]:5)".
func (e *ShapeError) Error() string {
	var b strings.Builder
	b.WriteString(e.Op)
	for i, s := range e.Shapes {
		b.WriteString([]string{": shapes ", " and "}[min(i, 1)])
		b.WriteString(s.String())
	}
	if len(e.Shapes) == 1 {
		b.Reset()
		fmt.Fprintf(&b, "%s: shape %s", e.Op, e.Shapes[0])
	}
	if e.Detail != "" {
		b.WriteString(": " + e.Detail)
	}
	if e.Caller != "" {
		b.WriteString(" (" + e.Caller + ")")
	}
	return b.String()
}

// A DTypeError is an operand of a type that an operation does not take.
type DTypeError struct {
	Op     string
	DTypes []DType
	Detail string
	Caller string
}

// Error returns "MatMul: int32 and float32: ... (cell[3]:5)".
func (e *DTypeError) Error() string {
	var names []string
	for _, d := range e.DTypes {
		names = append(names, d.String())
	}
	s := e.Op + ": " + strings.Join(names, " and ")
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Caller != "" {
		s += " (" + e.Caller + ")"
	}
	return s
}

// caller is the first line on the stack outside of this module's dl packages.
func caller() string {
	var pcs [64]uintptr
	return outside(runtime.CallersFrames(pcs[:runtime.Callers(3, pcs[:])]))
}

func shapePanic(op, detail string, tensors ...*Tensor) {
	e := &ShapeError{Op: op, Detail: detail, Caller: caller()}
	for _, t := range tensors {
		if t != nil {
			t.check() // that of one that has ended says nothing
			e.Shapes = append(e.Shapes, t.shape.Clone())
		}
	}
	panic(e)
}

func dtypePanic(op, detail string, tensors ...*Tensor) {
	e := &DTypeError{Op: op, Detail: detail, Caller: caller()}
	for _, t := range tensors {
		if t != nil {
			t.check()
			e.DTypes = append(e.DTypes, t.dtype)
		}
	}
	panic(e)
}

// Try runs f and returns a *ShapeError, *DTypeError, *ValueError, *EndedError,
// *ChangedError or *AnomalyError that it panicked with. Other panics pass
// through.
func Try(f func()) (err error) {
	given("Try", "the function", f != nil)
	defer func() {
		switch e := recover().(type) {
		case nil:
		case *ShapeError:
			err = e
		case *DTypeError:
			err = e
		case *ValueError:
			err = e
		case *AnomalyError:
			err = e
		case *EndedError:
			err = e
		case *ChangedError:
			err = e
		default:
			panic(e)
		}
	}()
	f()
	return nil
}

// broadcast returns the shape of an elementwise operation on a and b, by
// NumPy's rule: axes are aligned at the end, and an axis of size 1 stretches.
func broadcast(op string, a, b *Tensor) Shape {
	out, ok := broadcastShapes(a.shape, b.shape)
	if !ok {
		misfit(op, "sizes must be equal or 1, counted from the last axis", unlike(a.shape, b.shape, 0), a, b)
	}
	return out
}

// broadcastShapes is broadcast of shapes; it reports whether there is one.
func broadcastShapes(a, b Shape) (out Shape, ok bool) {
	n := max(len(a), len(b))
	out = newShape(n)
	for i := range n {
		x, y := 1, 1
		if j := i - n + len(a); j >= 0 {
			x = a[j]
		}
		if j := i - n + len(b); j >= 0 {
			y = b[j]
		}
		switch {
		case x == y || y == 1:
			out[i] = x
		case x == 1:
			out[i] = y
		default:
			return out, false
		}
	}
	return out, true
}

// axis resolves a possibly negative axis of t.
func (t *Tensor) axis(op string, axis int) int {
	t.check()
	if axis < 0 {
		axis += len(t.shape)
	}
	if axis < 0 || axis >= len(t.shape) {
		shapePanic(op, fmt.Sprintf("there is no axis %d", axis), t)
	}
	return axis
}

// strides are the distances in elements between neighbours of each axis.
func strides(s Shape) Shape {
	st := newShape(len(s))
	n := 1
	for i := len(s) - 1; i >= 0; i-- {
		st[i] = n
		n *= s[i]
	}
	return st
}
