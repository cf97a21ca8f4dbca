package dl

import "math"

// SELU's constants (Klambauer et al., 2017), with which activations keep mean 0 and variance 1.
const (
	seluAlpha = 1.6732632423543772848170429916717
	seluScale = 1.0507009873554804934193349852946
)

var (
	siluRule = rule{op: "SiLU", reads: readsX, f: plain(func(x float64) float64 { return x * sigmoid(x) }),
		d: ofX(func(x float64) float64 { s := sigmoid(x); return s * (1 + x*(1-s)) })}
	geluTanhRule = rule{op: "GELUTanh", reads: readsX, f: plain(func(x float64) float64 { return x * sigmoid(geluTwice(x)) }),
		d: ofX(func(x float64) float64 {
			s := sigmoid(geluTwice(x))
			return s + x*s*(1-s)*geluSlope*(1+3*0.044715*x*x)
		})}
	mishRule = rule{op: "Mish", reads: readsX, f: plain(func(x float64) float64 { return x * math.Tanh(softplus(x)) }),
		d: ofX(func(x float64) float64 { t := math.Tanh(softplus(x)); return t + x*(1-t*t)*sigmoid(x) })}
	softsignRule = rule{op: "Softsign", reads: readsX, f: plain(func(x float64) float64 { return x / (1 + math.Abs(x)) }),
		d: ofX(func(x float64) float64 { d := 1 + math.Abs(x); return 1 / d / d })}
	logSigmoidRule = rule{op: "LogSigmoid", reads: readsX, f: plain(func(x float64) float64 { return -softplus(-x) }),
		d: ofX(func(x float64) float64 { return sigmoid(-x) })}
	tanhShrinkRule = rule{op: "TanhShrink", reads: readsX, f: plain(func(x float64) float64 { return x - math.Tanh(x) }),
		d: ofX(func(x float64) float64 { t := math.Tanh(x); return t * t })}
	hardSwishRule = rule{op: "HardSwish", reads: readsX, f: plain(func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 }),
		d: ofX(func(x float64) float64 {
			switch {
			case x <= -3:
				return 0
			case x >= 3:
				return 1
			}
			return x/3 + 0.5
		})}
	hardSigmoidRule = rule{op: "HardSigmoid", reads: readsX, f: plain(func(x float64) float64 { return min(max(x/6+0.5, 0), 1) }),
		d: ofX(func(x float64) float64 { return inside(x, -3, 3) / 6 })}
	// p are the limits.
	hardTanhRule = rule{op: "HardTanh", reads: readsX, f: func(x float64, p params) float64 { return min(max(x, p[0]), p[1]) },
		d: func(x, _ float64, p params) float64 { return inside(x, p[0], p[1]) }}
	relu6Rule = rule{op: "ReLU6", reads: readsX, f: plain(func(x float64) float64 { return min(max(x, 0), 6) }),
		d: ofX(func(x float64) float64 { return inside(x, 0, 6) })}
	// p are alpha and, for SELU, its scale; for CELU alpha.
	eluRule = rule{op: "ELU", reads: readsX, f: func(x float64, p params) float64 {
		if x > 0 {
			return p[1] * x
		}
		return p[1] * p[0] * math.Expm1(x)
	}, d: func(x, _ float64, p params) float64 {
		if x > 0 {
			return p[1]
		}
		return p[1] * p[0] * math.Exp(x)
	}}
	celuRule = rule{op: "CELU", reads: readsX, f: func(x float64, p params) float64 {
		if x > 0 {
			return x
		}
		return p[0] * math.Expm1(x/p[0])
	}, d: func(x, _ float64, p params) float64 {
		if x > 0 {
			return 1
		}
		return math.Exp(x / p[0])
	}}
	// p are the limit and the value below it.
	thresholdRule = rule{op: "Threshold", reads: readsX, f: func(x float64, p params) float64 {
		if x <= p[0] {
			return p[1]
		}
		return x
	}, d: func(x, _ float64, p params) float64 {
		if x <= p[0] {
			return 0
		}
		return 1
	}}
	softShrinkRule = rule{op: "SoftShrink", reads: readsX, f: func(x float64, p params) float64 { return math.Copysign(max(math.Abs(x)-p[0], 0), x) },
		d: func(x, _ float64, p params) float64 { return 1 - flat(x, p[0]) }}
	hardShrinkRule = rule{op: "HardShrink", reads: readsX, f: func(x float64, p params) float64 {
		if math.Abs(x) <= p[0] {
			return 0
		}
		return x
	}, d: func(x, _ float64, p params) float64 { return 1 - flat(x, p[0]) }}
)

