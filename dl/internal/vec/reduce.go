package vec

import "math"

// block is how many values are added up in float32 before the running sum,
// which is a float64: long sums stay exact enough.
const block = 4096

// Sum returns the sum of x.
func Sum(x []float32) float64 {
	total := 0.0
	for len(x) > 0 {
		b := x[:min(block, len(x))]
		x = x[len(b):]
		var a args
		a.p[0] = &b[0]
		if a.run(kSum, len(b)) {
			total += float64(a.r[0])
			continue
		}
		for _, v := range b {
			total += float64(v)
		}
	}
	return total
}

// RowSums writes factor times the sum of each row of x, n elements long.
func RowSums(dst, x []float32, n int, factor float64) {
	var a args
	for r := range dst {
		row := x[r*n:][:n]
		if n > 0 && n <= block {
			if a.p[0] = &row[0]; a.run(kSum, n) {
				dst[r] = float32(factor * float64(a.r[0]))
				continue
			}
		}
		dst[r] = float32(factor * Sum(row))
	}
}

// Dot returns the sum of x * y.
func Dot(x, y []float32) float64 {
	total := 0.0
	y = y[:len(x)]
	for len(x) > 0 {
		b, c := x[:min(block, len(x))], y[:min(block, len(x))]
		x, y = x[len(b):], y[len(b):]
		var a args
		a.p[0], a.p[1] = &b[0], &c[0]
		if a.run(kDot, len(b)) {
			total += float64(a.r[0])
			continue
		}
		for i, v := range b {
			total += float64(v) * float64(c[i])
		}
	}
	return total
}

// Dot2 returns the sums of x * y and of x * z.
func Dot2(x, y, z []float32) (xy, xz float64) {
	y, z = y[:len(x)], z[:len(x)]
	for len(x) > 0 {
		n := min(block, len(x))
		var a args
		a.p[0], a.p[1], a.p[2] = &x[0], &y[0], &z[0]
		if a.run(kDot2, n) {
			xy, xz = xy+float64(a.r[0]), xz+float64(a.r[1])
		} else {
			for i, v := range x[:n] {
				xy += float64(v) * float64(y[i])
				xz += float64(v) * float64(z[i])
			}
		}
		x, y, z = x[n:], y[n:], z[n:]
	}
	return xy, xz
}

// Deviation returns the sum of (x - mean)^2.
func Deviation(x []float32, mean float32) float64 {
	total := 0.0
	for len(x) > 0 {
		b := x[:min(block, len(x))]
		x = x[len(b):]
		var a args
		a.p[0] = &b[0]
		a.s[0] = mean
		a.pad[0] = mean
		if a.run(kDeviation, len(b)) {
			total += float64(a.r[0])
			continue
		}
		for _, v := range b {
			d := float64(v) - float64(mean)
			total += d * d
		}
	}
	return total
}

// SumRows adds the rows of x, each len(dst) long and stride apart, to dst.
func SumRows(dst, x []float32) { SumRowsStrided(dst, x, len(dst)) }

// SumRowsStrided is SumRows for rows whose beginnings are stride apart.
func SumRowsStrided(dst, x []float32, stride int) {
	n := len(dst)
	if n == 0 {
		return
	}
	var a args
	a.p[0] = &dst[0]
	for ; len(x) >= 3*stride+n; x = x[min(4*stride, len(x)):] {
		if a.p[1], a.p[2], a.p[3], a.p[4] = &x[0], &x[stride], &x[2*stride], &x[3*stride]; !a.run(kSumRows, n) {
			for i := range dst {
				dst[i] += x[i] + x[stride+i] + (x[2*stride+i] + x[3*stride+i])
			}
		}
	}
	for ; len(x) >= n; x = x[min(stride, len(x)):] {
		Add(dst, dst, x[:n])
	}
}

// AddBiasRows adds bias to each row of x.
func AddBiasRows(x, bias []float32) {
	for n := len(bias); len(x) >= n && n > 0; x = x[n:] {
		Add(x[:n], x[:n], bias)
	}
}

// SquareError writes d = scale * (x - y) and returns the sum of (x - y)^2.
func SquareError(d, x, y []float32, scale float32) float64 {
	total := 0.0
	for len(d) > 0 {
		n := min(block, len(d))
		var a args
		a.p[0], a.p[1], a.p[2] = &d[0], &x[:n][0], &y[:n][0]
		a.s[0] = scale
		if a.run(kSquareError, n) {
			total += float64(a.r[0])
		} else {
			for i := range n {
				e := x[i] - y[i]
				total += float64(e) * float64(e)
				d[i] = scale * e
			}
		}
		d, x, y = d[n:], x[n:], y[n:]
	}
	return total
}

// LogitsError returns the sum of the cross-entropies -t ln p - (1-t) ln(1-p) of
// p = sigmoid(x), and writes d = scale times its gradient.
func LogitsError(d, x, t []float32, scale float32) float64 {
	total := 0.0
	for len(d) > 0 {
		n := min(block, len(d))
		// The logit and target behind the end have a cross-entropy of exactly 0.
		var a args
		a.p[0], a.p[1], a.p[2] = &d[0], &x[:n][0], &t[:n][0]
		a.s[0] = scale
		a.pad[1] = -200
		if a.run(kLogitsError, n) {
			total += float64(a.r[0])
		} else {
			for i := range n {
				v, w := float64(x[i]), float64(t[i])
				total += math.Max(v, 0) - v*w + math.Log1p(math.Exp(-math.Abs(v)))
				d[i] = scale * float32(1/(1+math.Exp(-v))-w)
			}
		}
		d, x, t = d[n:], x[n:], t[n:]
	}
	return total
}
