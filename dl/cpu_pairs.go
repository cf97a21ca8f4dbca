package dl

import "modelbook/dl/internal/vec"

// cpuPair are the float32 forms of a rule, where there are kernels: of the
// function, and of dy times its derivatives for operands of equal shapes.
type cpuPair struct {
	fast         func(dst, a, b []float32)
	fastA, fastB func(dst, dy, a, b []float32)
}

func init() {
	addRule.cpu = cpuPair{fast: vec.Add}
	subRule.cpu = cpuPair{fast: vec.Sub, fastB: func(d, dy, _, _ []float32) { vec.Scale(d, -1, dy) }}
	mulRule.cpu = cpuPair{fast: vec.Mul}
	divRule.cpu = cpuPair{fast: vec.Div,
		fastA: func(d, dy, _, b []float32) { vec.Div(d, dy, b) },
		fastB: func(d, dy, a, b []float32) {
			vec.Div(d, a, b) // before the product with dy, which may overflow
			vec.Div(d, d, b)
			vec.Mul(d, d, dy)
			vec.Scale(d, -1, d)
		}}
	maxRule.cpu = cpuPair{fast: vec.Maximum}
	minRule.cpu = cpuPair{fast: vec.Minimum}
}

func (cpu) pair(p pair) {
	r, t, u, out := p.rule, p.a, p.b, p.y
	plain := out.dtype == Float32 && t.strides == nil && u.strides == nil && r.cpu.fast != nil
	switch {
	case out.size == 0:
	case plain && t.shape.Equal(u.shape) && few(out.size):
		r.cpu.fast(out.f32(), t.f32(), u.f32())
	case plain && t.shape.Equal(u.shape):
		share(len(out.f32()), elementGrain, pass{f: pairPass, dst: out.f32(), a: t.f32(), b: u.f32(), pair: r})
	case plain && rowOf(u, out) && t.shape.Equal(out.shape):
		pairRows(out.f32(), t.f32(), u.f32(), r)
	case plain && columnOf(u, out) && t.shape.Equal(out.shape) && (r == &addRule || r == &subRule || r == &mulRule || r == &divRule):
		n := out.shape[len(out.shape)-1]
		share(len(u.f32()), rowGrain(n), pass{f: pairColumnPass, dst: out.f32(), a: t.f32(), b: u.f32(), n: n, pair: r})
	default:
		j := loops.Get().(*loop)
		j.rule = r
		j.s = [4]*storage{out.storage, t.storage, u.storage}
		j.walk = newWalk(r.op, out.layout(), t.layout().expand(out.shape), u.layout().expand(out.shape))
		j.over(cpuTypes[out.dtype].pair)
	}
}

func pairPass(p *pass, lo, hi int) { p.pair.cpu.fast(p.dst[lo:hi], p.a[lo:hi], p.b[lo:hi]) }

// pairRows applies a rule to each row of a and the row b.
func pairRows(dst, a, b []float32, r *pairRule) {
	w := wideRows(len(b), len(a))
	if w.n > len(b) {
		row := w.row()
		copy(row, b)
		w.repeat(row)
		b = row
	}
	w.share(a, pass{dst: dst, a: a, b: b, pair: r, f: func(p *pass, lo, hi int) {
		p.pair.cpu.fast(p.dst[lo:hi], p.a[lo:hi], p.b[:hi-lo])
	}})
}

func pairColumnPass(p *pass, lo, hi int) {
	for i := lo; i < hi; i++ {
		dst, x, v := p.dst[i*p.n:(i+1)*p.n], p.a[i*p.n:(i+1)*p.n], p.b[i]
		switch p.pair {
		case &addRule:
			vec.AddScalar(dst, v, x)
		case &subRule:
			vec.AddScalar(dst, -v, x)
		case &mulRule:
			vec.Scale(dst, v, x)
		default:
			vec.DivScalar(dst, x, v)
		}
	}
}

// rowOf reports whether u repeats as whole rows under out, as a bias does.
func rowOf(u, out *Tensor) bool {
	k := len(out.shape) - len(u.shape)
	return k >= 0 && u.shape.Equal(out.shape[k:])
}

// columnOf reports whether u has one element for each row of out, as a mean does that was kept as a column.
func columnOf(u, out *Tensor) bool {
	k := len(out.shape) - 1
	return k >= 0 && len(u.shape) == k+1 && u.shape[k] == 1 && u.shape[:k].Equal(out.shape[:k])
}

func (cpu) pairGrad(p pair, second bool, dy, g *Tensor) {
	r, a, b := p.rule, p.a, p.b
	if g.size == 0 {
		return
	}
	if r == &divRule && g.dtype == Float32 && !a.shape.Equal(b.shape) {
		quotientGrad(p, second, dy, g)
		return
	}
	fast := r.cpu.fastA
	if second {
		fast = r.cpu.fastB
	}
	if g.dtype == Float32 && a.strides == nil && b.strides == nil && a.shape.Equal(b.shape) && fast != nil {
		if few(g.size) {
			fast(g.f32(), dy.f32(), a.f32(), b.f32())
		} else {
			share(g.size, elementGrain, pass{f: pairGradPass, dst: g.f32(), a: dy.f32(), b: a.f32(), c: b.f32(), pair: r, flag: second})
		}
		return
	}
	j := loops.Get().(*loop)
	j.rule, j.second = r, second
	j.s = [4]*storage{g.storage, dy.storage, a.storage, b.storage}
	j.walk = newWalk(r.op, g.layout(), dy.layout(), a.layout().expand(g.shape), b.layout().expand(g.shape))
	if g.dtype == Float32 {
		j.over(pairGradRows[float32])
	} else {
		j.over(pairGradRows[float64])
	}
}

