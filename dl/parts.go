package dl

import "slices"

// A partial is the gradient of a tensor of which a sweep has seen slices only,
// along one axis. Its elements are undefined outside of the spans: each slice's
// gradient is written once, where it belongs, and zeros only where there was no
// slice at all. So the gradient of Split takes one pass over memory.
type partial struct {
	x, g  *Tensor
	axis  int
	spans [8]span // in their order, apart from each other
	count int
}

// A span is the places lo <= i < hi of an axis.
type span struct{ lo, hi int }

// take adds a span and reports whether it could: not one that overlaps others,
// nor one more than there is room for.
func (p *partial) take(s span) bool {
	at := 0
	for at < p.count && p.spans[at].lo < s.lo {
		at++
	}
	before, after := at > 0 && p.spans[at-1].hi >= s.lo, at < p.count && p.spans[at].lo <= s.hi
	switch {
	case before && p.spans[at-1].hi > s.lo, after && p.spans[at].lo < s.hi:
		return false
	case before && after:
		p.spans[at-1].hi = p.spans[at].hi
		copy(p.spans[at:], p.spans[at+1:p.count])
		p.count--
	case before:
		p.spans[at-1].hi = s.hi
	case after:
		p.spans[at].lo = s.lo
	case p.count == len(p.spans):
		return false
	default:
		copy(p.spans[at+1:], p.spans[at:p.count])
		p.spans[at] = s
		p.count++
	}
	return true
}

// fill writes zeros where no slice was.
func (p *partial) fill() {
	at := 0
	for i := range p.count {
		p.clear(at, p.spans[i].lo)
		at = p.spans[i].hi
	}
	p.clear(at, p.x.shape[p.axis])
}

// clear writes zeros to a span.
func (p *partial) clear(lo, hi int) {
	if lo == hi {
		return
	}
	zero := result(p.g.dtype, nil)
	zero.clear()
	part := p.g.layout().narrow(p.axis, lo, hi)
	move(p.g.storage, part, zero.storage, zero.layout().expand(part.shape), false)
}

// open returns the number of the partial gradient of x, or -1.
func (b *sweep) open(x *Tensor) int {
	return slices.IndexFunc(b.partials, func(p partial) bool { return p.x == x })
}

// close completes the gradient of x if it is a partial one.
func (b *sweep) close(x *Tensor) {
	if len(b.partials) == 0 {
		return
	}
	if i := b.open(x); i >= 0 {
		b.partials[i].fill()
		b.partials = slices.Delete(b.partials, i, i+1)
	}
}

// closeAll completes all partial gradients.
func (b *sweep) closeAll() {
	for i := range b.partials {
		b.partials[i].fill()
	}
	clear(b.partials)
	b.partials = b.partials[:0]
}

// addSlice adds dy to a part of the gradient of x: to the span of an axis that
// begins at the given place, and lies as l says in a row-major x.
func (b *sweep) addSlice(x, dy *Tensor, axis int, s span, l layout) {
	i := b.open(x)
	if i < 0 && !b.begun(x) && s.lo < s.hi {
		g, _ := b.buffer(x)
		b.partials = append(b.partials, partial{x: x, g: g, axis: axis})
		i = len(b.partials) - 1
	}
	if i >= 0 && b.partials[i].axis == axis && b.partials[i].take(s) {
		g := b.partials[i].g
		l.offset += g.offset
		move(g.storage, l, dy.storage, dy.layout(), false)
		return
	}
	g, fresh := b.buffer(x)
	if fresh {
		g.clear()
	}
	l.offset += g.offset
	move(g.storage, l, dy.storage, dy.layout(), true)
}
