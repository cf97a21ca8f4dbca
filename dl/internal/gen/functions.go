package main

// The elementary functions. Where nothing else is said the polynomials are
// those of Moshier's Cephes library, single precision.

const (
	signBit = 0x80000000
	rest    = 0x7fffffff
)

func (b *body) abs(x value) value { return b.and(x, b.bits(rest)) }

// exp is e^x: 2^n times a polynomial in the rest, |rest| <= ln2/2. The limits
// are a little beyond those of float32, the first operands of min and max, so
// that NaN stays.
func (b *body) exp(x value) value { return b.expFrom(-104, x) }

// expNormal is exp for what is added up or scaled afterwards: a result below the smallest normal float32 is 0. A score
// that is hidden, -Inf, costs no more than others: an Intel core takes some 150 cycles for an operation that underflows.
func (b *body) expNormal(x value) value {
	const least = -87.33 // e^least is normal
	return b.choose(b.greater(b.k(least), x), b.k(0), b.expFrom(least, x))
}

// expFrom is e^x of x from least on.
func (b *body) expFrom(least float64, x value) value {
	x = b.min(b.k(89), b.max(b.k(least), x))
	n := b.round(b.mul(x, b.k(1.44269504088896341)))
	r := b.fnma(n, b.k(0.693359375), x)
	r = b.fnma(n, b.k(-2.12194440e-4), r)
	p := b.polynomial(r, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
	return b.scale2(b.add(b.fma(p, b.mul(r, r), r), b.k(1)), n)
}

// log is the natural logarithm.
func (b *body) log(x value) value {
	tiny := b.greater(b.bits(0x00800000), x) // below the normal numbers
	r := b.logNormal(b.choose(tiny, b.mul(x, b.k(1<<23)), x), b.choose(tiny, b.k(23), b.k(0)))
	infinity := b.bits(0x7f800000)
	r = b.choose(b.equal(x, b.k(0)), b.bits(0xff800000), r)
	r = b.choose(b.greater(b.k(0), x), b.bits(0x7fc00000), r)
	r = b.choose(b.equal(x, infinity), infinity, r)
	return b.choose(b.equal(x, x), r, x)
}

// logNormal is ln(y / 2^less) of a positive normal number y = 2^e * m with m in
// [sqrt(1/2), sqrt(2)).
func (b *body) logNormal(y, less value) value {
	e := b.rightSigned(b.isub(y, b.bits(0x3f3504f3)), 23)
	m := b.sub(b.isub(y, b.left(e, 23)), b.k(1))
	f := b.toFloat(e)
	if less != nil {
		f = b.sub(f, less)
	}
	p := b.polynomial(m, 7.0376836292e-2, -1.1514610310e-1, 1.1676998740e-1, -1.2420140846e-1, 1.4249322787e-1,
		-1.6668057665e-1, 2.0000714765e-1, -2.4999993993e-1, 3.3333331174e-1)
	z := b.mul(m, m)
	p = b.mul(b.mul(p, m), z)
	p = b.fma(f, b.k(-2.12194440e-4), p)
	p = b.fnma(b.k(0.5), z, p)
	return b.fma(f, b.k(0.693359375), b.add(m, p))
}

// tanh is a polynomial near 0 and 1 - 2/(e^2|x| + 1) elsewhere.
func (b *body) tanh(x value) value {
	z := b.abs(x)
	big := b.sub(b.k(1), b.div(b.k(2), b.add(b.exp(b.add(z, z)), b.k(1))))
	big = b.or(big, b.and(x, b.bits(signBit)))
	s := b.mul(x, x)
	p := b.polynomial(s, -5.70498872745e-3, 2.06390887954e-2, -5.37397155531e-2, 1.33314422036e-1, -3.33332819422e-1)
	return b.choose(b.greater(z, b.k(0.625)), big, b.fma(b.mul(p, s), x, x))
}

// sigmoid is 1/(1 + e^-x).
func (b *body) sigmoid(x value) value {
	return b.div(b.k(1), b.add(b.k(1), b.exp(b.xor(x, b.bits(signBit)))))
}

// normal returns the standard normal distribution function of x and e^(-x*x/2).
//
// For negative x the function is e^(-x*x/2) * t * P(t), t = 1/(1+0.35|x|/sqrt(2)):
// the form of Abramowitz and Stegun 7.1.26, with P of degree 9 fitted to a
// relative error of 7.5e-9 over 0 <= |x| <= 14.5 by iteratively reweighted
// least squares. The square is exact in two parts, so that the small values of
// the tail keep their digits.
func (b *body) normal(x value) (distribution, bell value) {
	a := b.min(b.k(20), b.abs(x))
	h := b.mul(a, a)
	l := b.fma(a, a, b.xor(h, b.bits(signBit)))
	bell = b.exp(b.mul(h, b.k(-0.5)))
	bell = b.fma(b.mul(bell, l), b.k(-0.5), bell)
	t := b.div(b.k(1), b.fma(a, b.k(0.2474873734152916), b.k(1)))
	p := b.polynomial(t, 0.0194109857, -0.0806410629, 0.0935885948, -0.017801521, 0.0469240461, 0.0711079377,
		0.0762863432, 0.0937947928, 0.0985890863, 0.098740801)
	tail := b.mul(b.mul(p, t), bell)
	return b.choose(b.greater(x, b.k(0)), b.sub(b.k(1), tail), tail), bell
}

// threefry returns the first word of Threefry-2x32 with 13 rounds for the
// counter and a key of two words (Salmon et al., Parallel random numbers: as
// easy as 1, 2, 3, 2011; 13 rounds pass BigCrush).
func (b *body) threefry(counter, key0, key1 value) value {
	key := [3]value{key0, key1, b.xor(b.xor(key0, key1), b.bits(0x1bd11bda))}
	x, y := b.iadd(counter, key[0]), key[1]
	for round, turn := range []int{13, 15, 26, 6, 17, 29, 16, 24, 13, 15, 26, 6, 17} {
		x = b.iadd(x, y)
		y = b.xor(b.rotate(y, turn), x)
		if round%4 == 3 {
			s := round/4 + 1
			x = b.iadd(x, key[s%3])
			y = b.iadd(b.iadd(y, key[(s+1)%3]), b.bits(uint32(s)))
		}
	}
	return x
}
