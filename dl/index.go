package dl

import "fmt"

// Reshape returns t with another shape of the same size, in the same memory.
// One size may be -1: it is computed.
func (t *Tensor) Reshape(shape ...int) *Tensor {
	s := shapeOf(shape...)
	unknown, n := -1, 1
	for i, d := range s {
		switch {
		case d == -1 && unknown < 0:
			unknown = i
		case d < 0:
			shapePanic("Reshape", fmt.Sprintf("sizes of %v must not be negative, but for one -1", Shape(shape).Clone()), t)
		default:
			n *= d
		}
	}
	if unknown >= 0 && n == 0 {
		shapePanic("Reshape", fmt.Sprintf("the -1 in %v can be anything", Shape(shape).Clone()), t)
	}
	if unknown >= 0 {
		s[unknown] = t.Size() / n
		n *= s[unknown]
	}
	if n != t.Size() {
		shapePanic("Reshape", fmt.Sprintf("%d elements do not fit into %v", t.Size(), Shape(shape).Clone()), t)
	}
	out := view(t, s)
	record(out, backReshape, t)
	return out
}

func backReshape(n *node) {
	x, g := n.in[0], view(n.out.grad, n.in[0].shape)
	if x.from != nil && x.grad == nil {
		x.grad = g // nobody else holds it: the result's gradient ends here
		return
	}
	x.accumulate(g)
}

// Flatten joins the axes from the given one on into one.
func (t *Tensor) Flatten(from int) *Tensor {
	from = t.axis("Flatten", from)
	s := newShape(from + 1)
	copy(s, t.shape[:from])
	s[from] = Shape(t.shape[from:]).Size()
	out := view(t, s)
	record(out, backReshape, t)
	return out
}

// pick copies the elements at the given places; a negative one stands for zero.
func pick[T Element](out, in []T, index []int) {
	for i, at := range index {
		if at < 0 {
			var zero T
			out[i] = zero
		} else {
			out[i] = in[at]
		}
	}
}

// gather fills out from the elements of t at the given places and records it.
func (t *Tensor) gather(shape Shape, index []int) *Tensor {
	out := result(t.dtype, shape)
	switch t.dtype { // not through float64, which has no room for every int64
	case Float32:
		pick(out.f32(), t.f32(), index)
	case Float64:
		pick(out.f64(), t.f64(), index)
	case Int32:
		pick(out.i32(), t.i32(), index)
	case Int64:
		pick(out.i64(), t.i64(), index)
	case Uint8:
		pick(out.u8(), t.u8(), index)
	default:
		pick(out.bools(), t.bools(), index)
	}
	if n := record(out, backPick, t); n != nil {
		n.index = index
	}
	return out
}

// T returns the transpose of a matrix, and for more axes swaps the last two.
func (t *Tensor) T() *Tensor {
	n := len(t.shape)
	if n < 2 {
		shapePanic("T", "at least two axes are needed", t)
	}
	axes := make([]int, n)
	for i := range axes {
		axes[i] = i
	}
	axes[n-1], axes[n-2] = n-2, n-1
	return t.Transpose(axes...)
}

// Transpose returns a copy with axes in the given order.
func (t *Tensor) Transpose(axes ...int) *Tensor {
	if len(axes) != len(t.shape) {
		shapePanic("Transpose", fmt.Sprintf("the order names %d axes", len(axes)), t)
	}
	shape, seen, own := newShape(len(axes)), make([]bool, len(axes)), strides(t.shape)
	o := odometer{shape: shape, index: make(Shape, len(axes)), sa: make(Shape, len(axes)), sb: make(Shape, len(axes))}
	for i, a := range axes {
		a = t.axis("Transpose", a)
		if seen[a] {
			shapePanic("Transpose", fmt.Sprintf("axis %d is named twice", a), t)
		}
		seen[a] = true
		shape[i], o.sa[i] = t.shape[a], own[a]
	}
	index := make([]int, t.Size())
	for i := range index {
		index[i] = o.a
		o.next()
	}
	return t.gather(shape, index)
}

// Slice returns lo <= index < hi along an axis.
func (t *Tensor) Slice(axis, lo, hi int) *Tensor {
	axis = t.axis("Slice", axis)
	n := t.shape[axis]
	if lo < 0 || hi < lo || hi > n {
		shapePanic("Slice", fmt.Sprintf("%d:%d is not within axis %d", lo, hi, axis), t)
	}
	rows := make([]int, hi-lo)
	for i := range rows {
		rows[i] = lo + i
	}
	return t.take(axis, rows)
}

// take picks positions along an axis.
func (t *Tensor) take(axis int, at []int) *Tensor {
	shape := shapeOf(t.shape...)
	shape[axis] = len(at)
	inner := Shape(t.shape[axis+1:]).Size()
	n := t.shape[axis]
	index := make([]int, 0, shape.Size())
	for outer := range Shape(t.shape[:axis]).Size() {
		for _, r := range at {
			for k := range inner {
				index = append(index, (outer*n+r)*inner+k)
			}
		}
	}
	return t.gather(shape, index)
}

