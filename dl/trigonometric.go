package dl

import "math"

func plain(f func(x float64) float64) func(float64, params) float64 {
	return func(x float64, _ params) float64 { return f(x) }
}

// ofX and ofY are derivatives that read the argument, or the result.
func ofX(d func(x float64) float64) func(x, y float64, p params) float64 {
	return func(x, _ float64, _ params) float64 { return d(x) }
}

func ofY(d func(y float64) float64) func(x, y float64, p params) float64 {
	return func(_, y float64, _ params) float64 { return d(y) }
}

var (
	sinRule   = rule{op: "Sin", reads: readsX, f: plain(math.Sin), d: ofX(math.Cos)}
	cosRule   = rule{op: "Cos", reads: readsX, f: plain(math.Cos), d: ofX(func(x float64) float64 { return -math.Sin(x) })}
	tanRule   = rule{op: "Tan", reads: readsY, f: plain(math.Tan), d: ofY(func(y float64) float64 { return 1 + y*y })}
	asinRule  = rule{op: "Asin", reads: readsX, f: plain(math.Asin), d: ofX(func(x float64) float64 { return 1 / math.Sqrt(1-x*x) })}
	acosRule  = rule{op: "Acos", reads: readsX, f: plain(math.Acos), d: ofX(func(x float64) float64 { return -1 / math.Sqrt(1-x*x) })}
	atanRule  = rule{op: "Atan", reads: readsX, f: plain(math.Atan), d: ofX(func(x float64) float64 { return 1 / (1 + x*x) })}
	sinhRule  = rule{op: "Sinh", reads: readsX, f: plain(math.Sinh), d: ofX(math.Cosh)}
	coshRule  = rule{op: "Cosh", reads: readsX, f: plain(math.Cosh), d: ofX(math.Sinh)}
	asinhRule = rule{op: "Asinh", reads: readsX, f: plain(math.Asinh), d: ofX(func(x float64) float64 { return 1 / math.Sqrt(x*x+1) })}
	acoshRule = rule{op: "Acosh", reads: readsX, f: plain(math.Acosh), d: ofX(func(x float64) float64 { return 1 / math.Sqrt(x*x-1) })}
	atanhRule = rule{op: "Atanh", reads: readsX, f: plain(math.Atanh), d: ofX(func(x float64) float64 { return 1 / (1 - x*x) })}
)

// The derivatives use the operations, which use the rules: this is the order.
func init() {
	sinRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Cos()) }
	cosRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Sin()).Neg() }
	tanRule.again = func(dy, _, y *Tensor, _ params) *Tensor { return dy.Mul(y.Square().AddScalar(1)) }
	asinRule.again = func(dy, x, _ *Tensor, _ params) *Tensor {
		return dy.Div(x.Square().Neg().AddScalar(1).Sqrt())
	}
	acosRule.again = func(dy, x, _ *Tensor, _ params) *Tensor {
		return dy.Div(x.Square().Neg().AddScalar(1).Sqrt()).Neg()
	}
	atanRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Div(x.Square().AddScalar(1)) }
	sinhRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Cosh()) }
	coshRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(x.Sinh()) }
	asinhRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Div(x.Square().AddScalar(1).Sqrt()) }
	acoshRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Div(x.Square().AddScalar(-1).Sqrt()) }
	atanhRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Div(x.Square().Neg().AddScalar(1)) }
}

// Sin returns the sine of angles in radians.
func (t *Tensor) Sin() *Tensor { return t.unary(&sinRule, params{}) }

// Cos returns the cosine of angles in radians.
func (t *Tensor) Cos() *Tensor { return t.unary(&cosRule, params{}) }

// Tan returns the tangent of angles in radians.
func (t *Tensor) Tan() *Tensor { return t.unary(&tanRule, params{}) }

// Asin returns the angle in -Pi/2..Pi/2 with a sine, NaN beyond -1..1.
func (t *Tensor) Asin() *Tensor { return t.unary(&asinRule, params{}) }

// Acos returns the angle in 0..Pi with a cosine, NaN beyond -1..1.
func (t *Tensor) Acos() *Tensor { return t.unary(&acosRule, params{}) }

// Atan returns the angle in -Pi/2..Pi/2 with a tangent. See [Tensor.Atan2] for
// the angle of a point.
func (t *Tensor) Atan() *Tensor { return t.unary(&atanRule, params{}) }

// Sinh returns the hyperbolic sine. (Tanh is with the activations.)
func (t *Tensor) Sinh() *Tensor { return t.unary(&sinhRule, params{}) }

// Cosh returns the hyperbolic cosine.
func (t *Tensor) Cosh() *Tensor { return t.unary(&coshRule, params{}) }

// Asinh returns the inverse hyperbolic sine.
func (t *Tensor) Asinh() *Tensor { return t.unary(&asinhRule, params{}) }

// Acosh returns the inverse hyperbolic cosine, NaN below 1.
func (t *Tensor) Acosh() *Tensor { return t.unary(&acoshRule, params{}) }

// Atanh returns the inverse hyperbolic tangent, NaN beyond -1..1.
func (t *Tensor) Atanh() *Tensor { return t.unary(&atanhRule, params{}) }
