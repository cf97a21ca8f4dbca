package dl

// CumMax returns the largest element along an axis up to each, and, as Int64,
// its index: the last of equals. A NaN is larger than all, and stays.
func (t *Tensor) CumMax(axis int) (values, indices *Tensor) {
	return t.runningExtreme("CumMax", 1, axis)
}

// CumMin returns the smallest element along an axis up to each, and, as Int64,
// its index: the last of equals. A NaN is smaller than all, and stays.
func (t *Tensor) CumMin(axis int) (values, indices *Tensor) {
	return t.runningExtreme("CumMin", -1, axis)
}

func (t *Tensor) runningExtreme(op string, sign float64, axis int) (values, indices *Tensor) {
	axis = t.axis(op, axis)
	x := t
	if !x.dtype.IsFloat() {
		x = x.To(Int64)
	} else if x.dtype.isHalf() {
		x = x.To(Float32)
	}
	indices = result(Int64, t.shape)
	if indices.size > 0 {
		device.runningExtreme(scan{x: x.Contiguous(), y: indices, axis: axis}, sign)
	}
	return t.Gather(axis, indices), indices
}
