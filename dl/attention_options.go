package dl

import (
	"fmt"
	"math"
	"slices"
)

// heads is the geometry of an attention: queries [Batch, Queries, Heads*Size],
// keys and values [Batch, Keys, KVHeads*Size], and what queries see, as
// AttentionOptions say.
type heads struct {
	Batch, Heads, KVHeads, Queries, Keys, Size int
	Causal                                     bool
	Window                                     int
	Scale                                      float64
	Offsets, Lengths                           []int
	Slopes                                     []float64
}

// numbers are those of heads of the queries, and of the keys and values.
func (o *AttentionOptions) numbers(op string, q *Tensor) (heads, kv int) {
	if heads = o.Heads; heads == 0 {
		heads = 1
	}
	if kv = o.KVHeads; kv == 0 {
		kv = heads
	}
	if heads < 1 || kv < 1 || heads%kv != 0 {
		shapePanic(op, fmt.Sprintf("%d heads of queries cannot share %d of keys and values: their number is to be a multiple", heads, kv), q)
	}
	return heads, kv
}

// heads checks the options for queries of d channels, and keys and values of dk.
func (o *AttentionOptions) heads(op string, q, k *Tensor, d, dk int) heads {
	n, kv := o.numbers(op, q)
	if d%n != 0 {
		shapePanic(op, fmt.Sprintf("%d channels cannot be shared by %d heads", d, n), q)
	}
	s := heads{Batch: q.shape[0], Heads: n, KVHeads: kv, Queries: q.shape[1], Keys: k.shape[1], Size: d / n,
		Causal: o.Causal, Window: o.Window, Scale: o.Scale, Slopes: o.Slopes}
	switch {
	case dk != kv*s.Size:
		shapePanic(op, fmt.Sprintf("%d heads of %d channels have keys of %d channels, not %d", kv, s.Size, kv*s.Size, dk), q, k)
	case s.Queries > 0 && s.Keys == 0:
		shapePanic(op, "there are no keys", q, k)
	case o.Causal && o.Offsets == nil && s.Queries > s.Keys:
		shapePanic(op, "causal attention needs as many keys as queries, or more, or Offsets", q, k)
	case o.Window < 0 || o.Window > 0 && !o.Causal:
		PanicValue(op, "Window is %d and Causal %v; it is the number of keys that a query of causal attention sees", o.Window, o.Causal)
	case !(o.Scale >= 0) || math.IsInf(o.Scale, 1):
		PanicValue(op, "Scale is %v; it is above 0, or 0 for 1/sqrt(size of a head)", o.Scale)
	case !(o.Dropout >= 0 && o.Dropout < 1):
		PanicValue(op, "Dropout is %v; it is a share from 0 to below 1", o.Dropout)
	case o.Slopes != nil && len(o.Slopes) != n:
		PanicValue(op, "there are %d Slopes for %d heads", len(o.Slopes), n)
	case slices.ContainsFunc(o.Slopes, noFinite):
		PanicValue(op, "the Slopes are %v; they are finite numbers", o.Slopes)
	}
	if s.Scale == 0 {
		s.Scale = 1 / math.Sqrt(float64(max(1, s.Size)))
	}
	s.Offsets, s.Lengths = perSample(op, "Offsets", o.Offsets, s), perSample(op, "Lengths", o.Lengths, s)
	return s
}

// perSample checks and copies numbers of keys, one for each sample.
func perSample(op, name string, list []int, s heads) []int {
	if list == nil {
		return nil
	}
	if len(list) != s.Batch {
		PanicValue(op, "there are %d %s for %d samples", len(list), name, s.Batch)
	}
	for i, n := range list {
		if n < 0 || n > s.Keys {
			PanicValue(op, "%s of sample %d is %d; there are %d keys", name, i, n, s.Keys)
		}
	}
	return shapeOf(list...)
}

// mask returns the mask with four axes, of which all but the last may have size
// 1, and of Bool or of the dtype of q.
func (o *AttentionOptions) mask(op string, s heads, q *Tensor) *Tensor {
	m := o.Mask
	if m == nil {
		return nil
	}
	m.check()
	if m.dtype != Bool && !m.dtype.IsFloat() {
		dtypePanic(op, "a mask is of Bool, true where a key is seen, or of floats, which are added to the scores", m)
	}
	n := len(m.shape)
	whole := [4]int{s.Batch, s.Heads, s.Queries, s.Keys}
	at := [4]int{1, 1, 1, 1}
	switch n {
	case 2, 4:
		copy(at[4-n:], m.shape)
	case 3:
		at[0], at[2], at[3] = m.shape[0], m.shape[1], m.shape[2]
	}
	for i := range at {
		if n < 2 || n > 4 || at[i] != 1 && at[i] != whole[i] {
			shapePanic(op, fmt.Sprintf("a mask is [T, S], [N, T, S] or [N, H, T, S], here of [N, H, T, S] = %v, or 1 instead", whole), m, q)
		}
	}
	if m.dtype != Bool && m.dtype != q.dtype {
		m = m.To(q.dtype)
	}
	m = m.Reshape(at[:]...)
	if at[3] != s.Keys {
		m = m.Expand(at[0], at[1], at[2], s.Keys)
	}
	return m.Contiguous()
}

