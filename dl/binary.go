package dl

import (
	"modelbook/dl/internal/vec"
)

// A pairRule is an elementwise function y = f(a, b) with its two derivatives.
type pairRule struct {
	op   string
	f    func(a, b float64) float64
	da   func(a, b float64) float64
	db   func(a, b float64) float64
	fast func(dst, a, b []float32)
}

var (
	addRule = pairRule{op: "Add", fast: vec.Add, f: func(a, b float64) float64 { return a + b },
		da: func(_, _ float64) float64 { return 1 }, db: func(_, _ float64) float64 { return 1 }}
	subRule = pairRule{op: "Sub", fast: vec.Sub, f: func(a, b float64) float64 { return a - b },
		da: func(_, _ float64) float64 { return 1 }, db: func(_, _ float64) float64 { return -1 }}
	mulRule = pairRule{op: "Mul", fast: vec.Mul, f: func(a, b float64) float64 { return a * b },
		da: func(_, b float64) float64 { return b }, db: func(a, _ float64) float64 { return a }}
	divRule = pairRule{op: "Div", fast: vec.Div, f: func(a, b float64) float64 { return a / b },
		da: func(_, b float64) float64 { return 1 / b }, db: func(a, b float64) float64 { return -a / (b * b) }}
	// Of equal operands each gets half of the gradient, as in PyTorch.
	maxRule = pairRule{op: "Maximum", f: func(a, b float64) float64 { return max(a, b) }, // NaN wins, also over Inf
		da: func(a, b float64) float64 { return (1 + sign(a-b)) / 2 }, db: func(a, b float64) float64 { return (1 - sign(a-b)) / 2 }}
	minRule = pairRule{op: "Minimum", f: func(a, b float64) float64 { return min(a, b) },
		da: func(a, b float64) float64 { return (1 - sign(a-b)) / 2 }, db: func(a, b float64) float64 { return (1 + sign(a-b)) / 2 }}
)

func sameFloats(op string, a, b *Tensor) {
	if !a.dtype.IsFloat() || a.dtype != b.dtype {
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
	sameFloats(r.op, t, u)
	out := result(t.dtype, broadcast(r.op, t, u))
	switch {
	case t.dtype == Float32 && r.fast != nil && t.shape.Equal(u.shape):
		r.fast(out.f32, t.f32, u.f32)
	case t.dtype == Float32 && r.fast != nil && rowOf(u, out):
		n := len(u.f32)
		for i := 0; i+n <= len(out.f32) && n > 0; i += n {
			r.fast(out.f32[i:i+n], t.f32[i:i+n], u.f32)
		}
	default:
		o := newOdometer(out.shape, t, u)
		for i := range out.Size() {
			out.set(i, r.f(t.at(o.a), u.at(o.b)))
			o.next()
		}
	}
	if n := record(out, backBinary, t, u); n != nil {
		n.pair = r
	}
	return out
}

// rowOf reports whether u repeats as whole rows under out, as a bias does.
func rowOf(u, out *Tensor) bool {
	k := len(out.shape) - len(u.shape)
	return k >= 0 && u.shape.Equal(out.shape[k:])
}

func backBinary(n *node) {
	a, b, dy, r := n.in[0], n.in[1], n.out.grad, n.pair
	if a.dtype == Float32 && a.shape.Equal(b.shape) && (r == &addRule || r == &mulRule) {
		for k, x := range []*Tensor{a, b} {
			if !x.requires {
				continue
			}
			if r == &addRule {
				x.accumulate(dy)
				continue
			}
			g := result(Float32, x.shape)
			vec.Mul(g.f32, dy.f32, n.in[1-k].f32)
			x.accumulate(g)
		}
		return
	}
	for k, x := range []*Tensor{a, b} {
		if !x.requires {
			continue
		}
		d := r.da
		if k == 1 {
			d = r.db
		}
		g := result(Float64, x.shape) // sums over stretched axes in float64
		clear(g.f64)
		o := newOdometer(n.out.shape, a, b)
		for i := range dy.Size() {
			at := o.a
			if k == 1 {
				at = o.b
			}
			g.f64[at] += dy.at(i) * d(a.at(o.a), b.at(o.b))
			o.next()
		}
		x.accumulateAs(g)
	}
}

// accumulateAs adds a gradient of another float type.
func (t *Tensor) accumulateAs(g *Tensor) {
	if t.dtype != g.dtype {
		c := result(t.dtype, t.shape)
		g.into(c)
		g = c
	}
	t.accumulate(g)
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

// compare returns a bool tensor; both operands may have any dtype.
func compare(op string, t, u *Tensor, f func(a, b float64) bool) *Tensor {
	out := result(Bool, broadcast(op, t, u))
	o := newOdometer(out.shape, t, u)
	for i := range out.b {
		out.b[i] = f(t.at(o.a), u.at(o.b))
		o.next()
	}
	return out
}

// Eq returns t == u as Bool.
func (t *Tensor) Eq(u *Tensor) *Tensor {
	return compare("Eq", t, u, func(a, b float64) bool { return a == b })
}

// Ne returns t != u as Bool.
func (t *Tensor) Ne(u *Tensor) *Tensor {
	return compare("Ne", t, u, func(a, b float64) bool { return a != b })
}

// Gt returns t > u as Bool.
func (t *Tensor) Gt(u *Tensor) *Tensor {
	return compare("Gt", t, u, func(a, b float64) bool { return a > b })
}

// Ge returns t >= u as Bool.
func (t *Tensor) Ge(u *Tensor) *Tensor {
	return compare("Ge", t, u, func(a, b float64) bool { return a >= b })
}

// Lt returns t < u as Bool.
func (t *Tensor) Lt(u *Tensor) *Tensor {
	return compare("Lt", t, u, func(a, b float64) bool { return a < b })
}

// Le returns t <= u as Bool.
func (t *Tensor) Le(u *Tensor) *Tensor {
	return compare("Le", t, u, func(a, b float64) bool { return a <= b })
}

// Where returns a where the Bool tensor cond is true, and b elsewhere. cond,
// a and b have the same shape.
func Where(cond, a, b *Tensor) *Tensor {
	if cond.dtype != Bool {
		dtypePanic("Where", "the condition must be bool", cond)
	}
	sameFloats("Where", a, b)
	if !cond.shape.Equal(a.shape) || !a.shape.Equal(b.shape) {
		shapePanic("Where", "condition and both choices must have the same shape", cond, a, b)
	}
	out := result(a.dtype, a.shape)
	for i, c := range cond.b {
		if c {
			out.set(i, a.at(i))
		} else {
			out.set(i, b.at(i))
		}
	}
	if n := record(out, backWhere, a, b); n != nil {
		n.saved[0] = cond
	}
	return out
}

func backWhere(n *node) {
	for k, x := range n.in[:2] {
		if !x.requires {
			continue
		}
		g := result(x.dtype, x.shape)
		for i, c := range n.saved[0].b {
			v := 0.0
			if c == (k == 0) {
				v = n.out.grad.at(i)
			}
			g.set(i, v)
		}
		x.accumulate(g)
	}
}
