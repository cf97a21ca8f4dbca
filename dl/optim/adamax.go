package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// Adamax is Adam with the largest gradient in place of the root mean square (Kingma and Ba, 2015, section 7):
//
//	m = Beta1*m + (1-Beta1)*g;  u = max(Beta2*u, |g| + Epsilon);  p -= rate/(1-Beta1^t) * m/u
//
// The form is PyTorch's (Keras adds Epsilon to u where it divides). Defaults are Keras's.
type Adamax struct {
	LearningRate float64 // 0: 0.001 (PyTorch has 0.002); SetRate(0) stops it
	Beta1, Beta2 float64 // 0: 0.9 and 0.999; negative: 0
	Epsilon      float64 // 0: 1e-7 (PyTorch has 1e-8); negative: 0
	WeightDecay  float64 // added to the gradient (L2), as in PyTorch
	Decoupled    bool    // the decay shrinks the parameter by itself, as in Keras and AdamW
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args adamaxRule // of the step under way
}

func (o *Adamax) settings() settings {
	r := &o.args
	r.Beta1, r.Beta2, r.Epsilon, r.decoupled = or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-7), o.Decoupled
	return settings{"Adamax", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *Adamax) check() {
	c := checks("optim.Adamax")
	c.below1("Beta1", o.Beta1)
	c.below1("Beta2", o.Beta2)
	c.finite("Epsilon", o.Epsilon)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Adamax) Name() string { return "Adamax" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Adamax) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Adamax) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Adamax) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Adamax) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Adamax) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Adamax) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Adamax) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// adamaxRule is the step of Adamax.
type adamaxRule struct {
	terms
	vec.Update
}

var momentAndMost = []string{"m", "u"}

func (r *adamaxRule) slots() []string { return momentAndMost }

func (r *adamaxRule) set(rate, decay float64, e *entry) {
	r.terms.set(rate, decay, e)
	r.terms.give(&r.Update)
	r.Rate = r.rate / (1 - math.Pow(r.Beta1, float64(r.step)))
}

func (r *adamaxRule) float32s(p, g []float32, s [3][]float32) {
	vec.Adamax(p, g, s[0], s[1], &r.Update)
}
func (r *adamaxRule) float64s(p, g []float64, s [3][]float64) {
	vec.Adamax(p, g, s[0], s[1], &r.Update)
}
