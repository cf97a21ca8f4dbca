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

// variance is Var.
func (t *Tensor) variance(op string, axes []int) *Tensor {
	t.fractional(op)
	axes = append([]int(nil), axes...)
	keep := t.keptShape(op, axes)
	out := t.measured(op, variance, axes)
	if out == nil {
		return t.Sub(t.Mean(axes...).Reshape(keep...)).Square().Mean(axes...)
	}
	n := float64(t.size / out.size)
	return derive(op, out, []*Tensor{t}, func(dy *Tensor) []*Tensor {
		distance := t.Sub(t.Mean(axes...).Reshape(keep...))
		return []*Tensor{distance.Mul(dy.MulScalar(2 / n).Reshape(keep...))}
	})
}

// logSumExp is LogSumExp where there is a kernel, and nil elsewhere.
func (t *Tensor) logSumExp(axes []int, keep Shape) *Tensor {
	axes = append([]int(nil), axes...)
	out := t.measured("LogSumExp", exponentials, axes)
	if out == nil {
		return nil
	}
	return derive("LogSumExp", out, []*Tensor{t}, func(dy *Tensor) []*Tensor {
		sum := t.logSumExp(axes, keep)
		if sum == nil {
			sum = t.LogSumExp(axes...)
		}
		return []*Tensor{t.Sub(sum.Reshape(keep...)).Exp().Mul(dy.Reshape(keep...))}
	})
}

// logOfSum is ln(e^top * sum), for which top is the largest, or 0 where that is infinite.
func logOfSum(top, sum float32) float32 { return top + float32(math.Log(float64(sum))) }
