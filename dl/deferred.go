package dl

import (
	"slices"

	"modelbook/dl/internal/gradient"
)

// A deferred gradient is that of the weights of an Affine layer, x^T dy, left
// out by Backward until somebody asks for it. An optimizer asks with gradient.Visit,
// part by part, and each part is used while it is in the first caches: a
// gradient of many megabytes is neither written to memory nor read again. Only
// what lives in an arena is deferred, so that x and dy are nobody else's, and what
// a trainer says stays as it is.
//
// The gradient of an embedding's table is deferred, too: it is dy in the rows x, Int64 in ascending order, and 0 in
// all others, which an optimizer need not touch.
type deferred struct {
	x, dy   *Tensor
	version uint32 // of x
	rows    bool
}

// deferFrom is the size from which a gradient is deferred: smaller ones stay in
// the caches anyway. (A variable for tests.)
var deferFrom = 1 << 18

// deferGrad notes the gradient x^T dy of t and reports whether it did.
func (b *sweep) deferGrad(t, x, dy *Tensor) bool {
	a := currentArena()
	if a == nil || t.dtype != Float32 || t.Size() < deferFrom || t.from != nil || x.from == nil && !slices.Contains(a.steady, x.storage) ||
		b.begun(t) || b.only || b.held(t) != nil {
		return false
	}
	t.due = deferred{x: x, dy: dy, version: x.version.Load()}
	x.pending.Add(1)
	b.keep(dy)
	a.due = append(a.due, t)
	return true
}

// check panics when the operand was changed meanwhile.
func (d *deferred) check() {
	if d.x.version.Load() != d.version {
		panic(&ChangedError{Op: "Affine", Shape: d.x.shape.Clone(), Changed: d.x.changedAt(), Caller: caller()})
	}
}

// settle computes a deferred gradient.
func (t *Tensor) settle() {
	if t.due.x == nil {
		return
	}
	due := t.due
	x, dy := due.x, due.dy
	t.due = deferred{}
	x.pending.Add(-1)
	due.check()
	if t.grad == nil {
		t.grad = empty(t.dtype, t.shape)
	}
	t.stale = false
	if due.rows {
		t.grad.clear()
		device.embedGrad(dy, x, t.grad)
		return
	}
	multiplyFlat(t.grad, x, dy, true, false, false)
}

// deferRows notes the gradient of a table, of whose rows tokens tell, and reports whether it did: where these are few.
func (b *sweep) deferRows(t, tokens, dy *Tensor) bool {
	a := currentArena()
	if a == nil || t.dtype != Float32 || t.size < rowsFrom*dy.size || dy.size == 0 || t.from != nil || dy.storage == b.lent ||
		b.begun(t) || b.only || b.held(t) != nil {
		return false
	}
	sorted, starts := ints(tokens.size), ints(tokens.size+1)
	n := device.sortRows(tokens, sorted, starts)
	rows, sums := result(Int64, shapeOf(n)), result(Float32, shapeOf(n, t.shape[1]))
	device.sumRows(dy, sorted, starts[:n+1], tokens, rows, sums)
	t.due = deferred{x: rows, dy: sums, version: rows.version.Load(), rows: true}
	rows.pending.Add(1)
	b.keep(rows)
	b.keep(sums)
	a.due = append(a.due, t)
	return true
}

// rowsFrom is how many times as large as the gradient of what was looked up a table is whose gradient is kept by rows.
const rowsFrom = 4

func init() {
	gradient.Visit = func(t any, v gradient.Visitor) bool { return t.(*Tensor).visitGrad(v) }
	gradient.NonZero = func(t any) []float32 {
		if due := t.(*Tensor).due; due.rows {
			return due.dy.Float32s()
		}
		return nil
	}
	gradient.Factors = func(t any) (x, dy []float32, samples int) {
		due := t.(*Tensor).due
		if due.x == nil || due.rows {
			return nil, nil, 0
		}
		due.check()
		return due.x.Float32s(), due.dy.Float32s(), due.x.shape[0]
	}
	gradient.Steady = func(t any) {
		if a := currentArena(); a != nil {
			a.steady = append(a.steady, t.(*Tensor).storage)
		}
	}
	gradient.Share = func(t any, part gradient.Part) { t.(*Tensor).share(part) }
	gradient.Lay = func(t any, memory []float32) []float32 { return t.(*Tensor).lay(memory) }
}

// lay gives the elements of t other memory and returns that which they had, or nil.
func (t *Tensor) lay(memory []float32) []float32 {
	if t.size != len(memory) || t.strides != nil || t.from != nil {
		return nil
	}
	return t.storage.lay(memory)
}

// share replaces the gradient of t by that of a part.
func (t *Tensor) share(part gradient.Part) {
	if t.due.x != nil {
		t.due.x.pending.Add(-1)
	}
	t.ZeroGrad()
	t.more().part = &part
}

// visitPart hands the gradient of a part to v.
func visitPart(part *gradient.Part, v gradient.Visitor) {
	if part.Next != nil {
		for piece := (gradient.Part{}); part.Next(&piece); {
			visitPart(&piece, v)
		}
		return
	}
	switch from := (moved{v, part.Lo}); {
	case part.Lo == part.Hi:
	case part.Values != nil:
		device.visit(over(Float32, part.Values, Shape{part.Hi - part.Lo}), from)
	default:
		n := part.Samples
		device.visitProduct(over(Float32, part.X, Shape{n, len(part.X) / n}), over(Float32, part.DY, Shape{n, len(part.DY) / n}), from)
	}
}

// moved is a visitor of elements that begin elsewhere.
type moved struct {
	v  gradient.Visitor
	by int
}

func (m moved) Visit(lo, hi int, grad []float32) { m.v.Visit(lo+m.by, hi+m.by, grad) }
func (m moved) Uses(lo, hi int) [3][]float32     { return m.v.Uses(lo+m.by, hi+m.by) }

// visitGrad hands the gradient of t, a float32 tensor, to v in parts, on all
// threads, and reports whether there is a gradient.
func (t *Tensor) visitGrad(v gradient.Visitor) bool {
	if t.extra != nil && t.extra.part != nil {
		visitPart(t.extra.part, v)
		return true
	}
	if t.due.rows {
		if r, ok := v.(gradient.RowVisitor); ok && r.SkipsZeros() {
			device.visitRows(t.due.x, t.due.dy, v)
			return true
		}
		t.settle()
	}
	if t.due.x == nil && (t.grad == nil || t.stale) {
		return false
	}
	if t.due.x == nil {
		t.grad.flat()
		if t.grad.dtype != Float32 {
			dtypePanic("Step", "the gradient is not float32", t.grad)
		}
		device.visit(t.grad, v)
		return true
	}
	t.due.check()
	device.visitProduct(t.due.x, t.due.dy, v)
	return true
}
