package dl

import "fmt"

// A gathering is of the elements of x, contiguous, at places along an axis that an Int64 index, contiguous, too, names
// in place of its own: negative ones count from the end.
type gathering struct {
	x, index *Tensor
	axis     int
}

// Gather returns t[..., index[..., i, ...], ...]: the index replaces the place
// along an axis, the other places are its own. It has the shape of the index, of
// which no axis but the given one is longer than that of t.
func (t *Tensor) Gather(axis int, index *Tensor) *Tensor {
	axis = t.axis("Gather", axis)
	t.indexed("Gather", axis, index)
	t.check()
	out := result(t.dtype, index.Shape())
	g := gathering{t.packed(), index.To(Int64).packed(), axis}
	if i := device.gather(g, out); i >= 0 {
		noPosition("Gather", int64(get(g.index, i)), t.shape[axis], t, index)
	}
	if recording(t) {
		r := gatherKind.new()
		r.x, r.index, r.axis = t, g.index, axis
		attach(out, "Gather", r)
		if g.index == index {
			r.keep(index)
		}
	}
	return out
}

// indexed panics unless an index of integers has the axes of t, none longer but the given one.
func (t *Tensor) indexed(op string, axis int, index *Tensor) {
	fits := len(index.Shape()) == len(t.Shape())
	for i := 0; fits && i < len(t.shape); i++ {
		fits = i == axis || index.shape[i] <= t.shape[i]
	}
	if !fits {
		shapePanic(op, fmt.Sprintf("the index must have as many axes, none longer but axis %d", axis), t, index)
	}
	if !index.DType().isInt() {
		dtypePanic(op, "the indices must be integers", index)
	}
}

func noPosition(op string, place int64, size int, t, index *Tensor) {
	shapePanic(op, fmt.Sprintf("there is no position %d among %d", place, size), t, index)
}

// gatherRecord is the record of Gather.
type gatherRecord struct {
	node
	x, index *Tensor
	axis     int
}

var gatherKind = newKind[gatherRecord]()

func (r *gatherRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*gatherRecord) reads() {}

// backward adds up in the order of the index, so that an element that was read twice has the same sum whatever the
// number of threads.
func (r *gatherRecord) backward(b *sweep, dy *Tensor) {
	if !b.wants(r.x) {
		return
	}
	g, fresh := b.buffer(r.x)
	device.gatherGrad(gathering{g, r.index, r.axis}, dy, fresh)
}

func (r *gatherRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.scattered(r.x.shape, r.x.lanes("Gather", r.axis, r.index), 1)}
}
