package dist

import "C"

import (
	"slices"
	"sync/atomic"
	"unsafe"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
)

// Ranks on one host have parameters, gradients and their factors in memory that all of them have: see share.

// near reports whether each rank finds the others' gradients and factors in memory.
func (s *share) near() bool { return s.grads != nil }

// most is how many samples all ranks may have together for their factors to be of use.
func (s *share) most() int {
	if !s.near() {
		return s.width
	}
	return min(s.width, len(s.factors)/(s.rows[s.c.size]+s.width))
}

// place puts this rank's factors where others look for them: its first sample is number before of all. For each piece there
// are the columns of all ranks' X that its rows are products of, one piece behind the other, and then all DY.
func (s *share) place(before, all int) {
	n, in := int(s.samples), s.rows[s.c.size]
	if n == 0 {
		return
	}
	for k, hi := range s.pieces[1:] {
		lo := s.pieces[k]
		columns(s.x[lo:], n, in, hi-lo, s.factors[all*lo+before*(hi-lo):])
	}
	copy(s.factors[all*in+before*s.width:], s.dy)
}

// each is the number of pieces of each rank's rows: ranks divide the work by pieces, so many that none waits long for the
// last, and so few that products of them are as fast as of all.
const each = 8

// divide divides the rows into pieces.
func (s *share) divide() {
	for r := range s.c.size {
		for k := range each {
			s.pieces = append(s.pieces, s.rows[r]+s.height(r)*k/each)
		}
	}
	s.pieces = append(s.pieces, s.rows[s.c.size])
	s.part.Next = s.next
}

// next takes the next piece: one of this rank's own, and when these are all taken one of another's, if it may.
func (s *share) next(p *gradient.Part) bool {
	for i := range s.c.size {
		r := (s.c.rank + i) % s.c.size
		if i > 0 && !s.dynamic {
			break
		}
		if k := int(atomic.AddInt32(s.count(r), 1)) - 1; k < each {
			s.piece(p, r, s.pieces[r*each+k], s.pieces[r*each+k+1])
			return true
		}
	}
	return false
}

// count is how many of a rank's pieces are taken.
func (s *share) count(rank int) *int32 { return (*int32)(unsafe.Pointer(&s.taken[rank*apart])) }

// apart is how many values counts are apart, so that they are in cache lines of their own.
const apart = 32

// piece is the gradient of some of a rank's rows.
func (s *share) piece(p *gradient.Part, rank, lo, hi int) {
	*p = gradient.Part{Lo: lo * s.width, Hi: hi * s.width}
	if s.all > 0 {
		p.X, p.DY, p.Samples = s.factors[s.all*lo:s.all*hi], s.factors[s.all*s.rows[s.c.size]:][:s.all*s.width], s.all
		return
	}
	p.Values = s.grads[rank][p.Lo:p.Hi]
	for r, grad := range s.grads {
		if r != rank {
			add(p.Values, grad[p.Lo:p.Hi])
		}
	}
}

// find looks for what this rank needs of the others' gradients where they lie, when all ranks have put theirs there, and
// said how many samples each has.
func (s *share) find(samples []float32) {
	for r, n := range samples {
		s.of[r] = C.int(n)
	}
	least, most := slices.Min(s.of), slices.Max(s.of)
	s.some = least != 0 || most != 0
	switch {
	case !s.some:
	case least < 0:
		s.mixed, s.all = most >= 0, 0
	default:
		var before int
		before, s.all = s.before()
		if least != most { // each has taken the others to have as many samples as itself
			s.place(before, s.all)
			s.c.Barrier()
		}
	}
}

// join lets the parameter lie in memory that all ranks have, where each changes its rows and need not send them.
func (s *share) join() {
	common := s.c.take(s.p.Size())
	if common == nil {
		return
	}
	if s.own = gradient.Lay(s.p, common); s.own == nil {
		s.c.giveBack(common)
		return
	}
	s.common = common
	copy(common[s.part.Lo:s.part.Hi], s.own[s.part.Lo:s.part.Hi])
	n := s.p.Size()
	all, factors, taken := s.c.take(n*s.c.size), s.c.take(n), s.c.take(s.c.size*apart)
	if all == nil || factors == nil || taken == nil {
		for _, m := range [][]float32{all, factors, taken} {
			if m != nil {
				s.c.giveBack(m) // for the other parameters
			}
		}
		return
	}
	s.factors, s.taken = factors, taken
	s.divide()
	for r := range s.c.size {
		s.grads = append(s.grads, all[r*n:(r+1)*n])
	}
}

// slot is what an optimizer remembers of each value.
type slot struct {
	tensor      *dl.Tensor
	own, common []float32 // where it lay, and will, and where it lies
}

// keep lets slots lie in memory that all ranks have, if each has an element for each of the parameter.
func (s *share) keep(slots []*dl.Tensor) {
	for _, t := range slots {
		if t == nil || t.Size() != s.p.Size() {
			return
		}
	}
	for _, t := range slots {
		common := s.c.take(t.Size())
		if common == nil {
			return
		}
		own := gradient.Lay(t, common)
		if own == nil {
			s.c.giveBack(common)
			return
		}
		copy(common[s.part.Lo:s.part.Hi], own[s.part.Lo:s.part.Hi])
		s.kept = append(s.kept, slot{t, own, common})
	}
	s.c.Barrier()
	s.dynamic = true
}

// keeps reports whether a slot lay, or lies, in memory that all ranks have.
func (s *share) keeps(t *dl.Tensor) bool {
	return slices.ContainsFunc(s.kept, func(k slot) bool { return k.tensor == t })
}

// lay lets this rank's gradient lie where the others see it, from now on.
func (s *share) lay(grad *dl.Tensor) {
	place := s.grads[s.c.rank]
	if grad == s.laid {
		return
	}
	copy(place, s.grad)
	s.grad = place
	if s.laid == nil {
		if s.ownGrad = gradient.Lay(grad, place); s.ownGrad != nil {
			s.laid = grad
		}
	}
}

// separate undoes it.
func (s *share) separate() {
	if s.common == nil {
		return
	}
	copy(s.own, s.common)
	gradient.Lay(s.p, s.own)
	s.c.giveBack(s.common)
	s.common, s.own = nil, nil
	if s.laid != nil {
		gradient.Lay(s.laid, s.ownGrad) // its values are of no more use
		s.laid, s.ownGrad = nil, nil
	}
	if s.grads != nil {
		s.c.giveBack(s.grads[0][:s.p.Size()*s.c.size])
		s.c.giveBack(s.factors)
		s.c.giveBack(s.taken)
		s.grads, s.factors = nil, nil
	}
	for _, k := range s.kept {
		copy(k.own, k.common)
		gradient.Lay(k.tensor, k.own)
		k.tensor.Changed()
		s.c.giveBack(k.common)
	}
}
