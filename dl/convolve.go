package dl

// The sum over all taps of x*w*y is linear in each of the three. Its derivative
// with respect to one of them is a convolution (for y), or the gradient of one
// with respect to its input or weights; the derivatives of these are again of
// the three kinds. So one record serves for all higher derivatives of convolutions,
// and for transposed ones, which are gradients with respect to an input.
const (
	convInput = iota
	convWeights
	convOutput
)

// convolve returns the derivative with respect to one of the three from the
// other two.
func convolve(op string, g windows, part int, x, w, y *Tensor) *Tensor {
	in := [3]*Tensor{x.contiguous(), w.contiguous(), y.contiguous()}
	in[part] = nil
	out := contract(g, part, in)
	if recording(in[:]...) {
		r := convolveKind.new()
		r.in, r.geo, r.part = in, g, part
		r.keep(in[0], in[1], in[2])
		attach(out, op, r)
	}
	return out
}

// contract is convolve without a record.
func contract(g windows, part int, in [3]*Tensor) *Tensor {
	shape := [3]func() Shape{g.image, g.weights, g.places}[part]
	out := result(in[(part+1)%3].dtype, shape())
	in[part] = out
	device.contract(g, part, in)
	return out
}

// convolveRecord is the record of convolve.
type convolveRecord struct {
	node
	in   [3]*Tensor // nil for the part that is the result
	geo  windows
	part int
}

var convolveKind = newKind[convolveRecord]()

func (r *convolveRecord) operands(list []*Tensor) []*Tensor { return append(list, r.in[:]...) }

func (r *convolveRecord) backward(b *sweep, dy *Tensor) {
	for part, t := range r.in {
		if b.wants(t) {
			in := r.in
			in[r.part] = dy
			b.add(t, contract(r.geo, part, in))
		}
	}
}

func (r *convolveRecord) gradients(dy *Tensor) []*Tensor {
	grads := make([]*Tensor, 3)
	for part, t := range r.in {
		if t != nil {
			in := r.in
			in[r.part] = dy
			grads[part] = convolve(r.op, r.geo, part, in[0], in[1], in[2])
		}
	}
	return grads
}
