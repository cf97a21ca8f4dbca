package dl

import "fmt"

// reduced returns the shape of a reduction over axes; all, when none is given.
func (t *Tensor) reduced(op string, axes []int) Shape {
	t.check()
	over := make([]bool, len(t.shape))
	for _, a := range axes {
		k := t.axis(op, a)
		if over[k] {
			shapePanic(op, fmt.Sprintf("axis %d is named twice", k), t)
		}
		over[k] = true
	}
	if len(axes) == 0 {
		return newShape(0)
	}
	out := newShape(len(t.shape) - len(axes))
	k := 0
	for i, o := range over {
		if !o {
			out[k] = t.shape[i]
			k++
		}
	}
	return out
}

// ownAxes copies axes, so that those of a call need not outlive it.
func ownAxes(axes []int) []int { return append(ints(len(axes))[:0], axes...) }

// sums writes factor times the sums over axes.
func (t *Tensor) sums(op string, factor func(count int) float64, axes []int) *Tensor {
	t.check()
	if t.dtype.isHalf() {
		return t.To(Float32).sums(op, factor, axes).To(t.dtype)
	}
	t.float(op)
	t.check()
	out := result(t.dtype, t.reduced(op, axes))
	own := ownAxes(axes)
	f := factor(t.size / max(1, out.size))
	device.sum(reduction{x: t, y: out, axes: own, factor: f})
	if recording(t) {
		r := sumKind.new()
		r.x, r.factor, r.axes = t, f, own
		attach(out, op, r)
	}
	return out
}

// sumRecord is the record of Sum and Mean: factor times a sum over axes.
type sumRecord struct {
	node
	x      *Tensor
	factor float64
	axes   []int
}

var sumKind = newKind[sumRecord]()

func (r *sumRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*sumRecord) reads() {}

func (r *sumRecord) gradients(dy *Tensor) []*Tensor {
	keep := r.x.shape.Clone()
	for i := range keep {
		if len(r.axes) == 0 {
			keep[i] = 1
		}
	}
	for _, a := range r.axes {
		keep[r.x.axis(r.op, a)] = 1
	}
	return []*Tensor{dy.Reshape(keep...).Expand(r.x.shape...).MulScalar(r.factor)}
}

// unstretched adds up the axes by which t was stretched from the given shape;
// it is recorded.
func (t *Tensor) unstretched(shape Shape) *Tensor {
	if t.shape.Equal(shape) {
		return t
	}
	var axes []int
	for i, n := range t.shape {
		if j := i - len(t.shape) + len(shape); j < 0 || shape[j] == 1 && n != 1 {
			axes = append(axes, i)
		}
	}
	if len(axes) > 0 {
		t = t.Sum(axes...)
	}
	return t.Reshape(shape...)
}

// sumTo returns the sums over the axes that a broadcast from a shape stretched,
// without a record.
func (t *Tensor) sumTo(shape Shape) *Tensor {
	if t.shape.Equal(shape) {
		return t
	}
	out := result(t.dtype, shape)
	device.sumTo(t, out)
	return out
}

func (r *sumRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	device.sumGrad(reduction{x: r.x, y: r.out, axes: r.axes, factor: r.factor}, dy, g)
	b.add(r.x, g)
}

// Sum returns the sum over axes, or over all when none is given. The axes
// disappear from the shape. Sums of integers, and of bools, are Int64.
func (t *Tensor) Sum(axes ...int) *Tensor {
	t.check()
	if !t.dtype.IsFloat() {
		return t.wholeSums("Sum", axes)
	}
	return t.sums("Sum", func(int) float64 { return 1 }, axes)
}

// Mean returns the mean over axes, or over all when none is given.
func (t *Tensor) Mean(axes ...int) *Tensor {
	return t.sums("Mean", func(n int) float64 { return 1 / float64(n) }, axes)
}

// Var returns the variance over axes, or over all when none is given: the
// mean square distance from the mean (divided by n, as NumPy's default; PyTorch's is n-1).
func (t *Tensor) Var(axes ...int) *Tensor { return t.variance("Var", axes) }

// extremum returns the largest (sign 1) or smallest (sign -1) elements, and
// remembers where they were.
func (t *Tensor) extremum(op string, sign float64, axes []int) *Tensor {
	t.check()
	if t.dtype.isHalf() {
		return t.To(Float32).extremum(op, sign, axes).To(t.dtype)
	}
	t.check()
	out := result(t.dtype, t.reduced(op, axes))
	if t.size == 0 && out.size > 0 {
		shapePanic(op, "there are no elements to choose from", t)
	}
	var where []int
	if recording(t) {
		where = ints(out.size)
	}
	device.extreme(reduction{x: t, y: out, axes: ownAxes(axes), factor: sign}, where)
	t.pick(op, out, where, 1)
	return out
}

// Max returns the largest element over axes, or over all. NaN wins, and of
// equal elements the first gets the gradient.
func (t *Tensor) Max(axes ...int) *Tensor { return t.extremum("Max", 1, axes) }

// Min returns the smallest element over axes, or over all.
func (t *Tensor) Min(axes ...int) *Tensor { return t.extremum("Min", -1, axes) }

// ArgMax returns, as Int64, the index of the largest element along an axis,
// the first of equals; of a NaN, if there is one.
func (t *Tensor) ArgMax(axis int) *Tensor { return t.argExtremum("ArgMax", 1, axis) }

// ArgMin returns, as Int64, the index of the smallest element along an axis,
// the first of equals; of a NaN, if there is one.
func (t *Tensor) ArgMin(axis int) *Tensor { return t.argExtremum("ArgMin", -1, axis) }

func (t *Tensor) argExtremum(op string, sign float64, axis int) *Tensor {
	t.check()
	axis = t.axis(op, axis)
	if t.shape[axis] == 0 {
		shapePanic(op, fmt.Sprintf("axis %d has no elements to choose from", axis), t)
	}
	if t.dtype.isHalf() {
		t = t.To(Float32)
	}
	axes := append(newShape(1)[:0], axis)
	out := result(Int64, t.reduced(op, axes))
	device.argExtreme(reduction{x: t, y: out, axes: axes, factor: sign})
	return out
}
