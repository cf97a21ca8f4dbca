package vec

import "math"

// ExpSum writes dst = e^(x*scale - shift) and returns the sum. scale is above 0.
func ExpSum(dst, x []float32, scale, shift float32) float32 {
	total := 0.0
	for x = x[:len(dst)]; len(dst) > 0; {
		n := min(block, len(dst))
		var a args
		a.p[0], a.p[1], a.s[0], a.s[1], a.pad[1] = &dst[0], &x[0], scale, shift, lowest
		if a.run(kExpSum, n) {
			total += float64(a.r[0])
		} else {
			for i, v := range x[:n] {
				e := float32(math.Exp(float64(v*scale - shift)))
				dst[i] = e
				total += float64(e)
			}
		}
		dst, x = dst[n:], x[n:]
	}
	return float32(total)
}

// SoftmaxRows writes the softmax of each row of x, cols long, to dst.
func SoftmaxRows(dst, x []float32, cols int) {
	for ; len(x) >= cols && cols > 0; dst, x = dst[cols:], x[cols:] {
		sum := ExpSum(dst[:cols], x[:cols], 1, Max(x[:cols]))
		Scale(dst[:cols], 1/sum, dst[:cols])
	}
}

// LogSoftmaxRows writes the logarithm of the softmax of each row of x. The
// largest element is subtracted first: its sum with the logarithm would lose
// digits.
func LogSoftmaxRows(dst, x []float32, cols int) {
	for ; len(x) >= cols && cols > 0; dst, x = dst[cols:], x[cols:] {
		row, m := dst[:cols], Max(x[:cols])
		logSum := float32(math.Log(float64(SumExp(x[:cols], m))))
		if !run1(kSubTwice, row, x, m, logSum) {
			for i := range row {
				row[i] = x[i] - m - logSum
			}
		}
	}
}

// SumExp returns the sum of e^(x - shift).
func SumExp(x []float32, shift float32) float32 {
	total := 0.0
	for len(x) > 0 {
		n := min(block, len(x))
		var a args
		a.p[0], a.s[0], a.pad[0] = &x[0], shift, lowest
		if a.run(kSumExp, n) {
			total += float64(a.r[0])
		} else {
			for _, v := range x[:n] {
				total += float64(float32(math.Exp(float64(v - shift))))
			}
		}
		x = x[n:]
	}
	return float32(total)
}

// LogSoftmaxGrad writes dx = dy - e^y * sum.
func LogSoftmaxGrad(dx, y, dy []float32, sum float32) {
	if !run2(kLogSoftmaxGrad, dx, y, dy, sum) {
		for i := range dx {
			dx[i] = dy[i] - float32(math.Exp(float64(y[i])))*sum
		}
	}
}

// SoftmaxGrad writes dx = scale * y * (dy - dot).
func SoftmaxGrad(dx, y, dy []float32, dot, scale float32) {
	if !run2(kSoftmaxGrad, dx, y, dy, dot, scale) {
		for i := range dx {
			dx[i] = y[i] * scale * (dy[i] - dot)
		}
	}
}

// SoftmaxAgain computes a softmax from its operand again, y = e^(y*scale - shift), and from the gradient d of the softmax
// that of the operand, d = factor * y * (d - dot).
func SoftmaxAgain(y, d []float32, scale, shift, dot, factor float32) {
	if len(y) == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.s[0], a.s[1], a.s[2], a.s[3] = &y[0], &d[:len(y)][0], scale, shift, dot, factor
	if a.run(kSoftmaxAgain, len(y)) {
		return
	}
	for i, v := range y {
		y[i] = float32(math.Exp(float64(v*scale - shift)))
		d[i] = y[i] * factor * (d[i] - dot)
	}
}

// CrossEntropy returns -ln softmax(x) at the label, and writes scale times its
// gradient to d, which may be x.
func CrossEntropy(d, x []float32, label int, scale float32) float64 {
	at := x[label]
	m := Max(x)
	sum := ExpSum(d, x, 1, m)
	Scale(d, scale/sum, d)
	d[label] -= scale
	return math.Log(float64(sum)) - float64(at) + float64(m)
}

// LayerNorm writes y = (x-mean)/sqrt(variance+eps)*gamma + beta for one row
// and returns the mean and 1/sqrt(variance+eps).
func LayerNorm(y, x, gamma, beta []float32, eps float64) (mean, scale float32) {
	n := float64(max(1, len(x)))
	mean = float32(Sum(x) / n)
	scale = float32(1 / math.Sqrt(Deviation(x, mean)/n+eps))
	if !run3(kLayerNorm, y, x, gamma, beta, mean, scale) {
		for i := range y {
			y[i] = (x[i]-mean)*scale*gamma[i] + beta[i]
		}
	}
	return mean, scale
}

// LayerNormGrad writes the gradient of one row of LayerNorm to dx, or adds it,
// and adds those of gamma and beta to dgamma and dbeta.
func LayerNormGrad(dx, dgamma, dbeta, dy, x, gamma []float32, mean, scale float32, add bool) {
	n := len(dy)
	if n == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.p[2], a.p[3], a.p[4], a.s[0], a.s[1] = &dgamma[:n][0], &dbeta[:n][0], &dy[0], &x[:n][0], &gamma[:n][0], mean, scale
	if a.run(kLayerNormSums, n) {
		if dx == nil {
			return
		}
		k := kLayerNormGrad
		if add {
			k = kLayerNormGradAdd
		}
		run3(k, dx[:n], dy, x, gamma, mean, scale, a.r[0]/float32(n), a.r[1]/float32(n))
		return
	}
	s, t := 0.0, 0.0
	for i, d := range dy {
		norm := (x[i] - mean) * scale
		dgamma[i] += d * norm
		dbeta[i] += d
		g := float64(d * gamma[i])
		s += g
		t += g * float64(norm)
	}
	if dx == nil {
		return
	}
	for i, d := range dy {
		norm := float64((x[i] - mean) * scale)
		g := float32(float64(scale) * (float64(d*gamma[i]) - s/float64(n) - norm*t/float64(n)))
		if add {
			g += dx[i]
		}
		dx[i] = g
	}
}
