package dl

import "fmt"

// Embedding returns the rows of table [V, D] that tokens [...] of an integer
// dtype name: [..., D]. The gradient of a row is the sum over the places where
// it was used, in their order.
func Embedding(table, tokens *Tensor) *Tensor {
	table, tokens = table.Contiguous(), tokens.Contiguous()
	table.float("Embedding")
	if len(table.shape) != 2 {
		shapePanic("Embedding", "the table is [V, D]", table)
	}
	if tokens.dtype.IsFloat() || tokens.dtype == Bool {
		dtypePanic("Embedding", "tokens are integers; use To(dl.Int32)", tokens)
	}
	v, d := table.shape[0], table.shape[1]
	if i := device.outside(tokens, v); i >= 0 {
		shapePanic("Embedding", fmt.Sprintf("token %v at place %d is not in 0..%d", tokens.at(i), i, v-1), table, tokens)
	}
	shape := newShape(len(tokens.shape) + 1)
	copy(shape, tokens.shape)
	shape[len(shape)-1] = d
	out := result(table.dtype, shape)
	device.embed(table, tokens, out)
	if recording(table) {
		r := embeddingKind.new()
		r.table, r.tokens = table, tokens
		r.keep(tokens)
		attach(out, "Embedding", r)
	}
	return out
}

// embeddingRecord is the record of Embedding.
type embeddingRecord struct {
	node
	table, tokens *Tensor
}

var embeddingKind = newKind[embeddingRecord]()

func (r *embeddingRecord) operands(list []*Tensor) []*Tensor { return append(list, r.table) }

func (r *embeddingRecord) backward(b *sweep, dy *Tensor) {
	if !b.wants(r.table) || b.deferRows(r.table, r.tokens, dy) {
		return
	}
	g, fresh := b.buffer(r.table)
	if fresh {
		g.clear()
	}
	device.embedGrad(dy, r.tokens, g)
}

func (r *embeddingRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.embedded(r.table.shape, r.tokens)}
}

// embedded returns the gradient of a table of the given shape.
func (t *Tensor) embedded(shape Shape, tokens *Tensor) *Tensor {
	t = t.Contiguous()
	out := result(t.dtype, shape)
	out.clear()
	device.embedGrad(t, tokens, out)
	if recording(t) {
		r := embeddedKind.new()
		r.x, r.tokens = t, tokens
		attach(out, "the gradient of Embedding", r)
	}
	return out
}

// embeddedRecord is the record of embedded.
type embeddedRecord struct {
	node
	x, tokens *Tensor
}

var embeddedKind = newKind[embeddedRecord]()

func (r *embeddedRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (r *embeddedRecord) backward(b *sweep, dy *Tensor) { b.add(r.x, Embedding(dy, r.tokens)) }

func (r *embeddedRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{Embedding(dy, r.tokens)}
}