// geluTwice is 2*sqrt(2/Pi)*(x + 0.044715*x^3), and geluSlope its derivative at 0.
const geluSlope = 2 * 0.79788456080286535587989211986876

func geluTwice(x float64) float64 { return geluSlope * (x + 0.044715*x*x*x) }

// inside is 1 between lo and hi, and 0 elsewhere.
func inside(x, lo, hi float64) float64 {
	if x > lo && x < hi {
		return 1
	}
	return 0
}

// flat is 1 from -limit to limit, and 0 elsewhere.
func flat(x, limit float64) float64 {
	if math.Abs(x) <= limit {
		return 1
	}
	return 0
}

// The derivatives use the operations, which use the rules: this is the order. Rules without one here are linear, piece
// by piece.
func init() {
	not := func(s *Tensor) *Tensor { return s.Neg().AddScalar(1) } // 1-s
	siluRule.again = func(dy, x, _ *Tensor, _ params) *Tensor {
		s := x.Sigmoid()
		return dy.Mul(s).Mul(x.Mul(not(s)).AddScalar(1))
	}
	geluTanhRule.again = func(dy, x, _ *Tensor, _ params) *Tensor {
		square := x.Square()
		s := x.Mul(square.MulScalar(geluSlope * 0.044715).AddScalar(geluSlope)).Sigmoid()
		slope := square.MulScalar(3 * geluSlope * 0.044715).AddScalar(geluSlope)
		return dy.Mul(s.Add(x.Mul(s).Mul(not(s)).Mul(slope)))
	}
	mishRule.again = func(dy, x, _ *Tensor, _ params) *Tensor {
		t := x.Softplus().Tanh()
		return dy.Mul(t.Add(x.Mul(not(t.Square())).Mul(x.Sigmoid())))
	}
	softsignRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Div(x.Abs().AddScalar(1).Square()) }
	logSigmoidRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Neg().Sigmoid()) }
	tanhShrinkRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Tanh().Square()) }
	hardSwishRule.again = func(dy, x, _ *Tensor, _ params) *Tensor {
		zero := ZerosLike(x)
		inner := Where(x.Gt(FullLike(x, -3)), x.MulScalar(1.0/3).AddScalar(0.5), zero)
		return dy.Mul(Where(x.Ge(FullLike(x, 3)), OnesLike(x), inner))
	}
	eluRule.again = func(dy, x, _ *Tensor, p params) *Tensor {
		return dy.Mul(Where(x.Gt(ZerosLike(x)), FullLike(x, p[1]), x.Clip(math.Inf(-1), 0).Exp().MulScalar(p[0]*p[1])))
	}
	celuRule.again = func(dy, x, _ *Tensor, p params) *Tensor {
		return dy.Mul(Where(x.Gt(ZerosLike(x)), OnesLike(x), x.Clip(math.Inf(-1), 0).MulScalar(1/p[0]).Exp()))
	}
}

// SiLU returns t * sigmoid(t), also called swish (Elfwing, Uchibe and Doya, 2017).
func (t *Tensor) SiLU() *Tensor { return t.unary(&siluRule, params{}) }

// GELUTanh returns GELU's approximation with tanh, t/2 * (1 + tanh(sqrt(2/Pi) * (t + 0.044715*t^3))), with which GPT-2
// and BERT were trained: PyTorch's approximate="tanh". See [Tensor.GELU].
func (t *Tensor) GELUTanh() *Tensor { return t.unary(&geluTanhRule, params{}) }

// Mish returns t * tanh(softplus(t)) (Misra, 2019).
func (t *Tensor) Mish() *Tensor { return t.unary(&mishRule, params{}) }

// Softsign returns t / (1 + |t|).
func (t *Tensor) Softsign() *Tensor { return t.unary(&softsignRule, params{}) }

// LogSigmoid returns the logarithm of the sigmoid, without overflow.
func (t *Tensor) LogSigmoid() *Tensor { return t.unary(&logSigmoidRule, params{}) }

