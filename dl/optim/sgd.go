package optim

import "modelbook/dl"

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
	rate := float32(o.Rate())
	o.begin(parameters, o.slotNames()...)
	o.Clip.apply(parameters)
	momentum, decay := float32(o.Momentum), float32(o.WeightDecay)
	for j, parameter := range parameters {
		g := gradient(parameter)
		if g == nil {
			continue
		}
		p := parameter.Float32s()
		if momentum == 0 {
			for i := range p {
				p[i] -= rate * (g[i] + decay*p[i])
			}
			continue
		}
		v := o.slot(0, j)
		for i := range p {
			d := g[i] + decay*p[i]
			v[i] = momentum*v[i] + d
			if o.Nesterov {
				d += momentum * v[i]
			} else {
				d = v[i]
			}
			p[i] -= rate * d
		}
	}
}
