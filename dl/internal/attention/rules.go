package attention

import "modelbook/dl/internal/vec"

// Rules say which keys a query sees, and what happens to its scores and weights.
type Rules struct {
	Scale   float32 // of the products of queries and keys, above 0
	Causal  bool    // the query at position p sees the keys 0..p
	Window  int     // and of these the last ones only; 0: all
	Offsets []int   // positions of the first query of each batch; nil: the last query has that of the last key
	Lengths []int   // numbers of keys of each batch; nil: all
	// Slopes, one for each head, make scores smaller by the slope times the
	// distance of query and key.
	Slopes []float64
	Mask   Mask
	// Dropout sets weights to 0, see vec.Dropout: they are numbered in the order of
	// [Batch, Heads, Queries, Keys].
	Threshold uint32 // 0: none
	Keep      float32
	Key       uint64
}

// A Mask has rows of Keys elements, for batches, heads and queries that begin so
// far apart, 0 for one row for all. Keys whose element of Shown is false are not
// seen; elements of Added are added to the scores, and their gradients, which
// are those of [Batch, Heads, Queries, Keys], are written to Grad, unless that is
// nil.
type Mask struct {
	Shown                []bool
	Added                []float32
	Grad                 []float32
	Batch, Head, Queries int
}

// A sight is what queries of one batch see.
type sight struct {
	causal         bool
	window         int
	offset, length int
}

func (r *Rules) sight(s Shape, batch int) sight {
	at := sight{r.Causal, r.Window, s.Keys - s.Queries, s.Keys}
	if r.Offsets != nil {
		at.offset = r.Offsets[batch]
	}
	if r.Lengths != nil {
		at.length = r.Lengths[batch]
	}
	return at
}

// begin and end are the keys that query i sees, as far as they do not depend on
// a mask.
func (s *sight) begin(i int) int {
	if s.window == 0 {
		return 0
	}
	return min(max(0, s.offset+i+1-s.window), s.length)
}

func (s *sight) end(i int) int {
	if !s.causal {
		return s.length
	}
	return min(max(0, s.offset+i+1), s.length)
}

// from and to are the same among the n keys from k0 on.
func (s *sight) from(i, k0, n int) int { return min(max(s.begin(i)-k0, 0), n) }
func (s *sight) to(i, k0, n int) int   { return min(max(s.end(i)-k0, 0), n) }

// seers are the queries first to last-1 that see some of the keys lo to hi-1.
func (s *sight) seers(lo, hi int) (first, last int) {
	const all = 1 << 60
	if !s.causal {
		return 0, all
	}
	if s.window == 0 {
		return lo - s.offset, all
	}
	return lo - s.offset, hi - 1 - s.offset + s.window
}

// adjust applies slopes and masks to the products of query i and keys from k0
// on, and returns the scale that is still to be applied.
func (w *worker) adjust(h *head, r *Rules, scores []float32, i, k0 int) (scale float32) {
	scale = r.Scale
	if r.Slopes == nil && r.Mask.Added == nil && r.Mask.Shown == nil {
		return scale
	}
	if r.Slopes != nil || r.Mask.Added != nil {
		vec.Scale(scores, scale, scores)
		scale = 1
	}
	if r.Slopes != nil {
		vec.Axpy(-float32(r.Slopes[h.number]), w.distance(h.offset+i-k0, len(scores)), scores)
	}
	row := h.batch*r.Mask.Batch + h.number*r.Mask.Head + i*r.Mask.Queries + k0
	if r.Mask.Added != nil {
		vec.Add(scores, scores, r.Mask.Added[row:][:len(scores)])
	}
	if r.Mask.Shown != nil {
		for k, shown := range r.Mask.Shown[row:][:len(scores)] {
			if !shown {
				scores[k] = hidden
			}
		}
	}
	return scale
}

// distance returns those between position p and the positions 0..n-1.
func (w *worker) distance(p, n int) []float32 {
	most := max(p, n-1-p) // the largest
	if len(w.distances) < 2*most+1 {
		most = max(2*most, keyBlock)
		w.distances = make([]float32, 2*most+1)
		for k := range w.distances {
			w.distances[k] = float32(max(k-most, most-k))
		}
	}
	return w.distances[len(w.distances)/2-p:][:n]
}

// drop writes x, weights of query i of the keys from k0 on, or what is
// proportional to them, to dst without those that are dropped.
func (r *Rules) drop(h *head, dst, x []float32, i, k0 int) {
	if r.Threshold > 0 {
		vec.Dropout(dst, x, r.Key, r.number(h, i, k0), r.Threshold, r.Keep)
	}
}

// number is that of a weight.
func (r *Rules) number(h *head, i, k int) int {
	return ((h.batch*h.Heads+h.number)*h.Queries+i)*h.Keys + k
}

// maskGrad writes the gradients of what was added to the scores, d/Scale.
func (r *Rules) maskGrad(h *head, d []float32, i, k int) {
	if r.Mask.Grad != nil {
		vec.Scale(r.Mask.Grad[r.number(h, i, k):][:len(d)], 1/r.Scale, d)
	}
}
