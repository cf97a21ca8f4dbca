package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// NAdam is Adam with Nesterov's momentum (Dozat, 2016), whose share grows with the steps t:
//
//	mu(t) = Beta1*(1 - 0.96^(t*MomentumDecay)/2);  M = mu(1)*...*mu(t)
//	m = Beta1*m + (1-Beta1)*g;  v = Beta2*v + (1-Beta2)*g*g
//	p -= rate * ((1-mu(t))/(1-M)*g + mu(t+1)/(1-M*mu(t+1))*m) / (sqrt(v/(1-Beta2^t)) + Epsilon)
//
// The form is PyTorch's.
type NAdam struct {
	LearningRate  float64 // 0: 0.001, as in Keras (PyTorch has 0.002); SetRate(0) stops it
	Beta1, Beta2  float64 // 0: 0.9 and 0.999; negative: 0
	Epsilon       float64 // 0: 1e-7, as in Keras (PyTorch has 1e-8); negative: 0
	MomentumDecay float64 // 0: 0.004, as in PyTorch (Keras has 1); negative: 0
	WeightDecay   float64 // added to the gradient (L2), as in PyTorch
	Decoupled     bool    // the decay shrinks the parameter by itself, as in Keras and AdamW
	Schedule      Schedule
	Clip          Clip
	Groups        []Group

	memory
	args nadamRule // of the step under way
}

func (o *NAdam) settings() settings {
	r := &o.args
	r.Beta1, r.Beta2, r.epsilon = or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-7)
	r.momentumDecay, r.decoupled = or(o.MomentumDecay, 0.004), o.Decoupled
	return settings{"NAdam", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *NAdam) check() {
	c := checks("optim.NAdam")
	c.below1("Beta1", o.Beta1)
	c.below1("Beta2", o.Beta2)
	c.finite("Epsilon", o.Epsilon)
	c.finite("MomentumDecay", o.MomentumDecay)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *NAdam) Name() string { return "NAdam" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *NAdam) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *NAdam) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *NAdam) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *NAdam) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *NAdam) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *NAdam) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *NAdam) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// nadamRule is the step of NAdam.
type nadamRule struct {
	terms
	vec.Update
	epsilon, momentumDecay float64
}

func (r *nadamRule) slots() []string { return moments }

func (r *nadamRule) set(rate, decay float64, e *entry) {
	r.terms.set(rate, decay, e)
	if e.factors > e.steps || e.factors == 0 {
		e.product, e.factors = 1, 0
	}
	for e.factors < e.steps { // all of them after a State
		e.factors++
		e.product *= r.mu(e.factors)
	}
	mu, next := r.mu(r.step), r.mu(r.step+1)
	product := e.product * mu
	ofGradient, ofMoment := (1-mu)/(1-product), next/(1-product*next)
	correct := math.Sqrt(1 - math.Pow(r.Beta2, float64(r.step))) // of the root of v: it is put in the other terms
	r.terms.give(&r.Update)
	r.Rate, r.Ahead, r.Epsilon = rate*ofGradient*correct, ofMoment/ofGradient, r.epsilon*correct
}

func (r *nadamRule) mu(step int) float64 {
	return r.Beta1 * (1 - 0.5*math.Pow(0.96, float64(step)*r.momentumDecay))
}

func (r *nadamRule) float32s(p, g []float32, s [3][]float32) { vec.NAdam(p, g, s[0], s[1], &r.Update) }
func (r *nadamRule) float64s(p, g []float64, s [3][]float64) { vec.NAdam(p, g, s[0], s[1], &r.Update) }