// TanhShrink returns t - tanh(t).
func (t *Tensor) TanhShrink() *Tensor { return t.unary(&tanhShrinkRule, params{}) }

// HardSwish returns t times t+3 limited to 0..6, divided by 6 (Howard et al., 2019): SiLU made of straight pieces.
func (t *Tensor) HardSwish() *Tensor { return t.unary(&hardSwishRule, params{}) }

// HardSigmoid returns t/6 + 1/2 limited to 0..1.
func (t *Tensor) HardSigmoid() *Tensor { return t.unary(&hardSigmoidRule, params{}) }

// HardTanh returns t limited to lo..hi, as [Tensor.Clip] does; the gradient is 0 also at the limits. It panics with a
// *ValueError when lo is not below hi.
func (t *Tensor) HardTanh(lo, hi float64) *Tensor {
	t.check()
	if !(lo < hi) {
		PanicValue("HardTanh", "the limits are %v and %v; the first must be below the second", lo, hi)
	}
	return t.unary(&hardTanhRule, params{lo, hi})
}

// ReLU6 returns t limited to 0..6; the gradient is 0 also at the limits.
func (t *Tensor) ReLU6() *Tensor { return t.unary(&relu6Rule, params{}) }

// ELU returns t where it is positive and alpha*(e^t - 1) elsewhere (Clevert, Unterthiner and Hochreiter, 2015).
func (t *Tensor) ELU(alpha float64) *Tensor { return t.unary(&eluRule, params{alpha, 1}) }

// SELU returns 1.0507 * ELU(1.6733), with which the outputs of a network keep mean 0 and variance 1 (Klambauer et al.,
// 2017). Its weights begin as LeCun-normal ones.
func (t *Tensor) SELU() *Tensor { return t.unary(&eluRule, params{seluAlpha, seluScale}) }

// CELU returns t where it is positive and alpha*(e^(t/alpha) - 1) elsewhere (Barron, 2017). It panics with a
// *ValueError when alpha is 0.
func (t *Tensor) CELU(alpha float64) *Tensor {
	t.check()
	if alpha == 0 {
		PanicValue("CELU", "alpha is 0; t is divided by it")
	}
	return t.unary(&celuRule, params{alpha})
}

// Threshold returns value where t is at most limit, and t elsewhere.
func (t *Tensor) Threshold(limit, value float64) *Tensor {
	return t.unary(&thresholdRule, params{limit, value})
}

// SoftShrink returns t brought nearer to 0 by a distance, and 0 where it is not as far away. It panics with a
// *ValueError when the distance is negative.
func (t *Tensor) SoftShrink(distance float64) *Tensor {
	if !(distance >= 0) {
		PanicValue("SoftShrink", "the distance is %v; it must not be negative", distance)
	}
	return t.unary(&softShrinkRule, params{distance})
}

// HardShrink returns 0 from -limit to limit, and t elsewhere.
func (t *Tensor) HardShrink(limit float64) *Tensor { return t.unary(&hardShrinkRule, params{limit}) }

// Softmin returns the softmax of -t over an axis.
func (t *Tensor) Softmin(axis int) *Tensor { return t.Neg().Softmax(axis) }

// PReLU returns t where it is positive and slope*t elsewhere (He et al., 2015). The slope is broadcast: one for each
// element of the last axis, or one for all.
func (t *Tensor) PReLU(slope *Tensor) *Tensor {
	checkAll(t, slope)
	s, ok := broadcastShapes(t.shape, slope.shape)
	if !ok || !s.Equal(t.shape) {
		shapePanic("PReLU", "the slope must have one element, or one for each of the last axis", t, slope)
	}
	return t.ReLU().Add(t.Clip(math.Inf(-1), 0).Mul(slope))
}

// GLU returns a * sigmoid(b) for the halves a and b of t along an axis, whose size must be even (Dauphin et al., 2016).
func (t *Tensor) GLU(axis int) *Tensor {
	a, b := t.halves("GLU", axis)
	return a.Mul(b.Sigmoid())
}

// halves are the two halves of t along an axis.
func (t *Tensor) halves(op string, axis int) (a, b *Tensor) {
	k := t.axis(op, axis)
	n := t.shape[k]
	if n%2 != 0 {
		shapePanic(op, "the axis must have an even size, for two halves", t)
	}
	return t.Narrow(k, 0, n/2), t.Narrow(k, n/2, n/2)
}
