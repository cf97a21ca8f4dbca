package optim

import (
	"math"

	"modelbook/dl"
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
	r.beta1, r.beta2, r.decoupled = or(o.Beta1, 0.9), or(o.Beta2, 0.99), true
	return settings{"Lion", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
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
	beta1, beta2 float64
}

var momentOnly = []string{"m"}

func (r *lionRule) slots() []string { return momentOnly }

func (r *lionRule) float32s(p, g []float32, s [3][]float32) { lionStep(r, p, g, s) }
func (r *lionRule) float64s(p, g []float64, s [3][]float64) { lionStep(r, p, g, s) }

func lionStep[T float](r *lionRule, p, g []T, s [3][]T) {
	rate, keep, beta1, rest1, beta2, rest2 := T(r.rate), T(r.keep), T(r.beta1), T(1-r.beta1), T(r.beta2), T(1-r.beta2)
	moment := s[0][:len(p)]
	for i := range p {
		m := moment[i]
		p[i] = keep*p[i] - rate*sign(beta1*m+rest1*g[i])
		moment[i] = beta2*m + rest2*g[i]
	}
}

// sign is 1, -1, or the value itself where it is 0 or NaN. It does not branch by the sign, which processors cannot foresee.
func sign[T float](v T) T {
	if v == 0 || v != v {
		return v
	}
	return T(math.Copysign(1, float64(v)))
}
