package dl

// pickRecord is the record of an operation that picks rows of n elements of x,
// elements when n is 1: each row of the result is that at its index in x.
type pickRecord struct {
	node
	x     *Tensor
	index []int
	n     int
}

var pickKind = newKind[pickRecord]()

func (r *pickRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*pickRecord) reads() {}

// backward adds up in the order of the index, so that a row that was picked
// twice has the same sum whatever the number of threads.
func (r *pickRecord) backward(b *sweep, dy *Tensor) {
	if !b.wants(r.x) {
		return
	}
	if g, fresh := b.buffer(r.x); fresh {
		device.scatter(dy, g, r.index, r.n)
	} else {
		device.putBack(dy, g, r.index, r.n)
	}
}

func (r *pickRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.scattered(r.x.shape, r.index, r.n)}
}

// picked returns, in a shape, the rows of n elements of t at an index: elements,
// in row-major order, when n is 1. The index is not copied.
func (t *Tensor) picked(op string, shape Shape, index []int, n int) *Tensor {
	t.check()
	out := result(t.dtype, shape)
	if out.size > 0 {
		device.take(t.packed(), out, index, n)
	}
	t.pick(op, out, index, n)
	return out
}

// pick records that rows of t were picked.
func (t *Tensor) pick(op string, out *Tensor, index []int, n int) {
	if recording(t) {
		r := pickKind.new()
		r.x, r.index, r.n = t, index, n
		attach(out, op, r)
	}
}

// scattered returns a tensor with the sums of the rows of t, each at its index,
// and zeros elsewhere: the gradient of a pick.
func (t *Tensor) scattered(shape Shape, index []int, n int) *Tensor {
	t = t.Contiguous()
	out := result(t.dtype, shape)
	if out.size > 0 {
		device.scatter(t, out, index, n)
	}
	if recording(t) {
		r := scatterKind.new()
		r.x, r.index, r.n = t, index, n
		attach(out, "the gradient of a pick", r)
	}
	return out
}

// scatterRecord is the record of scattered.
type scatterRecord struct {
	node
	x     *Tensor
	index []int
	n     int
}

var scatterKind = newKind[scatterRecord]()

func (r *scatterRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *scatterRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	if g.size > 0 {
		device.take(dy, g, r.index, r.n)
	}
	b.add(r.x, g)
}

func (r *scatterRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.picked("a pick", r.x.shape, r.index, r.n)}
}
