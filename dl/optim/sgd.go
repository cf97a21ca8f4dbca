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
	Decoupled    bool    `since:"3"` // the decay does not pass through the velocity (SGDW of Loshchilov and Hutter, 2019)

	memory
	args sgdRule // of the step under way
}

func (o *SGD) settings() settings {
	o.args.momentum, o.args.nesterov, o.args.decoupled = o.Momentum, o.Nesterov, o.Decoupled
	return settings{"SGD", &o.LearningRate, 0.01, o.WeightDecay, o.Schedule, o.Clip, o.Groups, &o.args}
}

func (o *SGD) check() {
	c := checks("optim.SGD")
	c.share("Momentum", o.Momentum)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *SGD) Name() string { return "SGD" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *SGD) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *SGD) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *SGD) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *SGD) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *SGD) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *SGD) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *SGD) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// sgdRule is the step of SGD.
type sgdRule struct {
	terms
	momentum float64
	nesterov bool
}

var velocityOnly = []string{"velocity"}

func (r *sgdRule) slots() []string {
	if r.momentum == 0 {
		return nil
	}
	return velocityOnly
}

func (r *sgdRule) rowwise() bool { return r.momentum == 0 && r.l2 == 0 && r.keep == 1 }

func (r *sgdRule) float32s(p, g []float32, s [3][]float32) {
	shrink(p, r.keep)
	vec.SGD(p, g, s[0], r.rate, r.momentum, r.l2, r.nesterov)
}

func (r *sgdRule) float64s(p, g []float64, s [3][]float64) {
	shrink(p, r.keep)
	for i := range p {
		d := g[i] + r.l2*p[i]
		if r.momentum != 0 {
			v := r.momentum*s[0][i] + d
			s[0][i] = v
			if d = v; r.nesterov {
				d = g[i] + r.l2*p[i] + r.momentum*v
			}
		}
		p[i] -= r.rate * d
	}
}

// shrink multiplies values, by 1 at no cost.
func shrink[T float](p []T, by float64) {
	if by == 1 {
		return
	}
	for i := range p {
		p[i] *= T(by)
	}
}
