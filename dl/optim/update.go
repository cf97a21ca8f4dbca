package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/internal/vec"
)

// A rule is the step of an optimizer for one parameter. set tells what is new for the parameter: its rate, its decay
// and its memory, in which steps counts those before this one.
type rule interface {
	slots() []string
	set(rate, decay float64, e *entry)
}

// elementwise is a rule that treats every value by itself. Values are changed with the named slots, at most three; the
// gradient may be overwritten.
type elementwise interface {
	rule
	float32s(p, g []float32, s [3][]float32)
	float64s(p, g []float64, s [3][]float64)
}

// whole is a rule that needs all values of a parameter and of its gradient at once.
type whole interface {
	rule
	whole(p, g *dl.Tensor, e *entry)
}

// chooser is a rule that takes the step of another one for some parameters.
type chooser interface {
	choose(p *dl.Tensor, e *entry) rule
}

// starter is a rule whose slots do not begin as zeros.
type starter interface{ start(slot string) float64 }

// shaper is a rule whose slots do not have the shape of their parameter.
type shaper interface {
	shape(slot string, parameter dl.Shape) dl.Shape
}

// rowwise is a rule that may leave a value, and what it remembers of it, as they are where the gradient is 0: rows of
// an embedding that did not occur are not touched then.
type rowwise interface{ rowwise() bool }

// float is what parameters are made of.
type float interface{ float32 | float64 }

// terms are what the steps of optimizers have in common: the rate and the decay, which is added to the gradient (L2)
// or, decoupled, shrinks the parameter by itself.
type terms struct {
	rate      float64
	l2        float64 // of the parameter, added to the gradient
	keep      float64 // what the parameter is multiplied by: 1 - rate*decay
	step      int     // of the parameter, from 1
	decoupled bool
}

func (t *terms) set(rate, decay float64, e *entry) {
	t.rate, t.l2, t.keep, t.step = rate, decay, 1, e.steps+1
	if t.decoupled {
		t.l2, t.keep = 0, 1-rate*decay
	}
}

// give hands the terms to a step of package vec.
func (t *terms) give(u *vec.Update) { u.Rate, u.L2, u.Keep = t.rate, t.l2, t.keep }

// update passes once over the values of every parameter that has a gradient, float32 on all threads.
func (m *memory) update(r rule, rate, decay float64) {
	for i, e := range m.current {
		p := m.tensors[i]
		mine, own := rate, decay
		if e.group != nil {
			if e.group.RateFactor != 0 {
				mine *= e.group.RateFactor
			}
			if e.group.WeightDecay != 0 {
				own = max(e.group.WeightDecay, 0)
			}
		}
		e.given++
		taken := r
		if c, ok := r.(chooser); ok {
			taken = c.choose(p, e)
		}
		taken.set(mine, own, e)
		if m.one(taken, e, p) {
			p.Changed()
			e.steps++
		}
	}
	m.step++
	m.pass = pass{}
	clear(m.tensors) // a parameter that is no more is not kept alive
}

// one updates a parameter and reports whether it has a gradient.
func (m *memory) one(r rule, e *entry, p *dl.Tensor) bool {
	if r, ok := r.(whole); ok {
		g := p.Grad()
		if g == nil {
			return false
		}
		if g.DType() != p.DType() {
			dl.PanicDType("Step", "the gradient is not of the parameter's type", g)
		}
		r.whole(p, g, e)
		return true
	}
	each := r.(elementwise)
	if p.DType() == dl.Float64 {
		return double(each, e, p)
	}
	m.pass = pass{rule: each, p: p.Float32s()}
	for k, name := range each.slots() {
		m.pass.s[k] = e.slot(each, name, p).Float32s()
	}
	return gradient.Visit(p, &m.pass)
}

// double updates a float64 parameter and reports whether it has a gradient.
func double(r elementwise, e *entry, p *dl.Tensor) bool {
	g := p.Grad()
	if g == nil {
		return false
	}
	var s [3][]float64
	for k, name := range r.slots() {
		s[k] = e.slot(r, name, p).Float64s()
	}
	r.float64s(p.Float64s(), g.Float64s(), s)
	return true
}

// pass is the loop over one parameter's values.
type pass struct {
	rule elementwise
	p    []float32
	s    [3][]float32
}

func (w *pass) Visit(lo, hi int, g []float32) { w.rule.float32s(w.p[lo:hi], g, w.part(lo, hi)) }

func (w *pass) SkipsZeros() bool {
	r, ok := w.rule.(rowwise)
	return ok && r.rowwise()
}

func (w *pass) Uses(lo, hi int) [3][]float32 {
	s := w.part(lo, hi)
	return [3][]float32{w.p[lo:hi], s[0], s[1]}
}

func (w *pass) part(lo, hi int) (s [3][]float32) {
	for k, values := range w.s {
		if values != nil {
			s[k] = values[lo:hi]
		}
	}
	return s
}
