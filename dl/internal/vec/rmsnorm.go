package vec

import "math"

// RMSNorm writes y = x/sqrt(mean(x^2)+eps)*gamma for one row and returns 1/sqrt(mean(x^2)+eps).
func RMSNorm(y, x, gamma []float32, eps float64) (scale float32) {
	scale = float32(1 / math.Sqrt(Dot(x, x)/float64(max(1, len(x)))+eps))
	if !run2(kRmsNorm, y, x, gamma, scale) {
		for i := range y {
			y[i] = x[i] * scale * gamma[i]
		}
	}
	return scale
}

// RMSNormGrad writes the gradient of one row of RMSNorm to dx, or adds it, and adds that of gamma to dgamma. dx may be
// nil.
func RMSNormGrad(dx, dgamma, dy, x, gamma []float32, scale float32, add bool) {
	n := len(dy)
	if n == 0 {
		return
	}
	var a args
	a.p[0], a.p[1], a.p[2], a.p[3], a.s[0] = &dgamma[:n][0], &dy[0], &x[:n][0], &gamma[:n][0], scale
	if a.run(kRmsNormSums, n) {
		if dx == nil {
			return
		}
		k := kRmsNormGrad
		if add {
			k = kRmsNormGradAdd
		}
		run3(k, dx[:n], dy, x, gamma, scale, a.r[0]/float32(n))
		return
	}
	t := 0.0
	for i, d := range dy {
		norm := x[i] * scale
		dgamma[i] += d * norm
		t += float64(d*gamma[i]) * float64(norm)
	}
	if dx == nil {
		return
	}
	for i, d := range dy {
		g := float32(float64(scale) * (float64(d*gamma[i]) - float64(x[i]*scale)*t/float64(n)))
		if add {
			g += dx[i]
		}
		dx[i] = g
	}
}
