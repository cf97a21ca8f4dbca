package dl

// pickRecord is the record of an operation that picks elements of x: each
// element of the result is that at its index in x.
type pickRecord struct {
	node
	x     *Tensor
	index []int
}

var pickKind = newKind[pickRecord]()

func (r *pickRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *pickRecord) backward(b *sweep, dy *Tensor) {
	g := result(r.x.dtype, r.x.shape)
	scatter(g, dy, r.index)
	b.add(r.x, g)
}

func (r *pickRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.scattered(r.x.shape, r.index)}
}

// scatter clears out and adds to it the elements of t, each at its index.
func scatter(out, t *Tensor, index []int) {
	out.clear()
	device.putBack(t, out, index, 1)
}

// scattered returns the gradient of a pick.
func (t *Tensor) scattered(shape Shape, index []int) *Tensor {
	t = t.Contiguous()
	out := result(t.dtype, shape)
	scatter(out, t, index)
	if recording(t) {
		r := scatterKind.new()
		r.x, r.index = t, index
		attach(out, "the gradient of a pick", r)
	}
	return out
}

// scatterRecord is the record of scattered.
type scatterRecord struct {
	node
	x     *Tensor
	index []int
}

var scatterKind = newKind[scatterRecord]()

func (r *scatterRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *scatterRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	device.take(dy, g, r.index, 1)
	b.add(r.x, g)
}

func (r *scatterRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.picked(r.x.shape, r.index)}
}

// picked returns the elements at an index.
func (t *Tensor) picked(shape Shape, index []int) *Tensor {
	t = t.Contiguous()
	out := result(t.dtype, shape)
	device.take(t, out, index, 1)
	if recording(t) {
		r := pickKind.new()
		r.x, r.index = t, index
		attach(out, "a pick", r)
	}
	return out
}
