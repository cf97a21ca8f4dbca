package dist

import "C"

import (
	"slices"

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
	return min(s.width, len(s.factors)/(s.rows[s.c.size]+s.c.size*s.width))
}

// place puts this rank's factors where others look for them: its first sample is number before of all. For each rank there
// are the columns of all ranks' X that its rows are products of, and all DY.
func (s *share) place(before, all int) {
	n, in, at := int(s.samples), s.rows[s.c.size], 0
	if n == 0 {
		return
	}
	for r := range s.c.size {
		own := s.height(r)
		columns(s.x[s.rows[r]:], n, in, own, s.factors[at+before*own:])
		copy(s.factors[at+all*own+before*s.width:], s.dy)
		at += all * (own + s.width)
	}
}

// placed are the factors that place has put where this rank looks for them.
func (s *share) placed(all int) (x, dy []float32) {
	own := s.height(s.c.rank)
	from := s.factors[all*(s.rows[s.c.rank]+s.c.rank*s.width):]
	return from[:all*own], from[all*own:][:all*s.width]
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
		if s.mixed = most >= 0; !s.mixed {
			s.sendGradients()
		}
	default:
		before, all := s.before()
		if least != most { // each has taken the others to have as many samples as itself
			s.place(before, all)
			s.c.Barrier()
		}
		s.part.Values, s.part.Samples = nil, all
		s.part.X, s.part.DY = s.placed(all)
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
	all := s.c.take(n * s.c.size)
	if all == nil {
		return
	}
	if s.factors = s.c.take(n); s.factors == nil {
		s.c.giveBack(all)
		return
	}
	for r := range s.c.size {
		s.grads = append(s.grads, all[r*n:(r+1)*n])
	}
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
		s.grads, s.factors = nil, nil
	}
}
