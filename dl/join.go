package dl

import (
	"fmt"
	"slices"
)

// Concat joins tensors along an axis; their other axes are equal. Different
// dtypes become the one that they promote to.
func Concat(axis int, ts ...*Tensor) *Tensor {
	if len(ts) == 0 {
		panic(&ShapeError{Op: "Concat", Detail: "no tensors", Caller: caller()})
	}
	checkAll(ts...)
	axis = ts[0].axis("Concat", axis)
	shape := shapeOf(ts[0].shape...)
	d := ts[0].dtype
	for _, t := range ts[1:] {
		d = Promote(d, t.dtype)
		ok := len(t.shape) == len(shape)
		for i := range t.shape {
			ok = ok && (i == axis || t.shape[i] == shape[i])
		}
		if !ok {
			misfit("Concat", fmt.Sprintf("all axes but %d must be equal", axis), differing(ts[0].shape, t.shape, axis), ts[0], t)
		}
		shape[axis] += t.shape[axis]
	}
	if slices.ContainsFunc(ts, func(t *Tensor) bool { return t.dtype != d }) {
		ts = slices.Clone(ts)
		for i, t := range ts {
			ts[i] = t.To(d)
		}
	}
	out := result(d, shape)
	at := 0
	for _, t := range ts {
		t.check()
		part := out.layout().narrow(axis, at, at+t.shape[axis])
		move(out.storage, part, t.storage, t.layout(), false)
		at += t.shape[axis]
	}
	if recording(ts...) {
		r := concatKind.new()
		r.ts, r.axis = listOf(ts), axis
		attach(out, "Concat", r)
	}
	return out
}

// concatRecord is the record of Concat.
type concatRecord struct {
	node
	ts   []*Tensor
	axis int
}

var concatKind = newKind[concatRecord]()

func (r *concatRecord) operands(list []*Tensor) []*Tensor { return append(list, r.ts...) }

func (*concatRecord) reads() {}

func (r *concatRecord) backward(b *sweep, dy *Tensor) {
	at := 0
	for _, t := range r.ts {
		part := dy.layout().narrow(r.axis, at, at+t.shape[r.axis])
		at += t.shape[r.axis]
		switch {
		case !b.wants(t):
		case part.dense():
			b.hand(t, viewOf(dy, part))
		default:
			g, fresh := b.buffer(t)
			move(g.storage, g.layout(), dy.storage, part, !fresh)
		}
	}
}

func (r *concatRecord) gradients(dy *Tensor) []*Tensor {
	grads, at := make([]*Tensor, len(r.ts)), 0
	for i, t := range r.ts {
		grads[i] = dy.Slice(r.axis, at, at+t.shape[r.axis])
		at += t.shape[r.axis]
	}
	return grads
}

// Stack joins tensors of equal shapes along a new first axis.
func Stack(ts ...*Tensor) *Tensor {
	checkAll(ts...)
	up := listOf(ts)
	for i, t := range ts {
		if !t.shape.Equal(ts[0].shape) {
			misfit("Stack", "shapes must be equal", differing(ts[0].shape, t.shape, -1), ts[0], t)
		}
		up[i] = t.Unsqueeze(0)
	}
	return Concat(0, up...)
}

// Pad surrounds t with zeros: before and after hold a number for each axis.
func (t *Tensor) Pad(before, after []int) *Tensor {
	t.check()
	if len(before) != len(t.shape) || len(after) != len(t.shape) {
		shapePanic("Pad", "a number before and after is needed for each axis", t)
	}
	shape := shapeOf(t.shape...)
	for i := range shape {
		if before[i] < 0 || after[i] < 0 {
			shapePanic("Pad", "numbers must not be negative", t)
		}
		shape[i] += before[i] + after[i]
	}
	t.check()
	out := result(t.dtype, shape)
	out.clear()
	at := shapeOf(before...)
	move(out.storage, out.inside(at, t.shape), t.storage, t.layout(), false)
	if recording(t) {
		r := padKind.new()
		r.x, r.before = t, at
		attach(out, "Pad", r)
	}
	return out
}

// inside is the layout of a part of t: from the given place on, in a shape.
func (t *Tensor) inside(at, shape Shape) layout {
	l := t.layout()
	for i := range at {
		l.offset += at[i] * l.strides[i]
	}
	l.shape = shape
	return l
}

// padRecord is the record of Pad.
type padRecord struct {
	node
	x      *Tensor
	before Shape
}

var padKind = newKind[padRecord]()

func (r *padRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*padRecord) reads() {}

func (r *padRecord) backward(b *sweep, dy *Tensor) {
	if b.wants(r.x) {
		g, fresh := b.buffer(r.x)
		move(g.storage, g.layout(), dy.storage, dy.inside(r.before, r.x.shape), !fresh)
	}
}

func (r *padRecord) gradients(dy *Tensor) []*Tensor {
	for axis, at := range r.before {
		dy = dy.Narrow(axis, at, r.x.shape[axis])
	}
	return []*Tensor{dy}
}
