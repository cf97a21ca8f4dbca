package optim

import (
	"math"

	"modelbook/dl"
)

// ASGD is gradient descent whose parameters are also averaged over the steps from Start on (Polyak and Juditsky, 1992):
//
//	p -= rate(t) * (g + Lambda*p);  a = a + (p-a)/max(1, t-1-Start)
//	rate(t) = rate / (1 + Lambda*rate*(t-1))^Alpha
//
// [ASGD.Average] is what a is. Form and defaults are PyTorch's.
type ASGD struct {
	LearningRate float64 // 0: 0.01; SetRate(0) stops it
	Lambda       float64 // 0: 1e-4; negative: 0
	Alpha        float64 // 0: 0.75; negative: 0
	Start        int     // 0: 1,000,000; negative: 0
	WeightDecay  float64 // added to the gradient (L2)
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args asgdRule // of the step under way
}

func (o *ASGD) settings() settings {
	r := &o.args
	r.lambda, r.alpha, r.begin = or(o.Lambda, 1e-4), or(o.Alpha, 0.75), or(float64(o.Start), 1e6)
	return settings{"ASGD", &o.LearningRate, 0.01, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *ASGD) check() {
	c := checks("optim.ASGD")
	c.finite("Lambda", o.Lambda)
	c.finite("Alpha", o.Alpha)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Average is the average of a parameter, nil before its first step. It is the optimizer's own memory.
func (o *ASGD) Average(parameter *dl.Tensor) *dl.Tensor {
	for i, owner := range o.Owners() {
		if owner == parameter {
			return o.State().Slots["average"][i]
		}
	}
	return nil
}

// Name is the name of the optimizer: see [Optimizer].
func (o *ASGD) Name() string { return "ASGD" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *ASGD) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *ASGD) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *ASGD) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *ASGD) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *ASGD) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *ASGD) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *ASGD) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// asgdRule is the step of ASGD.
type asgdRule struct {
	terms
	lambda, alpha, begin float64
}

var averageOnly = []string{"average"}

func (r *asgdRule) slots() []string { return averageOnly }

func (r *asgdRule) float32s(p, g []float32, s [3][]float32) { asgdStep(r, p, g, s) }
func (r *asgdRule) float64s(p, g []float64, s [3][]float64) { asgdStep(r, p, g, s) }

func asgdStep[T float](r *asgdRule, p, g []T, s [3][]T) {
	before := float64(r.step - 1)
	rate := r.rate / math.Pow(1+r.lambda*r.rate*before, r.alpha)
	keep, step, l2, share := T(1-r.lambda*rate), T(rate), T(r.l2), T(1/max(1, before-r.begin))
	average := s[0][:len(p)]
	for i := range p {
		p[i] = keep*p[i] - step*(g[i]+l2*p[i])
		average[i] += (p[i] - average[i]) * share
	}
}
