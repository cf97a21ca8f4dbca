package dl

import (
	"modelbook/dl/internal/vec"
)

// A pairRule is an elementwise function y = f(a, b) with its two derivatives.
type pairRule struct {
	op string
	f  func(a, b float64) float64
	da func(a, b float64) float64
	db func(a, b float64) float64
	// The float32 forms, where there are kernels: of the function, and of dy
	// times its derivatives for operands of equal shapes.
	fast         func(dst, a, b []float32)
	fastA, fastB func(dst, dy, a, b []float32)
	// again are dy times the derivatives, made of operations; nil where those
	// are constant piece by piece.
	again func(dy, a, b, y *Tensor) (da, db *Tensor)
}

var (
	addRule = pairRule{op: "Add", fast: vec.Add, f: func(a, b float64) float64 { return a + b },
		da: func(_, _ float64) float64 { return 1 }, db: func(_, _ float64) float64 { return 1 },
		fastA: same, fastB: same}
	subRule = pairRule{op: "Sub", fast: vec.Sub, f: func(a, b float64) float64 { return a - b },
		da: func(_, _ float64) float64 { return 1 }, db: func(_, _ float64) float64 { return -1 },
		fastA: same, fastB: func(d, dy, _, _ []float32) { vec.Scale(d, -1, dy) }}
	mulRule = pairRule{op: "Mul", fast: vec.Mul, f: func(a, b float64) float64 { return a * b },
		da: func(_, b float64) float64 { return b }, db: func(a, _ float64) float64 { return a },
		fastA: func(d, dy, _, b []float32) { vec.Mul(d, dy, b) }, fastB: func(d, dy, a, _ []float32) { vec.Mul(d, dy, a) }}
	divRule = pairRule{op: "Div", fast: vec.Div, f: func(a, b float64) float64 { return a / b },
		da: func(_, b float64) float64 { return 1 / b }, db: func(a, b float64) float64 { return -(a / b) / b }, // b*b may overflow
		fastA: func(d, dy, _, b []float32) { vec.Div(d, dy, b) },
		fastB: func(d, dy, a, b []float32) {
			vec.Div(d, a, b) // before the product with dy, which may overflow
			vec.Div(d, d, b)
			vec.Mul(d, d, dy)
			vec.Scale(d, -1, d)
		}}
	// Of equal operands each gets half of the gradient, as in PyTorch.
	maxRule = pairRule{op: "Maximum", fast: vec.Maximum, f: func(a, b float64) float64 { return max(a, b) }, // NaN wins, also over Inf
		da: func(a, b float64) float64 { return (1 + sign(a-b)) / 2 }, db: func(a, b float64) float64 { return (1 - sign(a-b)) / 2 }}
	minRule = pairRule{op: "Minimum", fast: vec.Minimum, f: func(a, b float64) float64 { return min(a, b) },
		da: func(a, b float64) float64 { return (1 - sign(a-b)) / 2 }, db: func(a, b float64) float64 { return (1 + sign(a-b)) / 2 }}
)

// The derivatives use the operations, which use the rules: this is the order.
func init() {
	addRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy, dy }
	subRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy, dy.Neg() }
	mulRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy.Mul(b), dy.Mul(a) }
	divRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy.Div(b), dy.Mul(y).Div(b).Neg() }
}

// same is the gradient of an operand that is added.
func same(d, dy, _, _ []float32) { copy(d, dy) }

func sameFloats(op string, a, b *Tensor) {
	if !a.dtype.isFull() || a.dtype != b.dtype {
		dtypePanic(op, "the operands must both be float32 or both float64; use To", a, b)
	}
}

// An odometer walks the elements of a shape in order and keeps two places in
// memory that move by strides: 0 along an axis that is stretched or reduced.
type odometer struct {
	shape, index, sa, sb Shape
	a, b                 int
}

func (o *odometer) next() {
	for k := len(o.shape) - 1; k >= 0; k-- {
		o.index[k]++
		o.a += o.sa[k]
		o.b += o.sb[k]
		if o.index[k] < o.shape[k] {
			return
		}
		o.a -= o.sa[k] * o.shape[k]
		o.b -= o.sb[k] * o.shape[k]
		o.index[k] = 0
	}
}

