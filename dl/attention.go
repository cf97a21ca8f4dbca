package dl

import "fmt"

// AttentionOptions are the details of [Attention] and [SelfAttention]. The zero
// value is one head that sees everything.
type AttentionOptions struct {
	Heads int // of the queries; 0: 1
	// KVHeads is the number of heads of the keys and values, for grouped queries
	// (Ainslie et al., 2023): Heads/KVHeads heads of queries, which follow each
	// other, share one. 0: as many as of the queries.
	KVHeads int
	// Causal hides what comes later. With fewer queries than keys the last query
	// sees all keys, as in generation with a cache; PyTorch's is_causal puts the
	// first query at the first key.
	Causal bool
	// Window, with Causal, lets a query see no more than so many keys, the last ones
	// up to its own position; 0: all.
	Window int
	// Scale is what products of queries and keys are multiplied by; 0: 1/sqrt(size
	// of a head).
	Scale float64
	// Mask hides keys where it is false, if it is of Bool, and is added to the scores
	// otherwise; gradients of these flow. Its shape is [T, S] for all, [N, T, S], or
	// [N, H, T, S]; axes of size 1 are stretched, so that [N, 1, S] says which keys of
	// each sample are padding. PyTorch's masks mean the same in
	// scaled_dot_product_attention, and the opposite in nn.MultiheadAttention.
	Mask *Tensor
	// Lengths are the numbers of keys of each sample: those behind are padding. nil:
	// all.
	Lengths []int
	// Offsets are the positions of the first query of each sample among the keys,
	// for Causal and Slopes. nil: the last query has the position of the last key.
	Offsets []int
	// Slopes of ALiBi (Press et al., 2022), one for each head, see [ALiBiSlopes]:
	// scores become smaller by the slope times the distance of query and key.
	Slopes []float64
	// Dropout is the rate at which weights are set to 0, see the function of that
	// name, with random numbers of Rand; nil: DefaultRand.
	Dropout float64
	Rand    *Rand
}

// Attention is scaled dot-product attention with several heads (Vaswani et
// al., 2017): for each head softmax(q k^T / sqrt(size)) v. q is [N, T, D], and head
// h owns the columns h*size to (h+1)*size, where size is D/Heads; k and v are [N,
// S, KVHeads*size], the result [N, T, D]. The scores are never held as a whole,
// but for the gradient of a mask. Views whose last axis has no gaps, such as the
// filled part of a cache, are read where they lie. A query that sees no key gets
// zeros, and a gradient of zeros.
//
// It is PyTorch's scaled_dot_product_attention; there the heads are an axis of
// their own.
func Attention(q, k, v *Tensor, o AttentionOptions) *Tensor {
	const op = "Attention"
	q, k, v = q.rowwise(), k.rowwise(), v.rowwise()
	sameFloats(op, q, k)
	sameFloats(op, q, v)
	if len(q.shape) != 3 || len(k.shape) != 3 || !k.shape.Equal(v.shape) || q.shape[0] != k.shape[0] {
		shapePanic(op, "q [N, T, D], k [N, S, D] and v [N, S, D] are needed", q, k, v)
	}
	s := o.heads(op, q, k, q.shape[2], k.shape[2])
	return attendTo(op, attended{heads: s, q: q, k: k, v: v, mask: o.mask(op, s, q)}, o)
}

// SelfAttention is Attention of queries, keys and values that lie side by side:
// qkv is [N, T, (Heads+2*KVHeads)*size], the result [N, T, Heads*size]. They are
// read where they lie.
func SelfAttention(qkv *Tensor, o AttentionOptions) *Tensor {
	const op = "SelfAttention"
	qkv = qkv.rowwise()
	qkv.float(op)
	if len(qkv.shape) != 3 {
		shapePanic(op, "qkv [N, T, 3*D] is needed", qkv)
	}
	heads, kv := o.numbers(op, qkv)
	width := qkv.shape[2]
	if width%(heads+2*kv) != 0 {
		switch {
		case heads == kv && width%3 != 0:
			shapePanic(op, "qkv [N, T, 3*D] is needed", qkv)
		case heads == kv:
			shapePanic(op, fmt.Sprintf("%d channels cannot be shared by %d heads", width/3, heads), qkv)
		}
		shapePanic(op, fmt.Sprintf("%d channels cannot be shared by %d heads of queries and twice %d of keys and values", width, heads, kv), qkv)
	}
	d, dk := width/(heads+2*kv)*heads, width/(heads+2*kv)*kv
	s := o.heads(op, qkv, qkv, d, dk)
	return attendTo(op, attended{heads: s, q: qkv, k: qkv, v: qkv, at: [3]int{0, d, d + dk}, mask: o.mask(op, s, qkv)}, o)
}

// attendTo computes a and records it.
func attendTo(op string, a attended, o AttentionOptions) *Tensor {
	s := a.heads
	if o.Dropout > 0 {
		r := o.Rand
		if r == nil {
			r = DefaultRand()
		}
		a.rate, a.key = o.Dropout, r.Uint64()
	}
	a.y = result(a.q.dtype, shapeOf(s.Batch, s.Queries, s.Heads*s.Size))
	a.sums = result(a.q.dtype, shapeOf(s.Batch, s.Heads, s.Queries))
	device.attend(a)
	if recording(a.q, a.k, a.v, a.mask) {
		r := attentionKind.new()
		r.attended = a
		if a.k == a.q {
			r.keep(a.q, a.y, a.mask)
		} else {
			r.keep(a.q, a.k, a.v, a.y, a.mask)
		}
		attach(a.y, op, r)
	}
	return a.y
}

// attentionRecord is the record of Attention, and of SelfAttention, whose
// operands are one tensor.
type attentionRecord struct {
	node
	attended
}

var attentionKind = newKind[attentionRecord]()

// together says whether queries, keys and values lie in one tensor.
func (a *attended) together() bool { return a.at[1] > 0 }

func (r *attentionRecord) operands(list []*Tensor) []*Tensor {
	if r.together() {
		return append(list, r.q, r.mask)
	}
	return append(list, r.q, r.k, r.v, r.mask)
}

func (r *attentionRecord) backward(b *sweep, dy *Tensor) {
	q, k, v, mask := r.q, r.k, r.v, r.mask
	var dmask *Tensor
	if mask != nil && b.wants(mask) {
		dmask = result(q.dtype, shapeOf(r.Batch, r.Heads, r.Queries, r.Keys))
	}
	if r.together() {
		g := b.target(q)
		device.attendGrad(r.attended, dy, [3]*Tensor{g, g, g}, dmask)
		b.add(q, g)
	} else {
		// Each gradient is written as a whole, so operands that are one tensor need three.
		d := [3]*Tensor{result(q.dtype, q.shape), result(k.dtype, k.shape), result(v.dtype, v.shape)}
		device.attendGrad(r.attended, dy, d, dmask)
		b.add(q, d[0])
		b.add(k, d[1])
		b.add(v, d[2])
	}
	if dmask != nil {
		b.add(mask, dmask.sumTo(mask.shape))
	}
}

// rowwise returns t itself if the elements of its last axis have no gaps, and
// a copy of which that is true otherwise.
func (t *Tensor) rowwise() *Tensor {
	t.check()
	if n := len(t.strides); n > 0 && t.strides[n-1] == 1 {
		return t
	}
	return t.Contiguous()
}

// macs is the number of multiply-adds of the forward pass: of the scores, and of
// the sums of values.
func (r *attentionRecord) macs() int64 {
	return 2 * int64(r.Batch*r.Heads) * int64(r.Queries) * int64(r.Keys) * int64(r.Size)
}