// ALiBiSlopes returns the slopes of ALiBi (Press et al., 2022) for a number of
// heads: 2^(-8/n), 2^(-16/n) and so on for n heads where n is a power of two.
// For others they are those of the power of two below, and every second one of
// twice that, as in the paper's code.
func ALiBiSlopes(heads int) []float64 {
	if heads < 1 || heads > 1<<20 {
		PanicValue("ALiBiSlopes", "%d heads have no slopes", heads)
	}
	n := 1
	for 2*n <= heads {
		n *= 2
	}
	slopes := make([]float64, 0, heads)
	for i := range n {
		slopes = append(slopes, math.Exp2(-8*float64(i+1)/float64(n)))
	}
	for i := 0; len(slopes) < heads; i += 2 {
		slopes = append(slopes, math.Exp2(-8*float64(i+1)/float64(2*n)))
	}
	return slopes
}

// sees says whether query i of a sample sees key j, as far as no mask says
// otherwise.
func (s *heads) sees(b, i, j int) bool {
	at := s.position(b, i)
	return (s.Lengths == nil || j < s.Lengths[b]) && (!s.Causal || j <= at && (s.Window == 0 || j > at-s.Window))
}

// position is that of query i of a sample among the keys.
func (s *heads) position(b, i int) int {
	if s.Offsets != nil {
		return s.Offsets[b] + i
	}
	return s.Keys - s.Queries + i
}

// compose is the attention made of other operations.
func (r *attentionRecord) compose() *Tensor {
	q, k, v := r.q, r.k, r.v
	if r.together() {
		d, dk := r.Heads*r.Size, r.KVHeads*r.Size
		q, k, v = q.Slice(2, 0, d), k.Slice(2, d, d+dk), v.Slice(2, d+dk, d+2*dk)
	}
	split := func(t *Tensor, heads int) *Tensor {
		t = t.Reshape(t.shape[0], t.shape[1], heads, r.Size).Permute(0, 2, 1, 3)
		if heads == r.Heads {
			return t
		}
		return t.Unsqueeze(2).Expand(r.Batch, heads, r.Heads/heads, r.Keys, r.Size).Reshape(r.Batch, r.Heads, r.Keys, r.Size)
	}
	scores := split(q, r.Heads).MatMul(split(k, r.KVHeads).T()).MulScalar(r.Scale)
	if r.mask != nil && r.mask.dtype != Bool {
		scores = scores.Add(r.mask)
	}
	hidden, slopes, blind := r.constants()
	weights := scores.Add(slopes).MaskedFill(hidden, math.Inf(-1)).Softmax(-1).MaskedFill(blind, 0)
	if r.rate > 0 {
		weights = dropped(weights.Contiguous(), r.rate, r.key)
	}
	return weights.MatMul(split(v, r.KVHeads)).Permute(0, 2, 1, 3).Reshape(r.out.shape...)
}

// constants are, for [Batch, Heads, Queries, Keys], which weights are hidden
// (but for those of queries that see nothing), what slopes add to the scores, and
// the weights of queries that see nothing.
func (r *attentionRecord) constants() (hidden, slopes, blind *Tensor) {
	all := Shape{r.Batch, r.Heads, r.Queries, r.Keys}
	hidden, slopes, blind = New(Bool, all...), New(r.q.dtype, all...), New(Bool, all...)
	for b := range r.Batch {
		for h := range r.Heads {
			for i := range r.Queries {
				row, none := ((b*r.Heads+h)*r.Queries+i)*r.Keys, true
				for j := range r.Keys {
					seen := r.shows(b, h, i, j)
					none = none && !seen
					if !seen {
						hidden.set(row+j, 1)
					}
					if r.Slopes != nil {
						slopes.set(row+j, -r.Slopes[h]*math.Abs(float64(r.position(b, i)-j)))
					}
				}
				for j := range r.Keys {
					if none {
						hidden.set(row+j, 0)
						blind.set(row+j, 1)
					}
				}
			}
		}
	}
	return hidden, slopes, blind
}

// shows says whether query i of head h of sample b sees key j.
func (a *attended) shows(b, h, i, j int) bool {
	if !a.sees(b, i, j) {
		return false
	}
	if a.mask == nil {
		return true
	}
	v := a.mask.at(a.maskRow(b, h, i) + j)
	if a.mask.dtype == Bool {
		return v != 0
	}
	return !math.IsInf(v, -1)
}

// maskRow is where a row of the mask begins.
func (a *attended) maskRow(b, h, i int) int {
	n := a.maskSteps()
	return b*n[0] + h*n[1] + i*n[2]
}

// maskSteps are how far its batches, heads and rows lie apart.
func (a *attended) maskSteps() (steps [3]int) {
	n := a.Keys
	for axis := 2; axis >= 0; axis-- {
		if a.mask.shape[axis] > 1 {
			steps[axis] = n
		}
		n *= a.mask.shape[axis]
	}
	return steps
}
