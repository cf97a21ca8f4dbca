package main

// vectors are the kernels of package vec. Pointer 0 comes first among what is
// written.
var vectors = []kernel{
	{"add", "p0 = p1 + p2", 1, func(b *body) { b.store(0, b.add(b.load(1), b.load(2))) }},
	{"sub", "p0 = p1 - p2", 1, func(b *body) { b.store(0, b.sub(b.load(1), b.load(2))) }},
	{"mul", "p0 = p1 * p2", 1, func(b *body) { b.store(0, b.mul(b.load(1), b.load(2))) }},
	{"div", "p0 = p1 / p2", 1, func(b *body) { b.store(0, b.div(b.load(1), b.load(2))) }},
	{"maximum", "p0 = the larger of p1 and p2, NaN if one is", 1, func(b *body) {
		x, y := b.load(1), b.load(2)
		b.store(0, b.choose(b.equal(x, x), b.max(x, y), x))
	}},
	{"minimum", "p0 = the smaller of p1 and p2, NaN if one is", 1, func(b *body) {
		x, y := b.load(1), b.load(2)
		b.store(0, b.choose(b.equal(x, x), b.min(x, y), x))
	}},
	{"mulAdd", "p0 = p0 + p1 * p2", 1, func(b *body) { b.store(0, b.fma(b.load(1), b.load(2), b.load(0))) }},
	{"scale", "p0 = s0 * p1", 1, func(b *body) { b.store(0, b.mul(b.scalar(0), b.load(1))) }},
	{"addScalar", "p0 = p1 + s0", 1, func(b *body) { b.store(0, b.add(b.load(1), b.scalar(0))) }},
	{"axpy", "p0 = p0 + s0 * p1", 1, func(b *body) { b.store(0, b.fma(b.load(1), b.scalar(0), b.load(0))) }},
	{"axpy4", "p0 = p0 + s0 * p1 + s1 * p2 + s2 * p3 + s3 * p4", 1, func(b *body) {
		y := b.fma(b.load(1), b.scalar(0), b.load(0))
		y = b.fma(b.load(2), b.scalar(1), y)
		y = b.fma(b.load(3), b.scalar(2), y)
		b.store(0, b.fma(b.load(4), b.scalar(3), y))
	}},
	{"sumRows", "p0 = p0 + p1 + p2 + p3 + p4", 1, func(b *body) {
		b.store(0, b.add(b.load(0), b.add(b.add(b.load(1), b.load(2)), b.add(b.load(3), b.load(4)))))
	}},
	{"clip", "p0 = p1 limited to s0..s1", 1, func(b *body) { b.store(0, b.min(b.scalar(1), b.max(b.scalar(0), b.load(1)))) }},
	{"relu", "p0 = max(p1, 0)", 1, func(b *body) { b.store(0, b.max(b.k(0), b.load(1))) }},
	{"reluGrad", "p0 = p1 where p2 > 0, else 0", 1, func(b *body) {
		b.store(0, b.passed(b.load(1), b.load(2)))
	}},
	{"leakyGrad", "p0 = p1 where p2 > 0, else s0 * p1", 1, func(b *body) {
		d := b.load(1)
		b.store(0, b.choose(b.greater(b.load(2), b.k(0)), d, b.mul(d, b.scalar(0))))
	}},
	{"leaky", "p0 = p1 where p1 > 0, else s0 * p1", 1, func(b *body) {
		x := b.load(1)
		b.store(0, b.choose(b.greater(x, b.k(0)), x, b.mul(x, b.scalar(0))))
	}},
	{"sqrt", "p0 = square root of p1", 1, func(b *body) { b.store(0, b.sqrt(b.load(1))) }},
	{"exp", "p0 = e^p1", 1, func(b *body) { b.store(0, b.exp(b.load(1))) }},
	{"log", "p0 = ln p1", 1, func(b *body) { b.store(0, b.log(b.load(1))) }},
	{"tanh", "p0 = tanh p1", 1, func(b *body) { b.store(0, b.tanh(b.load(1))) }},
	{"tanhGrad", "p0 = p1 * (1 - p2*p2)", 1, func(b *body) {
		d, y := b.load(1), b.load(2)
		b.store(0, b.mul(d, b.fnma(y, y, b.k(1))))
	}},
	{"sigmoid", "p0 = 1/(1 + e^-p1)", 1, func(b *body) { b.store(0, b.sigmoid(b.load(1))) }},
	{"sigmoidGrad", "p0 = p1 * p2 * (1 - p2)", 1, func(b *body) {
		y := b.load(2)
		b.store(0, b.sigmoidGrad(b.load(1), y))
	}},
	{"gelu", "p0 = p1 times the normal distribution function of p1", 1, func(b *body) {
		x := b.load(1)
		f, _ := b.normal(x)
		b.store(0, b.mul(x, f))
	}},
	{"geluGrad", "p0 = p1 times the derivative of GELU at p2", 1, func(b *body) {
		x := b.load(2)
		f, bell := b.normal(x)
		b.store(0, b.mul(b.load(1), b.fma(b.mul(b.min(b.k(1e18), b.max(b.k(-1e18), x)), b.k(0.3989422804014327)), bell, f)))
	}},

	{"sum", "r0 = sum of p0", 4, func(b *body) { b.accumulate(0, "add", b.load(0)) }},
	{"dot", "r0 = sum of p0 * p1", 4, func(b *body) { b.accumulateProduct(0, b.load(0), b.load(1)) }},
	{"dot2", "r0 = sum of p0 * p1, r1 = sum of p0 * p2", 2, func(b *body) {
		x := b.load(0)
		b.accumulateProduct(0, x, b.load(1))
		b.accumulateProduct(1, x, b.load(2))
	}},
	{"deviation", "r0 = sum of (p0 - s0)^2", 4, func(b *body) {
		d := b.sub(b.load(0), b.scalar(0))
		b.accumulateProduct(0, d, d)
	}},
	{"max", "r0 = largest of p0; r1 is NaN if there is one", 2, func(b *body) {
		x := b.load(0)
		b.accumulate(0, "max", x)
		b.accumulate(1, "add", b.choose(b.equal(x, x), b.k(0), x))
	}},
	{"min", "r0 = smallest of p0; r1 is NaN if there is one", 2, func(b *body) {
		x := b.load(0)
		b.accumulate(0, "min", x)
		b.accumulate(1, "add", b.choose(b.equal(x, x), b.k(0), x))
	}},
	{"squareError", "p0 = (p1 - p2) * s0, r0 = sum of (p1 - p2)^2", 1, func(b *body) {
		d := b.sub(b.load(1), b.load(2))
		b.accumulateProduct(0, d, d)
		b.store(0, b.mul(d, b.scalar(0)))
	}},
	{"logitsError", "sigmoid's cross-entropy of logits p1 and targets p2: r0 = its sum, p0 = s0 times its gradient", 1, func(b *body) {
		x, t := b.load(1), b.load(2)
		e := b.exp(b.or(x, b.bits(signBit))) // e^-|x|
		d := b.add(e, b.k(1))
		lost := b.sub(e, b.sub(d, b.k(1))) // what the sum rounds off, so that ln(1+e) keeps the digits of a small e
		b.accumulate(0, "add", b.add(b.fnma(x, t, b.max(b.k(0), x)), b.add(b.logNormal(d, nil), lost)))
		r := b.div(e, d) // sigmoid(-|x|)
		g := b.choose(b.greater(x, b.k(0)), b.sub(b.sub(b.k(1), t), r), b.sub(r, t))
		b.store(0, b.mul(g, b.scalar(0)))
	}},
	{"expSum", "p0 = e^(p1*s0 - s1), r0 = their sum", 1, func(b *body) {
		b.fetch(0, 1)
		y := b.expNormal(b.sub(b.mul(b.load(1), b.scalar(0)), b.scalar(1)))
		b.accumulate(0, "add", y)
		b.store(0, y)
	}},
	{"softmaxAgain", "p0 = e^(p0*s0 - s1); p1 = p0 * (p1 - s2) * s3", 1, func(b *body) {
		y := b.expNormal(b.sub(b.mul(b.load(0), b.scalar(0)), b.scalar(1)))
		b.store(0, y)
		b.store(1, b.mul(b.mul(y, b.scalar(3)), b.sub(b.load(1), b.scalar(2))))
	}},
	{"softmaxGrad", "p0 = p1 * (p2 - s0) * s1", 1, func(b *body) {
		b.fetch(0, 1, 2)
		b.store(0, b.mul(b.mul(b.load(1), b.scalar(1)), b.sub(b.load(2), b.scalar(0))))
	}},

	{"layerNorm", "p0 = (p1 - s0) * s1 * p2 + p3", 1, func(b *body) {
		b.fetch(0, 1)
		b.store(0, b.fma(b.mul(b.sub(b.load(1), b.scalar(0)), b.scalar(1)), b.load(2), b.load(3)))
	}},
	{"layerNormSums", "x = (p3 - s0) * s1; p0 += p2 * x, p1 += p2, r0 = sum of p2*p4, r1 = sum of p2*p4*x", 1, func(b *body) {
		b.fetch(2, 3)
		x, d := b.mul(b.sub(b.load(3), b.scalar(0)), b.scalar(1)), b.load(2)
		b.store(0, b.fma(d, x, b.load(0)))
		b.store(1, b.add(d, b.load(1)))
		g := b.mul(d, b.load(4))
		b.accumulate(0, "add", g)
		b.accumulateProduct(1, g, x)
	}},
	{"layerNormGrad", "x = (p2 - s0) * s1; p0 = s1 * (p1*p3 - s2 - x*s3)", 1, func(b *body) {
		b.fetch(0)
		x := b.mul(b.sub(b.load(2), b.scalar(0)), b.scalar(1))
		g := b.fnma(x, b.scalar(3), b.sub(b.mul(b.load(1), b.load(3)), b.scalar(2)))
		b.store(0, b.mul(g, b.scalar(1)))
	}},
	{"layerNormGradAdd", "x = (p2 - s0) * s1; p0 += s1 * (p1*p3 - s2 - x*s3)", 1, func(b *body) {
		x := b.mul(b.sub(b.load(2), b.scalar(0)), b.scalar(1))
		g := b.fnma(x, b.scalar(3), b.sub(b.mul(b.load(1), b.load(3)), b.scalar(2)))
		b.store(0, b.fma(g, b.scalar(1), b.load(0)))
	}},
	{"normalize", "p0 = (p1 - p2) * p3 + p4", 1, func(b *body) {
		b.fetch(0, 1)
		b.store(0, b.fma(b.sub(b.load(1), b.load(2)), b.load(3), b.load(4)))
	}},
	{"normalizeRelu", "p0 = max((p1 - p2) * p3 + p4, 0)", 1, func(b *body) {
		b.fetch(0, 1)
		b.store(0, b.max(b.k(0), b.fma(b.sub(b.load(1), b.load(2)), b.load(3), b.load(4))))
	}},
	{"deviations", "p0 += p1 - p2", 1, func(b *body) {
		b.fetch(1)
		b.store(0, b.add(b.load(0), b.sub(b.load(1), b.load(2))))
	}},
	{"squareDeviations", "p0 += (p1 - p2)^2", 1, func(b *body) {
		d := b.sub(b.load(1), b.load(2))
		b.store(0, b.fma(d, d, b.load(0)))
	}},
	{"batchNormSums", "p0 += p2 * (p3 - p4), p1 += p2", 1, func(b *body) {
		b.fetch(2, 3)
		d := b.load(2)
		b.store(0, b.fma(d, b.sub(b.load(3), b.load(4)), b.load(0)))
		b.store(1, b.add(d, b.load(1)))
	}},
	{"batchNormReluSums", "d = p2 where (p3 - p4) * p5 + p6 > 0, else 0; p0 += d * (p3 - p4), p1 += d", 1, func(b *body) {
		b.fetch(2, 3)
		x := b.sub(b.load(3), b.load(4))
		d := b.passed(b.load(2), b.fma(x, b.load(5), b.load(6)))
		b.store(0, b.fma(d, x, b.load(0)))
		b.store(1, b.add(d, b.load(1)))
	}},
	{"batchNormGrad", "p0 = (p2 - p3) * p6 + p7 + p1 * p4", 1, func(b *body) {
		b.fetch(1, 2)
		x := b.sub(b.load(2), b.load(3))
		b.store(0, b.fma(b.load(1), b.load(4), b.fma(x, b.load(6), b.load(7))))
	}},
	{"batchNormReluGrad", "d = p1 where (p2 - p3) * p4 + p5 > 0, else 0; p0 = (p2 - p3) * p6 + p7 + d * p4", 1, func(b *body) {
		b.fetch(1, 2)
		x, scale := b.sub(b.load(2), b.load(3)), b.load(4)
		d := b.passed(b.load(1), b.fma(x, scale, b.load(5)))
		b.store(0, b.fma(d, scale, b.fma(x, b.load(6), b.load(7))))
	}},
	{"dropout", "p0 = p1 * s0 where the number of the element, counted on from s1, is kept: threefry(number; s2, s3) >> 1 >= s4", 1, func(b *body) {
		r := b.right(b.threefry(b.iadd(b.index(2), b.scalar(1)), b.scalar(2), b.scalar(3)), 1)
		b.store(0, b.choose(b.igreater(b.scalar(4), r), b.k(0), b.mul(b.load(1), b.scalar(0))))
	}},
}

// passed is the gradient d where a ReLU let x through, else 0.
func (b *body) passed(d, x value) value { return b.choose(b.greater(x, b.k(0)), d, b.k(0)) }
