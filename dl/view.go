package dl

import "fmt"

// viewOf returns a tensor in the memory of t with another layout.
func viewOf(t *Tensor, l layout) *Tensor {
	v := view(t, l.shape)
	v.offset = l.offset
	if !l.dense() {
		if v.strides = v.dims[maxDims : maxDims+min(len(l.strides), maxDims)]; len(l.strides) > maxDims {
			v.strides = newShape(len(l.strides))
		}
		copy(v.strides, l.strides)
	}
	return v
}

// reframe returns a view of t and records it. change describes the view; it is
// also applied to the gradient of t, which lies in row-major order.
func (t *Tensor) reframe(op string, change func(l layout) layout) *Tensor {
	out := viewOf(t, change(t.layout()))
	if recording(t) {
		own := change(rowMajor(t.shape))
		recordView(op, out, t, own.strides, own.offset)
	}
	return out
}

func recordView(op string, out, x *Tensor, strides Shape, offset int) *viewRecord {
	r := viewKind.new()
	r.x, r.strides, r.offset = x, strides, offset
	attach(out, op, r)
	return r
}

// reframeSpan is reframe of a view of a span of an axis, and of all of the
// others.
func (t *Tensor) reframeSpan(op string, axis int, s span, change func(l layout) layout) *Tensor {
	out := t.reframe(op, change)
	if r, ok := out.from.(*viewRecord); ok {
		r.sliced, r.axis, r.span = true, axis, s
	}
	return out
}

// viewRecord is the record of an operation that returns a view of some
// elements of x, or of all in another order.
type viewRecord struct {
	node
	x       *Tensor
	strides Shape // of the view in a row-major x
	offset  int
	sliced  bool // the view is all of x but for one axis, of which it is a span
	axis    int
	span    span
}

var viewKind = newKind[viewRecord]()

// transposes reports whether the view is the transpose of a matrix.
func (r *viewRecord) transposes() bool {
	x, l := r.x.shape, r.out.shape
	return len(x) == 2 && len(l) == 2 && l[0] == x[1] && l[1] == x[0] && r.offset == 0 && r.strides[0] == 1 && r.strides[1] == x[1]
}

func (r *viewRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*viewRecord) reads() {}

// backward carries a gradient to the elements that were seen.
func (r *viewRecord) backward(b *sweep, dy *Tensor) {
	if !b.wants(r.x) || b.isWithin(r.x, dy, r.offset) {
		return
	}
	if r.sliced {
		b.addSlice(r.x, dy, r.axis, r.span, layout{r.out.shape, r.strides, r.offset})
		return
	}
	g, fresh := b.buffer(r.x)
	if fresh && r.out.size < r.x.size {
		g.clear()
	}
	move(g.storage, layout{r.out.shape, r.strides, g.offset + r.offset}, dy.storage, dy.layout(), !fresh)
}

func (r *viewRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.unviewed(r.x.shape, r.strides, r.offset)}
}

// unviewed returns the gradient of a tensor of which a view was taken.
func (t *Tensor) unviewed(shape, strides Shape, offset int) *Tensor {
	out := New(t.dtype, shape...)
	move(out.storage, layout{t.shape, strides, offset}, t.storage, t.layout(), false)
	if recording(t) {
		r := unviewKind.new()
		r.x, r.strides, r.offset = t, strides, offset
		attach(out, "the gradient of a view", r)
	}
	return out
}

// unviewRecord is the record of unviewed.
type unviewRecord struct {
	node
	x       *Tensor
	strides Shape // of the view in a row-major result
	offset  int
}

var unviewKind = newKind[unviewRecord]()

