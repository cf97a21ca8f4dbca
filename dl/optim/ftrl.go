package optim

import (
	"math"

	"modelbook/dl"
)

// Ftrl follows the regularised leader (McMahan et al., 2013): with L1 it sets the weights of inputs that tell little to
// exactly 0, for linear models of many sparse inputs.
//
//	n' = n + g*g;  z += g + 2*Shrinkage*p - (n'^-Power - n^-Power)/rate * p;  n = n'
//	p = (clip(z, -L1, L1) - z) / (n^-Power/rate + 2*L2 + Beta/rate)
//
// The form and the defaults are Keras's; PyTorch has no such optimizer.
type Ftrl struct {
	LearningRate float64 // 0: 0.001; SetRate(0) stops it
	Power        float64 // of n in the rate; 0: -0.5; it is never above 0
	Initial      float64 // what n begins with; 0: 0.1; negative: 0
	L1, L2, Beta float64
	Shrinkage    float64 // L2 of the gradient alone
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args ftrlRule // of the step under way
}

func (o *Ftrl) settings() settings {
	r := &o.args
	r.power, r.initial, r.l1, r.l2, r.beta, r.shrinkage = o.Power, or(o.Initial, 0.1), o.L1, o.L2, o.Beta, o.Shrinkage
	if r.power == 0 {
		r.power = -0.5
	}
	return settings{"Ftrl", &o.LearningRate, 0.001, 0, o.Schedule, o.Clip, o.Groups, r}
}

func (o *Ftrl) check() {
	c := checks("optim.Ftrl")
	c.finite("Initial", o.Initial)
	c.notNegative("L1", o.L1)
	c.notNegative("L2", o.L2)
	c.notNegative("Beta", o.Beta)
	c.notNegative("Shrinkage", o.Shrinkage)
	if !(o.Power <= 0) || math.IsInf(o.Power, -1) {
		dl.PanicValue(string(c), "Power is %v; it is a finite number, and not above 0", o.Power)
	}
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Ftrl) Name() string { return "Ftrl" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Ftrl) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Ftrl) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Ftrl) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Ftrl) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Ftrl) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Ftrl) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Ftrl) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// ftrlRule is the step of Ftrl.
type ftrlRule struct {
	rate, power, initial, l1, l2, beta, shrinkage float64
}

var accumulatorAndLinear = []string{"accumulator", "linear"}

func (r *ftrlRule) slots() []string { return accumulatorAndLinear }

func (r *ftrlRule) set(rate, _ float64, _ *entry) { r.rate = rate }

func (r *ftrlRule) start(slot string) float64 {
	if slot == "accumulator" {
		return r.initial
	}
	return 0
}

func (r *ftrlRule) float32s(p, g []float32, s [3][]float32) { ftrlStep(r, p, g, s) }
func (r *ftrlRule) float64s(p, g []float64, s [3][]float64) { ftrlStep(r, p, g, s) }

func ftrlStep[T float](r *ftrlRule, p, g []T, s [3][]T) {
	if r.rate == 0 {
		return
	}
	raised := func(n T) T { return T(math.Pow(float64(n), -r.power)) }
	if r.power == -0.5 {
		raised = root[T]
	}
	rate, l1, extra, shrinkage := T(r.rate), T(r.l1), T(2*r.l2+r.beta/r.rate), T(2*r.shrinkage)
	for i := range p {
		n := s[0][i] + g[i]*g[i]
		strength := raised(n)
		z := s[1][i] + g[i] + shrinkage*p[i] - (strength-raised(s[0][i]))/rate*p[i]
		s[0][i], s[1][i] = n, z
		p[i] = (min(max(z, -l1), l1) - z) / (strength/rate + extra)
	}
}
