package dl

import "math"

var (
	expm1Rule      = rule{op: "Expm1", reads: readsY, f: plain(math.Expm1), d: ofY(func(y float64) float64 { return y + 1 })}
	exp2Rule       = rule{op: "Exp2", reads: readsY, f: plain(math.Exp2), d: ofY(func(y float64) float64 { return y * math.Ln2 })}
	log1pRule      = rule{op: "Log1p", reads: readsX, f: plain(math.Log1p), d: ofX(func(x float64) float64 { return 1 / (1 + x) })}
	log2Rule       = rule{op: "Log2", reads: readsX, f: plain(math.Log2), d: ofX(func(x float64) float64 { return 1 / (x * math.Ln2) })}
	log10Rule      = rule{op: "Log10", reads: readsX, f: plain(math.Log10), d: ofX(func(x float64) float64 { return 1 / (x * math.Ln10) })}
	rsqrtRule      = rule{op: "Rsqrt", reads: readsX, f: plain(func(x float64) float64 { return 1 / math.Sqrt(x) }), d: ofX(func(x float64) float64 { return -0.5 / (x * math.Sqrt(x)) })}
	reciprocalRule = rule{op: "Reciprocal", reads: readsY, f: plain(func(x float64) float64 { return 1 / x }), d: ofY(func(y float64) float64 { return -y * y })}
	erfRule        = rule{op: "Erf", reads: readsX, f: plain(math.Erf), d: ofX(erfSlope)}
	erfcRule       = rule{op: "Erfc", reads: readsX, f: plain(math.Erfc), d: ofX(func(x float64) float64 { return -erfSlope(x) })}
	erfinvRule     = rule{op: "Erfinv", reads: readsY, f: plain(math.Erfinv), d: ofY(func(y float64) float64 { return 1 / erfSlope(y) })}
	softplusRule   = rule{op: "Softplus", reads: readsX, f: plain(softplus), d: ofX(sigmoid)}
)

// erfSlope is the derivative of the error function.
func erfSlope(x float64) float64 { return 2 / math.Sqrt(math.Pi) * math.Exp(-x*x) }

// softplus is log(1+e^x) without overflow.
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func init() {
	slope := func(x *Tensor) *Tensor { return x.Square().Neg().Exp().MulScalar(2 / math.Sqrt(math.Pi)) }
	expm1Rule.again = func(dy, _, y *Tensor, _ params) *Tensor { return dy.Mul(y.AddScalar(1)) }
	exp2Rule.again = func(dy, _, y *Tensor, _ params) *Tensor { return dy.Mul(y).MulScalar(math.Ln2) }
	log1pRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Div(x.AddScalar(1)) }
	log2Rule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Div(x.MulScalar(math.Ln2)) }
	log10Rule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Div(x.MulScalar(math.Ln10)) }
	rsqrtRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Rsqrt()).Div(x).MulScalar(-0.5) }
	reciprocalRule.again = func(dy, _, y *Tensor, _ params) *Tensor { return dy.Mul(y.Square()).Neg() }
	erfRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(slope(x)) }
	erfcRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(slope(x)).Neg() }
	erfinvRule.again = func(dy, _, y *Tensor, _ params) *Tensor { return dy.Div(slope(y)) }
	softplusRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Sigmoid()) }
}

// Expm1 returns e^t - 1, exact also for t near 0.
func (t *Tensor) Expm1() *Tensor { return t.unary(&expm1Rule, params{}) }

// Exp2 returns 2^t.
func (t *Tensor) Exp2() *Tensor { return t.unary(&exp2Rule, params{}) }

// Log1p returns the natural logarithm of 1 + t, exact also for t near 0.
func (t *Tensor) Log1p() *Tensor { return t.unary(&log1pRule, params{}) }

// Logit returns log(t / (1-t)), the inverse of Sigmoid: NaN outside of 0 to 1.
func (t *Tensor) Logit() *Tensor { return t.Log().Sub(t.Neg().Log1p()) }

// Log2 returns the logarithm to base 2.
func (t *Tensor) Log2() *Tensor { return t.unary(&log2Rule, params{}) }

// Log10 returns the logarithm to base 10.
func (t *Tensor) Log10() *Tensor { return t.unary(&log10Rule, params{}) }

// Rsqrt returns 1 divided by the square root.
func (t *Tensor) Rsqrt() *Tensor { return t.unary(&rsqrtRule, params{}) }

// Reciprocal returns 1/t.
func (t *Tensor) Reciprocal() *Tensor { return t.unary(&reciprocalRule, params{}) }

// Erf returns the error function.
func (t *Tensor) Erf() *Tensor { return t.unary(&erfRule, params{}) }

// Erfc returns 1 - Erf, exact also where that is near 0.
func (t *Tensor) Erfc() *Tensor { return t.unary(&erfcRule, params{}) }

// Erfinv returns the inverse of Erf.
func (t *Tensor) Erfinv() *Tensor { return t.unary(&erfinvRule, params{}) }

// Softplus returns log(1 + e^t), a smooth ReLU, without overflow.
func (t *Tensor) Softplus() *Tensor { return t.unary(&softplusRule, params{}) }
