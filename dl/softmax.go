package dl

import "modelbook/dl/internal/gradient"

// softmax writes softmax or its logarithm along an axis.
func (t *Tensor) softmax(op string, axis int, logarithm bool) *Tensor {
	t.check()
	if t.dtype.isHalf() {
		return t.To(Float32).softmax(op, axis, logarithm).To(t.dtype)
	}
	t.float(op)
	t = t.Contiguous()
	axis = t.axis(op, axis)
	out := result(t.dtype, t.shape)
	inner := Shape(t.shape[axis+1:]).Size()
	n := t.shape[axis]
	device.softmax(softmax{x: t, y: out, n: n, inner: inner, logarithm: logarithm})
	if recording(t) {
		r := softmaxKind.new()
		r.x, r.axis, r.inner, r.n, r.logarithm = t, axis, inner, n, logarithm
		r.keep(out)
		attach(out, op, r)
	}
	return out
}

// softmaxRecord is the record of Softmax and LogSoftmax.
type softmaxRecord struct {
	node
	x              *Tensor
	axis, n, inner int // n elements along the axis, inner apart
	logarithm      bool
}

var softmaxKind = newKind[softmaxRecord]()

func (r *softmaxRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *softmaxRecord) gradients(dy *Tensor) []*Tensor {
	keep := r.x.shape.Clone()
	keep[r.axis] = 1
	sum := func(t *Tensor) *Tensor { return t.Sum(r.axis).Reshape(keep...) }
	if r.logarithm {
		return []*Tensor{dy.Sub(r.out.Exp().Mul(sum(dy)))}
	}
	return []*Tensor{r.out.Mul(dy.Sub(sum(dy.Mul(r.out))))}
}

func (*softmaxRecord) reads() {}

func (r *softmaxRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	device.softmaxGrad(softmax{y: r.out, n: r.n, inner: r.inner, logarithm: r.logarithm}, dy, g)
	b.add(r.x, g)
}

// Softmax returns e^t divided by its sum along an axis.
func (t *Tensor) Softmax(axis int) *Tensor { return t.softmax("Softmax", axis, false) }

// LogSoftmax returns the logarithm of Softmax, computed stably.
func (t *Tensor) LogSoftmax(axis int) *Tensor { return t.softmax("LogSoftmax", axis, true) }

func init() {
	gradient.Logits = func(output any, isSigmoid bool) any {
		if x := output.(*Tensor).logits(isSigmoid); x != nil {
			return x
		}
		return nil
	}
}

// logits returns what t was computed from by Sigmoid, or by Softmax over its
// last axis: see [gradient.Logits].
func (t *Tensor) logits(isSigmoid bool) *Tensor {
	if t.hooked() {
		return nil
	}
	switch r := t.from.(type) {
	case *unaryRecord:
		if isSigmoid && r.rule == &sigRule {
			return r.x
		}
	case *softmaxRecord:
		if !isSigmoid && !r.logarithm && r.axis == len(t.shape)-1 {
			return r.x
		}
	}
	return nil
}
