package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// SGD is stochastic gradient descent, with momentum and Nesterov's look-ahead if wanted:
//
//	g = gradient + WeightDecay*p;  v = Momentum*v + g;  p -= rate*v            (PyTorch's form)
//	                                                    p -= rate*(g + Momentum*v) with Nesterov
//
// Keras keeps rate*v in place of v, which is the same while the rate stays.
type SGD struct {
	LearningRate float64 // 0: 0.01, as in Keras
	Momentum     float64
	Nesterov     bool
	WeightDecay  float64 // added to the gradient (L2)
	Schedule     Schedule
	Clip         Clip

	memory
	rate float64 // of the step under way
}

func (o *SGD) Name() string         { return "SGD" }
func (o *SGD) Rate() float64        { return or(o.LearningRate, 0.01) * factor(o.Schedule, o.step) }
func (o *SGD) SetRate(rate float64) { o.LearningRate = rate }
func (o *SGD) State() State         { return o.state(o.Name(), or(o.LearningRate, 0.01)) }
func (o *SGD) SetState(s State) error {
	if err := o.restore(s, o.Name(), o.slotNames()...); err != nil {
		return err
	}
	o.LearningRate = s.Rate
	return nil
}

func (o *SGD) slotNames() []string {
	if o.Momentum == 0 {
		return nil
	}
	return velocityOnly
}

var velocityOnly = []string{"velocity"}

func (o *SGD) Step(parameters []*dl.Tensor) {
	o.rate = o.Rate()
	o.begin(parameters, o.slotNames()...)
	o.Clip.apply(parameters)
	o.update(parameters, (*sgdRule)(o))
}

type sgdRule SGD

func (o *sgdRule) apply(p, g, velocity, _ []float32) {
	vec.SGD(p, g, velocity, o.rate, o.Momentum, o.WeightDecay, o.Nesterov)
}
