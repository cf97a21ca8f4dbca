package dl

import (
	"fmt"
	"math"
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
	lse := result(q.dtype, shapeOf(s.Batch, s.Heads, s.Queries))
	device.attend(attended{heads: s, q: q, k: k, v: v, y: out, sums: lse})
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
	device.attendGrad(attended{heads: s, q: q, k: k, v: v, y: r.out, sums: r.sums}, dy, [3]*Tensor{dq, dk, dv})
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
	lse := result(qkv.dtype, shapeOf(s.Batch, s.Heads, s.Queries))
	device.attend(attended{heads: s, q: qkv, k: qkv, v: qkv, at: [3]int{0, d, 2 * d}, y: out, sums: lse})
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
	device.attendGrad(attended{heads: s, q: qkv, k: qkv, v: qkv, at: [3]int{0, d, 2 * d}, y: r.out, sums: r.sums}, dy, [3]*Tensor{g, g, g})
	b.add(qkv, g)
}

func (r *selfAttentionRecord) compose() *Tensor {
	parts := r.qkv.Chunk(2, 3)
	return attend(parts[0], parts[1], parts[2], r.heads, r.causal)
}

// heads is the geometry of an attention: queries [Batch, Queries, Heads*Size],
// keys and values [Batch, Keys, Heads*Size]. Causal lets query i see the keys
// 0..i only.
type heads struct {
	Batch, Heads, Queries, Keys, Size int
	Causal                            bool
}

func attentionShape(op string, number int, q *Tensor, d, keys int, causal bool) heads {
	if number < 1 || d%number != 0 {
		shapePanic(op, fmt.Sprintf("%d channels cannot be shared by %d heads", d, number), q)
	}
	return heads{Batch: q.shape[0], Heads: number, Queries: q.shape[1], Keys: keys, Size: d / number, Causal: causal}
}
