package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// RMSprop divides every step by a running root mean square of the gradient (Hinton, 2012):
//
//	s = Rho*s + (1-Rho)*g*g;  v = Momentum*v + g/(sqrt(s) + Epsilon);  p -= rate*v
//
// The form is PyTorch's (Keras adds Epsilon under the root). Defaults are Keras's.
type RMSprop struct {
	LearningRate float64 // 0: 0.001 (PyTorch has 0.01); SetRate(0) stops it
	Rho          float64 // 0: 0.9 (PyTorch has 0.99); negative: 0
	Momentum     float64
	Epsilon      float64 // 0: 1e-7 (PyTorch has 1e-8); negative: 0
	Schedule     Schedule
	Clip         Clip
	Groups       []Group `since:"2"` // the decay of a group is added to the gradient (L2)

	memory
	args rmspropRule // of the step under way
}

func (o *RMSprop) base() float64 { return o.rate(o.LearningRate, 0.001) }

// Name is the name of the optimizer: see [Optimizer].
func (o *RMSprop) Name() string { return "RMSprop" }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *RMSprop) Rate() float64 { return o.base() * factor(o.Schedule, o.step) }

// SetRate changes the base rate: see [Optimizer].
func (o *RMSprop) SetRate(rate float64) { o.set(&o.LearningRate, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *RMSprop) State() State {
	return o.state(o.Name(), o.base(), o.Groups, o.args.of(o).slots()...)
}

// SetState continues from a State: see [Optimizer].
func (o *RMSprop) SetState(s State) error {
	if err := o.restore(s, o.Name(), o.args.of(o).slots()...); err != nil {
		return err
	}
	o.SetRate(s.Rate)
	return nil
}

// Owners are the parameters that State is about: see [Keeper].
func (o *RMSprop) Owners() []*dl.Tensor { return o.whose(o.Groups) }

// SetOwners says whose the State is: see [Keeper].
func (o *RMSprop) SetOwners(ps []*dl.Tensor) error { return o.give(ps, o.Groups) }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *RMSprop) Step(parameters []*dl.Tensor) {
	o.begin("optim.RMSprop", parameters, o.Groups)
	o.Clip.apply(o.tensors)
	o.update(o.args.of(o), o.Rate(), 0)
}

// rmspropRule is the step of RMSprop.
type rmspropRule struct{ rate, rho, epsilon, momentum, decay float64 }

func (r *rmspropRule) of(o *RMSprop) *rmspropRule {
	r.rho, r.epsilon, r.momentum = or(o.Rho, 0.9), or(o.Epsilon, 1e-7), o.Momentum
	return r
}

var (
	squareOnly        = []string{"square"}
	squareAndVelocity = []string{"square", "velocity"}
)

func (r *rmspropRule) slots() []string {
	if r.momentum == 0 {
		return squareOnly
	}
	return squareAndVelocity
}

func (r *rmspropRule) set(rate, decay float64, _ int) { r.rate, r.decay = rate, decay }

func (r *rmspropRule) float32s(p, g []float32, s [3][]float32) {
	if r.decay != 0 {
		decay := float32(r.decay)
		for i := range g {
			g[i] += decay * p[i]
		}
	}
	vec.RMSprop(p, g, s[0], s[1], r.rate, r.rho, r.epsilon, r.momentum)
}

func (r *rmspropRule) float64s(p, g []float64, s [3][]float64) {
	for i := range p {
		d := g[i] + r.decay*p[i]
		s[0][i] = r.rho*s[0][i] + (1-r.rho)*d*d
		d /= math.Sqrt(s[0][i]) + r.epsilon
		if r.momentum != 0 {
			d += r.momentum * s[1][i]
			s[1][i] = d
		}
		p[i] -= r.rate * d
	}
}
