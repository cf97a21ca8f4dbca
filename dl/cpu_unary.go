package dl

import "modelbook/dl/internal/vec"

// cpuUnary are the float32 forms of a rule and of dy times its derivative, where
// there are kernels.
type cpuUnary struct {
	fast  func(y, x []float32, p params)
	fastD func(dx, dy, x, y []float32, p params)
}

func init() {
	negRule.cpu = cpuUnary{
		fast:  func(y, x []float32, _ params) { vec.Scale(y, -1, x) },
		fastD: func(dx, dy, _, _ []float32, _ params) { vec.Scale(dx, -1, dy) },
	}
	expRule.cpu = cpuUnary{
		fast:  func(y, x []float32, _ params) { vec.Exp(y, x) },
		fastD: func(dx, dy, _, y []float32, _ params) { vec.Mul(dx, dy, y) },
	}
	logRule.cpu = cpuUnary{
		fast:  func(y, x []float32, _ params) { vec.Log(y, x) },
		fastD: func(dx, dy, x, _ []float32, _ params) { vec.Div(dx, dy, x) },
	}
	sqrtRule.cpu = cpuUnary{
		fast: func(y, x []float32, _ params) { vec.Sqrt(y, x) },
		fastD: func(dx, dy, _, y []float32, _ params) {
			vec.Div(dx, dy, y)
			vec.Scale(dx, 0.5, dx)
		},
	}
	squareRule.cpu = cpuUnary{
		fast: func(y, x []float32, _ params) { vec.Mul(y, x, x) },
		fastD: func(dx, dy, x, _ []float32, _ params) {
			vec.Mul(dx, dy, x)
			vec.Scale(dx, 2, dx)
		},
	}
	tanhRule.cpu = cpuUnary{
		fast:  func(y, x []float32, _ params) { vec.Tanh(y, x) },
		fastD: func(dx, dy, _, y []float32, _ params) { vec.TanhGrad(dx, dy, y) },
	}
	sigRule.cpu = cpuUnary{
		fast:  func(y, x []float32, _ params) { vec.Sigmoid(y, x) },
		fastD: func(dx, dy, _, y []float32, _ params) { vec.SigmoidGrad(dx, dy, y) },
	}
	reluRule.cpu = cpuUnary{
		fast:  func(y, x []float32, _ params) { vec.Relu(y, x) },
		fastD: func(dx, dy, _, y []float32, _ params) { vec.ReluGrad(dx, dy, y) },
	}
	geluRule.cpu = cpuUnary{
		fast:  func(y, x []float32, _ params) { vec.GELU(y, x) },
		fastD: func(dx, dy, x, _ []float32, _ params) { vec.GELUGrad(dx, dy, x) },
	}
	leakyRule.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.Leaky(y, x, float32(p[0])) },
		fastD: func(dx, dy, x, _ []float32, p params) { vec.LeakyGrad(dx, dy, x, float32(p[0])) },
	}
	addRule1.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.AddScalar(y, float32(p[0]), x) },
		fastD: func(dx, dy, _, _ []float32, _ params) { copy(dx, dy) },
	}
	mulRule1.cpu = cpuUnary{
		fast:  func(y, x []float32, p params) { vec.Scale(y, float32(p[0]), x) },
		fastD: func(dx, dy, _, _ []float32, p params) { vec.Scale(dx, float32(p[0]), dy) },
	}
	clipRule.cpu = cpuUnary{
		fast: func(y, x []float32, p params) { vec.Clip(y, x, float32(p[0]), float32(p[1])) },
	}
}

func (cpu) unary(u unary) {
	switch u.x.dtype {
	case Int64:
		p, y := [2]int64{int64(u.p[0]), int64(u.p[1])}, u.y.i64()
		for i, x := range u.x.i64() {
			y[i] = u.rule.whole(x, p)
		}
	case Float64:
		y := u.y.f64()
		for i, x := range u.x.f64() {
			y[i] = u.rule.f(x, u.p)
		}
	default:
		if y, x := u.y.f32(), u.x.f32(); few(len(y)) {
			u.rule.floats(y, x, u.p)
		} else {
			share(len(y), elementGrain, pass{f: unaryPass, dst: y, a: x, rule: u.rule, s: u.p})
		}
	}
}

func unaryPass(p *pass, lo, hi int) { p.rule.floats(p.dst[lo:hi], p.a[lo:hi], p.s) }

// floats writes the function of x to y.
func (r *rule) floats(y, x []float32, p params) {
	if r.cpu.fast != nil {
		r.cpu.fast(y, x, p)
		return
	}
	for i, v := range x {
		y[i] = float32(r.f(float64(v), p))
	}
}

func (cpu) unaryGrad(u unary, dy, g *Tensor) {
	if g.dtype == Float64 {
		dx, x, y := g.f64(), u.x.f64(), u.y.f64()
		for i, d := range dy.f64() {
			dx[i] = d * u.rule.d(x[i], y[i], u.p)
		}
		return
	}
	if dx := g.f32(); few(len(dx)) {
		u.rule.grads(dx, dy.f32(), u.x.f32(), u.y.f32(), u.p)
	} else {
		share(len(dx), elementGrain, pass{f: unaryGradPass, dst: dx, a: dy.f32(), b: u.x.f32(), c: u.y.f32(), rule: u.rule, s: u.p})
	}
}

func unaryGradPass(p *pass, lo, hi int) {
	p.rule.grads(p.dst[lo:hi], p.a[lo:hi], p.b[lo:hi], p.c[lo:hi], p.s)
}

// grads writes dy times the derivative to dx.
func (r *rule) grads(dx, dy, x, y []float32, p params) {
	if r.cpu.fastD != nil {
		r.cpu.fastD(dx, dy, x, y, p)
		return
	}
	for i, d := range dy {
		dx[i] = float32(float64(d) * r.d(float64(x[i]), float64(y[i]), p))
	}
}
