package optim

import (
	"math"

	"modelbook/dl"
)

// Rprop lets the size of every value's step grow while the sign of its gradient stays and shrink when it changes
// (Riedmiller and Braun, 1993). It is for whole data sets, not for batches: the size of a gradient does not count.
//
//	step = step * (Grow, Shrink, or 1 as g and the gradient before agree in sign, do not, or one is 0)
//	p -= step*sign(g), nothing where the sign changed
//
// Form and defaults are PyTorch's. The learning rate is the size of the first steps.
type Rprop struct {
	LearningRate      float64 // 0: 0.01
	Grow, Shrink      float64 // 0: 1.2 and 0.5
	Largest, Smallest float64 // that a step may be; 0: 50 and 1e-6
	Clip              Clip
	Groups            []Group

	memory
	args rpropRule // of the step under way
}

func (o *Rprop) settings() settings {
	r := &o.args
	r.grow, r.shrink, r.largest, r.smallest = or(o.Grow, 1.2), or(o.Shrink, 0.5), or(o.Largest, 50), or(o.Smallest, 1e-6)
	return settings{"Rprop", &o.LearningRate, 0.01, 0, nil, o.Clip, o.Groups, r}
}

func (o *Rprop) check() {
	c := checks("optim.Rprop")
	c.notNegative("Largest", o.Largest)
	c.notNegative("Smallest", o.Smallest)
	if o.Grow != 0 && !(o.Grow > 1) || math.IsInf(o.Grow, 1) {
		dl.PanicValue(string(c), "Grow is %v; it is a finite number above 1, or 0 for 1.2", o.Grow)
	}
	if o.Shrink != 0 && !(o.Shrink > 0 && o.Shrink < 1) {
		dl.PanicValue(string(c), "Shrink is %v; it lies between 0 and 1, or is 0 for 0.5", o.Shrink)
	}
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Rprop) Name() string { return "Rprop" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Rprop) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Rprop) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Rprop) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Rprop) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Rprop) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Rprop) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Rprop) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// rpropRule is the step of Rprop.
type rpropRule struct {
	terms
	grow, shrink, largest, smallest float64
}

var beforeAndSize = []string{"before", "size"}

func (r *rpropRule) slots() []string { return beforeAndSize }

func (r *rpropRule) start(slot string) float64 {
	if slot == "size" {
		return r.rate
	}
	return 0
}

func (r *rpropRule) float32s(p, g []float32, s [3][]float32) { rpropStep(r, p, g, s) }
func (r *rpropRule) float64s(p, g []float64, s [3][]float64) { rpropStep(r, p, g, s) }

func rpropStep[T float](r *rpropRule, p, g []T, s [3][]T) {
	if r.rate == 0 {
		return
	}
	grow, shrink, largest, smallest := T(r.grow), T(r.shrink), T(r.largest), T(r.smallest)
	for i := range p {
		d, factor := g[i], T(1)
		switch product := sign(d) * sign(s[0][i]); {
		case product > 0:
			factor = grow
		case product < 0:
			factor, d = shrink, 0
		}
		size := min(max(s[1][i]*factor, smallest), largest)
		s[0][i], s[1][i] = d, size
		p[i] -= sign(d) * size
	}
}

// sign is 1, -1, or the value itself where it is 0 or NaN. It does not branch by the sign, which processors cannot
// foresee.
func sign[T float](v T) T {
	if v == 0 || v != v {
		return v
	}
	return T(math.Copysign(1, float64(v)))
}
