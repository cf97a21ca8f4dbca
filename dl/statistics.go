package dl

import (
	"fmt"
	"math"
)

// KeepDim calls a reduction, a method of a tensor, over axes, which it keeps as
// axes of size 1, so that the result fits beside the operand:
//
//	x.Sub(dl.KeepDim(x.Mean, -1))
//
// At least one axis must be named.
func KeepDim(reduce func(axes ...int) *Tensor, axes ...int) *Tensor {
	if len(axes) == 0 {
		PanicValue("KeepDim", "name the axes to be kept; without any the result is a scalar, which fits beside every tensor as it is")
	}
	given("KeepDim", "the reduction", reduce != nil)
	out := reduce(axes...)
	n := out.Rank() + len(axes)
	kept := make([]bool, n)
	for _, a := range axes {
		if a < -n || a >= n || kept[(a+n)%n] {
			shapePanic("KeepDim", fmt.Sprintf("the axes %v are not the ones that the function reduced, each once", axes), out)
		}
		kept[(a+n)%n] = true
	}
	shape, from := make([]int, n), 0
	for i := range shape {
		shape[i] = 1
		if !kept[i] {
			shape[i] = out.shape[from]
			from++
		}
	}
	return out.Reshape(shape...)
}

// keptShape is the shape of t with size 1 where axes, or all, are reduced.
func (t *Tensor) keptShape(op string, axes []int) Shape {
	keep := shapeOf(t.shape...)
	for i := range keep {
		if len(axes) == 0 {
			keep[i] = 1
		}
	}
	for _, a := range axes {
		keep[t.axis(op, a)] = 1
	}
	return keep
}

// VarUnbiased returns the variance over axes, or over all when none is given,
// divided by n-1: an estimate from a sample, as PyTorch's default. [Tensor.Var]
// divides by n.
func (t *Tensor) VarUnbiased(axes ...int) *Tensor {
	return t.unbiased("VarUnbiased", axes)
}

func (t *Tensor) unbiased(op string, axes []int) *Tensor {
	out := t.variance(op, axes)
	n := float64(t.Size()) / float64(max(1, out.Size()))
	return out.MulScalar(n / (n - 1))
}

// Std returns the standard deviation over axes, or over all when none is given:
// the square root of Var. The gradient of equal elements is 0.
func (t *Tensor) Std(axes ...int) *Tensor { return t.variance("Std", axes).rootOfSquares("Std") }

// StdUnbiased returns the square root of VarUnbiased, as PyTorch's std.
func (t *Tensor) StdUnbiased(axes ...int) *Tensor {
	return t.unbiased("StdUnbiased", axes).rootOfSquares("StdUnbiased")
}

// rootOfSquares is Sqrt of a sum of squares. That of 0 has the gradient 0: every way from there leads up.
func (t *Tensor) rootOfSquares(op string) *Tensor {
	if t.dtype.isHalf() {
		return t.To(Float32).rootOfSquares(op).To(t.dtype)
	}
	var out *Tensor
	NoGrad(func() { out = t.Sqrt() })
	return t.measureOf(op, out, nil, (*measureRecord).rootGrad)
}

func (r *measureRecord) rootGrad(dy *Tensor) *Tensor { return dy.MulScalar(0.5).overNonzero(r.out, 1) }

// overNonzero is t divided by a power of what is not 0, and 0 where it is.
func (t *Tensor) overNonzero(x *Tensor, power float64) *Tensor {
	none, one := constant(x.dtype, 0), constant(x.dtype, 1)
	zero := x.Detach().Eq(none)
	x = Where(zero, one, x)
	if power != 1 {
		x = x.Pow(power)
	}
	return Where(zero, none, t.Div(x))
}

