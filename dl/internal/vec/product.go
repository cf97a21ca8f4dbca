package vec

import "math"

// Product returns the product of x. It multiplies 32 parts of a block by each other, lane by lane, in float32, and what remains
// in float64. It reports false where a product of some elements left the range in which a float32 has all its digits, though
// the whole product may yet be in it.
func Product(x []float32) (product float64, ok bool) {
	const lanes, rows = 16, 32 // see the kernel
	var room [lanes]float32
	var a args
	a.p[0] = &room[0]
	for product = 1; len(x) >= lanes*rows; x = x[lanes*rows:] {
		if a.p[1] = &x[0]; !a.run(kMulRow, lanes) {
			break
		}
		if !(a.r[0] >= 0x1p-126) {
			return 0, false
		}
		// What was beyond the range on the way is infinite or NaN, and so is the product of it and others that are not 0.
		if product = multiply(room[:], product); !(math.Abs(product) <= math.MaxFloat64) {
			return 0, false
		}
	}
	return multiply(x, product), true
}

// multiply multiplies in float64, in chains, so that a product need not wait for the one before.
func multiply(x []float32, by float64) float64 {
	p, q, r, s := by, 1.0, 1.0, 1.0
	t, u, v, w := 1.0, 1.0, 1.0, 1.0
	for ; len(x) >= 8; x = x[8:] {
		p *= float64(x[0])
		q *= float64(x[1])
		r *= float64(x[2])
		s *= float64(x[3])
		t *= float64(x[4])
		u *= float64(x[5])
		v *= float64(x[6])
		w *= float64(x[7])
	}
	for _, f := range x {
		p *= float64(f)
	}
	return ((p * q) * (r * s)) * ((t * u) * (v * w))
}
