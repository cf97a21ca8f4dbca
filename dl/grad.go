package dl

import (
	"fmt"
	"math"
)

// GradOptions are the details of [GradWith].
type GradOptions struct {
	// Gradient is the gradient of y, of its shape and dtype. Without one it is
	// 1, and y must have one element.
	Gradient *Tensor
	// RetainGraph keeps the record of how y was computed, for another Backward
	// or Grad.
	RetainGraph bool
	// CreateGraph records how the gradients are computed, so that they can be
	// differentiated again. It keeps the record of y, too.
	CreateGraph bool
}

// Grad returns the gradients of y, which must have one element, with respect
// to xs: leaves or results on the way to y. Like Backward it uses up the
// record, but it changes no tensor's Grad. A gradient that does not depend on
// y is zero.
func Grad(y *Tensor, xs ...*Tensor) []*Tensor { return GradWith(GradOptions{}, y, xs...) }

// GradWith is Grad of a tensor of any shape, whose gradient is given, or one
// that keeps the record, or whose result can be differentiated again: second
// derivatives are Grad of Grad. A gradient that was given is multiplied by the
// Jacobian.
func GradWith(o GradOptions, y *Tensor, xs ...*Tensor) []*Tensor {
	checkAll(xs...)
	y.checkGradient("Grad", o.Gradient)
	b := newSweep()
	defer b.release()
	b.only, b.retain = true, o.RetainGraph || o.CreateGraph
	for _, x := range xs {
		b.slot(x)
	}
	b.collect(y)
	out := make([]*Tensor, len(xs))
	if o.CreateGraph {
		dy := o.Gradient
		if dy == nil {
			dy = y.seed(nil)
		}
		found := b.runRecorded(y, dy)
		for i, x := range xs {
			out[i] = found[x]
		}
	} else {
		b.run(y, b.seed(y, o.Gradient))
		for i, x := range xs {
			out[i] = b.slots[b.index[x]].grad
		}
	}
	for i, x := range xs {
		switch {
		case out[i] == nil:
			out[i] = New(x.dtype.gradient(), x.shape...)
		case x.from == nil:
			out[i] = x.seen(out[i])
		}
	}
	return out
}

// CheckGradients compares the gradient of f(xs...), which must have one
// element, with central differences, and returns an error that names the
// first element where they disagree. Float64 inputs are checked to 1e-6,
// float32 inputs to 1e-2, relative to the size of the gradient.
func CheckGradients(f func(xs ...*Tensor) *Tensor, xs ...*Tensor) error {
	given("CheckGradients", "the function", f != nil)
	for _, x := range xs {
		x.check()
		if !x.requires && x.from == nil {
			x.RequireGrad()
			defer x.SetRequiresGrad(false)
		}
	}
	grads := Grad(f(xs...), xs...)
	for k, x := range xs {
		h, tolerance := 1e-5, 1e-6
		if x.dtype == Float32 {
			h, tolerance = 1e-2, 1e-2
		}
		for i := range x.Size() {
			v := x.at(i)
			at := func(v float64) float64 { // f may take gradients itself: not in NoGrad
				x.set(i, v)
				return f(xs...).Item()
			}
			want, got := (at(v+h)-at(v-h))/(2*h), grads[k].at(i)
			x.set(i, v)
			if d := got - want; math.IsNaN(d) || max(d, -d) > tolerance*(1+max(want, -want)) {
				return fmt.Errorf("gradient of input %d, element %d: %g, numerically %g", k, i, got, want)
			}
		}
	}
	return nil
}
