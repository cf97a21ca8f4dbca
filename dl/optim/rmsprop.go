package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/vec"
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
	rate float64 // of the step under way
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
	o.rate = o.Rate()
	o.begin(parameters, o.slotNames()...)
	o.Clip.apply(parameters)
	o.update(parameters, (*rmspropRule)(o))
}

type rmspropRule RMSprop

func (o *rmspropRule) apply(p, g, square, velocity []float32) {
	vec.RMSprop(p, g, square, velocity, o.rate, or(o.Rho, 0.9), or(o.Epsilon, 1e-7), o.Momentum)
}
