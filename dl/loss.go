package dl

import (
	"fmt"
	"math"
)

// pointwise is the mean of a rule's function of each element and its target,
// with its derivative by the element. A function of their difference has the
// opposite derivative by the target; the targets of the others are constants.
func pointwise(x, target *Tensor, difference bool, r *pairRule) *Tensor {
	x, target = x.Contiguous(), target.Contiguous()
	checkTarget(r.op, x, target)
	l := loss{x: x, target: target, grad: result(x.dtype, x.shape), y: result(x.dtype, newShape(0)), rule: r}
	device.pointwise(l)
	var mirror *Tensor
	if difference {
		mirror = target
	}
	return l.record(r.op, x.size, mirror)
}

func checkTarget(op string, x, target *Tensor) {
	x.float(op)
	if !x.shape.Equal(target.shape) {
		shapePanic(op, "predictions and targets must have the same shape", x, target)
	}
}

// record returns the loss, the mean over n elements or rows, whose gradient is
// known already. mirror, unless nil, is an operand that has the opposite one.
func (l loss) record(op string, n int, mirror *Tensor) *Tensor {
	if recording(l.x, mirror) {
		r := lossKind.new()
		r.x, r.mirror, r.target, r.grad, r.n, r.rule = l.x, mirror, l.target, l.grad, max(1, n), l.rule
		attach(l.y, op, r)
	}
	return l.y
}

// lossRecord is the record of a loss.
type lossRecord struct {
	node
	x, mirror *Tensor
	target    *Tensor
	grad      *Tensor // of x
	n         int
	rule      *pairRule
}

var lossKind = newKind[lossRecord]()

func (r *lossRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x, r.mirror) }

func (r *lossRecord) backward(b *sweep, dy *Tensor) {
	g, scale := r.grad, dy.at(0)
	if b.retain { // the next sweep needs it, too
		g = result(r.grad.dtype, r.grad.shape)
		r.grad.into(g)
	}
	if scale != 1 {
		g.scale(scale)
	}
	if b.wants(r.mirror) {
		opposite := result(g.dtype, g.shape)
		g.into(opposite)
		opposite.scale(-1)
		b.addAs(r.mirror, opposite)
	}
	b.hand(r.x, g)
}

func (r *lossRecord) gradients(dy *Tensor) []*Tensor {
	x, target := r.x, r.target.To(r.x.dtype)
	if r.mirror == nil {
		target = target.Detach()
	}
	scale := dy.MulScalar(1 / float64(r.n))
	var d *Tensor
	switch {
	case r.op == "CrossEntropy":
		mass := target.Sum(-1).Unsqueeze(-1)
		d = x.Softmax(-1).Mul(mass).Sub(target)
	case r.op == "SparseCrossEntropy":
		classes := x.shape[len(x.shape)-1]
		d = x.Softmax(-1).Sub(r.target.OneHot(classes).Reshape(x.shape...).To(x.dtype))
	case r.rule.again != nil:
		d, _ = r.rule.again(nil, x, target, nil)
	default:
		d = r.rule.derivative(false, x, target)
	}
	d = d.Mul(scale)
	if r.mirror == nil {
		return []*Tensor{d, nil}
	}
	return []*Tensor{d, d.Neg().To(r.mirror.dtype)}
}

// scale multiplies the elements of a contiguous float tensor.
func (t *Tensor) scale(v float64) { device.unary(unary{rule: &mulRule1, p: params{v}, x: t, y: t}) }

// The losses of single elements and their derivatives by the prediction.
var (
	mseRule = pairRule{op: "MSE", f: func(x, t float64) float64 { return (x - t) * (x - t) },
		da: func(x, t float64) float64 { return 2 * (x - t) }}
	maeRule = pairRule{op: "MAE", f: func(x, t float64) float64 { return math.Abs(x - t) },
		da: func(x, t float64) float64 { return sign(x - t) }}
	bceRule = pairRule{op: "BinaryCrossEntropy",
		f:  func(p, t float64) float64 { return -t*logLimit(math.Log(p)) - (1-t)*logLimit(math.Log1p(-p)) },
		da: func(p, t float64) float64 { return (p - t) / math.Max(p*(1-p), bceSmallest) }}
	bceLogitsRule = pairRule{op: "BinaryCrossEntropyLogits",
		f:  func(x, t float64) float64 { return math.Max(x, 0) - x*t + math.Log1p(math.Exp(-math.Abs(x))) },
		da: func(x, t float64) float64 { return sigmoid(x) - t }}
)

