package vec

import "math"

// Functions of neurons, and their gradients: dy times the derivative at x. Their largest errors, in units of the last
// place, are measured by TestErrors, too: ELU 0.8, Softplus 2.2, SiLU 2.7, Mish 3.8, GELUTanh 46, where its results are
// below 1e-7.

func sigmoid(v float64) float64 { return 1 / (1 + math.Exp(-v)) }

// SiLU writes dst = x * sigmoid(x) (Elfwing, Uchibe and Doya, 2017).
func SiLU(dst, x []float32) {
	if !run1(kSilu, dst, x) {
		apply(dst, x, func(v float64) float64 { return v * sigmoid(v) })
	}
}

// SiLUGrad writes the gradient of SiLU.
func SiLUGrad(dst, dy, x []float32) {
	if !run2(kSiluGrad, dst, dy, x) {
		applyGrad(dst, dy, x, func(v float64) float64 { s := sigmoid(v); return s * (1 + v*(1-s)) })
	}
}

// geluSigmoid is sigmoid(2z), z = sqrt(2/Pi)*(x + 0.044715*x^3), and the derivative of 2z.
func geluSigmoid(v float64) (s, slope float64) {
	const c = 2 * 0.7978845608028654
	v = min(max(v, -1e9), 1e9)
	return sigmoid(v * (c + c*0.044715*v*v)), c + 3*c*0.044715*v*v
}

// GELUTanh writes GELU's approximation with tanh, x/2 * (1 + tanh(sqrt(2/Pi)*(x + 0.044715*x^3))).
func GELUTanh(dst, x []float32) {
	if !inIntervals(kGeluTanh, dst, x, x) && !run1(kGeluTanh, dst, x) {
		apply(dst, x, func(v float64) float64 { s, _ := geluSigmoid(v); return v * s })
	}
}

// GELUTanhGrad writes the gradient of GELUTanh.
func GELUTanhGrad(dst, dy, x []float32) {
	if !inIntervals(kGeluTanhGrad, dst, dy, x) && !run2(kGeluTanhGrad, dst, dy, x) {
		applyGrad(dst, dy, x, func(v float64) float64 {
			s, slope := geluSigmoid(v)
			return s + min(max(v, -1e18), 1e18)*slope*s*(1-s)
		})
	}
}

// Softplus writes dst = ln(1 + e^x).
func Softplus(dst, x []float32) {
	if !run1(kSoftplus, dst, x) {
		apply(dst, x, func(v float64) float64 { return max(v, 0) + math.Log1p(math.Exp(-math.Abs(v))) })
	}
}

// SoftplusGrad writes the gradient of Softplus, dy * sigmoid(x).
func SoftplusGrad(dst, dy, x []float32) {
	if !run2(kSoftplusGrad, dst, dy, x) {
		applyGrad(dst, dy, x, sigmoid)
	}
}

// Mish writes dst = x * tanh(ln(1 + e^x)) (Misra, 2019).
func Mish(dst, x []float32) {
	if !run1(kMish, dst, x) {
		apply(dst, x, func(v float64) float64 {
			u := math.Exp(min(v, 20))
			n := u * (u + 2)
			return v * (n / (n + 2))
		})
	}
}

// MishGrad writes the gradient of Mish.
func MishGrad(dst, dy, x []float32) {
	if !run2(kMishGrad, dst, dy, x) {
		applyGrad(dst, dy, x, func(v float64) float64 {
			u := math.Exp(min(v, 20))
			n := u * (u + 2)
			return n/(n+2) + min(max(v, -200), 200)*(4*u*(u+1)/((n+2)*(n+2)))
		})
	}
}

// ELU writes dst = slope*x where x is positive, and low*(e^(x*rate) - 1) elsewhere: ELU, SELU and CELU.
func ELU(dst, x []float32, low, slope, rate float32) {
	if !run1(kElu, dst, x, low, slope, rate) {
		for i, v := range x[:len(dst)] {
			if v > 0 {
				dst[i] = slope * v
			} else {
				dst[i] = float32(float64(low) * math.Expm1(float64(v*rate)))
			}
		}
	}
}

