package dl

import (
	"fmt"
	"reflect"
)

// A Function is an operation of your own. Forward computes its result; nothing
// that it does is recorded. Backward gets the gradient of the result and
// returns that of each operand, or nil for none. What Backward needs of
// Forward stands in fields of the Function, so each call of [Apply] takes a new
// one.
//
// If Backward is made of operations on dy and on the operands, as they were
// given to Forward, it can be differentiated again, see
// [GradOptions].CreateGraph.
type Function interface {
	Forward(xs ...*Tensor) *Tensor
	Backward(dy *Tensor) []*Tensor
}

// Apply returns the result of f for xs, and records it.
func Apply(f Function, xs ...*Tensor) *Tensor {
	given("Apply", "the operation", f != nil)
	if len(xs) == 0 {
		PanicValue("Apply", "at least one operand is needed")
	}
	checkAll(xs...)
	var y *Tensor
	NoGrad(func() { y = f.Forward(xs...) })
	out := viewOf(y, y.layout()) // y may be an operand, or kept by f
	if out.dtype.IsFloat() && recording(xs...) {
		r := functionKind.new()
		r.f, r.xs = f, append([]*Tensor(nil), xs...)
		attach(out, reflect.TypeOf(f).String(), r)
	}
	return out
}

// functionRecord is the record of a Function.
type functionRecord struct {
	node
	f  Function
	xs []*Tensor
}

var functionKind = newKind[functionRecord]()

func (r *functionRecord) operands(list []*Tensor) []*Tensor { return append(list, r.xs...) }

func (r *functionRecord) backward(b *sweep, dy *Tensor) {
	var grads []*Tensor
	noting := currentArena().note(false) // Backward may keep what it makes, and dy, until the Run ends
	b.keep(dy)
	NoGrad(func() { grads = r.gradients(dy) })
	currentArena().note(noting)
	for i, g := range grads {
		if g != nil {
			b.add(r.xs[i], g.packed())
		}
	}
}

func (r *functionRecord) gradients(dy *Tensor) []*Tensor {
	grads := r.f.Backward(dy)
	if len(grads) != len(r.xs) {
		panic(&ValueError{Op: r.op, Caller: caller(), Detail: fmt.Sprintf("Backward returned %d gradients for %d operands", len(grads), len(r.xs))})
	}
	for i, g := range grads {
		switch x := r.xs[i]; {
		case g == nil:
		case !g.shape.Equal(x.shape):
			shapePanic(r.op, fmt.Sprintf("the gradient of operand %d must have its shape", i), g, x)
		case g.dtype != x.dtype.gradient():
			dtypePanic(r.op, fmt.Sprintf("the gradient of operand %d must have its dtype", i), g, x)
		}
	}
	return grads
}
