package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// RAdam is Adam that waits with adapting its steps until the variance of the adaptation is bounded (Liu et al., 2020).
// With r = 2/(1-Beta2) - 1 and r(t) = r - 2t*Beta2^t/(1-Beta2^t):
//
//	m = Beta1*m + (1-Beta1)*g;  v = Beta2*v + (1-Beta2)*g*g
//	p -= rate * m/(1-Beta1^t)                                              while r(t) <= 5
//	p -= rate * m/(1-Beta1^t) * sqrt(1-Beta2^t)/(sqrt(v) + Epsilon) * c    afterwards
//
// where c = sqrt((r(t)-4)*(r(t)-2)*r / ((r-4)*(r-2)*r(t))). The form is PyTorch's; Keras has no such optimizer.
type RAdam struct {
	LearningRate float64 // 0: 0.001; SetRate(0) stops it
	Beta1, Beta2 float64 // 0: 0.9 and 0.999; negative: 0
	Epsilon      float64 // 0: 1e-8, as in PyTorch; negative: 0
	WeightDecay  float64 // added to the gradient (L2), as in PyTorch
	Decoupled    bool    // the decay shrinks the parameter by itself, as in Keras and AdamW
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args radamRule // of the step under way
}

func (o *RAdam) settings() settings {
	r := &o.args
	r.Beta1, r.Beta2, r.epsilon, r.decoupled = or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-8), o.Decoupled
	return settings{"RAdam", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *RAdam) check() {
	c := checks("optim.RAdam")
	c.below1("Beta1", o.Beta1)
	c.below1("Beta2", o.Beta2)
	c.finite("Epsilon", o.Epsilon)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *RAdam) Name() string { return "RAdam" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *RAdam) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *RAdam) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *RAdam) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *RAdam) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *RAdam) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *RAdam) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *RAdam) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// radamRule is the step of RAdam.
type radamRule struct {
	terms
	vec.Update
	epsilon float64
}

func (r *radamRule) slots() []string { return moments }

func (r *radamRule) set(rate, decay float64, e *entry) {
	r.terms.set(rate, decay, e)
	r.terms.give(&r.Update)
	t := float64(r.step)
	r.Rate = r.rate / (1 - math.Pow(r.Beta1, t))
	left := math.Pow(r.Beta2, t)
	most := 2/(1-r.Beta2) - 1
	length := most - 2*t*left/(1-left)
	if length <= 5 {
		r.Root, r.Epsilon = 0, 1 // the moment is not divided
		return
	}
	r.Root, r.Epsilon = 1, r.epsilon
	r.Rate *= math.Sqrt(1-left) * math.Sqrt((length-4)*(length-2)*most/((most-4)*(most-2)*length))
}

func (r *radamRule) float32s(p, g []float32, s [3][]float32) { vec.RAdam(p, g, s[0], s[1], &r.Update) }
func (r *radamRule) float64s(p, g []float64, s [3][]float64) { vec.RAdam(p, g, s[0], s[1], &r.Update) }
