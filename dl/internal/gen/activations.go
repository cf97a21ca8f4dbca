package main

func init() { vectors = append(vectors, activations...) }

// activations are functions of neurons, and dy, p1, times their derivatives at p2.
var activations = []kernel{
	{"silu", "p0 = p1 * sigmoid(p1)", 1, func(b *body) {
		x := b.load(1)
		b.store(0, b.mul(x, b.sigmoid(x)))
	}},
	{"siluGrad", "p0 = p1 times the derivative of SiLU at p2", 1, func(b *body) {
		x := b.load(2)
		s := b.sigmoid(x)
		b.store(0, b.mul(b.load(1), b.mul(s, b.fma(x, b.sub(b.k(1), s), b.k(1)))))
	}},
	{"geluTanh", "p0 = p1/2 * (1 + tanh(sqrt(2/Pi)*(p1 + 0.044715*p1^3)))", 1, func(b *body) {
		x := b.load(1)
		s, _ := b.geluSigmoid(x)
		b.store(0, b.mul(x, s))
	}},
	{"geluTanhGrad", "p0 = p1 times the derivative of that at p2", 1, func(b *body) {
		x := b.load(2)
		s, slope := b.geluSigmoid(x)
		b.store(0, b.mul(b.load(1), b.fma(b.mul(b.min(b.k(1e18), b.max(b.k(-1e18), x)), slope), b.mul(s, b.sub(b.k(1), s)), s)))
	}},
	{"softplus", "p0 = ln(1 + e^p1)", 1, func(b *body) { b.store(0, b.softplus(b.load(1))) }},
	{"softplusGrad", "p0 = p1 * sigmoid(p2)", 1, func(b *body) { b.store(0, b.mul(b.load(1), b.sigmoid(b.load(2)))) }},
	{"mish", "p0 = p1 * tanh(ln(1 + e^p1))", 1, func(b *body) {
		x := b.load(1)
		u := b.exp(b.min(b.k(20), x))
		n := b.mul(u, b.add(u, b.k(2)))
		b.store(0, b.mul(x, b.div(n, b.add(n, b.k(2)))))
	}},
	{"mishGrad", "p0 = p1 times the derivative of Mish at p2", 1, func(b *body) {
		x := b.load(2)
		u := b.exp(b.min(b.k(20), x))
		n := b.mul(u, b.add(u, b.k(2)))
		d := b.add(n, b.k(2))
		rise := b.div(b.mul(b.mul(b.k(4), u), b.add(u, b.k(1))), b.mul(d, d)) // of tanh(softplus(x))
		b.store(0, b.mul(b.load(1), b.fma(b.min(b.k(200), b.max(b.k(-200), x)), rise, b.div(n, d))))
	}},
	{"elu", "p0 = s1*p1 where p1 > 0, else s0*(e^(p1*s2) - 1)", 1, func(b *body) {
		x := b.load(1)
		b.store(0, b.choose(b.greater(x, b.k(0)), b.mul(x, b.scalar(1)), b.mul(b.scalar(0), b.expm1(b.mul(x, b.scalar(2))))))
	}},
	{"eluGrad", "p0 = p1*s1 where p2 > 0, else p1*s0*s2*e^(p2*s2)", 1, func(b *body) {
		x, d := b.load(2), b.load(1)
		b.store(0, b.mul(d, b.choose(b.greater(x, b.k(0)), b.scalar(1), b.mul(b.mul(b.scalar(0), b.scalar(2)), b.exp(b.mul(x, b.scalar(2)))))))
	}},
	{"hardSwish", "p0 = p1 * (p1+3 limited to 0..6) / 6", 1, func(b *body) {
		x := b.load(1)
		b.store(0, b.mul(x, b.mul(b.k(1.0/6), b.min(b.k(6), b.max(b.k(0), b.add(x, b.k(3)))))))
	}},
	{"hardSwishGrad", "p0 = p1 times the derivative of that at p2", 1, func(b *body) {
		x := b.load(2)
		d := b.choose(b.greater(x, b.k(-3)), b.fma(x, b.k(1.0/3), b.k(0.5)), b.k(0))
		b.store(0, b.mul(b.load(1), b.choose(b.greater(b.k(3), x), d, b.k(1))))
	}},
	{"hardSigmoid", "p0 = p1/6 + 1/2 limited to 0..1", 1, func(b *body) {
		b.store(0, b.min(b.k(1), b.max(b.k(0), b.fma(b.load(1), b.k(1.0/6), b.k(0.5)))))
	}},
	{"between", "p0 = s2*p1 where s0 < p2 < s1, else 0", 1, func(b *body) {
		x := b.load(2)
		d := b.choose(b.greater(x, b.scalar(0)), b.mul(b.load(1), b.scalar(2)), b.k(0))
		b.store(0, b.choose(b.greater(b.scalar(1), x), d, b.k(0)))
	}},
	{"beyond", "p0 = 0 where |p2| <= s0, else p1", 1, func(b *body) {
		x, d := b.load(2), b.load(1)
		b.store(0, b.choose(b.greater(b.abs(x), b.scalar(0)), d, b.choose(b.equal(x, x), b.k(0), d)))
	}},
	{"softShrink", "p0 = p1 brought nearer to 0 by s0, or to it", 1, func(b *body) {
		x := b.load(1)
		sign := b.and(x, b.bits(signBit))
		b.store(0, b.or(b.max(b.k(0), b.sub(b.abs(x), b.scalar(0))), sign))
	}},
	{"softsign", "p0 = p1 / (1 + |p1|)", 1, func(b *body) {
		x := b.load(1)
		b.store(0, b.div(x, b.add(b.k(1), b.abs(x))))
	}},
	{"softsignGrad", "p0 = p1 / (1 + |p2|)^2", 1, func(b *body) {
		d := b.add(b.k(1), b.abs(b.load(2)))
		b.store(0, b.div(b.div(b.load(1), d), d))
	}},
	{"threshold", "p0 = s1 where p2 <= s0, else p1", 1, func(b *body) {
		x, d := b.load(2), b.load(1)
		b.store(0, b.choose(b.greater(x, b.scalar(0)), d, b.choose(b.equal(x, x), b.scalar(1), d)))
	}},

	{"rmsNorm", "p0 = p1 * s0 * p2", 1, func(b *body) { b.store(0, b.mul(b.mul(b.load(1), b.scalar(0)), b.load(2))) }},
	{"rmsNormSums", "x = p2 * s0; p0 += p1 * x, r0 = sum of p1*p3*x", 1, func(b *body) {
		x, d := b.mul(b.load(2), b.scalar(0)), b.load(1)
		b.store(0, b.fma(d, x, b.load(0)))
		b.accumulateProduct(0, b.mul(d, b.load(3)), x)
	}},
	{"rmsNormGrad", "x = p2 * s0; p0 = s0 * (p1*p3 - x*s1)", 1, func(b *body) {
		x := b.mul(b.load(2), b.scalar(0))
		b.store(0, b.mul(b.fnma(x, b.scalar(1), b.mul(b.load(1), b.load(3))), b.scalar(0)))
	}},
	{"rmsNormGradAdd", "x = p2 * s0; p0 += s0 * (p1*p3 - x*s1)", 1, func(b *body) {
		x := b.mul(b.load(2), b.scalar(0))
		b.store(0, b.fma(b.fnma(x, b.scalar(1), b.mul(b.load(1), b.load(3))), b.scalar(0), b.load(0)))
	}},
}

