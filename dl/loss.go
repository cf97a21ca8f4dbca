package dl

import (
	"fmt"
	"math"

	"modelbook/dl/internal/vec"
)

// pointwise is the mean of a rule's function of each element and its target,
// with its derivative by the element. A function of their difference has the
// opposite derivative by the target; the targets of the others are constants.
func pointwise(x, target *Tensor, difference bool, r *pairRule) *Tensor {
	x, target = x.Contiguous(), target.Contiguous()
	checkTarget(r.op, x, target)
	n := x.Size()
	grad := result(x.dtype, x.shape)
	chunks := (n + lossChunk - 1) / lossChunk
	sums := result(Float64, shapeOf(chunks)).f64()
	share(chunks, 1, pass{f: pointwisePass, t: [3]*Tensor{grad, x, target}, n: n, sums: sums, pair: r,
		flag: x.dtype == Float32 && target.dtype == Float32 && (r == &mseRule || r == &bceLogitsRule)})
	var mirror *Tensor
	if difference {
		mirror = target
	}
	return scalarLoss(r.op, total(sums)/float64(max(1, n)), n, grad, x, target, mirror, r)
}

// pointwisePass does chunks, with a kernel if flag is set.
func pointwisePass(p *pass, lo, hi int) {
	grad, x, target := p.t[0], p.t[1], p.t[2]
	for k := lo; k < hi; k++ {
		if i, j := k*lossChunk, min((k+1)*lossChunk, p.n); p.flag {
			if p.pair == &mseRule {
				p.sums[k] = vec.SquareError(grad.f32()[i:j], x.f32()[i:j], target.f32()[i:j], float32(2/float64(p.n)))
			} else {
				p.sums[k] = vec.LogitsError(grad.f32()[i:j], x.f32()[i:j], target.f32()[i:j], float32(1/float64(p.n)))
			}
			continue
		}
		sum := 0.0
		for i := k * lossChunk; i < min((k+1)*lossChunk, p.n); i++ {
			a, b := x.at(i), target.at(i)
			sum += p.pair.f(a, b)
			grad.set(i, p.pair.da(a, b)/float64(p.n))
		}
		p.sums[k] = sum
	}
}

func checkTarget(op string, x, target *Tensor) {
	x.float(op)
	if !x.shape.Equal(target.shape) {
		shapePanic(op, "predictions and targets must have the same shape", x, target)
	}
}

// scalarLoss returns a loss, the mean over n elements or rows, whose gradient
// with respect to x is known already. mirror, unless nil, is an operand that has
// the opposite gradient. rule is that of a loss of single elements; nil is the
// cross-entropy of softmax.
func scalarLoss(op string, v float64, n int, grad, x, target, mirror *Tensor, rule *pairRule) *Tensor {
	out := result(x.dtype, newShape(0))
	out.set(0, v)
	if recording(x, mirror) {
		r := lossKind.new()
		r.x, r.mirror, r.target, r.grad, r.n, r.rule = x, mirror, target, grad, max(1, n), rule
		attach(out, op, r)
	}
	return out
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
		d = elementwise(x, target, r.rule.da)
	}
	d = d.Mul(scale)
	if r.mirror == nil {
		return []*Tensor{d, nil}
	}
	return []*Tensor{d, d.Neg().To(r.mirror.dtype)}
}

// scale multiplies the elements of a float tensor.
func (t *Tensor) scale(v float64) {
	if t.dtype == Float32 {
		vec.Scale(t.f32(), float32(v), t.f32())
		return
	}
	for i, x := range t.f64() {
		t.f64()[i] = x * v
	}
}

// The losses of single elements and their derivatives by the prediction.
var (
	mseRule = pairRule{op: "MSE", f: func(x, t float64) float64 { return (x - t) * (x - t) },
		da: func(x, t float64) float64 { return 2 * (x - t) }}
	maeRule = pairRule{op: "MAE", f: func(x, t float64) float64 { return math.Abs(x - t) },
		da: func(x, t float64) float64 { return sign(x - t) }}
	bceRule = pairRule{op: "BinaryCrossEntropy",
		f: func(p, t float64) float64 { p = limit(p); return -t*math.Log(p) - (1-t)*math.Log(1-p) },
		da: func(p, t float64) float64 {
			if p != limit(p) {
				return 0
			}
			return (p - t) / (p * (1 - p))
		}}
	bceLogitsRule = pairRule{op: "BinaryCrossEntropyLogits",
		f:  func(x, t float64) float64 { return math.Max(x, 0) - x*t + math.Log1p(math.Exp(-math.Abs(x))) },
		da: func(x, t float64) float64 { return sigmoid(x) - t }}
)

