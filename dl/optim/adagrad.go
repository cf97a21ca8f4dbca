package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// Adagrad divides the step of every value by the root of the sum of its squared gradients (Duchi, Hazan and Singer,
// 2011): values whose gradient is rarely other than 0 take large steps.
//
//	s = s + g*g;  p -= rate * g/(sqrt(s) + Epsilon)
//
// The form is PyTorch's (Keras adds Epsilon under the root), the defaults are Keras's. PyTorch's lr_decay is the schedule
// InverseTime.
type Adagrad struct {
	LearningRate float64 // 0: 0.001 (PyTorch has 0.01); SetRate(0) stops it
	Initial      float64 // what s begins with; 0: 0.1 (PyTorch has 0); negative: 0
	Epsilon      float64 // 0: 1e-7 (PyTorch has 1e-10); negative: 0
	WeightDecay  float64 // added to the gradient (L2), as in PyTorch
	Decoupled    bool    // the decay shrinks the parameter by itself, as in Keras and AdamW
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args adagradRule // of the step under way
}

func (o *Adagrad) settings() settings {
	r := &o.args
	r.initial, r.Epsilon, r.decoupled = or(o.Initial, 0.1), or(o.Epsilon, 1e-7), o.Decoupled
	return settings{"Adagrad", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *Adagrad) check() {
	c := checks("optim.Adagrad")
	c.finite("Initial", o.Initial)
	c.finite("Epsilon", o.Epsilon)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Adagrad) Name() string { return "Adagrad" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Adagrad) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Adagrad) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Adagrad) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Adagrad) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Adagrad) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Adagrad) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Adagrad) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// adagradRule is the step of Adagrad.
type adagradRule struct {
	terms
	vec.Update
	initial float64
}

func (r *adagradRule) slots() []string { return squareOnly }

func (r *adagradRule) start(string) float64 { return r.initial }

// rowwise says that a value without a gradient stays as it is.
func (r *adagradRule) rowwise() bool { return r.l2 == 0 && r.keep == 1 }

func (r *adagradRule) set(rate, decay float64, e *entry) {
	r.terms.set(rate, decay, e)
	r.terms.give(&r.Update)
}

func (r *adagradRule) float32s(p, g []float32, s [3][]float32) { vec.Adagrad(p, g, s[0], &r.Update) }
func (r *adagradRule) float64s(p, g []float64, s [3][]float64) { vec.Adagrad(p, g, s[0], &r.Update) }
