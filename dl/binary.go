package dl

// A pairRule is an elementwise function y = f(a, b) with its two derivatives.
type pairRule struct {
	op  string
	f   func(a, b float64) float64
	da  func(a, b float64) float64
	db  func(a, b float64) float64
	cpu cpuPair
	// whole is the function of integers. Where there is none, and where the
	// backend knows none, they are computed with as float32.
	whole func(a, b int64) int64
	// again are dy times the derivatives, made of operations; nil where those
	// are constant piece by piece.
	again func(dy, a, b, y *Tensor) (da, db *Tensor)
}

var (
	addRule = pairRule{op: "Add", f: func(a, b float64) float64 { return a + b },
		da: func(_, _ float64) float64 { return 1 }, db: func(_, _ float64) float64 { return 1 }}
	subRule = pairRule{op: "Sub", f: func(a, b float64) float64 { return a - b },
		da: func(_, _ float64) float64 { return 1 }, db: func(_, _ float64) float64 { return -1 }}
	mulRule = pairRule{op: "Mul", f: func(a, b float64) float64 { return a * b },
		da: func(_, b float64) float64 { return b }, db: func(a, _ float64) float64 { return a }}
	divRule = pairRule{op: "Div", f: func(a, b float64) float64 { return a / b },
		da: func(_, b float64) float64 { return 1 / b }, db: func(a, b float64) float64 { return -(a / b) / b }} // b*b may overflow
	// Of equal operands each gets half of the gradient, as in PyTorch.
	maxRule = pairRule{op: "Maximum", f: func(a, b float64) float64 { return max(a, b) }, // NaN wins, also over Inf
		da: func(a, b float64) float64 { return (1 + sign(a-b)) / 2 }, db: func(a, b float64) float64 { return (1 - sign(a-b)) / 2 }}
	minRule = pairRule{op: "Minimum", f: func(a, b float64) float64 { return min(a, b) },
		da: func(a, b float64) float64 { return (1 - sign(a-b)) / 2 }, db: func(a, b float64) float64 { return (1 + sign(a-b)) / 2 }}
)

// The derivatives use the operations, which use the rules: this is the order.
func init() {
	addRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy, dy }
	subRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy, dy.Neg() }
	mulRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy.Mul(b), dy.Mul(a) }
	divRule.again = func(dy, a, b, y *Tensor) (da, db *Tensor) { return dy.Div(b), dy.Mul(y).Div(b).Neg() }
}

func sameFloats(op string, a, b *Tensor) {
	a.check()
	b.check()
	if !a.dtype.isFull() || a.dtype != b.dtype {
		dtypePanic(op, "the operands must both be float32 or both float64; use To", a, b)
	}
}

// binary applies a rule to two broadcast tensors.
func (t *Tensor) binary(r *pairRule, u *Tensor) *Tensor {
	t.check()
	u.check()
	d := Promote(t.dtype, u.dtype)
	if !d.IsFloat() && !r.ofIntegers() {
		d = Float32
	}
	if d == Bool && r.whole != nil {
		d = Int64 // a power, or a quotient, of bools is none
	}
	if d == Bool && r == &subRule {
		dtypePanic(r.op, "there is no difference of bools; use Ne, or To", t, u)
	}
	if c := dtypes[d].compute; c != d || t.dtype != d || u.dtype != d {
		return t.To(c).binary(r, u.To(c)).To(d)
	}
	out := result(d, broadcast(r.op, t, u))
	device.pair(pair{rule: r, a: t, b: u, y: out})
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

// ofIntegers reports whether integers are computed with as they are.
func (r *pairRule) ofIntegers() bool {
	switch r {
	case &addRule, &subRule, &mulRule, &maxRule, &minRule:
		return true
	}
	return r.whole != nil
}

// pairRecord is the record of an elementwise function of two tensors.
type pairRecord struct {
	node
	a, b *Tensor
	rule *pairRule
}

var pairKind = newKind[pairRecord]()

func (n *pairRecord) operands(list []*Tensor) []*Tensor { return append(list, n.a, n.b) }

func (*pairRecord) reads() {}

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
	r, others := n.rule, [2]*Tensor{n.b, n.a}
	for k, x := range [2]*Tensor{n.a, n.b} {
		if !s.wants(x) {
			continue
		}
		if r == &addRule || r == &subRule && k == 0 {
			if k == 1 && x.shape.Equal(dy.shape) {
				s.hand(x, dy)
			} else {
				s.add(x, dy.sumTo(x.shape))
			}
			continue
		}
		var g *Tensor
		if x.shape.Equal(dy.shape) {
			g = s.target(x)
		} else {
			g = result(dy.dtype, dy.shape)
		}
		if r == &mulRule {
			device.pair(pair{rule: r, a: dy, b: others[k], y: g})
		} else {
			device.pairGrad(pair{rule: r, a: n.a, b: n.b, y: n.out}, k == 1, dy, g)
		}
		s.add(x, g.sumTo(x.shape))
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
	device.pairGrad(pair{rule: r, a: a, b: b}, second, one, out)
	return out
}
