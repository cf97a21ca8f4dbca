package dl

import (
	"fmt"
	"math"

	"modelbook/dl/internal/attention"
)

// AttentionOptions are the details of [Attention] and [SelfAttention].
type AttentionOptions struct {
	Heads  int  // 0: 1
	Causal bool // position t sees the positions up to t only
}

// Attention is scaled dot-product attention with several heads (Vaswani et
// al., 2017): for each head softmax(q k^T / sqrt(size)) v, where size is D/Heads
// and head h owns the columns h*size to (h+1)*size. q is [B, T, D], k and v
// [B, S, D], the result [B, T, D]; with Causal S is T. The scores are never held
// as a whole.
func Attention(q, k, v *Tensor, o AttentionOptions) *Tensor {
	const op = "Attention"
	heads, causal := o.heads(), o.Causal
	q, k, v = q.Contiguous(), k.Contiguous(), v.Contiguous()
	sameFloats(op, q, k)
	sameFloats(op, q, v)
	if len(q.shape) != 3 || len(k.shape) != 3 || !k.shape.Equal(v.shape) || q.shape[0] != k.shape[0] || q.shape[2] != k.shape[2] {
		shapePanic(op, "q [B, T, D], k [B, S, D] and v [B, S, D] are needed", q, k, v)
	}
	if causal && q.shape[1] != k.shape[1] {
		shapePanic(op, "causal attention needs as many queries as keys", q, k)
	}
	if q.shape[1] > 0 && k.shape[1] == 0 {
		shapePanic(op, "there are no keys", q, k)
	}
	out := result(q.dtype, q.shape)
	s := attentionShape(op, heads, q, q.shape[2], k.shape[1], causal)
	lse := s.forward(q, k, v, [3]int{}, out)
	if recording(q, k, v) {
		r := attentionKind.new()
		r.q, r.k, r.v, r.sums, r.heads, r.causal = q, k, v, lse, heads, causal
		r.keep(q, k, v, out)
		attach(out, op, r)
	}
	return out
}

func (o AttentionOptions) heads() int {
	if o.Heads == 0 {
		return 1
	}
	return o.Heads
}

// attentionRecord is the record of Attention.
type attentionRecord struct {
	node
	q, k, v *Tensor
	sums    *Tensor // logarithms of the sums of exponentials
	heads   int
	causal  bool
}

var attentionKind = newKind[attentionRecord]()

func (r *attentionRecord) operands(list []*Tensor) []*Tensor { return append(list, r.q, r.k, r.v) }

func (r *attentionRecord) backward(b *sweep, dy *Tensor) {
	q, k, v := r.q, r.k, r.v
	s := attentionShape("Attention", r.heads, q, q.shape[2], k.shape[1], r.causal)
	// Each gradient is written as a whole, so operands that are one tensor need three.
	dq, dk, dv := result(q.dtype, q.shape), result(k.dtype, k.shape), result(v.dtype, v.shape)
	s.backward(q, k, v, [3]int{}, r.out, r.sums, dy, dq, dk, dv)
	b.add(q, dq)
	b.add(k, dk)
	b.add(v, dv)
}

func (r *attentionRecord) compose() *Tensor { return attend(r.q, r.k, r.v, r.heads, r.causal) }

// attend is Attention made of other operations.
func attend(q, k, v *Tensor, heads int, causal bool) *Tensor {
	size := q.shape[2] / heads
	split := func(t *Tensor) *Tensor { return t.Reshape(t.shape[0], t.shape[1], heads, size).Permute(0, 2, 1, 3) }
	scores := split(q).MatMul(split(k).T()).MulScalar(1 / math.Sqrt(float64(size)))
	if causal {
		hidden := New(q.dtype, q.shape[1], k.shape[1])
		for i := range q.shape[1] {
			for j := i + 1; j < k.shape[1]; j++ {
				hidden.set(i*k.shape[1]+j, math.Inf(-1))
			}
		}
		scores = scores.Add(hidden)
	}
	return scores.Softmax(-1).MatMul(split(v)).Permute(0, 2, 1, 3).Reshape(q.shape...)
}

// SelfAttention is Attention of queries, keys and values that lie side by side:
// qkv is [B, T, 3*D], the result [B, T, D]. They are read where they lie.
func SelfAttention(qkv *Tensor, o AttentionOptions) *Tensor {
	const op = "SelfAttention"
	heads, causal := o.heads(), o.Causal
	qkv = qkv.Contiguous()
	qkv.float(op)
	if len(qkv.shape) != 3 || qkv.shape[2]%3 != 0 {
		shapePanic(op, "qkv [B, T, 3*D] is needed", qkv)
	}
	b, t, d := qkv.shape[0], qkv.shape[1], qkv.shape[2]/3
	out := result(qkv.dtype, shapeOf(b, t, d))
	s := attentionShape(op, heads, qkv, d, t, causal)
	lse := s.forward(qkv, qkv, qkv, [3]int{0, d, 2 * d}, out)
	if recording(qkv) {
		r := selfAttentionKind.new()
		r.qkv, r.sums, r.heads, r.causal = qkv, lse, heads, causal
		r.keep(qkv, out)
		attach(out, op, r)
	}
	return out
}

// selfAttentionRecord is the record of SelfAttention.
type selfAttentionRecord struct {
	node
	qkv    *Tensor
	sums   *Tensor // logarithms of the sums of exponentials
	heads  int
	causal bool
}

