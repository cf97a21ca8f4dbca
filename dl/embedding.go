package dl

import (
	"fmt"

	"modelbook/dl/internal/vec"
)

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
	for i := range tokens.Size() {
		if at := tokens.at(i); at < 0 || at >= float64(v) {
			shapePanic("Embedding", fmt.Sprintf("token %v at place %d is not in 0..%d", at, i, v-1), table, tokens)
		}
	}
	shape := newShape(len(tokens.shape) + 1)
	copy(shape, tokens.shape)
	shape[len(shape)-1] = d
	out := result(table.dtype, shape)
	if table.dtype == Float32 {
		share(tokens.Size(), rowGrain(d), pass{dst: out.f32(), a: table.f32(), t: [3]*Tensor{tokens}, n: d, f: func(p *pass, lo, hi int) {
			for i := lo; i < hi; i++ {
				at := int(p.t[0].at(i)) * p.n
				copy(p.dst[i*p.n:(i+1)*p.n], p.a[at:at+p.n])
			}
		}})
	} else {
		for i := range tokens.Size() {
			at := int(tokens.at(i)) * d
			copy(out.f64()[i*d:(i+1)*d], table.f64()[at:at+d])
		}
	}
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
	if !b.wants(r.table) {
		return
	}
	g, fresh := b.buffer(r.table)
	if fresh {
		g.clear()
	}
	addTokens(g, dy, r.tokens)
}

func (r *embeddingRecord) gradients(dy *Tensor) []*Tensor {
	return []*Tensor{dy.embedded(r.table.shape, r.tokens)}
}

// addTokens adds the rows of dy to those of g that the tokens name.
func addTokens(g, dy, tokens *Tensor) {
	d := g.shape[1]
	if g.dtype == Float32 {
		// The threads share the columns, so that each adds up in the same order.
		strips := max(1, d/64)
		share(strips, max(1, elementGrain*strips/max(1, dy.Size())), pass{dst: g.f32(), a: dy.f32(), t: [3]*Tensor{tokens}, n: d, m: strips, f: func(p *pass, lo, hi int) {
			from, to := p.n*lo/p.m, p.n*hi/p.m
			for i := range len(p.a) / max(1, p.n) {
				row := p.dst[int(p.t[0].at(i))*p.n:]
				vec.Add(row[from:to], row[from:to], p.a[i*p.n+from:i*p.n+to])
			}
		}})
		return
	}
	for i := range tokens.Size() {
		at := int(tokens.at(i)) * d
		for k, v := range dy.f64()[i*d : (i+1)*d] {
			g.f64()[at+k] += v
		}
	}
}

// embedded returns the gradient of a table of the given shape.
func (t *Tensor) embedded(shape Shape, tokens *Tensor) *Tensor {
	t = t.Contiguous()
	out := result(t.dtype, shape)
	out.clear()
	addTokens(out, t, tokens)
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