// stretched are the strides of t under the shape it is broadcast to.
func stretched(t *Tensor, to Shape) Shape {
	st, own := newShape(len(to)), strides(t.shape)
	for i := range to {
		st[i] = 0
		if j := i - len(to) + len(t.shape); j >= 0 && t.shape[j] != 1 {
			st[i] = own[j]
		}
	}
	return st
}

func newOdometer(shape Shape, a, b *Tensor) odometer {
	o := odometer{shape: shape, index: newShape(len(shape)), sa: stretched(a, shape), sb: stretched(b, shape)}
	clear(o.index)
	return o
}

// binary applies a rule to two broadcast tensors.
func (t *Tensor) binary(r *pairRule, u *Tensor) *Tensor {
	t.check()
	u.check()
	d := Promote(t.dtype, u.dtype)
	if r == &divRule && !d.IsFloat() {
		d = Float32
	}
	if d == Bool && r == &subRule {
		dtypePanic(r.op, "there is no difference of bools; use Ne, or To", t, u)
	}
	if c := dtypes[d].compute; c != d || t.dtype != d || u.dtype != d {
		return t.To(c).binary(r, u.To(c)).To(d)
	}
	out := result(d, broadcast(r.op, t, u))
	plain := d == Float32 && t.strides == nil && u.strides == nil
	switch {
	case plain && t.shape.Equal(u.shape) && few(out.size):
		r.fast(out.f32(), t.f32(), u.f32())
	case plain && t.shape.Equal(u.shape):
		share(len(out.f32()), elementGrain, pass{f: pairPass, dst: out.f32(), a: t.f32(), b: u.f32(), pair: r})
	case plain && rowOf(u, out) && t.shape.Equal(out.shape) && u.size > 0:
		pairRows(out.f32(), t.f32(), u.f32(), r)
	case plain && columnOf(u, out) && t.shape.Equal(out.shape) && (r == &addRule || r == &subRule || r == &mulRule || r == &divRule):
		n := out.shape[len(out.shape)-1]
		share(len(u.f32()), rowGrain(n), pass{f: pairColumnPass, dst: out.f32(), a: t.f32(), b: u.f32(), n: n, pair: r})
	default:
		out.pairs(r, t, u)
	}
	if recording(t, u) {
		n := pairKind.new()
		n.a, n.b, n.rule = t, u, r
		attach(out, r.op, n)
		switch r {
		case &addRule, &subRule:
		case &mulRule:
			n.keep(u.needed(t), t.needed(u))
		case &divRule:
			n.keep(u, t.needed(u))
		default:
			n.keep(t, u)
		}
	}
	return out
}

// pairs writes a rule of t and u, which broadcast to out, all of one dtype.
func (out *Tensor) pairs(r *pairRule, t, u *Tensor) {
	if out.size == 0 {
		return
	}
	j := loops.Get().(*loop)
	j.rule = r
	j.s = [4]*storage{out.storage, t.storage, u.storage}
	j.walk = newWalk(r.op, out.layout(), t.layout().expand(out.shape), u.layout().expand(out.shape))
	j.over(dtypes[out.dtype].pair)
}

func pairPass(p *pass, lo, hi int) { p.pair.fast(p.dst[lo:hi], p.a[lo:hi], p.b[lo:hi]) }

