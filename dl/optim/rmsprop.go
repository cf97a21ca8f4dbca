package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// RMSprop divides every step by a running root mean square of the gradient (Hinton, 2012):
//
//	s = Rho*s + (1-Rho)*g*g;  v = Momentum*v + g/(sqrt(s) + Epsilon);  p -= rate*v
//
// Centered (Graves, 2013) takes the variance of the gradient in place of its mean square: a = Rho*a + (1-Rho)*g,
// sqrt(s - a*a). The form is PyTorch's (Keras adds Epsilon under the root). Defaults are Keras's.
type RMSprop struct {
	LearningRate float64 // 0: 0.001 (PyTorch has 0.01); SetRate(0) stops it
	Rho          float64 // 0: 0.9 (PyTorch has 0.99); negative: 0
	Momentum     float64
	Epsilon      float64 // 0: 1e-7 (PyTorch has 1e-8); negative: 0
	Schedule     Schedule
	Clip         Clip
	Groups       []Group `since:"2"` // the decay of a group is added to the gradient (L2)
	Centered     bool    `since:"3"`
	WeightDecay  float64 `since:"3"` // added to the gradient (L2), as in PyTorch

	memory
	args rmspropRule // of the step under way
}

func (o *RMSprop) settings() settings {
	r := &o.args
	r.Beta2, r.Epsilon, r.Momentum, r.centered = or(o.Rho, 0.9), or(o.Epsilon, 1e-7), o.Momentum, o.Centered
	return settings{"RMSprop", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *RMSprop) check() {
	c := checks("optim.RMSprop")
	c.atMost1("Rho", o.Rho)
	c.share("Momentum", o.Momentum)
	c.finite("Epsilon", o.Epsilon)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *RMSprop) Name() string { return "RMSprop" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *RMSprop) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *RMSprop) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *RMSprop) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *RMSprop) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *RMSprop) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *RMSprop) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *RMSprop) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// rmspropRule is the step of RMSprop.
type rmspropRule struct {
	terms
	vec.Update
	centered bool
}

var (
	squareOnly            = []string{"square"}
	squareAndVelocity     = []string{"square", "velocity"}
	squareMeanAndVelocity = []string{"square", "velocity", "mean"}
)

func (r *rmspropRule) slots() []string {
	switch {
	case r.centered:
		return squareMeanAndVelocity
	case r.Momentum == 0:
		return squareOnly
	}
	return squareAndVelocity
}

func (r *rmspropRule) set(rate, decay float64, e *entry) {
	r.terms.set(rate, decay, e)
	r.terms.give(&r.Update)
}

func (r *rmspropRule) float32s(p, g []float32, s [3][]float32) {
	vec.RMSprop(p, g, s[0], s[1], s[2], &r.Update)
}

func (r *rmspropRule) float64s(p, g []float64, s [3][]float64) {
	vec.RMSprop(p, g, s[0], s[1], s[2], &r.Update)
}
