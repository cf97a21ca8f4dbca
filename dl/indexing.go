package dl

import "fmt"

// Rows returns the given positions of the first axis; a position may repeat.
func (t *Tensor) Rows(at []int) *Tensor {
	t.axis("Rows", 0)
	return t.along("Rows", 0, at)
}

// IndexSelect returns the given positions of an axis; a position may repeat.
func (t *Tensor) IndexSelect(axis int, at []int) *Tensor {
	return t.along("IndexSelect", t.axis("IndexSelect", axis), at)
}

// along returns positions of an axis, which are checked.
func (t *Tensor) along(op string, axis int, at []int) *Tensor {
	for _, i := range at {
		if i < 0 || i >= t.shape[axis] {
			shapePanic(op, fmt.Sprintf("there is no position %d along axis %d", i, axis), t)
		}
	}
	t.check()
	shape := shapeOf(t.shape...)
	shape[axis] = len(at)
	outer, size, n := Shape(shape[:axis]).Size(), t.shape[axis], Shape(shape[axis+1:]).Size()
	index := ints(outer * len(at))
	for o := range outer {
		for i, place := range at {
			index[o*len(at)+i] = o*size + place
		}
	}
	return t.picked(op, shape, index, n)
}

// indices returns the elements of an integer tensor as places below size, of
// which negative ones count from the end. A tensor of another type, and a place
// that there is none, is a mistake.
func indices(op string, index *Tensor, size int, t *Tensor) []int {
	if !index.DType().isInt() {
		dtypePanic(op, "the indices must be integers", index)
	}
	at := ints(index.size)
	whole := index.Detach().To(Int64).Contiguous()
	if bad := device.places(whole, size, at); bad >= 0 {
		noPosition(op, int64(get(whole, bad)), size, t, index)
	}
	return at
}

// Take returns the elements at places in row-major order, in the shape of the
// index, which holds integers. Negative ones count from the end.
func (t *Tensor) Take(index *Tensor) *Tensor {
	return t.picked("Take", index.Shape(), indices("Take", index, t.Size(), t), 1)
}

// lanes returns, for an index into an axis of a tensor, the places in row-major
// order that it names: the index has the axes of the tensor, and none but the
// given one is longer.
func (t *Tensor) lanes(op string, axis int, index *Tensor) []int {
	t.indexed(op, axis, index)
	at := indices(op, index, t.shape[axis], t)
	if len(t.shape) == 1 {
		return at
	}
	l := laneIndex{shape: index.shape, steps: strides(t.shape), axis: axis}
	l.placeAll(at)
	return at
}

// ScatterAdd returns t with the elements of src added: each at the place that
// Gather would read for the same element of the index. The shapes of index and
// src are equal.
func (t *Tensor) ScatterAdd(axis int, index, src *Tensor) *Tensor {
	at := t.scatterPlaces("ScatterAdd", axis, index, src)
	if !t.dtype.IsFloat() {
		dtypePanic("ScatterAdd", "sums are of floats; use To", t)
	}
	d := t.dtype.gradient()
	return t.To(d).Add(src.To(d).scattered(t.shape, at, 1)).To(t.dtype)
}

// Scatter returns t with elements replaced by those of src, each at the place
// that Gather would read for the same element of the index. Where several have
// one place, the last one stays.
func (t *Tensor) Scatter(axis int, index, src *Tensor) *Tensor {
	at := t.scatterPlaces("Scatter", axis, index, src)
	// For each place which element it gets: its own, or one of src behind them.
	from := ints(t.size)
	for i := range from {
		from[i] = i
	}
	for i, place := range at {
		from[place] = t.size + i
	}
	all := Concat(0, t.Reshape(-1), src.To(t.dtype).Reshape(-1))
	return all.picked("Scatter", t.shape, from, 1)
}

func (t *Tensor) scatterPlaces(op string, axis int, index, src *Tensor) []int {
	axis = t.axis(op, axis)
	if !src.Shape().Equal(index.Shape()) {
		shapePanic(op, "the values must have the shape of the index", src, index)
	}
	return t.lanes(op, axis, index)
}

// MaskedSelect returns the elements for which the Bool mask, which is broadcast,
// is true, in one axis.
func (t *Tensor) MaskedSelect(mask *Tensor) *Tensor {
	var at []int
	for i, on := range Values[bool](t.mask("MaskedSelect", mask)) {
		if on {
			at = append(at, i)
		}
	}
	return t.picked("MaskedSelect", Shape{len(at)}, at, 1)
}

// mask returns a mask in the shape of t.
func (t *Tensor) mask(op string, mask *Tensor) *Tensor {
	t.check()
	if mask.DType() != Bool {
		dtypePanic(op, "the mask must be bool: the result of a comparison, as x.Gt(y)", mask)
	}
	if to, ok := broadcastShapes(t.Shape(), mask.shape); !ok || !to.Equal(t.shape) {
		shapePanic(op, "the mask must have the shape of the tensor, or be broadcast to it", t, mask)
	}
	return mask.Expand(t.shape...)
}

// MaskedFill returns t with v where the Bool mask, which is broadcast, is true.
func (t *Tensor) MaskedFill(mask *Tensor, v float64) *Tensor {
	mask = t.mask("MaskedFill", mask)
	return Where(mask, constant(t.dtype, v), t)
}

// NonZero returns the places of the elements that are not 0, as Int64
// [number, axes], in row-major order.
func (t *Tensor) NonZero() *Tensor {
	var at []int64
	found := 0
	for i, on := range Values[bool](t) {
		if !on {
			continue
		}
		found++
		place := make([]int64, len(t.shape))
		for k := len(t.shape) - 1; k >= 0; k-- {
			place[k] = int64(i % t.shape[k])
			i /= t.shape[k]
		}
		at = append(at, place...)
	}
	return Of(at, found, len(t.shape))
}