func init() {
	mseRule.again = func(_, x, t, _ *Tensor) (dx, dt *Tensor) { return x.Sub(t).MulScalar(2), nil }
	bceLogitsRule.again = func(_, x, t, _ *Tensor) (dx, dt *Tensor) { return x.Sigmoid().Sub(t), nil }
	bceRule.again = func(_, p, t, _ *Tensor) (dp, dt *Tensor) {
		inside := elementwise(p, t, func(p, _ float64) float64 {
			if p == limit(p) {
				return 1
			}
			return 0
		})
		q := p.Clip(1e-7, 1-1e-7)
		return q.Sub(t).Div(q.Mul(q.Neg().AddScalar(1))).Mul(inside), nil
	}
}

// limit keeps the logarithms of a probability finite, as Keras does.
func limit(p float64) float64 { return math.Min(math.Max(p, 1e-7), 1-1e-7) }

// MSE returns the mean of the squared differences, a scalar.
func MSE(x, target *Tensor) *Tensor { return pointwise(x, target, true, &mseRule) }

// lossChunk is how many elements are added up together before the sums are.
const lossChunk = 1 << 14

func total(sums []float64) (t float64) {
	for _, v := range sums {
		t += v
	}
	return t
}

// MAE returns the mean of the absolute differences, a scalar; its gradient
// where they are equal is 0.
func MAE(x, target *Tensor) *Tensor { return pointwise(x, target, true, &maeRule) }

// BinaryCrossEntropy returns the mean of -t ln p - (1-t) ln(1-p), a scalar,
// for probabilities p, which are first limited to 1e-7..1-1e-7 (Keras's way).
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
	rows := labels.Size()
	for row := range rows {
		if label := labels.at(row); label < 0 || label >= float64(classes) {
			shapePanic("SparseCrossEntropy", fmt.Sprintf("label %v of row %d is not in 0..%d", label, row, classes-1), logits, labels)
		}
	}
	if logits.dtype == Float64 {
		return softmaxLoss("SparseCrossEntropy", logits, labels, rows, func(row int) (int, func(int) float64) { return int(labels.at(row)), nil })
	}
	grad, sums := result(Float32, logits.shape), result(Float64, shapeOf(rows))
	share(rows, rowGrain(8*classes), pass{f: crossEntropyPass, dst: grad.f32(), a: logits.f32(), sums: sums.f64(), n: classes,
		t: [3]*Tensor{labels}, s: params{1 / float64(max(1, rows))}})
	return scalarLoss("SparseCrossEntropy", total(sums.f64())/float64(max(1, rows)), rows, grad, logits, labels, nil, nil)
}

func crossEntropyPass(p *pass, lo, hi int) {
	for i, n := lo, p.n; i < hi; i++ {
		p.sums[i] = vec.CrossEntropy(p.dst[i*n:(i+1)*n], p.a[i*n:(i+1)*n], int(p.t[0].at(i)), float32(p.s[0]))
	}
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
	classes := logits.shape[last]
	return softmaxLoss("CrossEntropy", logits, target, Shape(logits.shape[:last]).Size(), func(row int) (int, func(int) float64) {
		return -1, func(class int) float64 { return target.at(row*classes + class) }
	})
}

// softmaxLoss computes a cross-entropy with softmax fused into it. target
// tells of a row its label, or the probability of each class.
func softmaxLoss(op string, logits, given *Tensor, rows int, target func(row int) (int, func(class int) float64)) *Tensor {
	classes := logits.shape[len(logits.shape)-1]
	grad := result(logits.dtype, logits.shape)
	total := 0.0
	n := float64(max(1, rows))
	for r := range rows {
		label, of := target(r)
		at := r * classes
		m := math.Inf(-1)
		for k := range classes {
			m = math.Max(m, logits.at(at+k))
		}
		sum := 0.0
		for k := range classes {
			sum += math.Exp(logits.at(at+k) - m)
		}
		logSum := m + math.Log(sum)
		mass := 1.0
		if of == nil {
			total += logSum - logits.at(at+label)
		} else {
			mass = 0
			for k := range classes {
				t := of(k)
				mass += t
				if t != 0 {
					total += t * (logSum - logits.at(at+k))
				}
			}
		}
		for k := range classes {
			t := 0.0
			switch {
			case of != nil:
				t = of(k)
			case k == label:
				t = 1
			}
			grad.set(at+k, (mass*math.Exp(logits.at(at+k)-logSum)-t)/n)
		}
	}
	return scalarLoss(op, total/n, rows, grad, logits, given, nil, nil)
}
