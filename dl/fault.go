package dl

import "fmt"

// A ValueError is a value, a setting or a combination of them that an
// operation cannot work with: a class number without a class, a negative
// count, a layer that was not built. Operations panic with it; [Try] makes it
// an error.
type ValueError struct {
	Op     string
	Detail string // what is wrong, and what would be right
	Caller string // file (or cell) and line of the call
}

// Error returns "nn.Dropout: the rate is 1.5: ... (cell[3]:5)".
func (e *ValueError) Error() string {
	s := e.Op + ": " + e.Detail
	if e.Caller != "" {
		s += " (" + e.Caller + ")"
	}
	return s
}

// PanicShape panics with a [ShapeError] of the tensors' shapes and the
// caller's line, for operations and layers built on this package.
func PanicShape(op, detail string, tensors ...*Tensor) { shapePanic(op, detail, tensors...) }

// PanicDType panics with a [DTypeError], as PanicShape does.
func PanicDType(op, detail string, tensors ...*Tensor) { dtypePanic(op, detail, tensors...) }

// PanicValue panics with a [ValueError] whose detail is formatted as by
// fmt.Sprintf.
func PanicValue(op, format string, args ...any) {
	panic(&ValueError{Op: op, Detail: fmt.Sprintf(format, args...), Caller: caller()})
}

// SetRequiresGrad says whether Backward computes the gradient of t, a leaf,
// and returns t. A tensor that no longer requires one forgets the gradient it
// has, and what is below it costs Backward nothing.
func (t *Tensor) SetRequiresGrad(on bool) *Tensor {
	t.check()
	if on {
		return t.RequireGrad()
	}
	if t.from != nil {
		panic(&ValueError{Op: "SetRequiresGrad", Caller: caller(),
			Detail: "the tensor was computed from others; use Detach for one without a gradient"})
	}
	t.ZeroGrad()
	t.requires = false
	return t
}
