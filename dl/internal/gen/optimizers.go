package main

// The moments of a weight whose gradient is zero, as behind a ReLU that is never on, shrink with each step and are
// denormal after some hundred of them; a processor then takes a hundred cycles and more for each operation. To an
// optimizer what is so small is zero.
func init() {
	for _, k := range optimizers {
		steps := k.f
		k.f = func(b *body) { b.flush = true; steps(b) }
		vectors = append(vectors, k)
	}
}

// optimizers are the steps of optimizers: of the weights p0 by the gradient p1 and what is remembered in the other
// pointers. s0 is the rate, s1 the decay that is added to the gradient, which makes it g, and s2 what the weights are
// multiplied by.
var optimizers = []kernel{
	{"sgd", "g = p1 + s1*p0; p0 -= s0*g", 1, func(b *body) {
		p := b.load(0)
		b.store(0, b.fnma(b.fma(p, b.scalar(1), b.load(1)), b.scalar(0), p))
	}},
	{"momentum", "g = p1 + s1*p0; p2 = s2*p2 + g; p0 -= s0*p2", 1, func(b *body) {
		p := b.load(0)
		v := b.fma(b.load(2), b.scalar(2), b.fma(p, b.scalar(1), b.load(1)))
		b.store(2, v)
		b.store(0, b.fnma(v, b.scalar(0), p))
	}},
	{"nesterov", "g = p1 + s1*p0; p2 = s2*p2 + g; p0 -= s0*(g + s2*p2)", 1, func(b *body) {
		p := b.load(0)
		d := b.fma(p, b.scalar(1), b.load(1))
		v := b.fma(b.load(2), b.scalar(2), d)
		b.store(2, v)
		b.store(0, b.fnma(b.fma(v, b.scalar(2), d), b.scalar(0), p))
	}},
	{"adam", "p2 = s0*p2 + s1*p1; p3 = s2*p3 + s3*p1*p1; p0 = s6*p0 - s4*p2/(sqrt(p3)*s7+s5)", 1, func(b *body) {
		d := b.load(1)
		m := b.fma(d, b.scalar(1), b.mul(b.load(2), b.scalar(0)))
		b.store(2, m)
		v := b.fma(b.mul(d, d), b.scalar(3), b.mul(b.load(3), b.scalar(2)))
		b.store(3, v)
		root := b.fma(b.nearRoot(v), b.scalar(7), b.scalar(5))
		step := b.nearRatio(b.mul(m, b.scalar(4)), b.min(b.k(0x1p125), root))
		b.store(0, b.sub(b.mul(b.load(0), b.scalar(6)), step))
	}},
	{"rmsprop", "p2 = s3*p2 + s4*g*g; p0 = s2*p0 - s0*g/(sqrt(p2)+s5)", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		s := b.mean(2, b.mul(d, d), 3, 4)
		b.take(p, b.div(d, b.add(b.sqrt(s), b.scalar(5))))
	}},
	{"rmspropMomentum", "p2 = s3*p2 + s4*g*g; p3 = s6*p3 + g/(sqrt(p2)+s5); p0 = s2*p0 - s0*p3", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		s := b.mean(2, b.mul(d, d), 3, 4)
		b.take(p, b.velocity(b.div(d, b.add(b.sqrt(s), b.scalar(5)))))
	}},
	{"rmspropCentered", "p2 = s3*p2 + s4*g*g; p4 = s3*p4 + s4*g; p0 = s2*p0 - s0*g/(sqrt(p2-p4*p4)+s5)", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		b.take(p, b.centered(d))
	}},
	{"rmspropCenteredMomentum", "p2 = s3*p2 + s4*g*g; p4 = s3*p4 + s4*g; p3 = s6*p3 + g/(sqrt(p2-p4*p4)+s5); p0 = s2*p0 - s0*p3", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		b.take(p, b.velocity(b.centered(d)))
	}},
	{"amsgrad", "p2 = s0*p2 + s1*p1; p3 = s2*p3 + s3*p1*p1; p4 = the larger of p3 and p4; p0 = s6*p0 - s4*p2/(sqrt(p4)*s7+s5)", 1, func(b *body) {
		d := b.load(1)
		m := b.mean(2, d, 0, 1)
		v := b.mean(3, b.mul(d, d), 2, 3)
		most := b.max(b.load(4), v)
		b.store(4, most)
		step := b.div(b.mul(m, b.scalar(4)), b.add(b.mul(b.sqrt(most), b.scalar(7)), b.scalar(5)))
		b.store(0, b.sub(b.mul(b.load(0), b.scalar(6)), step))
	}},
	{"adamax", "p2 = s3*p2 + s4*g; p3 = the larger of s5*p3 and |g|+s6; p0 = s2*p0 - s0*p2/p3", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		m := b.mean(2, d, 3, 4)
		most := b.max(b.mul(b.load(3), b.scalar(5)), b.add(b.abs(d), b.scalar(6)))
		b.store(3, most)
		b.take(p, b.div(m, most))
	}},
	{"nadam", "p2 += s3*(g - p2); p3 = s4*p3 + s5*g*g; p0 = s2*p0 - s0*(g + s7*p2)/(sqrt(p3)+s6)", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		m := b.nearer(2, d, 3)
		v := b.mean(3, b.mul(d, d), 4, 5)
		b.take(p, b.div(b.fma(m, b.scalar(7), d), b.add(b.sqrt(v), b.scalar(6))))
	}},
	{"radam", "p2 += s3*(g - p2); p3 = s4*p3 + s5*g*g; p0 = s2*p0 - s0*p2/(sqrt(p3)*s7+s6)", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		m := b.nearer(2, d, 3)
		v := b.mean(3, b.mul(d, d), 4, 5)
		b.take(p, b.div(m, b.fma(b.sqrt(v), b.scalar(7), b.scalar(6))))
	}},
	{"adagrad", "p2 += g*g; p0 = s2*p0 - s0*g/(sqrt(p2)+s3)", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		s := b.fma(d, d, b.load(2))
		b.store(2, s)
		b.take(p, b.div(d, b.add(b.sqrt(s), b.scalar(3))))
	}},
	{"adadelta", "p2 = s3*p2 + s4*g*g; d = g*sqrt((p3+s5)/(p2+s5)); p3 = s3*p3 + s4*d*d; p0 = s2*p0 - s0*d", 1, func(b *body) {
		p := b.load(0)
		d := b.decayed(p)
		s := b.mean(2, b.mul(d, d), 3, 4)
		d = b.mul(d, b.sqrt(b.div(b.add(b.load(3), b.scalar(5)), b.add(s, b.scalar(5)))))
		b.mean(3, b.mul(d, d), 3, 4)
		b.take(p, d)
	}},
	{"lion", "p0 = s2*p0 - s0*sign(s3*p2 + s4*p1); p2 = s5*p2 + s6*p1", 1, func(b *body) {
		m, d := b.load(2), b.load(1)
		c := b.fma(d, b.scalar(4), b.mul(m, b.scalar(3)))
		one := b.or(b.and(c, b.bits(signBit)), b.k(1))
		b.store(2, b.fma(d, b.scalar(6), b.mul(m, b.scalar(5))))
		b.take(b.load(0), b.choose(b.greater(b.abs(c), b.k(0)), one, c)) // 0 and NaN are their own signs
	}},
	{"lambNorms", "p2 = s4*p2 + s5*p1; p3 = s6*p3 + s7*p1*p1; r0 = sum of p0*p0, r1 = sum of (p2/(sqrt(p3)*s2+s3) + s1*p0)^2", 1, func(b *body) {
		d := b.load(1)
		m := b.mean(2, d, 4, 5)
		v := b.mean(3, b.mul(d, d), 6, 7)
		p := b.load(0)
		step := b.lamb(p, m, v)
		b.accumulateProduct(0, p, p)
		b.accumulateProduct(1, step, step)
	}},
	{"lamb", "p0 -= s0*(p2/(sqrt(p3)*s2+s3) + s1*p0)", 1, func(b *body) {
		p := b.load(0)
		b.store(0, b.fnma(b.lamb(p, b.load(2), b.load(3)), b.scalar(0), p))
	}},
	{"squareSums", "p0 += p1*p1, r0 = sum of p1*p1", 1, func(b *body) {
		x := b.load(1)
		b.store(0, b.fma(x, x, b.load(0)))
		b.accumulateProduct(0, x, x)
	}},
	{"factorVector", "p2 += s3*(p1*p1 - p2); r0 = sum of p0*p0, r1 = sum of p1*p1/max(p2, s4)", 1, func(b *body) {
		p, d := b.load(0), b.load(1)
		square := b.mul(d, d)
		v := b.nearer(2, square, 3)
		b.accumulateProduct(0, p, p)
		b.accumulate(1, "add", b.div(square, b.max(b.scalar(4), v)))
	}},
	{"factorNorms", "r0 = sum of p0*p0, r1 = sum of p1*p1/max(s3*p2, s4)", 1, func(b *body) {
		p, d := b.load(0), b.load(1)
		b.accumulateProduct(0, p, p)
		b.accumulate(1, "add", b.div(b.mul(d, d), b.max(b.scalar(4), b.mul(b.load(2), b.scalar(3)))))
	}},
	{"factorStep", "p0 = s2*p0 - s0*p1/sqrt(max(s3*p2, s4))", 1, func(b *body) {
		b.take(b.load(0), b.div(b.load(1), b.sqrt(b.max(b.scalar(4), b.mul(b.load(2), b.scalar(3))))))
	}},
	{"momentumNorm", "p2 += s0*(p1 - p2); p0 = p1 + s1*(p2 - p1), r0 = sum of p0*p0", 1, func(b *body) {
		d := b.load(1)
		m := b.nearer(2, d, 0)
		u := b.fma(b.sub(m, d), b.scalar(1), d)
		b.store(0, u)
		b.accumulateProduct(0, u, u)
	}},
	{"approach", "p0 += s0*(p1 - p0)", 1, func(b *body) { b.nearer(0, b.load(1), 0) }},
	{"scaledStep", "p0 = s2*p0 - s0*p1", 1, func(b *body) { b.take(b.load(0), b.load(1)) }},
}

