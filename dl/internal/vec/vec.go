// Package vec holds the loops over float32 slices that training spends its
// time in. Slices of one call have equal lengths; dst may be one of the
// operands. Each function has an assembly form for AVX-512 and AVX2, picked
// once for the machine, and the Go loop beside it, which is the oracle of the
// others and does what is left over at the end of a slice.
package vec

import "math"

// A set holds the assembly of one instruction set; a nil function means Go.
// Lengths are multiples of width (sum and dot: of four times width).
type set struct {
	name                              string
	width                             int
	add, sub, mul, div                func(dst, x, y *float32, n int64)
	scale, addScalar, axpy, maxScalar func(dst, x *float32, alpha float32, n int64)
	reluGrad                          func(dst, dy, y *float32, n int64)
	sum                               func(acc, x *float32, n int64)
	dot                               func(acc, x, y *float32, n int64)
	adam                              func(p, d, m, v, k *float32, n int64)
}

var portable = &set{name: "portable"}

var best = sets[0]

// Sets names the instruction sets of this machine, the best first.
func Sets() (names []string) {
	for _, s := range sets {
		names = append(names, s.name)
	}
	return names
}

// Force puts the named instruction set in use, for tests, and returns a
// function that undoes it.
func Force(name string) (undo func()) {
	old := best
	for _, s := range sets {
		if s.name == name {
			best = s
		}
	}
	return func() { best = old }
}

// binary runs the assembly over what fits and returns how far it came.
func (s *set) binary(f func(dst, x, y *float32, n int64), dst, x, y []float32) int {
	if f == nil || len(dst) < s.width {
		return 0
	}
	n := len(dst) / s.width * s.width
	_, _ = x[n-1], y[n-1]
	f(&dst[0], &x[0], &y[0], int64(n))
	return n
}

func (s *set) scalar(f func(dst, x *float32, alpha float32, n int64), dst, x []float32, alpha float32) int {
	if f == nil || len(dst) < s.width {
		return 0
	}
	n := len(dst) / s.width * s.width
	_ = x[n-1]
	f(&dst[0], &x[0], alpha, int64(n))
	return n
}

// Add writes dst = x + y.
func Add(dst, x, y []float32) {
	for i := best.binary(best.add, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] + y[i]
	}
}

// Sub writes dst = x - y.
func Sub(dst, x, y []float32) {
	for i := best.binary(best.sub, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] - y[i]
	}
}

// Mul writes dst = x * y.
func Mul(dst, x, y []float32) {
	for i := best.binary(best.mul, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] * y[i]
	}
}

// Div writes dst = x / y.
func Div(dst, x, y []float32) {
	for i := best.binary(best.div, dst, x, y); i < len(dst); i++ {
		dst[i] = x[i] / y[i]
	}
}

// Scale writes dst = alpha * x.
func Scale(dst []float32, alpha float32, x []float32) {
	for i := best.scalar(best.scale, dst, x, alpha); i < len(dst); i++ {
		dst[i] = alpha * x[i]
	}
}

// AddScalar writes dst = x + alpha.
func AddScalar(dst []float32, alpha float32, x []float32) {
	for i := best.scalar(best.addScalar, dst, x, alpha); i < len(dst); i++ {
		dst[i] = x[i] + alpha
	}
}

// Axpy adds alpha * x to y.
func Axpy(alpha float32, x, y []float32) {
	for i := best.scalar(best.axpy, y, x, alpha); i < len(y); i++ {
		y[i] += alpha * x[i]
	}
}

// Relu writes dst = max(x, 0); a NaN stays a NaN.
func Relu(dst, x []float32) {
	for i := best.scalar(best.maxScalar, dst, x, 0); i < len(dst); i++ {
		if x[i] <= 0 {
			dst[i] = 0
		} else {
			dst[i] = x[i]
		}
	}
}

