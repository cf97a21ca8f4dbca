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
	case Float32:
		if u.x.strides == nil && few(u.x.size) {
			u.rule.floats(u.y.f32(), u.x.f32(), u.p)
			return
		}
		u.over(unaryFloat32)
	default:
		u.over(unaryFloat64)
	}
}

// over runs a loop over the elements of x and y.
func (u unary) over(run func(j *loop, lo, hi int)) {
	if u.x.size == 0 {
		return
	}
	if u.x.apart() {
		moveInto(u.y, u.x)
		u.x = u.y
	}
	j := loops.Get().(*loop)
	j.one, j.p = u.rule, u.p
	j.s = [4]*storage{u.y.storage, u.x.storage}
	j.walk = newWalk(u.rule.op, u.y.layout(), u.x.layout())
	j.over(run)
}

// apart reports whether the elements of t do not lie in rows: then moving
// them first, a square of a transposed matrix at a time, is faster than to
// compute with each where it is.
func (t *Tensor) apart() bool {
	for k := len(t.strides) - 1; k >= 0; k-- {
		if t.shape[k] != 1 {
			return t.strides[k] != 1
		}
	}
	return false
}

func unaryFloat32(j *loop, lo, hi int) {
	y, x := j.s[0].data.([]float32), j.s[1].data.([]float32)
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		j.one.floats(y[c.at[0]:][:n], x[c.at[1]:][:n], j.p)
		j.next(&c)
	}
}

func unaryFloat64(j *loop, lo, hi int) {
	y, x := j.s[0].data.([]float64), j.s[1].data.([]float64)
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		row := y[c.at[0]:][:n]
		for i, v := range x[c.at[1]:][:n] {
			row[i] = j.one.f(v, j.p)
		}
		j.next(&c)
	}
}

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
	x, y := u.x, u.y
	if u.rule.reads != readsX {
		x = y // one layout less to follow
	}
	if x.apart() {
		x = x.packed()
	}
	switch {
	case x.size == 0:
	case x.dtype == Float32 && x.strides == nil && few(x.size):
		u.rule.grads(g.f32(), dy.f32(), x.f32(), y.f32(), u.p)
	default:
		j := loops.Get().(*loop)
		j.one, j.p = u.rule, u.p
		j.s = [4]*storage{g.storage, dy.storage, x.storage, y.storage}
		j.walk = newWalk(u.rule.op, g.layout(), dy.layout(), x.layout(), y.layout())
		if x.dtype == Float32 {
			j.over(unaryGradFloat32)
		} else {
			j.over(unaryGradFloat64)
		}
	}
}

func unaryGradFloat32(j *loop, lo, hi int) {
	dx, dy, x, y := j.s[0].data.([]float32), j.s[1].data.([]float32), j.s[2].data.([]float32), j.s[3].data.([]float32)
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		j.one.grads(dx[c.at[0]:][:n], dy[c.at[1]:][:n], x[c.at[2]:][:n], y[c.at[3]:][:n], j.p)
		j.next(&c)
	}
}

func unaryGradFloat64(j *loop, lo, hi int) {
	dx, dy, x, y := j.s[0].data.([]float64), j.s[1].data.([]float64), j.s[2].data.([]float64), j.s[3].data.([]float64)
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		at := c.at
		for range n {
			dx[at[0]] = dy[at[1]] * j.one.d(x[at[2]], y[at[3]], j.p)
			at[0], at[1], at[2], at[3] = at[0]+1, at[1]+1, at[2]+1, at[3]+1
		}
		j.next(&c)
	}
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
