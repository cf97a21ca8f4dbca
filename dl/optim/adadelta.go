package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// Adadelta needs no learning rate: the size of earlier steps is that of the next (Zeiler, 2012).
//
//	s = Rho*s + (1-Rho)*g*g;  d = sqrt(u + Epsilon)/sqrt(s + Epsilon) * g;  u = Rho*u + (1-Rho)*d*d;  p -= rate*d
//
// Defaults are Keras's; the paper's rate, and PyTorch's, is 1.
type Adadelta struct {
	LearningRate float64 // 0: 0.001 (PyTorch has 1); SetRate(0) stops it
	Rho          float64 // 0: 0.95 (PyTorch has 0.9); negative: 0
	Epsilon      float64 // 0: 1e-7 (PyTorch has 1e-6); negative: 0
	WeightDecay  float64 // added to the gradient (L2), as in PyTorch
	Decoupled    bool    // the decay shrinks the parameter by itself, as in Keras and AdamW
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args adadeltaRule // of the step under way
}

func (o *Adadelta) settings() settings {
	r := &o.args
	r.Beta2, r.Epsilon, r.decoupled = or(o.Rho, 0.95), or(o.Epsilon, 1e-7), o.Decoupled
	return settings{"Adadelta", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *Adadelta) check() {
	c := checks("optim.Adadelta")
	c.atMost1("Rho", o.Rho)
	c.finite("Epsilon", o.Epsilon)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Adadelta) Name() string { return "Adadelta" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Adadelta) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Adadelta) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Adadelta) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Adadelta) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Adadelta) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Adadelta) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Adadelta) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// adadeltaRule is the step of Adadelta.
type adadeltaRule struct {
	terms
	vec.Update
}

var squareAndUpdate = []string{"square", "update"}

func (r *adadeltaRule) slots() []string { return squareAndUpdate }

func (r *adadeltaRule) set(rate, decay float64, e *entry) {
	r.terms.set(rate, decay, e)
	r.terms.give(&r.Update)
}

func (r *adadeltaRule) float32s(p, g []float32, s [3][]float32) {
	vec.Adadelta(p, g, s[0], s[1], &r.Update)
}
func (r *adadeltaRule) float64s(p, g []float64, s [3][]float64) {
	vec.Adadelta(p, g, s[0], s[1], &r.Update)
}
