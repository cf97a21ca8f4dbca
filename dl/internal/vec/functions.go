package vec

import "math"

// The elementary functions. Their largest errors, in units of the last place
// of the exact result, are measured by TestErrors over all magnitudes:
// Exp 1, Log 0.8, Tanh 1.3, Sigmoid 2.5, GELU 7.5, its derivative 9.8 (results
// below 1e-37 aside).

// apply writes dst = f(x).
func apply(dst, x []float32, f func(float64) float64) {
	for i := range dst {
		dst[i] = float32(f(float64(x[i])))
	}
}

// Exp writes dst = e^x.
func Exp(dst, x []float32) {
	if !run1(kExp, dst, x) {
		apply(dst, x, math.Exp)
	}
}

// Log writes dst = ln x.
func Log(dst, x []float32) {
	if !run1(kLog, dst, x) {
		apply(dst, x, math.Log)
	}
}

// Tanh writes dst = tanh x.
func Tanh(dst, x []float32) {
	if !run1(kTanh, dst, x) {
		apply(dst, x, math.Tanh)
	}
}

// TanhGrad writes dst = dy * (1 - y*y), the gradient of y = tanh x.
func TanhGrad(dst, dy, y []float32) {
	if !run2(kTanhGrad, dst, dy, y) {
		for i := range dst {
			dst[i] = dy[i] * (1 - y[i]*y[i])
		}
	}
}

// Sigmoid writes dst = 1/(1+e^-x).
func Sigmoid(dst, x []float32) {
	if !run1(kSigmoid, dst, x) {
		apply(dst, x, func(v float64) float64 { return 1 / (1 + math.Exp(-v)) })
	}
}

// SigmoidGrad writes dst = dy * y * (1-y), the gradient of y = sigmoid x.
func SigmoidGrad(dst, dy, y []float32) {
	if !run2(kSigmoidGrad, dst, dy, y) {
		for i := range dst {
			dst[i] = dy[i] * y[i] * (1 - y[i])
		}
	}
}

// GELU writes dst = x times the standard normal distribution function of x
// (Hendrycks and Gimpel, 2016), not its approximation with tanh.
func GELU(dst, x []float32) {
	if !inIntervals(kGelu, dst, x, x) && !run1(kGelu, dst, x) {
		apply(dst, x, func(v float64) float64 { return v * 0.5 * math.Erfc(-v/math.Sqrt2) })
	}
}

// GELUGrad writes dst = dy times the derivative of GELU at x.
func GELUGrad(dst, dy, x []float32) {
	if !inIntervals(kGeluGrad, dst, dy, x) && !run2(kGeluGrad, dst, dy, x) {
		for i := range dst {
			v := float64(x[i])
			d := 0.5*math.Erfc(-v/math.Sqrt2) + min(max(v, -1e18), 1e18)*math.Exp(-v*v/2)/math.Sqrt(2*math.Pi)
			dst[i] = float32(float64(dy[i]) * d)
		}
	}
}
