package dl

import "math"

// NaNSum is Sum that leaves NaN out, as numbers that are missing.
func (t *Tensor) NaNSum(axes ...int) *Tensor { return t.present().Sum(axes...) }

// NaNMean is Mean that leaves NaN out, as numbers that are missing: NaN where
// nothing else is.
func (t *Tensor) NaNMean(axes ...int) *Tensor {
	t.fractional("NaNMean")
	sum := t.present().Sum(axes...)
	return sum.Div(t.IsNaN().Not().To(sum.dtype).Sum(axes...))
}

// present is t with 0 for what is missing. Integers miss nothing.
func (t *Tensor) present() *Tensor {
	if t.check(); !t.dtype.IsFloat() {
		return t
	}
	return t.MaskedFill(t.IsNaN(), 0)
}

// NaNToNum returns t with other numbers in place of NaN and the infinities.
// PyTorch's default, and NumPy's, are 0 and the largest and the smallest number
// of the dtype, such as math.MaxFloat32. Only what stays has a gradient.
func (t *Tensor) NaNToNum(nan, positive, negative float64) *Tensor {
	t.check()
	if !t.dtype.IsFloat() {
		return t
	}
	infinity := New(t.dtype)
	infinity.fill(math.Inf(1))
	out := t.MaskedFill(t.IsNaN(), nan)
	out = out.MaskedFill(t.Eq(infinity), positive)
	return out.MaskedFill(t.Eq(infinity.Neg()), negative)
}