var selfAttentionKind = newKind[selfAttentionRecord]()

func (r *selfAttentionRecord) operands(list []*Tensor) []*Tensor { return append(list, r.qkv) }

func (r *selfAttentionRecord) backward(b *sweep, dy *Tensor) {
	qkv := r.qkv
	d := qkv.shape[2] / 3
	s := attentionShape("SelfAttention", r.heads, qkv, d, qkv.shape[1], r.causal)
	g := b.target(qkv)
	s.backward(qkv, qkv, qkv, [3]int{0, d, 2 * d}, r.out, r.sums, dy, g, g, g)
	b.add(qkv, g)
}

func (r *selfAttentionRecord) compose() *Tensor {
	parts := r.qkv.Chunk(2, 3)
	return attend(parts[0], parts[1], parts[2], r.heads, r.causal)
}

// attended is the geometry of an attention.
type attended struct{ attention.Shape }

func attentionShape(op string, heads int, q *Tensor, d, keys int, causal bool) attended {
	if heads < 1 || d%heads != 0 {
		shapePanic(op, fmt.Sprintf("%d channels cannot be shared by %d heads", d, heads), q)
	}
	return attended{attention.Shape{Batch: q.shape[0], Heads: heads, Queries: q.shape[1], Keys: keys, Size: d / heads, Causal: causal}}
}

// operand is t from column at on.
func operand(t *Tensor, at int) attention.Operand {
	if t.Size() == 0 {
		return attention.Operand{}
	}
	return attention.Operand{Data: t.f32()[at:], Stride: t.shape[2]}
}

// forward computes out from operands that begin at the given columns, and
// returns the logarithms of the sums of exponentials.
func (s attended) forward(q, k, v *Tensor, at [3]int, out *Tensor) *Tensor {
	lse := result(q.dtype, shapeOf(s.Batch, s.Heads, s.Queries))
	if q.dtype == Float32 {
		attention.Forward(s.Shape, operand(q, at[0]), operand(k, at[1]), operand(v, at[2]), operand(out, 0), lse.f32())
		return lse
	}
	out.zero()
	s.each(func(b, h, i int) {
		p := s.scores(q, k, at, b, h, i)
		m, sum := math.Inf(-1), 0.0
		for _, e := range p {
			m = math.Max(m, e)
		}
		for _, e := range p {
			sum += math.Exp(e - m)
		}
		lse.f64()[(b*s.Heads+h)*s.Queries+i] = m + math.Log(sum)
		o := s.row(out, b, i, s.Queries, h, 0)
		for j, e := range p {
			for c, x := range s.row(v, b, j, s.Keys, h, at[2]) {
				o[c] += math.Exp(e-m) / sum * x
			}
		}
	})
	return lse
}

// backward writes the gradients of forward.
func (s attended) backward(q, k, v *Tensor, at [3]int, out, lse, dout, dq, dk, dv *Tensor) {
	if q.dtype == Float32 {
		attention.Backward(s.Shape, operand(q, at[0]), operand(k, at[1]), operand(v, at[2]), operand(out, 0), lse.f32(),
			operand(dout, 0), operand(dq, at[0]), operand(dk, at[1]), operand(dv, at[2]))
		return
	}
	dq.zero()
	dk.zero()
	dv.zero()
	scale := 1 / math.Sqrt(float64(s.Size))
	s.each(func(b, h, i int) {
		d, own := s.row(dout, b, i, s.Queries, h, 0), 0.0
		for c, x := range s.row(out, b, i, s.Queries, h, 0) {
			own += d[c] * x
		}
		x, dx := s.row(q, b, i, s.Queries, h, at[0]), s.row(dq, b, i, s.Queries, h, at[0])
		for j, e := range s.scores(q, k, at, b, h, i) {
			p := math.Exp(e - lse.f64()[(b*s.Heads+h)*s.Queries+i])
			y, dy := s.row(k, b, j, s.Keys, h, at[1]), s.row(dk, b, j, s.Keys, h, at[1])
			z, dz := s.row(v, b, j, s.Keys, h, at[2]), s.row(dv, b, j, s.Keys, h, at[2])
			dp := 0.0
			for c := range z {
				dp += d[c] * z[c]
				dz[c] += p * d[c]
			}
			ds := p * (dp - own) * scale
			for c := range y {
				dx[c] += ds * y[c]
				dy[c] += ds * x[c]
			}
		}
	})
}

// each calls f for every query of every head.
func (s attended) each(f func(b, h, i int)) {
	for b := range s.Batch {
		for h := range s.Heads {
			for i := range s.Queries {
				f(b, h, i)
			}
		}
	}
}

// row is head h of row i of batch b in a float64 operand that begins at a column.
func (s attended) row(t *Tensor, b, i, rows, h, at int) []float64 {
	return t.f64()[(b*rows+i)*t.shape[2]+at+h*s.Size:][:s.Size]
}

// scores are those of the keys that query i sees.
func (s attended) scores(q, k *Tensor, at [3]int, b, h, i int) []float64 {
	n := s.Keys
	if s.Causal {
		n = i + 1
	}
	x, scores := s.row(q, b, i, s.Queries, h, at[0]), make([]float64, n)
	for j := range scores {
		for c, y := range s.row(k, b, j, s.Keys, h, at[1]) {
			scores[j] += x[c] * y / math.Sqrt(float64(s.Size))
		}
	}
	return scores
}