// geluSigmoid is sigmoid(2z), z = sqrt(2/Pi)*(x + 0.044715*x^3), and the derivative of 2z, for GELU's approximation
// with tanh.
func (b *body) geluSigmoid(x value) (s, slope value) {
	const c = 2 * 0.7978845608028654
	x = b.min(b.k(1e9), b.max(b.k(-1e9), x)) // so that the powers stay finite
	square := b.mul(x, x)
	s = b.sigmoid(b.mul(x, b.fma(square, b.k(c*0.044715), b.k(c))))
	return s, b.fma(square, b.k(3*c*0.044715), b.k(c))
}

// softplus is ln(1 + e^x).
func (b *body) softplus(x value) value {
	e := b.exp(b.or(x, b.bits(signBit))) // e^-|x|
	d := b.add(e, b.k(1))
	lost := b.sub(e, b.sub(d, b.k(1))) // what the sum rounds off, so that the digits of a small e stay
	return b.add(b.max(b.k(0), x), b.add(b.logNormal(d, nil), lost))
}

// expm1 is e^x - 1 for x that is not far above 0.
func (b *body) expm1(x value) value {
	x = b.min(b.k(88), b.max(b.k(-104), x))
	n := b.round(b.mul(x, b.k(1.44269504088896341)))
	r := b.fnma(n, b.k(0.693359375), x)
	r = b.fnma(n, b.k(-2.12194440e-4), r)
	p := b.polynomial(r, 1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3, 4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1)
	return b.add(b.scale2(b.fma(p, b.mul(r, r), r), n), b.sub(b.scale2(b.k(1), n), b.k(1)))
}
