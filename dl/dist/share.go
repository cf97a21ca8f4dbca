package dist

// #include "calls.h"
import "C"

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
)

// A share is how ranks share the optimizer's work for a large matrix (stage 1 of ZeRO, Rajbhandari et al., 2020): each gets
// the sums of the gradients of some rows, takes the step for these, and sends their new values to all. That is what an
// AllReduce sends, and each rank takes a part of the step only.
//
// The gradient of a layer's weights is a product X^T DY of what went in and what came back, with a row for each sample.
// Where a batch has fewer samples than a row of the weights has values, ranks send each other the columns of X of their
// rows, and DY, in place of gradients (sufficient factors, Xie et al., 2014): that is less, and the gradient is never
// written to memory.
//
// On one host the parameter, the gradients and the factors lie in memory that all ranks have in common, and each reads there
// what it needs of the others' once the sums of small gradients are there, for which all ranks have waited: nothing else is
// sent.
type share struct {
	c       *Comm
	p       *dl.Tensor
	width   int     // values of a row
	rows    []int   // rank r has rows[r] to rows[r+1]
	counts  []C.int // values of each rank's rows
	starts  []C.int
	samples C.int     // of this rank's factors, 0 without a gradient, or written
	of      []C.int   // those of each rank
	x, dy   []float32 // this rank's factors
	grad    []float32 // this rank's gradient, where it is written
	mixed   bool      // only some ranks have factors
	some    bool      // a rank has a gradient
	part    gradient.Part

	send, received, dys []float32

	// Of ranks on one host:
	common  []float32   // where the parameter lies
	own     []float32   // where it lay, and will
	grads   [][]float32 // where the gradient of each rank lies; nil: there is no room for gradients and factors
	factors []float32   // where the factors of all ranks lie: see place
	pieces  []int       // into which the rows are divided, as rows
	taken   []float32   // how many of each rank's pieces are: see next
	all     int         // samples of all ranks' factors; 0: gradients are written
	kept    []slot      // what the optimizer remembers, and
	dynamic bool        // so all of it is in common that a rank may take the others' pieces
	laid    *dl.Tensor  // this rank's, when it lies there
	ownGrad []float32   // where that lay, and will
}

// written says that a rank's gradient is in memory.
const written = -1

// newShare shares the rows of p, or the values where it is no matrix.
func newShare(c *Comm, p *dl.Tensor) *share {
	s := &share{c: c, p: p, width: 1, of: make([]C.int, c.size)}
	rows := p.Size()
	if p.Rank() == 2 {
		rows, s.width = p.Dim(0), p.Dim(1)
	}
	for r := range c.size + 1 {
		s.rows = append(s.rows, rows*r/c.size)
	}
	for r := range c.size {
		s.counts = append(s.counts, C.int(s.height(r)*s.width))
		s.starts = append(s.starts, C.int(s.rows[r]*s.width))
	}
	s.part.Lo, s.part.Hi = s.rows[c.rank]*s.width, s.rows[c.rank+1]*s.width
	return s
}

// height is how many rows a rank has.
func (s *share) height(rank int) int { return s.rows[rank+1] - s.rows[rank] }

// begin forgets the last step.
func (s *share) begin() {
	s.samples, s.x, s.dy, s.grad, s.mixed, s.some = 0, nil, nil, nil, false, false
	if s.near() {
		atomic.StoreInt32(s.count(s.c.rank), 0) // the others have ended their step
	}
}

// take looks for this rank's gradient and reports whether there is one.
func (s *share) take() bool {
	x, dy, n := gradient.Factors(s.p)
	if n > 0 && n*s.c.size <= s.most() {
		if s.x, s.dy, s.samples = x, dy, C.int(n); s.near() {
			s.place(s.c.rank*n, s.c.size*n)
		}
		return true
	}
	return s.write()
}

// write is take of a gradient in memory.
func (s *share) write() bool {
	grad := s.p.Grad()
	if grad == nil {
		return false
	}
	s.grad, s.samples = grad.Float32s(), written
	if s.grads != nil {
		s.lay(grad)
	}
	return true
}

// columns copies the first columns of a matrix of n rows, which lie stride values apart.
func columns(from []float32, n, stride, columns int, to []float32) {
	if n*columns > 0 {
		C.dist_columns((*C.float)(unsafe.Pointer(&from[0])), C.size_t(n), C.size_t(stride), C.size_t(columns), (*C.float)(unsafe.Pointer(&to[0])))
	}
}

// before counts the samples of the ranks before this one, and of all.
func (s *share) before() (before, all int) {
	for r, k := range s.of {
		if r < s.c.rank {
			before += int(k)
		}
		all += int(k)
	}
	return before, all
}

// exchange is find of ranks that have no memory in common. It may go on while Backward does.
func (s *share) exchange() {
	c := s.c
	s.of[c.rank] = s.samples
	each, places := make([]C.int, c.size), make([]C.int, c.size)
	for r := range each {
		each[r], places[r] = 4, C.int(4*r)
	}
	c.call("the exchange of gradients", func() C.int {
		return C.dist_all_gather(nil, 0, unsafe.Pointer(&s.of[0]), &each[0], &places[0], C.dist_byte)
	})
	least, most := slices.Min(s.of), slices.Max(s.of)
	s.some = least != 0 || most != 0
	switch {
	case !s.some:
	case least >= 0:
		s.sendFactors()
	case most < 0:
		s.sendGradients()
	default:
		s.mixed = true // only the goroutine of Backward may compute products
	}
}