// ReluGrad writes dst = dy where y > 0, and 0 elsewhere.
func ReluGrad(dst, dy, y []float32) {
	for i := best.binary(best.reluGrad, dst, dy, y); i < len(dst); i++ {
		if y[i] > 0 {
			dst[i] = dy[i]
		} else {
			dst[i] = 0
		}
	}
}

// reduce adds up the lanes of an accumulator.
func reduce(acc []float32) float32 {
	for len(acc) > 1 {
		h := len(acc) / 2
		for i := range h {
			acc[i] += acc[h+i]
		}
		acc = acc[:h]
	}
	return acc[0]
}

// block is how many values are added up in float32 before the running sum,
// which is a float64: long sums stay exact enough.
const block = 4096

// Sum returns the sum of x.
func Sum(x []float32) float64 {
	total := 0.0
	for len(x) > 0 {
		b := x[:min(block, len(x))]
		x = x[len(b):]
		n := 0
		if best.sum != nil && len(b) >= 4*best.width {
			n = len(b) / (4 * best.width) * (4 * best.width)
			var acc [16]float32
			best.sum(&acc[0], &b[0], int64(n))
			total += float64(reduce(acc[:best.width]))
		}
		for _, v := range b[n:] {
			total += float64(v)
		}
	}
	return total
}

// Dot returns the sum of x * y.
func Dot(x, y []float32) float64 {
	total := 0.0
	y = y[:len(x)]
	for len(x) > 0 {
		b, c := x[:min(block, len(x))], y[:min(block, len(x))]
		x, y = x[len(b):], y[len(b):]
		n := 0
		if best.dot != nil && len(b) >= 4*best.width {
			n = len(b) / (4 * best.width) * (4 * best.width)
			var acc [16]float32
			best.dot(&acc[0], &b[0], &c[0], int64(n))
			total += float64(reduce(acc[:best.width]))
		}
		for i := n; i < len(b); i++ {
			total += float64(b[i]) * float64(c[i])
		}
	}
	return total
}

// SumRows adds the rows of x, each len(dst) long, to dst.
func SumRows(dst, x []float32) {
	for n := len(dst); len(x) >= n && n > 0; x = x[n:] {
		Add(dst, dst, x[:n])
	}
}

// AdamArgs are the constants of a step of Adam (Kingma and Ba, 2015,
// algorithm 1) or AdamW (Loshchilov and Hutter, 2019).
type AdamArgs struct {
	LearningRate, Beta1, Beta2, Epsilon float64
	WeightDecay                         float64 // AdamW: decoupled
	Step                                int     // from 1
}

// Adam updates the weights p and the moments m and v from the gradient d:
// m = b1 m + (1-b1) d, v = b2 v + (1-b2) d*d,
// p = p - lr*decay*p - lr m/(1-b1^t) / (sqrt(v/(1-b2^t)) + eps).
func Adam(p, d, m, v []float32, a AdamArgs) {
	k := [8]float32{
		float32(a.Beta1), float32(1 - a.Beta1), float32(a.Beta2), float32(1 - a.Beta2),
		float32(a.LearningRate / (1 - math.Pow(a.Beta1, float64(a.Step)))), float32(a.Epsilon),
		float32(1 - a.LearningRate*a.WeightDecay),
		float32(1 / math.Sqrt(1-math.Pow(a.Beta2, float64(a.Step)))),
	}
	n := 0
	if best.adam != nil && len(p) >= best.width {
		n = len(p) / best.width * best.width
		_, _, _ = d[n-1], m[n-1], v[n-1]
		best.adam(&p[0], &d[0], &m[0], &v[0], &k[0], int64(n))
	}
	for i := n; i < len(p); i++ {
		g := d[i]
		m[i] = k[0]*m[i] + k[1]*g
		v[i] = k[2]*v[i] + k[3]*(g*g)
		p[i] = k[6]*p[i] - k[4]*m[i]/(float32(math.Sqrt(float64(v[i])))*k[7]+k[5])
	}
}
