package vec

import "math"

// Fill sets every element to v.
func Fill(dst []float32, v float32) {
	if len(dst) == 0 {
		return
	}
	var a args
	a.p[0] = &dst[0]
	a.s[0] = v
	if !a.run(kFill, len(dst)) {
		for i := range dst {
			dst[i] = v
		}
	}
}

// CopyRows copies rows of n elements, which begin so many steps apart. For short rows, that come from memory, it takes less time
// than the built-in function. No row of dst is one of x.
func CopyRows(dst []float32, stepTo int, x []float32, stepFrom, n, rows int) {
	var a args
	for r := range rows {
		d, s := dst[r*stepTo:][:n], x[r*stepFrom:][:n]
		if n == 0 {
			continue
		}
		if a.p[0], a.p[1] = &d[0], &s[0]; !a.run(kCopy, n) {
			copy(d, s)
		}
	}
}

// Add writes dst = x + y.
func Add(dst, x, y []float32) {
	if !run2(kAdd, dst, x, y) {
		for i := range dst {
			dst[i] = x[i] + y[i]
		}
	}
}

// Sub writes dst = x - y.
func Sub(dst, x, y []float32) {
	if !run2(kSub, dst, x, y) {
		for i := range dst {
			dst[i] = x[i] - y[i]
		}
	}
}

// Mul writes dst = x * y.
func Mul(dst, x, y []float32) {
	if !run2(kMul, dst, x, y) {
		for i := range dst {
			dst[i] = x[i] * y[i]
		}
	}
}

// Div writes dst = x / y.
func Div(dst, x, y []float32) {
	if !run2(kDiv, dst, x, y) {
		for i := range dst {
			dst[i] = x[i] / y[i]
		}
	}
}

// Maximum writes dst = the larger of x and y, NaN if one is.
func Maximum(dst, x, y []float32) {
	if !run2(kMaximum, dst, x, y) {
		for i := range dst {
			dst[i] = max(x[i], y[i])
		}
	}
}

// Minimum writes dst = the smaller of x and y, NaN if one is.
func Minimum(dst, x, y []float32) {
	if !run2(kMinimum, dst, x, y) {
		for i := range dst {
			dst[i] = min(x[i], y[i])
		}
	}
}

// MulAdd adds x * y to dst.
func MulAdd(dst, x, y []float32) {
	if !run2(kMulAdd, dst, x, y) {
		for i := range dst {
			dst[i] += x[i] * y[i]
		}
	}
}

// Scale writes dst = alpha * x.
func Scale(dst []float32, alpha float32, x []float32) {
	if !run1(kScale, dst, x, alpha) {
		for i := range dst {
			dst[i] = alpha * x[i]
		}
	}
}

// AddScalar writes dst = x + alpha.
func AddScalar(dst []float32, alpha float32, x []float32) {
	if !run1(kAddScalar, dst, x, alpha) {
		for i := range dst {
			dst[i] = x[i] + alpha
		}
	}
}

// Axpy adds alpha * x to y.
func Axpy(alpha float32, x, y []float32) {
	if !run1(kAxpy, y, x, alpha) {
		for i := range y {
			y[i] += alpha * x[i]
		}
	}
}

// Axpy4 adds alpha[0] * x[:n] + alpha[1] * x[stride:stride+n] and so on, of four rows, to y, which has n elements.
func Axpy4(alpha [4]float32, x []float32, stride int, y []float32) {
	n := len(y)
	if n == 0 {
		return
	}
	r := [4][]float32{x[:n], x[stride:][:n], x[2*stride:][:n], x[3*stride:][:n]}
	var a args
	a.p[0], a.p[1], a.p[2], a.p[3], a.p[4] = &y[0], &r[0][0], &r[1][0], &r[2][0], &r[3][0]
	copy(a.s[:], alpha[:])
	if !a.run(kAxpy4, n) {
		for i := range y {
			y[i] = y[i] + alpha[0]*r[0][i] + alpha[1]*r[1][i] + alpha[2]*r[2][i] + alpha[3]*r[3][i]
		}
	}
}

// Clip writes dst = x limited to lo..hi; a NaN stays a NaN.
func Clip(dst, x []float32, lo, hi float32) {
	if !run1(kClip, dst, x, lo, hi) {
		for i := range dst {
			dst[i] = min(max(x[i], lo), hi)
		}
	}
}

// Relu writes dst = max(x, 0); a NaN stays a NaN.
func Relu(dst, x []float32) {
	if !run1(kRelu, dst, x) {
		for i := range dst {
			dst[i] = max(x[i], 0)
		}
	}
}

// ReluGrad writes dst = dy where y > 0, and 0 elsewhere.
func ReluGrad(dst, dy, y []float32) {
	if !run2(kReluGrad, dst, dy, y) {
		for i := range dst {
			if y[i] > 0 {
				dst[i] = dy[i]
			} else {
				dst[i] = 0
			}
		}
	}
}

// Leaky writes dst = x where x > 0, and slope * x elsewhere.
func Leaky(dst, x []float32, slope float32) {
	if !run1(kLeaky, dst, x, slope) {
		for i := range dst {
			if dst[i] = x[i]; !(x[i] > 0) {
				dst[i] = slope * x[i]
			}
		}
	}
}

// LeakyGrad writes dst = dy where x > 0, and slope * dy elsewhere.
func LeakyGrad(dst, dy, x []float32, slope float32) {
	if !run2(kLeakyGrad, dst, dy, x, slope) {
		for i := range dst {
			if dst[i] = dy[i]; !(x[i] > 0) {
				dst[i] = slope * dy[i]
			}
		}
	}
}

// Sqrt writes dst = square root of x.
func Sqrt(dst, x []float32) {
	if !run1(kSqrt, dst, x) {
		apply(dst, x, math.Sqrt)
	}
}

// DivScalar writes dst = x / v.
func DivScalar(dst, x []float32, v float32) {
	if !run1(kDivScalar, dst, x, v) {
		for i := range dst {
			dst[i] = x[i] / v
		}
	}
}
