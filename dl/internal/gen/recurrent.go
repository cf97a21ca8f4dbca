package main

func init() { vectors = append(vectors, recurrent...) }

// recurrent are the cells of an LSTM and of a GRU, and their gradients: what is computed stays in registers that would go
// through memory some twenty times.
var recurrent = []kernel{
	{"lstmState", "p0, p1, p3 = their sigmoids, p2 = its tanh; p4 = p0*p2 + p1*p5, p6 = p3 * tanh p4", 1, func(b *body) {
		y := b.gates([]value{b.load(0), b.load(1), b.load(3), b.load(2)}, 3)
		i, f, o, g := y[0], y[1], y[2], y[3]
		b.store(0, i)
		b.store(1, f)
		b.store(3, o)
		b.store(2, g)
		c := b.fma(i, g, b.mul(f, b.load(5)))
		b.store(4, c)
		b.store(6, b.mul(o, b.candidate(c)))
	}},
	{"lstmGrad", "t = tanh p6, d = p4 + p5 * p3 * (1 - t*t); p0 = d * p2 * p0 * (1 - p0), p1 = d * p7 * p1 * (1 - p1), p2 = d * p0 * (1 - p2*p2), p3 = p5 * t * p3 * (1 - p3), p4 = d * p1", 1, func(b *body) {
		t := b.candidate(b.load(6))
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
		r := b.gate(b.load(0))
		b.store(0, r)
		n := b.candidate(b.fma(r, b.load(3), b.load(2)))
		b.store(2, n)
		z := b.gate(b.load(1))
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

// The sigmoid and the tanh of cells, of which a step has hundreds of thousands: those of functions.go with fewer
// operations, and a unit or two more of error in the last place.

const (
	nearest = 3 << 22            // added to a number and taken away again, it leaves the nearest integer
	log2e   = 1.4426950408889634 // log2 e
	ln2     = 0.6931471805599453
)

// gate and candidate are one sigmoid, and one tanh.
func (b *body) gate(x value) value      { return b.gates([]value{x}, 1)[0] }
func (b *body) candidate(x value) value { return b.gates([]value{x}, 0)[0] }

// gates returns sigmoids of the first arguments and tanhs of the others, all computed step by step together: an operation
// waits for the one before, and those of the others fill the time.
//
// A sigmoid is e^x/(e^x + 1). At -88, where 2^n has the bits of zero, it is 0, and at 86 it is 1. tanh x is (e^2x - 1)/(e^2x +
// 1), where e^2x - 1 = 2^n - 1 + 2^n (e^r - 1) keeps the digits of a small x. Beyond 10 it is 1.
func (b *body) gates(x []value, sigmoids int) []value {
	turned, p, y := make([]value, len(x)), make([]value, len(x)), make([]value, len(x))
	each := func(step func(i int, sigmoid bool)) {
		for i := range x {
			step(i, i < sigmoids)
		}
	}
	pick := func(sigmoid bool, a, b float64) float64 {
		if sigmoid {
			return a
		}
		return b
	}
	each(func(i int, sigmoid bool) {
		if !sigmoid {
			x[i] = b.add(x[i], x[i])
		}
	})
	each(func(i int, sigmoid bool) { x[i] = b.max(b.k(pick(sigmoid, -88, -20)), x[i]) })
	each(func(i int, sigmoid bool) { x[i] = b.min(b.k(pick(sigmoid, 86, 20)), x[i]) })
	each(func(i int, _ bool) { turned[i] = b.fma(x[i], b.k(log2e), b.k(nearest)) })
	each(func(i int, _ bool) { p[i] = b.sub(turned[i], b.k(nearest)) })
	each(func(i int, _ bool) { x[i] = b.fnma(p[i], b.k(ln2), x[i]) })
	each(func(i int, _ bool) { turned[i] = b.left(turned[i], 23) })
	each(func(i int, _ bool) { p[i] = b.fma(x[i], b.k(overR[0]), b.k(overR[1])) })
	for _, c := range overR[2:] {
		each(func(i int, _ bool) { p[i] = b.fma(p[i], x[i], b.k(c)) })
	}
	each(func(i int, _ bool) { turned[i] = b.iadd(turned[i], b.k(1)) })
	each(func(i int, _ bool) { p[i] = b.mul(p[i], x[i]) }) // e^r - 1
	each(func(i int, sigmoid bool) {
		if y[i] = turned[i]; !sigmoid {
			y[i] = b.sub(turned[i], b.k(1))
		}
	})
	each(func(i int, _ bool) { p[i] = b.fma(p[i], turned[i], y[i]) })
	each(func(i int, sigmoid bool) { y[i] = b.add(p[i], b.k(pick(sigmoid, 1, 2))) })
	each(func(i int, _ bool) { y[i] = b.nearRatio(p[i], y[i]) })
	return y
}

// overR are the coefficients of (e^r - 1)/r for |r| <= ln2/2, with a relative error of 2e-8, by iteratively reweighted least
// squares.
var overR = []float64{1.3950540451e-3, 8.3689177409e-3, 4.1666205972e-2, 1.6666518152e-1, 0.5, 1}