// Rows returns the given positions of the first axis; a position may repeat.
func (t *Tensor) Rows(at []int) *Tensor {
	t.axis("Rows", 0)
	for _, r := range at {
		if r < 0 || r >= t.shape[0] {
			shapePanic("Rows", fmt.Sprintf("there is no row %d", r), t)
		}
	}
	return t.take(0, at)
}

// Index returns position i of the first axis, which disappears.
func (t *Tensor) Index(i int) *Tensor {
	r := t.Rows([]int{i})
	return r.Reshape(r.shape[1:]...)
}

// Concat joins tensors along an axis; their other axes are equal.
func Concat(axis int, ts ...*Tensor) *Tensor {
	if len(ts) == 0 {
		panic(&ShapeError{Op: "Concat", Detail: "no tensors", Caller: caller()})
	}
	axis = ts[0].axis("Concat", axis)
	shape := shapeOf(ts[0].shape...)
	for _, t := range ts[1:] {
		if t.dtype != ts[0].dtype {
			dtypePanic("Concat", "dtypes must be equal", ts[0], t)
		}
		ok := len(t.shape) == len(shape)
		for i := range t.shape {
			ok = ok && (i == axis || t.shape[i] == shape[i])
		}
		if !ok {
			shapePanic("Concat", fmt.Sprintf("all axes but %d must be equal", axis), ts[0], t)
		}
		shape[axis] += t.shape[axis]
	}
	out := result(ts[0].dtype, shape)
	concat(axis, out, ts, func(o, i int, t *Tensor) {
		if t.dtype == Int64 {
			out.i64()[o] = t.i64()[i] // float64 has no room for every int64
		} else {
			out.set(o, t.at(i))
		}
	})
	if n := record(out, backConcat, ts...); n != nil {
		n.ints[0] = axis
	}
	return out
}

// concat calls f for every element of out and where it is in which part.
func concat(axis int, out *Tensor, ts []*Tensor, f func(o, i int, t *Tensor)) {
	inner := Shape(out.shape[axis+1:]).Size()
	at := 0
	for outer := range Shape(out.shape[:axis]).Size() {
		for _, t := range ts {
			n := t.shape[axis] * inner
			for i := range n {
				f(at, outer*n+i, t)
				at++
			}
		}
	}
}

func backConcat(n *node) {
	var ts []*Tensor
	for _, t := range append(n.in[:len(n.in):len(n.in)], n.more...) {
		if t != nil {
			ts = append(ts, t)
		}
	}
	grads := map[*Tensor]*Tensor{}
	for _, t := range ts {
		if t.requires && grads[t] == nil {
			grads[t] = result(t.dtype, t.shape)
			grads[t].zero()
		}
	}
	concat(n.ints[0], n.out, ts, func(o, i int, t *Tensor) {
		if g := grads[t]; g != nil {
			g.set(i, g.at(i)+n.out.grad.at(o))
		}
	})
	for _, t := range ts {
		if g := grads[t]; g != nil {
			t.accumulate(g)
			delete(grads, t)
		}
	}
}

// Stack joins tensors of equal shapes along a new first axis.
func Stack(ts ...*Tensor) *Tensor {
	up := make([]*Tensor, len(ts))
	for i, t := range ts {
		up[i] = t.Reshape(append([]int{1}, t.shape...)...)
	}
	return Concat(0, up...)
}

// Pad surrounds t with zeros: before and after hold a number for each axis.
func (t *Tensor) Pad(before, after []int) *Tensor {
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
	index := make([]int, shape.Size())
	o := odometer{shape: shape, index: make(Shape, len(shape)), sa: make(Shape, len(shape)), sb: make(Shape, len(shape))}
	for i := range index {
		at, inside := 0, true
		for k, x := range o.index {
			x -= before[k]
			inside = inside && x >= 0 && x < t.shape[k]
			at = at*t.shape[k] + x
		}
		index[i] = -1
		if inside {
			index[i] = at
		}
		o.next()
	}
	return t.gather(shape, index)
}

// OneHot returns, for integers in 0..n-1, float32 rows that are 1 at the
// integer and 0 elsewhere; a new last axis of size n.
func (t *Tensor) OneHot(n int) *Tensor {
	out := result(Float32, append(shapeOf(t.shape...), n))
	clear(out.f32())
	for i := range t.Size() {
		v := int(t.at(i))
		if v < 0 || v >= n {
			shapePanic("OneHot", fmt.Sprintf("%d is not in 0..%d", v, n-1), t)
		}
		out.f32()[i*n+v] = 1
	}
	return out
}