func (r *unviewRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

// of returns the view of a gradient of the result.
func (r *unviewRecord) of(dy *Tensor) *Tensor {
	return viewOf(dy, layout{r.x.shape, r.strides, dy.offset + r.offset})
}

func (r *unviewRecord) backward(b *sweep, dy *Tensor) { b.add(r.x, r.of(dy).packed()) }

func (r *unviewRecord) gradients(dy *Tensor) []*Tensor {
	dy = dy.Contiguous()
	out := r.of(dy)
	if recording(dy) {
		recordView("the gradient of a view", out, dy, r.strides, r.offset)
	}
	return []*Tensor{out}
}

// same records a view, or a copy, in which the elements are in the same order.
func (t *Tensor) same(op string, out *Tensor) *Tensor {
	if recording(t) {
		r := sameKind.new()
		r.x = t
		attach(out, op, r)
	}
	return out
}

// sameRecord is the record of an operation that leaves the elements in their
// order.
type sameRecord struct {
	node
	x *Tensor
}

var sameKind = newKind[sameRecord]()

func (r *sameRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*sameRecord) reads() {}

func (r *sameRecord) backward(b *sweep, dy *Tensor) { b.hand(r.x, view(dy, r.x.shape)) }

func (r *sameRecord) gradients(dy *Tensor) []*Tensor { return []*Tensor{dy.Reshape(r.x.shape...)} }

// IsContiguous reports whether the elements lie in row-major order and without
// gaps, as those of most tensors do; those of a transposed view do not.
func (t *Tensor) IsContiguous() bool {
	t.check()
	return t.strides == nil
}

// Contiguous returns t itself if its elements lie in row-major order and
// without gaps, and a copy of which that is true otherwise. Gradients flow.
func (t *Tensor) Contiguous() *Tensor {
	t.check()
	if t.strides == nil {
		return t
	}
	return t.same("Contiguous", t.packed())
}

// contiguous is Contiguous of an operand that may be nil.
func (t *Tensor) contiguous() *Tensor {
	if t == nil {
		return nil
	}
	return t.Contiguous()
}

// packed is Contiguous without a record.
func (t *Tensor) packed() *Tensor {
	t.check()
	if t.strides == nil {
		return t
	}
	out := result(t.dtype, t.shape)
	moveInto(out, t)
	return out
}

// Reshape returns t with another shape of the same size: a view where that is
// possible, as it is for tensors that are contiguous, and a copy otherwise. One
// size may be -1: it is computed.
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
	return t.reshape(s)
}

func (t *Tensor) reshape(s Shape) *Tensor {
	if t.strides != nil {
		l, ok := t.layout().reshape(s)
		if ok {
			return t.same("Reshape", viewOf(t, l))
		}
		return t.same("Reshape", view(t.packed(), s))
	}
	return t.same("Reshape", view(t, s))
}

// Flatten joins the axes from the given one on into one.
func (t *Tensor) Flatten(from int) *Tensor {
	from = t.axis("Flatten", from)
	s := newShape(from + 1)
	copy(s, t.shape[:from])
	s[from] = Shape(t.shape[from:]).Size()
	return t.reshape(s)
}

// Unsqueeze returns a view with a new axis of size 1 in front of the given one;
// -1 puts it at the end.
func (t *Tensor) Unsqueeze(axis int) *Tensor {
	t.check()
	n := len(t.shape) + 1
	if axis < -n || axis >= n {
		shapePanic("Unsqueeze", fmt.Sprintf("there is no place %d for an axis", axis), t)
	}
	return t.same("Unsqueeze", viewOf(t, t.layout().with((axis+n)%n)))
}

// Squeeze returns a view without the given axes, whose sizes must be 1, or
// without all axes of size 1 when none is given.
func (t *Tensor) Squeeze(axes ...int) *Tensor {
	t.check()
	drop := make([]bool, len(t.shape))
	for i, n := range t.shape {
		drop[i] = len(axes) == 0 && n == 1
	}
	for _, a := range axes {
		a = t.axis("Squeeze", a)
		if t.shape[a] != 1 {
			shapePanic("Squeeze", fmt.Sprintf("axis %d has %d elements, not one", a, t.shape[a]), t)
		}
		drop[a] = true
	}
	l := t.layout()
	for i := len(drop) - 1; i >= 0; i-- {
		if drop[i] {
			l = l.without(i)
		}
	}
	return t.same("Squeeze", viewOf(t, l))
}

