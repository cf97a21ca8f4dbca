package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// Adam adapts the step of every value to the size of its gradients (Kingma and Ba, 2015):
//
//	m = Beta1*m + (1-Beta1)*g;  v = Beta2*v + (1-Beta2)*g*g
//	p -= rate * m/(1-Beta1^t) / (sqrt(v/(1-Beta2^t)) + Epsilon)
//
// The form is the paper's and PyTorch's (Keras adds Epsilon before correcting v). Epsilon's default is Keras's.
type Adam struct {
	LearningRate float64 // 0: 0.001
	Beta1, Beta2 float64 // 0: 0.9 and 0.999
	Epsilon      float64 // 0: 1e-7, as in Keras (PyTorch has 1e-8)
	Schedule     Schedule
	Clip         Clip

	memory
	args vec.AdamArgs // of the step under way
}

// AdamW is Adam with weight decay that does not pass through the moments (Loshchilov and Hutter, 2019):
// p -= rate*WeightDecay*p before the step of Adam.
type AdamW struct {
	LearningRate float64 // 0: 0.001
	Beta1, Beta2 float64 // 0: 0.9 and 0.999
	Epsilon      float64 // 0: 1e-7, as in Keras (PyTorch has 1e-8)
	WeightDecay  float64 // 0: 0.004, as in Keras (PyTorch has 0.01); negative: none
	Schedule     Schedule
	Clip         Clip

	memory
	args vec.AdamArgs // of the step under way
}

var moments = []string{"m", "v"}

func (o *Adam) Name() string         { return "Adam" }
func (o *Adam) Rate() float64        { return or(o.LearningRate, 0.001) * factor(o.Schedule, o.step) }
func (o *Adam) SetRate(rate float64) { o.LearningRate = rate }
func (o *Adam) State() State         { return o.state(o.Name(), or(o.LearningRate, 0.001)) }

func (o *Adam) SetState(s State) error {
	if err := o.restore(s, o.Name(), moments...); err != nil {
		return err
	}
	o.LearningRate = s.Rate
	return nil
}

func (o *Adam) Step(parameters []*dl.Tensor) {
	rate := o.Rate()
	o.begin(parameters, moments...)
	o.Clip.apply(parameters)
	o.args = vec.AdamArgs{LearningRate: rate, Beta1: or(o.Beta1, 0.9), Beta2: or(o.Beta2, 0.999),
		Epsilon: or(o.Epsilon, 1e-7), Step: o.step}
	o.update(parameters, (*adamRule)(&o.args))
}

func (o *AdamW) Name() string         { return "AdamW" }
func (o *AdamW) Rate() float64        { return or(o.LearningRate, 0.001) * factor(o.Schedule, o.step) }
func (o *AdamW) SetRate(rate float64) { o.LearningRate = rate }
func (o *AdamW) State() State         { return o.state(o.Name(), or(o.LearningRate, 0.001)) }

func (o *AdamW) SetState(s State) error {
	if err := o.restore(s, o.Name(), moments...); err != nil {
		return err
	}
	o.LearningRate = s.Rate
	return nil
}

func (o *AdamW) Step(parameters []*dl.Tensor) {
	rate := o.Rate()
	o.begin(parameters, moments...)
	o.Clip.apply(parameters)
	o.args = vec.AdamArgs{LearningRate: rate, Beta1: or(o.Beta1, 0.9), Beta2: or(o.Beta2, 0.999),
		Epsilon: or(o.Epsilon, 1e-7), WeightDecay: max(or(o.WeightDecay, 0.004), 0), Step: o.step}
	o.update(parameters, (*adamRule)(&o.args))
}

// adamRule is the step of Adam and AdamW.
type adamRule vec.AdamArgs

func (r *adamRule) apply(p, g, m, v []float32) { vec.Adam(p, g, m, v, vec.AdamArgs(*r)) }
