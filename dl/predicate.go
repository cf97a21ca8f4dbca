package dl

import "math"

// IsNaN returns, as Bool, which elements are not a number.
func (t *Tensor) IsNaN() *Tensor { return t.Ne(t) }

// IsInf returns, as Bool, which elements are infinite.
func (t *Tensor) IsInf() *Tensor { return t.Detach().Abs().Eq(infinity(t)) }

// IsFinite returns, as Bool, which elements are neither infinite nor NaN.
func (t *Tensor) IsFinite() *Tensor { return t.Detach().Abs().Lt(infinity(t)) }

// infinity is that of the float type that t is compared with.
func infinity(t *Tensor) *Tensor {
	d := t.dtype
	if !d.IsFloat() {
		d = Float64
	}
	inf := New(d)
	inf.set(0, math.Inf(1))
	return inf
}

// And returns, as Bool, where t and u are both true; anything but 0 is true.
func (t *Tensor) And(u *Tensor) *Tensor { return t.truth().Mul(u.truth()) }

// Or returns, as Bool, where t or u is true; anything but 0 is true.
func (t *Tensor) Or(u *Tensor) *Tensor { return t.truth().Add(u.truth()) }

// Xor returns, as Bool, where one of t and u is true and the other is not.
func (t *Tensor) Xor(u *Tensor) *Tensor { return t.truth().Ne(u.truth()) }

// Not returns, as Bool, where t is 0, or false.
func (t *Tensor) Not() *Tensor { return t.Detach().Eq(constant(t.dtype, 0)) }

// truth is t as bools; NaN is true.
func (t *Tensor) truth() *Tensor { return t.Detach().To(Bool) }

// Any returns, as Bool, whether an element over axes, or any of all, is true.
func (t *Tensor) Any(axes ...int) *Tensor { return t.quantified("Any", 1, axes) }

// All returns, as Bool, whether all elements over axes, or all, are true.
func (t *Tensor) All(axes ...int) *Tensor { return t.quantified("All", -1, axes) }

func (t *Tensor) quantified(op string, sign float64, axes []int) *Tensor {
	t.check()
	if t.size == 0 {
		out := New(Bool, t.reduced(op, axes)...)
		if sign < 0 {
			out.fill(1)
		}
		return out
	}
	return t.truth().extremum(op, sign, axes)
}

// CountNonZero returns, as Int64, how many elements over axes, or of all, are
// not 0.
func (t *Tensor) CountNonZero(axes ...int) *Tensor { return t.truth().wholeSums("CountNonZero", axes) }

// Equal reports whether u has the shape of t, and elements that are equal.
func (t *Tensor) Equal(u *Tensor) bool {
	t.check()
	u.check()
	return t.shape.Equal(u.shape) && t.Eq(u).All().at(0) != 0
}

// AllClose reports whether u has the shape of t and its elements are equal, or
// finite and differ by no more than atol + rtol*|u|, as numpy.allclose says.
func (t *Tensor) AllClose(u *Tensor, rtol, atol float64) bool {
	t.check()
	u.check()
	if !t.shape.Equal(u.shape) {
		return false
	}
	a, b := t.Detach().To(Float64), u.Detach().To(Float64)
	near := a.Sub(b).Abs().Le(b.Abs().MulScalar(rtol).AddScalar(atol)).And(b.IsFinite())
	return near.Or(a.Eq(b)).All().at(0) != 0
}
