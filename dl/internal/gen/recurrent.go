package main

func init() { vectors = append(vectors, recurrent...) }

// recurrent are the cells of an LSTM and of a GRU, and their gradients: what is computed stays in registers that would go
// through memory some twenty times.
var recurrent = []kernel{
	{"lstmState", "p0, p1, p3 = their sigmoids, p2 = its tanh; p4 = p0*p2 + p1*p5", 1, func(b *body) {
		i := b.sigmoid(b.load(0))
		b.store(0, i)
		g := b.tanh(b.load(2))
		b.store(2, g)
		f := b.sigmoid(b.load(1))
		b.store(1, f)
		b.store(4, b.fma(i, g, b.mul(f, b.load(5))))
		b.store(3, b.sigmoid(b.load(3)))
	}},
	{"mulTanh", "p0 = p1 * tanh p2", 1, func(b *body) {
		t := b.tanh(b.load(2))
		b.store(0, b.mul(b.load(1), t))
	}},
	{"lstmGrad", "t = tanh p6, d = p4 + p5 * p3 * (1 - t*t); p0 = d * p2 * p0 * (1 - p0), p1 = d * p7 * p1 * (1 - p1), p2 = d * p0 * (1 - p2*p2), p3 = p5 * t * p3 * (1 - p3), p4 = d * p1", 1, func(b *body) {
		t := b.tanh(b.load(6))
		o, dh := b.load(3), b.load(5)
		dc := b.add(b.load(4), b.mul(b.mul(dh, o), b.fnma(t, t, b.k(1))))
		b.store(3, b.sigmoidGrad(b.mul(dh, t), o))
		i, f, g := b.load(0), b.load(1), b.load(2)
		b.store(0, b.sigmoidGrad(b.mul(dc, g), i))
		b.store(1, b.sigmoidGrad(b.mul(dc, b.load(7)), f))
		b.store(2, b.mul(b.mul(dc, i), b.fnma(g, g, b.k(1))))
		b.store(4, b.mul(dc, f))
	}},
	{"gruState", "p0, p1 = their sigmoids, p2 = tanh(p2 + p0*p3); p5 = (p4 - p2)*p1 + p2", 1, func(b *body) {
		r := b.sigmoid(b.load(0))
		b.store(0, r)
		n := b.tanh(b.fma(r, b.load(3), b.load(2)))
		b.store(2, n)
		z := b.sigmoid(b.load(1))
		b.store(1, z)
		b.store(5, b.add(b.mul(b.sub(b.load(4), n), z), n))
	}},
	{"gruGrad", "p2 = d = p3 * (1 - p1) * (1 - p2*p2); p0 = d * p5 * p0 * (1 - p0), p1 = p3 * (p4 - p2) * p1 * (1 - p1); p3 *= p1, p5 = d * p0", 1, func(b *body) {
		r, z, n, dh := b.load(0), b.load(1), b.load(2), b.load(3)
		past := b.mul(dh, z)
		b.store(1, b.sigmoidGrad(b.mul(b.sub(b.load(4), n), dh), z))
		d := b.mul(b.sub(dh, past), b.fnma(n, n, b.k(1)))
		b.store(2, d)
		b.store(3, past)
		b.store(0, b.sigmoidGrad(b.mul(d, b.load(5)), r))
		b.store(5, b.mul(d, r))
	}},
}

// sigmoidGrad is the gradient dy of y, a sigmoid.
func (b *body) sigmoidGrad(dy, y value) value { return b.mul(b.mul(dy, y), b.sub(b.k(1), y)) }
