package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// Adam adapts the step of every value to the size of its gradients (Kingma and Ba, 2015):
//
//	m = Beta1*m + (1-Beta1)*g;  v = Beta2*v + (1-Beta2)*g*g
//	p -= rate * m/(1-Beta1^t) / (sqrt(v/(1-Beta2^t)) + Epsilon)
//
// where t counts the steps in which the parameter had a gradient. The form is the paper's and PyTorch's (Keras adds
// Epsilon before correcting v). Epsilon's default is Keras's.
type Adam struct {
	LearningRate float64 // 0: 0.001; SetRate(0) stops it
	Beta1, Beta2 float64 // 0: 0.9 and 0.999; negative: 0
	Epsilon      float64 // 0: 1e-7, as in Keras (PyTorch has 1e-8); negative: 0
	Schedule     Schedule
	Clip         Clip
	Groups       []Group `since:"2"` // the decay of a group is that of AdamW

	memory
	args adamRule // of the step under way
}

// AdamW is Adam with weight decay that does not pass through the moments (Loshchilov and Hutter, 2019):
// p -= rate*WeightDecay*p before the step of Adam.
type AdamW struct {
	LearningRate float64 // 0: 0.001; SetRate(0) stops it
	Beta1, Beta2 float64 // 0: 0.9 and 0.999; negative: 0
	Epsilon      float64 // 0: 1e-7, as in Keras (PyTorch has 1e-8); negative: 0
	WeightDecay  float64 // 0: 0.004, as in Keras (PyTorch has 0.01); negative: none
	Schedule     Schedule
	Clip         Clip
	Groups       []Group `since:"2"`

	memory
	args adamRule // of the step under way
}

func (o *Adam) base() float64 { return o.rate(o.LearningRate, 0.001) }

// Name is the name of the optimizer: see [Optimizer].
func (o *Adam) Name() string { return "Adam" }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Adam) Rate() float64 { return o.base() * factor(o.Schedule, o.step) }

// SetRate changes the base rate: see [Optimizer].
func (o *Adam) SetRate(rate float64) { o.set(&o.LearningRate, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Adam) State() State { return o.state(o.Name(), o.base(), o.Groups, moments...) }

// SetState continues from a State: see [Optimizer].
func (o *Adam) SetState(s State) error {
	if err := o.restore(s, o.Name(), moments...); err != nil {
		return err
	}
	o.SetRate(s.Rate)
	return nil
}

// Owners are the parameters that State is about: see [Keeper].
func (o *Adam) Owners() []*dl.Tensor { return o.whose(o.Groups) }

// SetOwners says whose the State is: see [Keeper].
func (o *Adam) SetOwners(ps []*dl.Tensor) error { return o.give(ps, o.Groups) }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Adam) Step(parameters []*dl.Tensor) {
	o.begin("optim.Adam", parameters, o.Groups)
	o.Clip.apply(o.tensors)
	o.args = adamRule{Beta1: or(o.Beta1, 0.9), Beta2: or(o.Beta2, 0.999), Epsilon: or(o.Epsilon, 1e-7)}
	o.update(&o.args, o.Rate(), 0)
}

func (o *AdamW) base() float64 { return o.rate(o.LearningRate, 0.001) }

// Name is the name of the optimizer: see [Optimizer].
func (o *AdamW) Name() string { return "AdamW" }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *AdamW) Rate() float64 { return o.base() * factor(o.Schedule, o.step) }

// SetRate changes the base rate: see [Optimizer].
func (o *AdamW) SetRate(rate float64) { o.set(&o.LearningRate, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *AdamW) State() State { return o.state(o.Name(), o.base(), o.Groups, moments...) }

// SetState continues from a State: see [Optimizer].
func (o *AdamW) SetState(s State) error {
	if err := o.restore(s, o.Name(), moments...); err != nil {
		return err
	}
	o.SetRate(s.Rate)
	return nil
}

// Owners are the parameters that State is about: see [Keeper].
func (o *AdamW) Owners() []*dl.Tensor { return o.whose(o.Groups) }

// SetOwners says whose the State is: see [Keeper].
func (o *AdamW) SetOwners(ps []*dl.Tensor) error { return o.give(ps, o.Groups) }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *AdamW) Step(parameters []*dl.Tensor) {
	o.begin("optim.AdamW", parameters, o.Groups)
	o.Clip.apply(o.tensors)
	o.args = adamRule{Beta1: or(o.Beta1, 0.9), Beta2: or(o.Beta2, 0.999), Epsilon: or(o.Epsilon, 1e-7)}
	o.update(&o.args, o.Rate(), or(o.WeightDecay, 0.004))
}

// adamRule is the step of Adam and AdamW.
type adamRule vec.AdamArgs

var moments = []string{"m", "v"}

func (r *adamRule) slots() []string { return moments }

func (r *adamRule) set(rate, decay float64, step int) {
	r.LearningRate, r.WeightDecay, r.Step = rate, decay, step
}

func (r *adamRule) float32s(p, g []float32, s [3][]float32) {
	vec.Adam(p, g, s[0], s[1], vec.AdamArgs(*r))
}

func (r *adamRule) float64s(p, g []float64, s [3][]float64) {
	rate := r.LearningRate / (1 - math.Pow(r.Beta1, float64(r.Step)))
	correct := 1 / math.Sqrt(1-math.Pow(r.Beta2, float64(r.Step)))
	for i := range p {
		m := r.Beta1*s[0][i] + (1-r.Beta1)*g[i]
		v := r.Beta2*s[1][i] + (1-r.Beta2)*g[i]*g[i]
		s[0][i], s[1][i] = m, v
		p[i] = (1-r.LearningRate*r.WeightDecay)*p[i] - rate*m/(math.Sqrt(v)*correct+r.Epsilon)
	}
}
