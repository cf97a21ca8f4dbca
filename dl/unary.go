package dl

import "math"

// A rule is an elementwise function y = f(x) and its derivative, which may use
// both x and y. p holds the parameters of functions that have some.
type rule struct {
	op    string
	reads int // what d reads
	f     func(x float64, p params) float64
	d     func(x, y float64, p params) float64
	// whole is the function of integers, nil where the result is none.
	whole func(x int64, p [2]int64) int64
	cpu   cpuUnary
	// again is dy times the derivative, made of operations; nil where that is
	// constant piece by piece.
	again func(dy, x, y *Tensor, p params) *Tensor
}

type params = [2]float64

// What a derivative reads.
const (
	readsNothing = iota
	readsX
	readsY
)

var (
	negRule    = rule{op: "Neg", whole: func(x int64, _ [2]int64) int64 { return -x }, f: func(x float64, _ params) float64 { return -x }, d: func(_, _ float64, _ params) float64 { return -1 }}
	expRule    = rule{op: "Exp", reads: readsY, f: func(x float64, _ params) float64 { return math.Exp(x) }, d: func(_, y float64, _ params) float64 { return y }}
	logRule    = rule{op: "Log", reads: readsX, f: func(x float64, _ params) float64 { return math.Log(x) }, d: func(x, _ float64, _ params) float64 { return 1 / x }}
	sqrtRule   = rule{op: "Sqrt", reads: readsY, f: func(x float64, _ params) float64 { return math.Sqrt(x) }, d: func(_, y float64, _ params) float64 { return 0.5 / y }}
	squareRule = rule{op: "Square", reads: readsX, whole: func(x int64, _ [2]int64) int64 { return x * x }, f: func(x float64, _ params) float64 { return x * x }, d: func(x, _ float64, _ params) float64 { return 2 * x }}
	absRule    = rule{op: "Abs", reads: readsX, whole: func(x int64, _ [2]int64) int64 { return max(x, -x) }, f: func(x float64, _ params) float64 { return math.Abs(x) }, d: func(x, _ float64, _ params) float64 { return sign(x) }}
	tanhRule   = rule{op: "Tanh", reads: readsY, f: func(x float64, _ params) float64 { return math.Tanh(x) }, d: func(_, y float64, _ params) float64 { return 1 - y*y }}
	sigRule    = rule{op: "Sigmoid", reads: readsY, f: func(x float64, _ params) float64 { return sigmoid(x) }, d: func(_, y float64, _ params) float64 { return y * (1 - y) }}
	reluRule   = rule{op: "ReLU", reads: readsY, whole: func(x int64, _ [2]int64) int64 { return max(x, 0) }, f: func(x float64, _ params) float64 { return math.Max(x, 0) }, d: func(_, y float64, _ params) float64 { return step(y) }}
	// GELU with the normal distribution itself, as PyTorch's default (Hendrycks and Gimpel, 2016).
	geluRule = rule{op: "GELU", reads: readsX,
		f: func(x float64, _ params) float64 { return x * 0.5 * math.Erfc(-x/math.Sqrt2) },
		d: func(x, _ float64, _ params) float64 {
			return 0.5*math.Erfc(-x/math.Sqrt2) + x*math.Exp(-x*x/2)/math.Sqrt(2*math.Pi)
		}}
	leakyRule = rule{op: "LeakyReLU", reads: readsX,
		f: func(x float64, p params) float64 { return math.Max(x, 0) + p[0]*math.Min(x, 0) },
		d: func(x, _ float64, p params) float64 { return step(x) + p[0]*(1-step(x)) }}
	powRule = rule{op: "Pow", reads: readsX,
		f: func(x float64, p params) float64 { return math.Pow(x, p[0]) },
		d: func(x, _ float64, p params) float64 {
			if p[0] == 0 {
				return 0 // also at x = 0, where the power is infinite
			}
			return p[0] * math.Pow(x, p[0]-1)
		}}
	wholePowRule = rule{op: "Pow", whole: func(x int64, p [2]int64) int64 { return wholePower(x, p[0]) }}
	addRule1     = rule{op: "AddScalar", whole: func(x int64, p [2]int64) int64 { return x + p[0] }, f: func(x float64, p params) float64 { return x + p[0] }, d: func(_, _ float64, _ params) float64 { return 1 }}
	mulRule1     = rule{op: "MulScalar", whole: func(x int64, p [2]int64) int64 { return x * p[0] }, f: func(x float64, p params) float64 { return x * p[0] }, d: func(_, _ float64, p params) float64 { return p[0] }}
	clipRule     = rule{op: "Clip", reads: readsX, whole: func(x int64, p [2]int64) int64 { return min(max(x, p[0]), p[1]) },
		f: func(x float64, p params) float64 { return math.Min(math.Max(x, p[0]), p[1]) },
		d: func(x, _ float64, p params) float64 {
			if x < p[0] || x > p[1] {
				return 0
			}
			return 1
		}}
)

// normalRule is the standard normal distribution function, a part of GELU's
// derivative.
var normalRule = rule{op: "the normal distribution function", reads: readsX,
	f: func(x float64, _ params) float64 { return 0.5 * math.Erfc(-x/math.Sqrt2) },
	d: func(x, _ float64, _ params) float64 { return math.Exp(-x*x/2) / math.Sqrt(2*math.Pi) }}