// pairRows applies a rule to each row of a and the row b.
func pairRows(dst, a, b []float32, r *pairRule) {
	w := wideRows(len(b))
	if w.n > len(b) {
		row := w.row()
		copy(row, b)
		w.repeat(row)
		b = row
	}
	w.share(a, pass{dst: dst, a: a, b: b, pair: r, f: func(p *pass, lo, hi int) {
		p.pair.fast(p.dst[lo:hi], p.a[lo:hi], p.b[:hi-lo])
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
			for k, w := range x {
				dst[k] = w / v
			}
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

// pairRecord is the record of an elementwise function of two tensors.
type pairRecord struct {
	node
	a, b *Tensor
	rule *pairRule
}

var pairKind = newKind[pairRecord]()

func (n *pairRecord) operands(list []*Tensor) []*Tensor { return append(list, n.a, n.b) }

func (n *pairRecord) gradients(dy *Tensor) []*Tensor {
	var da, db *Tensor
	if n.rule.again != nil {
		da, db = n.rule.again(dy, n.a, n.b, n.out)
	} else {
		da, db = dy.Mul(n.rule.derivative(false, n.a, n.b)), dy.Mul(n.rule.derivative(true, n.a, n.b))
	}
	return []*Tensor{da.unstretched(n.a.shape), db.unstretched(n.b.shape)}
}

func (n *pairRecord) backward(s *sweep, dy *Tensor) {
	a, b, r := n.a, n.b, n.rule
	plain := a.dtype == Float32 && a.strides == nil && b.strides == nil
	for k, x := range [2]*Tensor{a, b} {
		if !s.wants(x) {
			continue
		}
		fast := r.fastA
		if k == 1 {
			fast = r.fastB
		}
		adds := r == &addRule || r == &subRule && k == 0
		switch {
		case adds && x.shape.Equal(dy.shape):
			if k == 1 {
				s.hand(x, dy)
			} else {
				s.add(x, dy)
			}
		case plain && a.shape.Equal(b.shape) && fast != nil:
			g := s.target(x)
			if few(g.size) {
				fast(g.f32(), dy.f32(), a.f32(), b.f32())
				s.add(x, g)
				continue
			}
			share(len(g.f32()), elementGrain, pass{f: pairGradPass, dst: g.f32(), a: dy.f32(), b: a.f32(), c: b.f32(), pair: r, flag: k == 1})
			s.add(x, g)
		case plain && rowOf(b, n.out) && a.shape.Equal(n.out.shape) && b.size > 0 && (r == &addRule || r == &mulRule):
			s.backRows(r, k, x, a, b, dy)
		case adds:
			s.add(x, dy.sumTo(x.shape))
		default:
			g := result(dy.dtype, dy.shape)
			g.pairGrads(r, k == 1, dy, a, b)
			s.add(x, g.sumTo(x.shape))
		}
	}
}

// pairGrads writes dy times a derivative of a rule.
func (g *Tensor) pairGrads(r *pairRule, second bool, dy, a, b *Tensor) {
	if g.size == 0 {
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

func pairGradPass(p *pass, lo, hi int) {
	f := p.pair.fastA
	if p.flag {
		f = p.pair.fastB
	}
	f(p.dst[lo:hi], p.a[lo:hi], p.b[lo:hi], p.c[lo:hi])
}

// backRows is backward for a sum or product of a with the rows b, for operand k.
func (s *sweep) backRows(r *pairRule, k int, x, a, b, dy *Tensor) {
	switch {
	case r == &addRule && k == 0:
		s.add(x, dy)
	case r == &addRule:
		g := s.target(x)
		columnSums(g.f32(), dy.f32())
		s.add(x, g)
	case k == 0:
		g := s.target(x)
		pairRows(g.f32(), dy.f32(), b.f32(), &mulRule)
		s.add(x, g)
	default:
		terms, g := result(Float32, a.shape), s.target(x)
		share(len(terms.f32()), elementGrain, pass{f: pairPass, dst: terms.f32(), a: dy.f32(), b: a.f32(), pair: &mulRule})
		columnSums(g.f32(), terms.f32())
		s.add(x, g)
	}
}

// Add returns t + u.
func (t *Tensor) Add(u *Tensor) *Tensor { return t.binary(&addRule, u) }

// Sub returns t - u.
func (t *Tensor) Sub(u *Tensor) *Tensor { return t.binary(&subRule, u) }

// Mul returns t * u, element by element.
func (t *Tensor) Mul(u *Tensor) *Tensor { return t.binary(&mulRule, u) }

// Div returns t / u, element by element.
func (t *Tensor) Div(u *Tensor) *Tensor { return t.binary(&divRule, u) }

// Maximum returns the larger of t and u, element by element.
func (t *Tensor) Maximum(u *Tensor) *Tensor { return t.binary(&maxRule, u) }

// Minimum returns the smaller of t and u, element by element.
func (t *Tensor) Minimum(u *Tensor) *Tensor { return t.binary(&minRule, u) }

// derivative returns that by the first or the second operand, not recorded.
func (r *pairRule) derivative(second bool, a, b *Tensor) *Tensor {
	shape := broadcast(r.op, a, b)
	one, out := New(a.dtype, shape...), New(a.dtype, shape...)
	one.Fill(1)
	out.pairGrads(r, second, one, a, b)
	return out
}
