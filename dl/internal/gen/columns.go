package main

func init() { vectors = append(vectors, columns...) }

// columns are kernels that go down columns, a row of each operand or a few at a time; what is known of the columns stays in
// the first cache.
var columns = []kernel{
	{"addExact", "p0 += p2, p1 += what that rounds off", 1, func(b *body) {
		sum, lost := b.addExact(b.load(0), b.load(1), b.load(2))
		b.store(0, sum)
		b.store(1, lost)
	}},
	{"scanRow", "p0 + p1 += p2 in twice the digits, p3 = p0", 1, func(b *body) {
		sum, lost := b.addExact(b.load(0), b.load(1), b.load(2))
		b.store(3, b.storeExact(sum, lost))
	}},
	{"scanTwoRows", "scanRow of p2 to p3, then of p4 to p5", 1, func(b *body) {
		sum, lost := b.addExact(b.load(0), b.load(1), b.load(2))
		b.store(3, b.add(sum, lost))
		sum, lost = b.addExact(sum, lost, b.load(4))
		b.store(5, b.storeExact(sum, lost))
	}},
	{"maximumRows", "p0 = the largest of p0 to p4, NaN if one is", 1, func(b *body) { b.extremeRows(b.max) }},
	{"minimumRows", "p0 = the smallest of p0 to p4, NaN if one is", 1, func(b *body) { b.extremeRows(b.min) }},
	{"mulAddRows", "p0 += p1 * p2 + p3 * p4", 1, func(b *body) {
		b.store(0, b.fma(b.load(3), b.load(4), b.fma(b.load(1), b.load(2), b.load(0))))
	}},
	{"mulRow", "p0 = the product of 32 vectors of p1 that are 16 elements apart, r0 = the smallest size of a product on the way", 1, func(b *body) {
		b.store(0, b.multiplied(32, func(i int) value { return b.loadFar(1, 16*i) }))
	}},
	{"copy", "p0 = p1", 4, func(b *body) { b.store(0, b.load(1)) }},
	{"addExp", "p0 += e^(p1 - p2)", 1, func(b *body) { b.store(0, b.add(b.load(0), b.exp(b.sub(b.load(1), b.load(2))))) }},
	{"expTimes", "p0 = e^(p1 - p2) * p3", 1, func(b *body) { b.store(0, b.mul(b.exp(b.sub(b.load(1), b.load(2))), b.load(3))) }},
	{"subTwo", "p0 = (p1 - p2) - p3", 1, func(b *body) { b.store(0, b.sub(b.sub(b.load(1), b.load(2)), b.load(3))) }},
	{"softmaxGradRow", "p0 = p1 * (p2 - p3)", 1, func(b *body) { b.store(0, b.mul(b.load(1), b.sub(b.load(2), b.load(3)))) }},
	{"logSoftmaxGradRow", "p0 = p2 - e^p1 * p3", 1, func(b *body) { b.store(0, b.fnma(b.exp(b.load(1)), b.load(3), b.load(2))) }},
}

// addExact returns sum + x and lost with what that rounds off, which is exact (Knuth, The Art of Computer Programming,
// 4.2.2): together they are as good as a sum of twice the digits. Beyond the range of float32 nothing is known of it.
func (b *body) addExact(sum, lost, x value) (value, value) {
	total := b.add(sum, x)
	added := b.sub(total, sum)
	off := b.add(b.sub(sum, b.sub(total, added)), b.sub(x, added))
	return total, b.add(lost, b.known(off))
}

// known is x, or 0 where it is NaN.
func (b *body) known(x value) value { return b.choose(b.equal(x, x), x, b.k(0)) }

// storeExact keeps a sum in p0 and p1, and returns it. What is lost becomes small beside it, so that many more can follow.
func (b *body) storeExact(sum, lost value) value {
	whole := b.add(sum, lost)
	b.store(0, whole)
	b.store(1, b.known(b.sub(lost, b.sub(whole, sum))))
	return whole
}

// extremeRows takes the extremes of four rows and of those so far. An extreme of two values is the second if one is NaN.
func (b *body) extremeRows(extreme func(x, y value) value) {
	best := b.load(0)
	for i := range 4 {
		x := b.load(i + 1)
		best = b.choose(b.equal(best, best), extreme(best, x), best)
	}
	b.store(0, best)
}

// multiplied multiplies n vectors, a power of 2, neighbours first, and keeps the smallest size of a product in result 0.
func (b *body) multiplied(n int, load func(i int) value) value {
	if n == 1 {
		return load(0)
	}
	x := b.multiplied(n/2, load)
	x = b.mul(x, b.multiplied(n/2, func(i int) value { return load(n/2 + i) }))
	b.accumulate(0, "min", b.abs(x))
	return x
}