// T returns the transpose of a matrix, a view, and for more axes swaps the
// last two.
func (t *Tensor) T() *Tensor {
	t.check()
	n := len(t.shape)
	if n < 2 {
		shapePanic("T", "at least two axes are needed", t)
	}
	axes := newShape(n)
	for i := range axes {
		axes[i] = i
	}
	axes[n-1], axes[n-2] = n-2, n-1
	return t.reframe("T", func(l layout) layout { return l.permute(axes) })
}

// Permute returns a view with the axes in the given order.
func (t *Tensor) Permute(axes ...int) *Tensor { return t.permute("Permute", axes) }

// Transpose is Permute: it names all axes in their new order.
func (t *Tensor) Transpose(axes ...int) *Tensor { return t.permute("Transpose", axes) }

func (t *Tensor) permute(op string, axes []int) *Tensor {
	t.check()
	if len(axes) != len(t.shape) {
		shapePanic(op, fmt.Sprintf("the order names %d axes", len(axes)), t)
	}
	order, seen := newShape(len(axes)), make([]bool, len(axes))
	for i, a := range axes {
		a = t.axis(op, a)
		if seen[a] {
			shapePanic(op, fmt.Sprintf("axis %d is named twice", a), t)
		}
		order[i], seen[a] = a, true
	}
	return t.reframe(op, func(l layout) layout { return l.permute(order) })
}

// Slice returns a view of lo <= index < hi along an axis. As in Python, a negative one counts from the end: x[-3:-1] is
// x.Slice(0, -3, -1), and x[-3:] is x.Slice(0, -3, x.Dim(0)). Beyond the ends there is nothing, and a *ShapeError.
func (t *Tensor) Slice(axis, lo, hi int) *Tensor {
	axis, s := t.spanOf("Slice", axis, lo, hi)
	return t.slice("Slice", axis, s)
}

// Narrow returns a view of length elements along an axis, from start on; a
// negative start counts from the end.
func (t *Tensor) Narrow(axis, start, length int) *Tensor {
	axis = t.axis("Narrow", axis)
	n, from := t.shape[axis], start
	if from < 0 {
		from += n
	}
	if from < 0 || length < 0 || length > n-from {
		shapePanic("Narrow", fmt.Sprintf("there are no %d elements from %d on along axis %d, which has %d", length, start, axis, n), t)
	}
	return t.slice("Narrow", axis, span{from, from + length})
}

// spanOf is the axis and the part of it that lo and hi name, which count from the end where they are negative.
func (t *Tensor) spanOf(op string, axis, lo, hi int) (int, span) {
	axis = t.axis(op, axis)
	n := t.shape[axis]
	s := span{lo, hi}
	if lo < 0 {
		s.lo += n
	}
	if hi < 0 {
		s.hi += n
	}
	if s.lo < 0 || s.hi < s.lo || s.hi > n {
		shapePanic(op, fmt.Sprintf("%d:%d is not within axis %d, which has %d places", lo, hi, axis, n), t)
	}
	return axis, s
}

func (t *Tensor) slice(op string, axis int, s span) *Tensor {
	return t.reframeSpan(op, axis, s, func(l layout) layout { return l.narrow(axis, s.lo, s.hi) })
}

// Every returns a view of every n-th element along an axis, from the first one on, as x[::n] in Python; x[1::2] is
// x.Slice(0, 1, x.Dim(0)).Every(0, 2).
func (t *Tensor) Every(axis, n int) *Tensor {
	axis = t.axis("Every", axis)
	if n < 1 {
		PanicValue("Every", "steps of %d; they must be at least 1 (Flip turns an axis around)", n)
	}
	return t.reframe("Every", func(l layout) layout { return l.every(axis, n) })
}

// Index returns a view of position i of the first axis, which disappears; a
// negative i counts from the end.
func (t *Tensor) Index(i int) *Tensor {
	return t.pickOne("Index", 0, i)
}

