package dl

import "fmt"

// Unfold returns a view of the windows of size places along an axis, step apart, as PyTorch's Tensor.unfold does: the
// axis has the number of the window, of which there are (n-size)/step+1, and a new last axis the place in it. Where
// windows overlap they share elements, whose gradients add up, and which cannot be set.
func (t *Tensor) Unfold(axis, size, step int) *Tensor {
	axis = t.axis("Unfold", axis)
	n := t.shape[axis]
	if size < 1 || step < 1 || size > n {
		shapePanic("Unfold", fmt.Sprintf("windows of %d places, %d apart, do not fit along axis %d; both must be above 0", size, step, axis), t)
	}
	return t.windowed("Unfold", slidingAxes{{axis, (size + step - 1) / step}}, func(l layout) layout {
		rank := len(l.shape)
		shape, strides := newShape(rank+1), newShape(rank+1)
		copy(shape, l.shape)
		copy(strides, l.strides)
		shape[axis], shape[rank] = (n-size)/step+1, size
		strides[axis], strides[rank] = step*l.strides[axis], l.strides[axis]
		return layout{shape, strides, l.offset}
	})
}

// slidingAxes are up to two axes of a view along which windows slide. Of all windows, those a number of others apart do
// not overlap; a zero value is no axis.
type slidingAxes [2]struct{ axis, apart int }

// A windowing is where the windows of a row-major tensor lie, of which some may overlap.
type windowing struct {
	shape, strides Shape
	axes           slidingAxes
}

// windowed returns a view of windows and records it: see reframe.
func (t *Tensor) windowed(op string, axes slidingAxes, change func(l layout) layout) *Tensor {
	out := viewOf(t, change(t.layout()))
	if recording(t) {
		own := change(rowMajor(t.shape))
		recordWindows(op, out, t, windowing{own.shape, own.strides, axes})
	}
	return out
}

// windows returns a copy of windows, as a tensor of a shape.
func (t *Tensor) windows(op string, w windowing, shape Shape) *Tensor {
	t = t.Contiguous()
	out := result(t.dtype, shape)
	w.copy(out, t)
	if recording(t) {
		recordWindows(op, out, t, w)
	}
	return out
}

// copy writes the windows of a row-major tensor to one that is row-major, too.
func (w *windowing) copy(to, from *Tensor) {
	move(to.storage, layout{w.shape, strides(w.shape), to.offset}, from.storage, layout{w.shape, w.strides, from.offset}, false)
}

func recordWindows(op string, out, x *Tensor, w windowing) {
	r := windowKind.new()
	r.x, r.windowing = x, w
	attach(out, op, r)
}

// windowRecord is the record of windows.
type windowRecord struct {
	node
	x *Tensor
	windowing
}

var windowKind = newKind[windowRecord]()

func (r *windowRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*windowRecord) reads() {}

func (r *windowRecord) backward(b *sweep, dy *Tensor) {
	if !b.wants(r.x) {
		return
	}
	g, fresh := b.buffer(r.x)
	if fresh {
		g.clear()
	}
	r.add(g, dy)
}

func (r *windowRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.unwindowed("the gradient of "+r.op, r.x.shape, r.windowing)}
}

// add adds the elements of windows to those of a row-major tensor: in turn those that do not overlap.
func (w *windowing) add(to, from *Tensor) {
	source := from.layout()
	if !from.shape.Equal(w.shape) { // it is another shape of the same elements
		from = from.packed()
		source = layout{w.shape, strides(w.shape), from.offset}
	}
	s, ts, fs := shapeOf(w.shape...), shapeOf(w.strides...), shapeOf(source.strides...)
	for i := range max(w.axes[0].apart, 1) {
		for j := range max(w.axes[1].apart, 1) {
			tl, fl := layout{s, ts, to.offset}, layout{s, fs, source.offset}
			for k, first := range [...]int{i, j} {
				axis, apart := w.axes[k].axis, w.axes[k].apart
				if apart == 0 {
					continue
				}
				s[axis] = max(0, (w.shape[axis]-first+apart-1)/apart)
				tl.offset, fl.offset = tl.offset+first*w.strides[axis], fl.offset+first*source.strides[axis]
				ts[axis], fs[axis] = apart*w.strides[axis], apart*source.strides[axis]
			}
			move(to.storage, tl, from.storage, fl, true)
		}
	}
}

// unwindowed adds up windows in a new tensor of a shape.
func (t *Tensor) unwindowed(op string, shape Shape, w windowing) *Tensor {
	out := result(t.dtype, shape)
	out.clear()
	w.add(out, t)
	if recording(t) {
		r := unwindowKind.new()
		r.x, r.windowing = t, w
		attach(out, op, r)
	}
	return out
}

// unwindowRecord is the record of unwindowed.
type unwindowRecord struct {
	node
	x *Tensor
	windowing
}

var unwindowKind = newKind[unwindowRecord]()

func (r *unwindowRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *unwindowRecord) backward(b *sweep, dy *Tensor) {
	if !b.wants(r.x) {
		return
	}
	g := result(dy.dtype, r.x.shape)
	r.copy(g, dy.packed())
	b.add(r.x, g)
}

func (r *unwindowRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.windows("the gradient of "+r.op, r.windowing, r.x.shape)}
}

// overlaps reports whether some elements may be at one place: an axis does not step over all those with smaller steps.
func (l layout) overlaps() bool {
	for i, stride := range l.strides {
		if l.shape[i] < 2 {
			continue
		}
		reach := 0
		for k, other := range l.strides {
			if k != i && l.shape[k] > 1 && (other < stride || other == stride && k > i) {
				reach += (l.shape[k] - 1) * other
			}
		}
		if stride <= reach {
			return true
		}
	}
	return false
}