// Norm returns the p-norm of the elements over axes, or over all when none is
// given: (sum of |t|^p)^(1/p). For p = math.Inf(1) it is the largest absolute
// value, for math.Inf(-1) the smallest, and for 0 the number of elements that
// are not 0. The gradient of zeros is 0.
func (t *Tensor) Norm(p float64, axes ...int) *Tensor {
	t.check()
	if !t.dtype.IsFloat() {
		dtypePanic("Norm", "the elements must be floats; use To", t)
	}
	switch {
	case p == 0:
		return t.CountNonZero(axes...).To(t.dtype)
	case p == 1:
		return t.Abs().Sum(axes...)
	case p == 2:
		return t.euclidean(axes)
	case math.IsInf(p, 1):
		return t.Abs().Max(axes...)
	case math.IsInf(p, -1):
		return t.Abs().Min(axes...)
	case math.IsNaN(p):
		PanicValue("Norm", "there is no norm of the power NaN")
	}
	if t.dtype.isHalf() {
		return t.To(Float32).Norm(p, axes...).To(t.dtype)
	}
	var out *Tensor
	NoGrad(func() { out = t.Abs().Pow(p).Sum(axes...).Pow(1 / p) })
	out = t.measureOf("Norm", out, axes, (*measureRecord).normGrad)
	if r, ok := out.from.(*measureRecord); ok {
		r.power = p
	}
	return out
}

func (r *measureRecord) normGrad(dy *Tensor) *Tensor {
	return r.x.Sign().overNonzero(r.x.Abs(), 1-r.power).Mul(dy.overNonzero(r.out, r.power-1).reshape(r.keep))
}

func (t *Tensor) euclidean(axes []int) *Tensor {
	if t.dtype.isHalf() {
		return t.To(Float32).euclidean(axes).To(t.dtype)
	}
	var out *Tensor
	NoGrad(func() {
		sum := t.measured("Norm", squares, axes)
		if sum == nil {
			sum = t.Square().Sum(axes...)
		}
		out = sum.Sqrt()
	})
	return t.measureOf("Norm", out, axes, (*measureRecord).euclideanGrad)
}

func (r *measureRecord) euclideanGrad(dy *Tensor) *Tensor {
	return r.x.Mul(dy.overNonzero(r.out, 1).reshape(r.keep))
}

// LogSumExp returns the logarithm of the sum of e^t over axes, or over all when
// none is given, without overflow.
func (t *Tensor) LogSumExp(axes ...int) *Tensor {
	t.check()
	if !t.dtype.IsFloat() {
		t = t.To(Float32)
	}
	keep := t.keptShape("LogSumExp", axes)
	if out := t.logSumExp(axes); out != nil {
		return out
	}
	if t.Size() == 0 {
		return t.Exp().Sum(axes...).Log()
	}
	top := t.Detach().Max(axes...)
	top = Where(top.IsFinite(), top, constant(t.dtype, 0)) // Inf-Inf is NaN
	return t.Sub(top.Reshape(keep...)).Exp().Sum(axes...).Log().Add(top)
}

// Median returns the middle of the elements along an axis, the lower one of two,
// as PyTorch does; NumPy takes the mean of the two: that is Quantile(0.5, axis).
func (t *Tensor) Median(axis int) *Tensor {
	axis = t.axis("Median", axis)
	n := t.shape[axis]
	if n == 0 {
		shapePanic("Median", fmt.Sprintf("axis %d has no elements to choose from", axis), t)
	}
	return t.nanWins(axis, t.Sort(axis).Select(axis, (n-1)/2))
}

// nanWins returns y, made of t along an axis, but NaN where t has a NaN there,
// which is last among what is sorted.
func (t *Tensor) nanWins(axis int, y *Tensor) *Tensor {
	if !t.dtype.IsFloat() {
		return y
	}
	nan := New(y.dtype)
	nan.fill(math.NaN())
	return Where(t.IsNaN().Any(axis), nan, y)
}

// Quantile returns the value below which a part q, in 0..1, of the elements
// along an axis lie, on the line between the two nearest.
func (t *Tensor) Quantile(q float64, axis int) *Tensor {
	axis = t.axis("Quantile", axis)
	n := t.shape[axis]
	switch {
	case !(q >= 0 && q <= 1):
		PanicValue("Quantile", "a part of %v is not in 0..1", q)
	case n == 0:
		shapePanic("Quantile", fmt.Sprintf("axis %d has no elements to choose from", axis), t)
	case !t.dtype.IsFloat():
		dtypePanic("Quantile", "the elements must be floats; use To", t)
	}
	at := q * float64(n-1)
	lo := int(at)
	sorted := t.Sort(axis)
	below := sorted.Select(axis, lo)
	if at == float64(lo) { // an element itself, whatever is beside it: infinities have no way between them
		return t.nanWins(axis, below)
	}
	above := sorted.Select(axis, lo+1)
	return t.nanWins(axis, below.Lerp(above, at-float64(lo)))
}
