package dl

// A mixture is linear along one axis: place i of the result is the sum of so many places of the operand, at[i*taps+k],
// times weights[i*taps+k]. Resizing and adaptive means are made of these. The operand is [outer, from, inner], the result
// [outer, to, inner].
type mixture struct {
	outer, from, to, inner, taps int
	at                           []int
	weights                      []float64
}

// newMixture makes one to n places along an axis of x, whose places and weights are to be filled in.
func newMixture(x *Tensor, axis, n, taps int) mixture {
	m := mixture{outer: Shape(x.shape[:axis]).Size(), from: x.shape[axis], to: n, inner: Shape(x.shape[axis+1:]).Size(), taps: taps, at: ints(n * taps)}
	m.weights = numbers(n * taps)
	return m
}

// mixed applies a mixture along an axis of t.
func (t *Tensor) mixed(op string, axis int, m mixture) *Tensor {
	shape := shapeOf(t.shape...)
	shape[axis] = m.to
	return t.Contiguous().mix(op, shape, m, false)
}

// mix applies a mixture, or carries back through one. The operand is contiguous.
func (t *Tensor) mix(op string, shape Shape, m mixture, back bool) *Tensor {
	out := result(t.dtype, shape)
	device.mix(m, t, out, back)
	if recording(t) {
		r := mixKind.new()
		r.x, r.m, r.back = t, m, back
		attach(out, op, r)
	}
	return out
}

// mixRecord is the record of a mixture, or of its gradient.
type mixRecord struct {
	node
	x    *Tensor
	m    mixture
	back bool
}

var mixKind = newKind[mixRecord]()

func (r *mixRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*mixRecord) reads() {}

func (r *mixRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	device.mix(r.m, dy, g, !r.back)
	b.add(r.x, g)
}

func (r *mixRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.Contiguous().mix("the gradient of "+r.op, r.x.shape, r.m, !r.back)}
}
