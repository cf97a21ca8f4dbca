package dl

import (
	"fmt"
	"math"
)

// wholeUnary applies a rule to integers. Its parameters must be whole numbers:
// the type of a result does not depend on the values of an operand.
func (t *Tensor) wholeUnary(r *rule, p params) *Tensor {
	for _, v := range p {
		if v != math.Trunc(v) || math.Abs(v) >= 1<<63 {
			dtypePanic(r.op, fmt.Sprintf("%v is not an integer; use To(dl.Float32)", v), t)
		}
	}
	wide := t.To(Int64).packed()
	out := result(Int64, t.shape)
	device.unary(unary{rule: r, p: p, x: wide, y: out})
	return out.To(t.dtype)
}

// wholeSums are the sums over axes of integers or bools, as Int64.
func (t *Tensor) wholeSums(op string, axes []int) *Tensor {
	out := result(Int64, t.reduced(op, axes))
	device.sum(reduction{x: t.To(Int64), y: out, axes: ownAxes(axes), factor: 1})
	return out
}
