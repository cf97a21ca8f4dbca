package main

func init() { vectors = append(vectors, memory...) }

// memory are kernels whose only work is to read and write: extremes, and parts of what goes over rows.
var memory = []kernel{
	{"fill", "p0 = s0", 1, func(b *body) { b.store(0, b.scalar(0)) }},
	{"divScalar", "p0 = p1 / s0", 1, func(b *body) { b.store(0, b.div(b.load(1), b.scalar(0))) }},
	{"find", "r0 = the least number, from 0 on, of the elements of p0 that are s0 or NaN; p1 holds 0, 1, 2, ...", 1, func(b *body) {
		x, at := b.load(0), b.toFloat(b.index(1))
		none := b.bits(0x7f800000)
		b.accumulate(0, "min", b.choose(b.equal(x, x), b.choose(b.equal(x, b.scalar(0)), at, none), at))
	}},
	{"largestRow", "p0 = the larger of p0 and p2, NaN if one is, p1 = s0 where it is p2 and p0 was less", 1, func(b *body) {
		b.better(func(x, best value) value { return b.greater(x, best) })
	}},
	{"smallestRow", "p0 = the smaller of p0 and p2, NaN if one is, p1 = s0 where it is p2 and p0 was more", 1, func(b *body) {
		b.better(func(x, best value) value { return b.greater(best, x) })
	}},
	{"sumExp", "r0 = sum of e^(p0 - s0)", 2, func(b *body) {
		b.fetch(0)
		b.accumulate(0, "add", b.expNormal(b.sub(b.load(0), b.scalar(0))))
	}},
	{"subTwice", "p0 = (p1 - s0) - s1", 1, func(b *body) {
		b.fetch(0)
		b.store(0, b.sub(b.sub(b.load(1), b.scalar(0)), b.scalar(1)))
	}},
	{"logSoftmaxGrad", "p0 = p2 - e^p1 * s0", 1, func(b *body) {
		b.fetch(0, 1, 2)
		b.store(0, b.fnma(b.expNormal(b.load(1)), b.scalar(0), b.load(2)))
	}},
}

// better takes the elements of row p2, number s0, that are better than those of p0 so far.
func (b *body) better(than func(x, best value) value) {
	best, x := b.load(0), b.load(2)
	at := b.load(1)
	better := than(x, best)
	value, number := b.choose(better, x, best), b.choose(better, b.scalar(0), at)
	first := b.equal(best, best) // no NaN so far
	known := b.equal(x, x)
	value, number = b.choose(known, value, b.choose(first, x, best)), b.choose(known, number, b.choose(first, b.scalar(0), at))
	b.store(0, value)
	b.store(1, number)
}