// sendFactors gives this rank the columns of all ranks' X that its rows are products of, and all DY.
func (s *share) sendFactors() {
	c, n := s.c, int(s.samples)
	before, all := s.before()
	in, own := s.rows[c.size], s.height(c.rank)
	s.send, s.received, s.dys = sized(s.send, n*(in-own)), sized(s.received, all*own), sized(s.dys, all*s.width)
	counts, starts := make([]C.int, c.size), make([]C.int, c.size)
	from, places := make([]C.int, c.size), make([]C.int, c.size)
	dyCounts, dyPlaces := make([]C.int, c.size), make([]C.int, c.size)
	sent, got := 0, 0
	for r := range c.size {
		to := s.send[sent:]
		if r == c.rank {
			to = s.received[before*own:]
		} else {
			counts[r], from[r] = C.int(n*s.height(r)), s.of[r]*C.int(own)
		}
		if n > 0 {
			columns(s.x[s.rows[r]:], n, in, s.height(r), to)
		}
		starts[r], places[r], dyCounts[r], dyPlaces[r] = C.int(sent), C.int(got*own), s.of[r]*C.int(s.width), C.int(got*s.width)
		sent += int(counts[r])
		got += int(s.of[r])
	}
	copy(s.dys[before*s.width:], s.dy)
	c.call("the exchange of factors of gradients", func() C.int {
		return C.dist_all_to_all(address(s.send), &counts[0], &starts[0], address(s.received), &from[0], &places[0], C.dist_float32)
	})
	c.call("the exchange of factors of gradients", func() C.int {
		return C.dist_all_gather(nil, 0, address(s.dys), &dyCounts[0], &dyPlaces[0], C.dist_float32)
	})
	s.part.Values, s.part.X, s.part.DY, s.part.Samples = nil, s.received, s.dys, all
}

// sendGradients adds up the gradients of this rank's rows.
func (s *share) sendGradients() {
	c, own := s.c, s.part.Hi-s.part.Lo
	s.received = sized(s.received, own*(c.size-1))
	counts, from, places := slices.Clone(s.counts), make([]C.int, c.size), make([]C.int, c.size)
	counts[c.rank] = 0
	at := 0
	for r := range c.size {
		places[r] = C.int(at)
		if r != c.rank {
			from[r] = C.int(own)
			at += own
		}
	}
	c.call("the exchange of gradients", func() C.int {
		return C.dist_all_to_all(address(s.grad), &counts[0], &s.starts[0], address(s.received), &from[0], &places[0], C.dist_float32)
	})
	s.part.Values = s.grad[s.part.Lo:s.part.Hi]
	for others := s.received; len(others) > 0; others = others[own:] {
		add(s.part.Values, others[:own])
	}
}

// add adds values to as many others.
func add(to, values []float32) {
	if len(values) > 0 {
		C.dist_add((*C.float)(unsafe.Pointer(&to[0])), (*C.float)(unsafe.Pointer(&values[0])), C.size_t(len(values)))
	}
}

// finish leaves the parameter its part of the gradient, none where no rank has one.
func (s *share) finish() {
	if s.mixed {
		if s.write(); s.grad == nil {
			(&member{parameter: s.p}).zero()
			s.write()
		}
		if s.near() {
			s.c.Barrier() // all have written
			s.all = 0
		} else {
			s.sendGradients()
		}
	}
	if s.some {
		gradient.Share(s.p, s.part)
	}
}

// spread gives all ranks each one's rows of values of the parameter's shape.
func (s *share) spread(values []float32) {
	s.c.call("the exchange of weights", func() C.int {
		return C.dist_all_gather(nil, 0, address(values), &s.counts[0], &s.starts[0], C.dist_float32)
	})
}

// sized returns memory for n values, which are undefined.
func sized(memory []float32, n int) []float32 {
	if cap(memory) < n {
		return make([]float32, n)
	}
	return memory[:n]
}

// address is that of values, of which there may be none.
func address(values []float32) unsafe.Pointer { return unsafe.Pointer(unsafe.SliceData(values)) }

// Share lets ranks share the optimizer's work for large parameters: see [train.Sharer].
func (g *gradients) Share(inPlace bool) {
	if g.c.BFloat16 {
		return
	}
	for _, b := range g.buckets {
		if len(b.members) == 1 && b.values == nil {
			if p := b.members[0].parameter; p.DType() == dl.Float32 && p.Size() < most {
				b.share = newShare(g.c, p)
				if inPlace {
					b.share.join()
				}
			}
		}
	}
	if inPlace {
		g.c.Barrier()
	}
}

// Separate gives each rank parameters of its own: see [train.Sharer].
func (g *gradients) Separate() {
	for _, b := range g.buckets {
		if b.share != nil {
			b.share.separate()
		}
	}
}

// Spread gives all ranks the new values of the parameters: see [train.Sharer].
func (g *gradients) Spread() {
	g.passes("optimizer")
	defer g.passes("new weights")
	wait := false
	for _, b := range g.buckets {
		switch s := b.share; {
		case s == nil || !s.some:
		case s.common != nil:
			wait = true
			s.p.Changed()
		default:
			s.spread(s.p.Float32s())
			s.p.Changed()
		}
	}
	if wait {
		g.c.Barrier()
	}
}

// Keep lets what the optimizer remembers lie in memory that all ranks have: see [train.Sharer].
func (g *gradients) Keep(p *dl.Tensor, slots []*dl.Tensor) {
	if m := g.of[p]; m != nil && m.bucket.near() {
		m.bucket.share.keep(slots)
	}
}

// Complete gives all ranks what each remembers of its part: see [train.Sharer].
func (g *gradients) Complete(p *dl.Tensor, slot *dl.Tensor) {
	if m := g.of[p]; m != nil && m.bucket.share != nil && slot.Size() == p.Size() && !m.bucket.share.keeps(slot) {
		m.bucket.share.spread(slot.Float32s())
		slot.Changed()
	}
}