// Select returns a view of position i of an axis, which disappears; a negative
// i counts from the end.
func (t *Tensor) Select(axis, i int) *Tensor { return t.pickOne("Select", axis, i) }

func (t *Tensor) pickOne(op string, axis, i int) *Tensor {
	axis = t.axis(op, axis)
	n := t.shape[axis]
	if i < -n || i >= n {
		shapePanic(op, fmt.Sprintf("there is no position %d along axis %d, which has %d", i, axis, n), t)
	}
	if i < 0 {
		i += n
	}
	return t.reframeSpan(op, axis, span{i, i + 1}, func(l layout) layout { return l.narrow(axis, i, i+1).without(axis) })
}

// Diagonal returns a view of the k-th diagonal of the last two axes: 0 is the
// main one, 1 that above it, -1 that below. It is the last axis of the result.
func (t *Tensor) Diagonal(k int) *Tensor { return t.diagonal("Diagonal", k) }

func (t *Tensor) diagonal(op string, k int) *Tensor {
	t.check()
	n := len(t.shape)
	if n < 2 {
		shapePanic(op, "at least two axes are needed", t)
	}
	return t.reframe(op, func(l layout) layout { return l.diagonal(k, n-2, n-1) })
}

// Expand returns a view in which axes of size 1, and new ones in front, are
// stretched to a shape: all elements along them are one. A size of -1 leaves
// an axis as it is. Elements of the view cannot be set.
func (t *Tensor) Expand(shape ...int) *Tensor {
	t.check()
	to := shapeOf(shape...)
	ok := len(to) >= len(t.shape)
	for i := range to {
		j := i - len(to) + len(t.shape)
		if to[i] == -1 && j >= 0 {
			to[i] = t.shape[j]
		}
		ok = ok && to[i] >= 0 && (j < 0 || t.shape[j] == to[i] || t.shape[j] == 1)
	}
	if ok {
		to.check("Expand")
	}
	if !ok {
		shapePanic("Expand", fmt.Sprintf("only axes of size 1 can be stretched, to %v", Shape(shape).Clone()), t)
	}
	out := viewOf(t, t.layout().expand(to))
	if recording(t) {
		r := expandKind.new()
		r.x = t
		attach(out, "Expand", r)
	}
	return out
}

// expandRecord is the record of Expand.
type expandRecord struct {
	node
	x *Tensor
}

var expandKind = newKind[expandRecord]()

func (r *expandRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *expandRecord) backward(b *sweep, dy *Tensor) { b.add(r.x, dy.sumTo(r.x.shape)) }

func (r *expandRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.unstretched(r.x.shape)}
}

// Unbind returns views of the positions of an axis, which disappears.
func (t *Tensor) Unbind(axis int) []*Tensor {
	axis = t.axis("Unbind", axis)
	out := make([]*Tensor, t.shape[axis])
	for i := range out {
		out[i] = t.Select(axis, i)
	}
	return out
}

// Split returns views of the parts of an axis, each of the given size, the last
// one perhaps smaller.
func (t *Tensor) Split(axis, size int) []*Tensor {
	axis = t.axis("Split", axis)
	if size < 1 {
		shapePanic("Split", fmt.Sprintf("parts of %d elements are impossible", size), t)
	}
	var out []*Tensor
	for at := 0; at == 0 || at < t.shape[axis]; at += size {
		out = append(out, t.Slice(axis, at, min(at+size, t.shape[axis])))
	}
	return out
}

// Chunk returns views of n parts of an axis of equal size, the last one perhaps
// smaller; there are fewer parts when the axis is too short.
func (t *Tensor) Chunk(axis, n int) []*Tensor {
	axis = t.axis("Chunk", axis)
	if n < 1 {
		shapePanic("Chunk", fmt.Sprintf("%d parts are impossible", n), t)
	}
	return t.Split(axis, max(1, (t.shape[axis]+n-1)/n))
}
