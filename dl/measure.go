package dl

import "math"

// A measure is a reduction of rows of float32 that is computed without tensors of the operand's size on the way.
type measure uint8

const (
	squares      measure = iota // the factor times the sum of squares
	variance                    // the mean of the squares of distances from the mean
	exponentials                // the logarithm of the sum of e^x
)

// measured returns a measure of t over axes, without a record, or nil where there is no kernel: for other types, views,
// and axes that are not the last ones.
func (t *Tensor) measured(op string, m measure, axes []int) *Tensor {
	t.check()
	if t.dtype != Float32 || t.strides != nil || t.size == 0 {
		return nil
	}
	shape := t.reduced(op, axes)
	if how, rows, _ := t.split(shape, axes); how != ofRows || m == exponentials && rows == 1 {
		return nil
	}
	out := result(Float32, shape)
	device.measure(m, reduction{x: t, y: out, factor: 1})
	return out
}

// A measureRecord is the record of a reduction whose gradient is a formula of other operations, which are recorded when
// it is to be differentiated again.
type measureRecord struct {
	node
	x       *Tensor
	axes    []int
	keep    Shape   // of the result with axes of size 1
	power   float64 // of a norm
	formula func(r *measureRecord, dy *Tensor) *Tensor
}

var measureKind = newKind[measureRecord]()

// measureOf records how out was computed from t, and returns it.
func (t *Tensor) measureOf(op string, out *Tensor, axes []int, formula func(r *measureRecord, dy *Tensor) *Tensor) *Tensor {
	if recording(t) {
		r := measureKind.new()
		r.x, r.axes, r.keep, r.formula = t, ownAxes(axes), t.keptShape(op, axes), formula
		attach(out, op, r)
		r.node.keep(t)
	}
	return out
}

func (r *measureRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *measureRecord) backward(b *sweep, dy *Tensor) {
	var g *Tensor
	NoGrad(func() { g = r.formula(r, dy) })
	b.addAs(r.x, g.packed())
}

func (r *measureRecord) gradients(dy *Tensor) []*Tensor { return []*Tensor{r.formula(r, dy)} }

// variance is Var.
func (t *Tensor) variance(op string, axes []int) *Tensor {
	t.fractional(op)
	out := t.measured(op, variance, axes)
	if out == nil {
		return t.Sub(t.Mean(axes...).reshape(t.keptShape(op, axes))).Square().Mean(axes...)
	}
	return t.measureOf(op, out, axes, (*measureRecord).varianceGrad)
}

func (r *measureRecord) varianceGrad(dy *Tensor) *Tensor {
	n := float64(r.x.size / r.out.size)
	distance := r.x.Sub(r.x.Mean(r.axes...).reshape(r.keep))
	return distance.Mul(dy.MulScalar(2 / n).reshape(r.keep))
}

// logSumExp is LogSumExp where there is a kernel, and nil elsewhere.
func (t *Tensor) logSumExp(axes []int) *Tensor {
	out := t.measured("LogSumExp", exponentials, axes)
	if out == nil {
		return nil
	}
	return t.measureOf("LogSumExp", out, axes, (*measureRecord).logSumExpGrad)
}

func (r *measureRecord) logSumExpGrad(dy *Tensor) *Tensor {
	return r.x.Sub(r.x.LogSumExp(r.axes...).reshape(r.keep)).Exp().Mul(dy.reshape(r.keep))
}

// logOfSum is ln(e^top * sum), for which top is the largest, or 0 where that is infinite.
func logOfSum(top, sum float32) float32 { return top + float32(math.Log(float64(sum))) }
