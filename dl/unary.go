package dl

import (
	"math"

	"modelbook/dl/internal/vec"
)

// A rule is an elementwise function y = f(x) and its derivative, which may use
// both x and y. p holds the parameters of functions that have some.
type rule struct {
	op string
	f  func(x float64, p [2]float64) float64
	d  func(x, y float64, p [2]float64) float64
	// fast and fastD are the float32 forms, where there are kernels.
	fast  func(y, x []float32)
	fastD func(dx, dy, y []float32)
}

type params = [2]float64

var (
	negRule    = rule{op: "Neg", f: func(x float64, _ params) float64 { return -x }, d: func(_, _ float64, _ params) float64 { return -1 }}
	expRule    = rule{op: "Exp", f: func(x float64, _ params) float64 { return math.Exp(x) }, d: func(_, y float64, _ params) float64 { return y }}
	logRule    = rule{op: "Log", f: func(x float64, _ params) float64 { return math.Log(x) }, d: func(x, _ float64, _ params) float64 { return 1 / x }}
	sqrtRule   = rule{op: "Sqrt", f: func(x float64, _ params) float64 { return math.Sqrt(x) }, d: func(_, y float64, _ params) float64 { return 0.5 / y }}
	squareRule = rule{op: "Square", f: func(x float64, _ params) float64 { return x * x }, d: func(x, _ float64, _ params) float64 { return 2 * x }}
	absRule    = rule{op: "Abs", f: func(x float64, _ params) float64 { return math.Abs(x) }, d: func(x, _ float64, _ params) float64 { return sign(x) }}
	tanhRule   = rule{op: "Tanh", f: func(x float64, _ params) float64 { return math.Tanh(x) }, d: func(_, y float64, _ params) float64 { return 1 - y*y }}
	sigRule    = rule{op: "Sigmoid", f: func(x float64, _ params) float64 { return sigmoid(x) }, d: func(_, y float64, _ params) float64 { return y * (1 - y) }}
	reluRule   = rule{op: "ReLU", f: func(x float64, _ params) float64 { return math.Max(x, 0) }, d: func(x, _ float64, _ params) float64 { return step(x) },
		fast: vec.Relu, fastD: vec.ReluGrad}
	// GELU with the normal distribution itself, as PyTorch's default (Hendrycks and Gimpel, 2016).
	geluRule = rule{op: "GELU",
		f: func(x float64, _ params) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) },
		d: func(x, _ float64, _ params) float64 {
			return 0.5*math.Erfc(-x/math.Sqrt2) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		}}
	leakyRule = rule{op: "LeakyReLU",
		f: func(x float64, p params) float64 { return math.Max(x, 0) + p[0]*math.Min(x, 0) },
		d: func(x, _ float64, p params) float64 { return step(x) + p[0]*(1-step(x)) }}
	powRule = rule{op: "Pow",
		f: func(x float64, p params) float64 { return math.Pow(x, p[0]) },
		d: func(x, _ float64, p params) float64 {
			if p[0] == 0 {
				return 0 // also at x = 0, where the power is infinite
			}
			return p[0] * math.Pow(x, p[0]-1)
		}}
	addRule1 = rule{op: "AddScalar", f: func(x float64, p params) float64 { return x + p[0] }, d: func(_, _ float64, _ params) float64 { return 1 }}
	mulRule1 = rule{op: "MulScalar", f: func(x float64, p params) float64 { return x * p[0] }, d: func(_, _ float64, p params) float64 { return p[0] }}
	clipRule = rule{op: "Clip",
		f: func(x float64, p params) float64 { return math.Min(math.Max(x, p[0]), p[1]) },
		d: func(x, _ float64, p params) float64 {
			if x < p[0] || x > p[1] {
				return 0
			}
			return 1
		}}
)

func step(x float64) float64 {
	if x > 0 {
		return 1
	}
	return 0
}

func sign(x float64) float64 {
	switch {
	case x > 0:
		return 1
	case x < 0:
		return -1
	}
	return 0
}

func sigmoid(x float64) float64 {
	if x < 0 { // without overflow
		e := math.Exp(x)
		return e / (1 + e)
	}
	return 1 / (1 + math.Exp(-x))
}

func (t *Tensor) float(op string) {
	if !t.dtype.IsFloat() {
		dtypePanic(op, "the operation needs float32 or float64; use To", t)
	}
}

// unary applies a rule.
func (t *Tensor) unary(r *rule, p params) *Tensor {
	t.float(r.op)
	out := result(t.dtype, t.shape)
	switch {
	case t.dtype == Float64:
		for i, x := range t.f64 {
			out.f64[i] = r.f(x, p)
		}
	case r.fast != nil:
		r.fast(out.f32, t.f32)
	default:
		for i, x := range t.f32 {
			out.f32[i] = float32(r.f(float64(x), p))
		}
	}
	if n := record(out, backUnary, t); n != nil {
		n.rule, n.f = r, p
	}
	return out
}

func backUnary(n *node) {
	x, y, dy, r := n.in[0], n.out, n.out.grad, n.rule
	dx, fresh := x.buffer()
	if x.dtype == Float32 && fresh && r.fastD != nil {
		r.fastD(dx.f32, dy.f32, y.f32)
		return
	}
	for i := range x.Size() {
		d := dy.at(i) * r.d(x.at(i), y.at(i), n.f)
		if !fresh {
			d += dx.at(i)
		}
		dx.set(i, d)
	}
}

// Neg returns -t.
func (t *Tensor) Neg() *Tensor { return t.unary(&negRule, params{}) }

// Exp returns e^t.
func (t *Tensor) Exp() *Tensor { return t.unary(&expRule, params{}) }

// Log returns the natural logarithm.
func (t *Tensor) Log() *Tensor { return t.unary(&logRule, params{}) }

// Sqrt returns the square root.
func (t *Tensor) Sqrt() *Tensor { return t.unary(&sqrtRule, params{}) }

// Square returns t*t.
func (t *Tensor) Square() *Tensor { return t.unary(&squareRule, params{}) }

// Abs returns the absolute value; its gradient at 0 is 0.
func (t *Tensor) Abs() *Tensor { return t.unary(&absRule, params{}) }

// Tanh returns the hyperbolic tangent.
func (t *Tensor) Tanh() *Tensor { return t.unary(&tanhRule, params{}) }

// Sigmoid returns 1/(1+e^-t).
func (t *Tensor) Sigmoid() *Tensor { return t.unary(&sigRule, params{}) }

// ReLU returns max(t, 0); its gradient at 0 is 0.
func (t *Tensor) ReLU() *Tensor { return t.unary(&reluRule, params{}) }

// GELU returns t times the normal distribution function of t.
func (t *Tensor) GELU() *Tensor { return t.unary(&geluRule, params{}) }

// LeakyReLU returns t where it is positive and slope*t elsewhere.
func (t *Tensor) LeakyReLU(slope float64) *Tensor { return t.unary(&leakyRule, params{slope}) }

// Pow returns t^p.
func (t *Tensor) Pow(p float64) *Tensor { return t.unary(&powRule, params{p}) }

// AddScalar returns t + v.
func (t *Tensor) AddScalar(v float64) *Tensor { return t.unary(&addRule1, params{v}) }

// MulScalar returns t * v.
func (t *Tensor) MulScalar(v float64) *Tensor { return t.unary(&mulRule1, params{v}) }

// Clip returns t limited to lo..hi; outside the gradient is 0.
func (t *Tensor) Clip(lo, hi float64) *Tensor { return t.unary(&clipRule, params{lo, hi}) }
