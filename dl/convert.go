package dl

// Values returns a copy of the elements, converted as [Tensor.To] does.
func Values[T Element](t *Tensor) []T {
	out := make([]T, t.Size())
	t.into(over(dtypeOf[T](), out, t.shape))
	return out
}

// into writes the elements of t to those of out, which has the same shape.
func (t *Tensor) into(out *Tensor) {
	t.check()
	if t.dtype == out.dtype {
		moveInto(out, t)
		return
	}
	t = t.packed()
	if out.strides != nil {
		c := result(out.dtype, out.shape)
		t.into(c)
		moveInto(out, c)
		return
	}
	device.convert(t, out)
}
