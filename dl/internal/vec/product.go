package vec

import "math"

// Product returns the product of x. It multiplies quarters of a block by each other, as long as they are whole vectors, in
// float32, and what remains in float64. It reports false where a product of some elements left the range in which a
// float32 has all its digits, the whole product may yet be in it.
func Product(x []float32) (product float64, ok bool) {
	const most, least = 1 << 9, 1 << 4
	var room [most / 4]float32
	product = 1
	for len(x) >= 4*least {
		n := min(most, len(x)) &^ (4*least - 1)
		a, part := args{}, x[:n]
		for n%(4*least) == 0 {
			n /= 4
			a.p = [6]*float32{&room[0], &part[0], &part[n], &part[2*n], &part[3*n]}
			if !a.run(kMulRows, n) {
				return multiply(x, product), true
			}
			if !(a.r[0] >= 0x1p-126) {
				return 0, false
			}
			part = room[:n]
		}
		for _, v := range part {
			if !(math.Abs(float64(v)) <= math.MaxFloat32) {
				return 0, false
			}
		}
		product = multiply(part, product)
		x = x[min(most, len(x))&^(4*least-1):]
	}
	return multiply(x, product), true
}

// multiply multiplies in float64, in chains, so that a product need not wait for the one before.
func multiply(x []float32, by float64) float64 {
	p := [4]float64{by, 1, 1, 1}
	for ; len(x) >= 4; x = x[4:] {
		p[0] *= float64(x[0])
		p[1] *= float64(x[1])
		p[2] *= float64(x[2])
		p[3] *= float64(x[3])
	}
	for _, v := range x {
		p[0] *= float64(v)
	}
	return (p[0] * p[1]) * (p[2] * p[3])
}
