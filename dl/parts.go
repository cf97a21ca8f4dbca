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

// fill writes zeros where no slice was, from a place on before which there is none.
func (p *partial) fill(at int) {
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
		b.partials[i].fill(0)
		b.partials = slices.Delete(b.partials, i, i+1)
	}
}

// leave is close for the result of r, whose turn it is. Where only the last states of a recurrent layer were used, as of a
// classifier, it says so in the place of zeros for all of its outputs.
func (b *sweep) leave(r record) {
	rec, ok := r.(*recurrentRecord)
	if !ok || rec.shown {
		b.close(r.head().out)
		return
	}
	i := b.open(rec.node.out)
	rec.lastOnly = i >= 0 && b.partials[i].axis == 0 && b.partials[i].spans[0].lo > rec.steps
	if rec.lastOnly {
		b.partials[i].fill(rec.steps + 1)
		b.partials = slices.Delete(b.partials, i, i+1)
		return
	}
	b.close(rec.node.out)
}

// closeAll completes all partial gradients.
func (b *sweep) closeAll() {
	for i := range b.partials {
		b.partials[i].fill(0)
	}
	clear(b.partials)
	b.partials = b.partials[:0]
}

// within is buffer for a function that writes all of the gradient of x. Where x is rows of a result of which only slices were
// used so far, it is a part of that one's gradient: nothing is copied there afterwards.
func (b *sweep) within(x *Tensor) (g *Tensor, fresh bool) {
	v, ok := x.from.(*viewRecord)
	if !ok || !v.sliced || v.axis != 0 || v.shown || v.x.from == nil || v.x.dtype != x.dtype || !b.wants(v.x) || b.begun(x) {
		return b.buffer(x)
	}
	if !b.begun(v.x) {
		whole, _ := b.buffer(v.x)
		b.partials = append(b.partials, partial{x: v.x, g: whole})
	}
	i := b.open(v.x)
	if i < 0 || b.partials[i].axis != 0 || !b.partials[i].take(v.span) {
		return b.buffer(x)
	}
	whole := b.partials[i].g
	v.grad = viewOf(whole, layout{x.shape, v.strides, whole.offset + v.offset})
	b.keep(v.grad)
	return v.grad, true
}

// isWithin reports whether dy, the gradient of a view of x at the given place, is a part of that of x already.
func (b *sweep) isWithin(x, dy *Tensor, offset int) bool {
	if !b.begun(x) {
		return false
	}
	g := b.current(x)
	return g != nil && g.storage == dy.storage && g.offset+offset == dy.offset
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
