package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// SGD is stochastic gradient descent, with momentum and Nesterov's look-ahead if wanted:
//
//	g = gradient + WeightDecay*p;  v = Momentum*v + g;  p -= rate*v            (PyTorch's form)
//	                                                    p -= rate*(g + Momentum*v) with Nesterov
//
// Keras keeps rate*v in place of v, which is the same while the rate stays.
type SGD struct {
	LearningRate float64 // 0: 0.01, as in Keras; SetRate(0) stops it
	Momentum     float64
	Nesterov     bool
	WeightDecay  float64 // added to the gradient (L2)
	Schedule     Schedule
	Clip         Clip
	Groups       []Group `since:"2"`

	memory
	args sgdRule // of the step under way
}

func (o *SGD) base() float64 { return o.rate(o.LearningRate, 0.01) }

// Name is the name of the optimizer: see [Optimizer].
func (o *SGD) Name() string { return "SGD" }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *SGD) Rate() float64 { return o.base() * factor(o.Schedule, o.step) }

// SetRate changes the base rate: see [Optimizer].
func (o *SGD) SetRate(rate float64) { o.set(&o.LearningRate, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *SGD) State() State { return o.state(o.Name(), o.base(), o.Groups, o.args.of(o).slots()...) }

// SetState continues from a State: see [Optimizer].
func (o *SGD) SetState(s State) error {
	if err := o.restore(s, o.Name(), o.args.of(o).slots()...); err != nil {
		return err
	}
	o.SetRate(s.Rate)
	return nil
}

// Owners are the parameters that State is about: see [Keeper].
func (o *SGD) Owners() []*dl.Tensor { return o.whose(o.Groups) }

// SetOwners says whose the State is: see [Keeper].
func (o *SGD) SetOwners(ps []*dl.Tensor) error { return o.give(ps, o.Groups) }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *SGD) Step(parameters []*dl.Tensor) {
	o.begin("optim.SGD", parameters, o.Groups)
	o.Clip.apply(o.tensors)
	o.update(o.args.of(o), o.Rate(), o.WeightDecay)
}

// sgdRule is the step of SGD.
type sgdRule struct {
	rate, momentum, decay float64
	nesterov              bool
}

func (r *sgdRule) of(o *SGD) *sgdRule {
	r.momentum, r.nesterov = o.Momentum, o.Nesterov
	return r
}

var velocityOnly = []string{"velocity"}

func (r *sgdRule) slots() []string {
	if r.momentum == 0 {
		return nil
	}
	return velocityOnly
}

func (r *sgdRule) set(rate, decay float64, _ int) { r.rate, r.decay = rate, decay }

func (r *sgdRule) float32s(p, g []float32, s [3][]float32) {
	vec.SGD(p, g, s[0], r.rate, r.momentum, r.decay, r.nesterov)
}

func (r *sgdRule) float64s(p, g []float64, s [3][]float64) {
	for i := range p {
		d := g[i] + r.decay*p[i]
		if r.momentum != 0 {
			v := r.momentum*s[0][i] + d
			s[0][i] = v
			if d = v; r.nesterov {
				d = g[i] + r.decay*p[i] + r.momentum*v
			}
		}
		p[i] -= r.rate * d
	}
}
