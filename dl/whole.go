package dl

import (
	"fmt"
	"math"
)

// wholeUnary applies a rule to integers. Its parameters must be whole numbers:
// the type of a result does not depend on the values of an operand.
func (t *Tensor) wholeUnary(r *rule, p params) *Tensor {
	var whole [2]int64
	for i, v := range p {
		if v != math.Trunc(v) || math.Abs(v) >= 1<<63 {
			dtypePanic(r.op, fmt.Sprintf("%v is not an integer; use To(dl.Float32)", v), t)
		}
		whole[i] = int64(v)
	}
	wide := t.To(Int64).packed()
	out := result(Int64, t.shape)
	y := out.i64()
	for i, x := range wide.i64() {
		y[i] = r.whole(x, whole)
	}
	return out.To(t.dtype)
}

// wholeSums are the sums over axes of integers or bools, as Int64.
func (t *Tensor) wholeSums(op string, axes []int) *Tensor {
	shape, keep := t.keptAxes(op, axes)
	out := result(Int64, shape)
	sums := out.i64()
	clear(sums)
	if t.size > 0 {
		wide := t.To(Int64)
		w := newWalk(op, layout{t.shape, keep, out.offset}, wide.layout())
		sumRows(&w, sums, wide.data.([]int64))
	}
	return out
}

// keptAxes returns the shape of a reduction over axes, and the strides of the
// result under the shape of t: 0 along the axes that disappear.
func (t *Tensor) keptAxes(op string, axes []int) (shape, strides Shape) {
	shape, o := t.reduced(op, axes)
	return shape, o.sb
}