// The derivatives use the operations, which use the rules: this is the order.
func init() {
	negRule.again = func(dy, x, y *Tensor, p params) *Tensor { return dy.Neg() }
	expRule.again = func(dy, x, y *Tensor, p params) *Tensor { return dy.Mul(y) }
	logRule.again = func(dy, x, y *Tensor, p params) *Tensor { return dy.Div(x) }
	sqrtRule.again = func(dy, x, y *Tensor, p params) *Tensor { return dy.Div(y).MulScalar(0.5) }
	squareRule.again = func(dy, x, y *Tensor, p params) *Tensor { return dy.Mul(x).MulScalar(2) }
	tanhRule.again = func(dy, x, y *Tensor, p params) *Tensor { return dy.Mul(y.Square().Neg().AddScalar(1)) }
	sigRule.again = func(dy, x, y *Tensor, p params) *Tensor { return dy.Mul(y).Mul(y.Neg().AddScalar(1)) }
	geluRule.again = func(dy, x, y *Tensor, p params) *Tensor {
		return dy.Mul(x.unary(&normalRule, params{}).Add(x.Mul(bell(x))))
	}
	powRule.again = func(dy, x, y *Tensor, p params) *Tensor {
		if p[0] == 0 {
			return nil
		}
		return dy.Mul(x.Pow(p[0] - 1)).MulScalar(p[0])
	}
	addRule1.again = func(dy, x, y *Tensor, p params) *Tensor { return dy }
	mulRule1.again = func(dy, x, y *Tensor, p params) *Tensor { return dy.MulScalar(p[0]) }
	normalRule.again = func(dy, x, _ *Tensor, _ params) *Tensor { return dy.Mul(bell(x)) }
}

// bell is the density of the standard normal distribution.
func bell(x *Tensor) *Tensor {
	return x.Square().MulScalar(-0.5).Exp().MulScalar(1 / math.Sqrt(2*math.Pi))
}

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
	if !t.dtype.isFull() {
		dtypePanic(op, "the operation needs float32 or float64; use To", t)
	}
}

// fractional is float for operations that take float16 and bfloat16, too.
func (t *Tensor) fractional(op string) {
	if t.check(); !t.dtype.IsFloat() {
		dtypePanic(op, "the operation needs floats; use To(dl.Float32)", t)
	}
}

// unary applies a rule. Integers stay integers where the rule says how, and
// become float32 otherwise, as in PyTorch.
func (t *Tensor) unary(r *rule, p params) *Tensor {
	t.check()
	switch {
	case t.dtype.isHalf():
		return t.To(Float32).unary(r, p).To(t.dtype)
	case t.dtype.isInt() && r.whole != nil:
		return t.wholeUnary(r, p)
	case !t.dtype.IsFloat():
		return t.To(Float32).unary(r, p)
	}
	t.check()
	out := result(t.dtype, t.shape)
	device.unary(unary{rule: r, p: p, x: t, y: out})
	if recording(t) {
		n := unaryKind.new()
		n.x, n.rule, n.p = t, r, p
		attach(out, r.op, n)
		switch r.reads {
		case readsX:
			n.keep(t)
		case readsY:
			n.keep(out)
		}
	}
	return out
}

// unaryRecord is the record of an elementwise function.
type unaryRecord struct {
	node
	x    *Tensor
	rule *rule
	p    params
}

var unaryKind = newKind[unaryRecord]()

func (r *unaryRecord) operands(list []*Tensor) []*Tensor { return append(list, r.x) }

func (*unaryRecord) reads() {}

func (r *unaryRecord) backward(b *sweep, dy *Tensor) {
	g := b.target(r.x)
	device.unaryGrad(unary{rule: r.rule, p: r.p, x: r.x, y: r.out}, dy, g)
	b.add(r.x, g)
}

func (r *unaryRecord) gradients(dy *Tensor) []*Tensor {
	if r.rule.again != nil {
		return []*Tensor{r.rule.again(dy, r.x, r.out, r.p)}
	}
	// The derivative is constant, piece by piece.
	one, d := New(r.x.dtype, r.x.shape...), New(r.x.dtype, r.x.shape...)
	one.fill(1)
	device.unaryGrad(unary{rule: r.rule, p: r.p, x: r.x, y: r.out}, one, d)
	return []*Tensor{dy.Mul(d)}
}

// Neg returns -t.
func (t *Tensor) Neg() *Tensor { return t.unary(&negRule, params{}) }

// Exp returns e^t.
func (t *Tensor) Exp() *Tensor { return t.unary(&expRule, params{}) }

// Log returns the natural logarithm.
func (t *Tensor) Log() *Tensor { return t.unary(&logRule, params{}) }

// Sqrt returns the square root. Its derivative at 0 is infinite: the gradient
// of a standard deviation, Var(axis).Sqrt(), of equal elements is NaN. Add a
// small number before the root, as layers do.
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

// Pow returns t^p. Integers stay integers where p is one that is not negative,
// and become float32 otherwise.
func (t *Tensor) Pow(p float64) *Tensor {
	if t.check(); t.dtype.isInt() && p >= 0 && p == math.Trunc(p) && p < 1<<53 {
		return t.wholeUnary(&wholePowRule, params{p})
	}
	return t.unary(&powRule, params{p})
}

// AddScalar returns t + v.
func (t *Tensor) AddScalar(v float64) *Tensor { return t.unary(&addRule1, params{v}) }

// MulScalar returns t * v.
func (t *Tensor) MulScalar(v float64) *Tensor { return t.unary(&mulRule1, params{v}) }

// Clip returns t limited to lo..hi, both rounded to the dtype of t; where hi is
// below lo, all become hi. The gradient is 0 outside and flows at the limits
// themselves. It panics with a *ValueError when a limit is not a number.
func (t *Tensor) Clip(lo, hi float64) *Tensor {
	t.check()
	if lo != lo || hi != hi {
		PanicValue("Clip", "the limits are %v and %v; give numbers, and infinities where there is no limit", lo, hi)
	}
	if t.dtype == Float32 {
		lo, hi = float64(float32(lo)), float64(float32(hi))
	}
	return t.unary(&clipRule, params{lo, hi})
}