func init() {
	mseRule.again = func(_, x, t, _ *Tensor) (dx, dt *Tensor) { return x.Sub(t).MulScalar(2), nil }
	bceLogitsRule.again = func(_, x, t, _ *Tensor) (dx, dt *Tensor) { return x.Sigmoid().Sub(t), nil }
	bceRule.again = func(_, p, t, _ *Tensor) (dp, dt *Tensor) {
		return p.Sub(t).Div(p.Mul(p.Neg().AddScalar(1)).Clip(bceSmallest, 1)), nil
	}
}

// PyTorch's bounds of a binary cross-entropy: of the logarithms, and of p*(1-p)
// in the derivative.
const (
	bceLowest   = -100
	bceSmallest = 1e-12
)

func logLimit(v float64) float64 { return math.Max(v, bceLowest) }

// MSE returns the mean of the squared differences, a scalar.
func MSE(x, target *Tensor) *Tensor { return pointwise(x, target, true, &mseRule) }

// MAE returns the mean of the absolute differences, a scalar; its gradient
// where they are equal is 0.
func MAE(x, target *Tensor) *Tensor { return pointwise(x, target, true, &maeRule) }

// BinaryCrossEntropy returns the mean of -t ln p - (1-t) ln(1-p), a scalar,
// for probabilities p; NaN for numbers that are none. As in PyTorch the
// logarithms are at least -100, and the gradient at 0 and 1 is large where the
// target is the other one.
func BinaryCrossEntropy(p, target *Tensor) *Tensor { return pointwise(p, target, false, &bceRule) }

// BinaryCrossEntropyLogits is BinaryCrossEntropy of Sigmoid(x), stable for
// logits of any size.
func BinaryCrossEntropyLogits(x, target *Tensor) *Tensor {
	return pointwise(x, target, false, &bceLogitsRule)
}

// SparseCrossEntropy returns the mean over rows of -ln softmax(logits) at the
// labels, a scalar: logits [..., classes], labels [...] of an integer dtype, or
// with a last axis of size 1.
func SparseCrossEntropy(logits, labels *Tensor) *Tensor {
	logits, labels = logits.Contiguous(), labels.Contiguous()
	logits.float("SparseCrossEntropy")
	last := len(logits.shape) - 1
	if last < 1 || !labels.shape.Equal(logits.shape[:last]) && !(len(labels.shape) == last+1 && labels.shape[last] == 1 && labels.shape[:last].Equal(logits.shape[:last])) {
		shapePanic("SparseCrossEntropy", "logits [..., classes] and labels [...] are needed", logits, labels)
	}
	if labels.dtype.IsFloat() || labels.dtype == Bool {
		dtypePanic("SparseCrossEntropy", "labels are integers; use To(dl.Int32), or CrossEntropy for one-hot rows", labels)
	}
	classes := logits.shape[last]
	if row := device.outside(labels, classes); row >= 0 {
		shapePanic("SparseCrossEntropy", fmt.Sprintf("label %v of row %d is not in 0..%d: classes are counted from 0", labels.at(row), row, classes-1), logits, labels)
	}
	l := loss{x: logits, target: labels, grad: result(logits.dtype, logits.shape), y: result(logits.dtype, newShape(0))}
	device.sparseCrossEntropy(l)
	return l.record("SparseCrossEntropy", labels.size, nil)
}

// CrossEntropy returns the mean over rows of -sum of target * ln
// softmax(logits), a scalar: logits and target [..., classes], rows of target
// being probabilities, constants for the gradient.
func CrossEntropy(logits, target *Tensor) *Tensor {
	logits, target = logits.Contiguous(), target.Contiguous()
	logits.float("CrossEntropy")
	last := len(logits.shape) - 1
	if last < 1 || !logits.shape.Equal(target.shape) {
		shapePanic("CrossEntropy", "logits and targets [..., classes] are needed", logits, target)
	}
	l := loss{x: logits, target: target, grad: result(logits.dtype, logits.shape), y: result(logits.dtype, newShape(0))}
	device.crossEntropy(l)
	return l.record("CrossEntropy", Shape(logits.shape[:last]).Size(), nil)
}
