package conv

// places are those of an axis of a result under which the same taps lie, and how these taps slide over what they are
// taken from. A convolution has one kind of places along an axis; the gradient of its input has one for each of the pixels
// of a stride.
type places struct {
	first, step, count int // places of the result
	from, move         int // the place under the first tap, and how far that moves from a place of the result to the next
	taps, apart        int // how many taps, and how far the next one is in what they are taken from
	tap, next          int // the first one's number in the kernel, and from that of a tap to the next one's
}

// ahead are the places of a result.
func ahead(out, kernel, stride, dilation, pad int) places {
	return places{first: 0, step: 1, count: out, from: -pad, move: stride, taps: kernel, apart: dilation, tap: 0, next: 1}
}

// behind appends the places of an input, to which the gradient of the result leads back: the taps from the last to the
// first, so that these, too, lie in order.
func behind(list []places, size, kernel, stride, dilation, pad int) []places {
	for r := range stride {
		p := phaseOf(r, size, kernel, stride, dilation, pad)
		if p.count == 0 {
			continue
		}
		last := max(p.taps-1, 0)
		list = append(list, places{first: p.first, step: stride, count: p.count, from: p.from - last*p.back, move: 1,
			taps: p.taps, apart: p.back, tap: p.tap + last*p.step, next: -p.step})
	}
	return list
}

// of returns the kind of a place, and its number among these.
func of(list []places, place int) (kind, i int) {
	for k := range list {
		if d := place - list[k].first; d >= 0 && d%list[k].step == 0 {
			return k, d / list[k].step
		}
	}
	panic("conv: a place of no kind")
}

// within returns the taps at place i that lie in an axis of some size: from <= tap < to, none where to <= from.
func (p *places) within(i, size int) (from, to int) {
	at := p.from + i*p.move
	if at < 0 {
		from = (-at + p.apart - 1) / p.apart
	}
	if at >= size {
		return from, 0
	}
	return from, min(p.taps, (size-1-at)/p.apart+1)
}

// inside is within where the runs of so many elements that the taps beside the axis part are worth it, and all taps where they
// are not.
func (p *places) inside(i, size, elements int) (from, to int) {
	if elements < 8 {
		return 0, p.taps
	}
	from, to = p.within(i, size)
	return from, max(from, to)
}

// runs calls f for the places from to to-1, those together that have the same taps in an axis of some size and under which
// these lie one after the other.
func (p *places) runs(from, to, size int, f func(from, to, tap0, tap1 int)) {
	for i := from; i < to; {
		tap0, tap1 := p.within(i, size)
		k := i + 1
		for p.move == 1 && k < to {
			if a, b := p.within(k, size); a != tap0 || b != tap1 {
				break
			}
			k++
		}
		f(i, k, tap0, tap1)
		i = k
	}
}
