package optim

import (
	"math"

	"modelbook/dl"
)

// RMSprop divides every step by a running root mean square of the gradient (Hinton, 2012):
//
//	s = Rho*s + (1-Rho)*g*g;  v = Momentum*v + g/(sqrt(s) + Epsilon);  p -= rate*v
//
// The form is PyTorch's (Keras adds Epsilon under the root). Defaults are Keras's.
type RMSprop struct {
	LearningRate float64 // 0: 0.001 (PyTorch has 0.01)
	Rho          float64 // 0: 0.9 (PyTorch has 0.99)
	Momentum     float64
	Epsilon      float64 // 0: 1e-7 (PyTorch has 1e-8)
	Schedule     Schedule
	Clip         Clip

	memory
}

var (
	squareOnly        = []string{"square"}
	squareAndVelocity = []string{"square", "velocity"}
)

func (o *RMSprop) Name() string         { return "RMSprop" }
func (o *RMSprop) Rate() float64        { return or(o.LearningRate, 0.001) * factor(o.Schedule, o.step) }
func (o *RMSprop) SetRate(rate float64) { o.LearningRate = rate }
func (o *RMSprop) State() State         { return o.state(o.Name(), or(o.LearningRate, 0.001)) }

func (o *RMSprop) SetState(s State) error {
	if err := o.restore(s, o.Name(), o.slotNames()...); err != nil {
		return err
	}
	o.LearningRate = s.Rate
	return nil
}

func (o *RMSprop) slotNames() []string {
	if o.Momentum == 0 {
		return squareOnly
	}
	return squareAndVelocity
}

func (o *RMSprop) Step(parameters []*dl.Tensor) {
	rate := float32(o.Rate())
	o.begin(parameters, o.slotNames()...)
	o.Clip.apply(parameters)
	rho, rest := float32(or(o.Rho, 0.9)), float32(1-or(o.Rho, 0.9))
	momentum, epsilon := float32(o.Momentum), float32(or(o.Epsilon, 1e-7))
	for j, parameter := range parameters {
		g := gradient(parameter)
		if g == nil {
			continue
		}
		p, s := parameter.Float32s(), o.slot(0, j)
		for i, d := range g {
			s[i] = rho*s[i] + rest*d*d
			d /= float32(math.Sqrt(float64(s[i]))) + epsilon
			if momentum != 0 {
				v := o.slot(1, j)
				v[i] = momentum*v[i] + d
				d = v[i]
			}
			p[i] -= rate * d
		}
	}
}
