package data

import (
	"cmp"
	"math"
	"slices"

	"modelbook/dl"
)

// Random takes samples at random: a part of them, none twice, or with replacement, as PyTorch's RandomSampler with
// num_samples.
type Random struct {
	Samples int  // in a pass; 0: as many as the dataset has
	Replace bool // a sample may be taken several times
}

// Count is the number of samples in a pass: see [Counter].
func (s Random) Count(n int) int {
	mustBeCount("data.Random", s.Samples)
	mustBeCount("data.Random", n)
	if count := cmp.Or(s.Samples, n); s.Replace {
		return count
	} else {
		return min(count, n)
	}
}

// Order draws the samples of a pass: see [Sampler].
func (s Random) Order(n int, r *dl.Rand) []int {
	count := s.Count(n)
	if !s.Replace {
		return r.Perm(n)[:count]
	}
	if n == 0 {
		return nil
	}
	order := make([]int, count)
	for i := range order {
		order[i] = r.IntN(n)
	}
	return order
}

// Stratified takes every sample once, in an order in which each batch has the classes in the proportion of the whole
// set, give or take one sample.
type Stratified struct {
	Labels []int32 // the class of each sample: see [Labels]
}

// Order draws the samples of a pass: see [Sampler].
func (s Stratified) Order(n int, r *dl.Rand) []int {
	// Each class is spread evenly over the pass, from a place of its own: sample i of m stands at (i+u)/m.
	type placed struct {
		at     float64
		sample int
	}
	var all []placed
	for _, samples := range byClass("data.Stratified", s.Labels, n) {
		u := r.Float64()
		for i, sample := range shuffled(samples, r) {
			all = append(all, placed{(float64(i) + u) / float64(len(samples)), sample})
		}
	}
	slices.SortStableFunc(all, func(a, b placed) int { return cmp.Compare(a.at, b.at) })
	order := make([]int, n)
	for i, p := range all {
		order[i] = p.sample
	}
	return order
}

// ByLength puts sequences of similar length into one batch, so that little is filled up: it shuffles all samples, sorts
// stretches of Window batches by length and shuffles the batches of these. BatchSize must be the Loader's.
type ByLength struct {
	Lengths   []int // of each sample: see [Sequences.Lengths]
	BatchSize int   // 0: 32, as in a Loader
	Window    int   // batches that are sorted together; 0: 50. More: less is filled up, but batches are less random
}

// Order draws the samples of a pass: see [Sampler].
func (s ByLength) Order(n int, r *dl.Rand) []int {
	if len(s.Lengths) != n {
		dl.PanicValue("data.ByLength", "%d lengths for %d samples", len(s.Lengths), n)
	}
	size, window := cmp.Or(s.BatchSize, 32), cmp.Or(s.Window, 50)
	if size < 1 || window < 1 || window > math.MaxInt/size {
		dl.PanicValue("data.ByLength", "windows of %d batches of %d", window, size)
	}
	order := r.Perm(n)
	var batches [][]int
	for stretch := range slices.Chunk(order, size*window) {
		slices.SortStableFunc(stretch, func(a, b int) int { return cmp.Compare(s.Lengths[a], s.Lengths[b]) })
		batches = slices.AppendSeq(batches, slices.Chunk(stretch, size))
	}
	whole := n / size // a last batch that is not full stays last: else those after it would be parts of two
	out := make([]int, 0, n)
	for _, i := range r.Perm(whole) {
		out = append(out, batches[i]...)
	}
	for _, b := range batches[whole:] {
		out = append(out, b...)
	}
	return out
}

// Lengths is the number of tokens of each sequence.
func (s *Sequences) Lengths() []int {
	lengths := make([]int, len(s.Tokens))
	for i, tokens := range s.Tokens {
		lengths[i] = len(tokens)
	}
	return lengths
}

// Shard takes the share of one of several programs that train together: of what Sampler takes (nil: all samples in a
// random order) every Size-th, beginning with the one at Rank. No sample is taken by two. All must draw the same order, so
// their Loaders need a Shuffle of the same seed; PyTorch's DistributedSampler has that as its seed and set_epoch.
type Shard struct {
	Rank, Size int // this program's number from 0, and how many there are
	Sampler    Sampler
	InOrder    bool // without a Sampler: in the dataset's order
	DropLast   bool // all take equally many samples, up to Size-1 are left out; otherwise some take one more
}

func (s Shard) check(n int) {
	mustBeCount("data.Shard", n)
	if s.Size < 1 || s.Rank < 0 || s.Rank >= s.Size {
		dl.PanicValue("data.Shard", "there is no rank %d of %d", s.Rank, s.Size)
	}
}

// Count is the number of samples in a pass: see [Counter].
func (s Shard) Count(n int) int {
	s.check(n)
	if c, ok := s.Sampler.(Counter); ok {
		n = c.Count(n)
	}
	if s.DropLast {
		return n / s.Size
	}
	return batches(max(n-s.Rank, 0), s.Size)
}

// Order draws the samples of a pass: see [Sampler].
func (s Shard) Order(n int, r *dl.Rand) []int {
	s.check(n)
	var all []int
	switch {
	case s.Sampler != nil:
		all = s.Sampler.Order(n, r)
	case s.InOrder:
		all = sequence(n)
	default:
		all = r.Perm(n)
	}
	if s.DropLast {
		all = all[:len(all)/s.Size*s.Size]
	}
	var own []int
	for i := s.Rank; i < len(all); i += s.Size {
		own = append(own, all[i])
		if s.Size > len(all)-i { // where i + Size is no int
			break
		}
	}
	return own
}