// ELUGrad writes the gradient of ELU.
func ELUGrad(dst, dy, x []float32, low, slope, rate float32) {
	if !run2(kEluGrad, dst, dy, x, low, slope, rate) {
		for i, v := range x[:len(dst)] {
			if v > 0 {
				dst[i] = dy[i] * slope
			} else {
				dst[i] = float32(float64(dy[i]) * float64(low*rate) * math.Exp(float64(v*rate)))
			}
		}
	}
}

// HardSwish writes dst = x * (x+3 limited to 0..6) / 6 (Howard et al., 2019).
func HardSwish(dst, x []float32) {
	if !run1(kHardSwish, dst, x) {
		apply(dst, x, func(v float64) float64 { return v * (min(max(v+3, 0), 6) / 6) })
	}
}

// HardSwishGrad writes the gradient of HardSwish.
func HardSwishGrad(dst, dy, x []float32) {
	if !run2(kHardSwishGrad, dst, dy, x) {
		applyGrad(dst, dy, x, func(v float64) float64 {
			switch {
			case !(v < 3):
				return 1
			case !(v > -3):
				return 0
			}
			return v/3 + 0.5
		})
	}
}

// HardSigmoid writes dst = x/6 + 1/2 limited to 0..1.
func HardSigmoid(dst, x []float32) {
	if !run1(kHardSigmoid, dst, x) {
		apply(dst, x, func(v float64) float64 { return min(max(v/6+0.5, 0), 1) })
	}
}

// Between writes dst = slope*dy where lo < x < hi, and 0 elsewhere: the gradient of functions that are limited.
func Between(dst, dy, x []float32, lo, hi, slope float32) {
	if !run2(kBetween, dst, dy, x, lo, hi, slope) {
		for i, v := range x[:len(dst)] {
			if v > lo && v < hi {
				dst[i] = dy[i] * slope
			} else {
				dst[i] = 0
			}
		}
	}
}

// Beyond writes dst = 0 where |x| <= limit, and d elsewhere.
func Beyond(dst, d, x []float32, limit float32) {
	if !run2(kBeyond, dst, d, x, limit) {
		for i, v := range x[:len(dst)] {
			if max(v, -v) <= limit {
				dst[i] = 0
			} else {
				dst[i] = d[i]
			}
		}
	}
}

// SoftShrink writes x brought nearer to 0 by a distance, or to it.
func SoftShrink(dst, x []float32, distance float32) {
	if !run1(kSoftShrink, dst, x, distance) {
		for i, v := range x[:len(dst)] {
			dst[i] = float32(math.Copysign(float64(max(max(v, -v)-distance, 0)), float64(v)))
		}
	}
}

// Softsign writes dst = x / (1 + |x|).
func Softsign(dst, x []float32) {
	if !run1(kSoftsign, dst, x) {
		for i, v := range x[:len(dst)] {
			dst[i] = v / (1 + max(v, -v))
		}
	}
}

// SoftsignGrad writes dst = dy / (1 + |x|)^2.
func SoftsignGrad(dst, dy, x []float32) {
	if !run2(kSoftsignGrad, dst, dy, x) {
		for i, v := range x[:len(dst)] {
			dst[i] = dy[i] / (1 + max(v, -v)) / (1 + max(v, -v))
		}
	}
}

// Threshold writes dst = value where x <= limit, and d elsewhere.
func Threshold(dst, d, x []float32, limit, value float32) {
	if !run2(kThreshold, dst, d, x, limit, value) {
		for i, v := range x[:len(dst)] {
			if v <= limit {
				dst[i] = value
			} else {
				dst[i] = d[i]
			}
		}
	}
}

// applyGrad writes dst = dy times d(x).
func applyGrad(dst, dy, x []float32, d func(float64) float64) {
	for i := range dst {
		dst[i] = float32(float64(dy[i]) * d(float64(x[i])))
	}
}
