package dl

// Set stores one element. It is not recorded for differentiation.
func (t *Tensor) Set(v float64, index ...int) {
	at := t.place("Set", index)
	t.assign("Set", nil)
	t.set(at, v)
}

// Fill sets all elements to v. It is not recorded for differentiation.
func (t *Tensor) Fill(v float64) {
	t.assign("Fill", nil)
	t.fill(v)
}

// fill is Fill of a tensor that nobody has seen yet.
func (t *Tensor) fill(v float64) {
	one := result(t.dtype, nil)
	one.set(0, v)
	move(t.storage, t.layout(), one.storage, one.layout().expand(t.shape), false)
}

// CopyFrom overwrites the elements with those of src, converted. The shapes
// must be equal. It is not recorded for differentiation.
func (t *Tensor) CopyFrom(src *Tensor) {
	checkAll(t, src)
	if !t.shape.Equal(src.shape) {
		shapePanic("CopyFrom", "shapes must be equal", t, src)
	}
	t.overwrite("CopyFrom", src)
}

// SetSlice overwrites lo <= index < hi along an axis with the elements of src,
// converted, which is broadcast to the shape of that part; negative ones count
// from the end. It is not recorded for differentiation.
func (t *Tensor) SetSlice(axis, lo, hi int, src *Tensor) {
	checkAll(t, src)
	axis, s := t.spanOf("SetSlice", axis, lo, hi)
	part := viewOf(t, t.layout().narrow(axis, s.lo, s.hi))
	part.from, part.requires = t.from, t.requires
	if to, ok := broadcastShapes(part.shape, src.shape); !ok || !to.Equal(part.shape) {
		misfit("SetSlice", "the values must have the shape of the part, or be broadcast to it", unlike(part.shape, src.shape, 0), part, src)
	}
	part.overwrite("SetSlice", src)
}

func (t *Tensor) overwrite(op string, src *Tensor) {
	src.check()
	t.assign(op, src)
	if src.storage == t.storage { // they may overlap
		c := result(src.dtype, src.shape)
		moveInto(c, src)
		src = c
	}
	if src.dtype != t.dtype {
		c := result(t.dtype, src.shape)
		src.into(c)
		src = c
	}
	move(t.storage, t.layout(), src.storage, src.layout().expand(t.shape), false)
}

// assign allows an operation to overwrite elements of t, with those of src
// unless that is nil, and counts the change. Since it is not recorded, what a
// recorded operation has computed is neither changed nor a source: the
// gradient would be that of other elements.
func (t *Tensor) assign(op string, src *Tensor) {
	t.check()
	if (t.from != nil || src != nil && src.from != nil) && recording(t, src) {
		which := "the tensor"
		if t.from == nil {
			which = "the source"
		}
		PanicValue(op, "%s was computed by an operation that is recorded, and the assignment is not: use Detach() or Clone(), or assign inside of NoGrad", which)
	}
	if t.strides != nil && t.layout().overlaps() {
		PanicValue(op, "the tensor is an expanded view, or one of overlapping windows, in which many elements are one: assign to a Contiguous() copy")
	}
	t.changed()
}