// quotientGrad is pairGrad of a quotient of operands of different shapes: each step is one of the kernels.
func quotientGrad(p pair, second bool, dy, g *Tensor) {
	if !second {
		cpu{}.pair(pair{&divRule, dy, p.b, g})
		return
	}
	cpu{}.pair(pair{&divRule, p.a, p.b, g}) // before the product with dy, which may overflow
	cpu{}.pair(pair{&divRule, g, p.b, g})
	cpu{}.pair(pair{&mulRule, g, dy, g})
	cpu{}.unary(unary{rule: &negRule, x: g, y: g})
}

func pairGradPass(p *pass, lo, hi int) {
	f := p.pair.cpu.fastA
	if p.flag {
		f = p.pair.cpu.fastB
	}
	f(p.dst[lo:hi], p.a[lo:hi], p.b[lo:hi], p.c[lo:hi])
}

// pairFloat32 does rows of an elementwise function of two operands with the
// float32 kernels; what does not lie in a row is brought into one.
func pairFloat32(j *loop, lo, hi int) {
	const most = 1 << 10
	out, a, b := j.s[0].data.([]float32), j.s[1].data.([]float32), j.s[2].data.([]float32)
	if f := j.rule.f; j.rule.cpu.fast == nil {
		pairAll(j, lo, hi, func(a, b float32) float32 { return float32(f(float64(a), float64(b))) })
		return
	}
	room := takePart(2 * most)
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		for i := 0; i < n; i += most {
			m := min(most, n-i)
			j.rule.cpu.fast(out[c.at[0]+i:][:m], inRow(room[:m], a, c.at[1]+i*steps[1], steps[1]), inRow(room[most:][:m], b, c.at[2]+i*steps[2], steps[2]))
		}
		j.next(&c)
	}
	releasePart(room)
}

// inRow returns elements that lie step apart next to each other: in x, or in
// room.
func inRow(room, x []float32, at, step int) []float32 {
	if step == 1 {
		return x[at : at+len(room)]
	}
	for i := range room {
		room[i] = x[at]
		at += step
	}
	return room
}

func pairFloat64(j *loop, lo, hi int) {
	out, a, b, f := j.s[0].data.([]float64), j.s[1].data.([]float64), j.s[2].data.([]float64), j.rule.f
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		x, y := c.at[1], c.at[2]
		for i := range out[c.at[0]:][:n] {
			out[c.at[0]+i] = f(a[x], b[y])
			x, y = x+steps[1], y+steps[2]
		}
		j.next(&c)
	}
}

// pairInts computes with integers, which wrap around as in Go.
func pairInts[T integer](j *loop, lo, hi int) {
	f := func(a, b T) T { return a + b }
	switch j.rule {
	case &subRule:
		f = func(a, b T) T { return a - b }
	case &mulRule:
		f = func(a, b T) T { return a * b }
	case &maxRule:
		f = func(a, b T) T { return max(a, b) }
	case &minRule:
		f = func(a, b T) T { return min(a, b) }
	case &addRule:
	default:
		whole := j.rule.whole
		f = func(a, b T) T { return T(whole(int64(a), int64(b))) }
	}
	pairAll(j, lo, hi, f)
}

// pairBools: a sum is true when one operand is, a product when both are.
func pairBools(j *loop, lo, hi int) {
	f := func(a, b bool) bool { return a || b }
	if j.rule == &mulRule || j.rule == &minRule {
		f = func(a, b bool) bool { return a && b }
	}
	pairAll(j, lo, hi, f)
}

func pairAll[T, U Element](j *loop, lo, hi int, f func(a, b T) U) {
	out, a, b := j.s[0].data.([]U), j.s[1].data.([]T), j.s[2].data.([]T)
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		x, y := c.at[1], c.at[2]
		for i := range n {
			out[c.at[0]+i] = f(a[x], b[y])
			x, y = x+steps[1], y+steps[2]
		}
		j.next(&c)
	}
}

// pairGradRows does rows of a gradient.
func pairGradRows[T float](j *loop, lo, hi int) {
	g, dy, a, b, f := j.s[0].data.([]T), j.s[1].data.([]T), j.s[2].data.([]T), j.s[3].data.([]T), j.rule.da
	if j.second {
		f = j.rule.db
	}
	_, steps := j.inner()
	for c, rows, n := j.part(lo, hi); rows > 0; rows-- {
		d, x, y := c.at[1], c.at[2], c.at[3]
		for i := range n {
			g[c.at[0]+i] = T(float64(dy[d]) * f(float64(a[x]), float64(b[y])))
			d, x, y = d+steps[1], x+steps[2], y+steps[3]
		}
		j.next(&c)
	}
}
