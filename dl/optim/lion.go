package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// Lion takes steps of one size, in the direction of the sign of a momentum (Chen et al., 2023):
//
//	p -= rate * (sign(Beta1*m + (1-Beta1)*g) + WeightDecay*p);  m = Beta2*m + (1-Beta2)*g
//
// It remembers half of what Adam does; its rate should be 3 to 10 times smaller than Adam's, its decay as much larger.
// Defaults are Keras's; PyTorch has no such optimizer.
type Lion struct {
	LearningRate float64 // 0: 0.001; SetRate(0) stops it
	Beta1, Beta2 float64 // 0: 0.9 and 0.99; negative: 0
	WeightDecay  float64 // decoupled, as in the paper
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args lionRule // of the step under way
}

func (o *Lion) settings() settings {
	r := &o.args
	r.Beta1, r.Beta2, r.decoupled = or(o.Beta1, 0.9), or(o.Beta2, 0.99), true
	return settings{"Lion", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *Lion) check() {
	c := checks("optim.Lion")
	c.below1("Beta1", o.Beta1)
	c.below1("Beta2", o.Beta2)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Lion) Name() string { return "Lion" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Lion) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Lion) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Lion) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Lion) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Lion) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Lion) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Lion) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// lionRule is the step of Lion.
type lionRule struct {
	terms
	vec.Update
}

var momentOnly = []string{"m"}

func (r *lionRule) slots() []string { return momentOnly }

func (r *lionRule) set(rate, decay float64, e *entry) {
	r.terms.set(rate, decay, e)
	r.terms.give(&r.Update)
}

func (r *lionRule) float32s(p, g []float32, s [3][]float32) { vec.Lion(p, g, s[0], &r.Update) }
func (r *lionRule) float64s(p, g []float64, s [3][]float64) { vec.Lion(p, g, s[0], &r.Update) }