// decayed is the gradient with the decay of the weights.
func (b *body) decayed(weights value) value { return b.fma(weights, b.scalar(1), b.load(1)) }

// take stores the weights after a step.
func (b *body) take(weights, step value) {
	b.store(0, b.fnma(step, b.scalar(0), b.mul(weights, b.scalar(2))))
}

// mean stores and returns scalar old times pointer p, plus scalar rest times x.
func (b *body) mean(p int, x value, old, rest int) value {
	m := b.fma(x, b.scalar(rest), b.mul(b.load(p), b.scalar(old)))
	b.store(p, m)
	return m
}

// nearer moves pointer p by a share, a scalar, of its distance to x.
func (b *body) nearer(p int, x value, share int) value {
	old := b.load(p)
	m := b.fma(b.sub(x, old), b.scalar(share), old)
	b.store(p, m)
	return m
}

// velocity is RMSprop's, centered its step by the variance.
func (b *body) velocity(step value) value {
	v := b.fma(b.load(3), b.scalar(6), step)
	b.store(3, v)
	return v
}

func (b *body) centered(d value) value {
	s := b.mean(2, b.mul(d, d), 3, 4)
	m := b.mean(4, d, 3, 4)
	return b.div(d, b.add(b.sqrt(b.max(b.k(0), b.fnma(m, m, s))), b.scalar(5)))
}

// lamb is LAMB's step before it is fitted to the norm of the weights.
func (b *body) lamb(p, m, v value) value {
	return b.fma(p, b.scalar(1), b.div(m, b.fma(b.sqrt(v), b.scalar(2), b.scalar(3))))
}
