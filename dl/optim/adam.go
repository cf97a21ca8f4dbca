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
// where t counts the steps in which the parameter had a gradient. With AMSGrad (Reddi, Kale and Kumar, 2018) the largest
// v so far takes v's place. The form is the paper's and PyTorch's (Keras adds Epsilon before correcting v). Epsilon's
// default is Keras's.
type Adam struct {
	LearningRate float64 // 0: 0.001; SetRate(0) stops it
	Beta1, Beta2 float64 // 0: 0.9 and 0.999; negative: 0
	Epsilon      float64 // 0: 1e-7, as in Keras (PyTorch has 1e-8); negative: 0
	Schedule     Schedule
	Clip         Clip
	Groups       []Group `since:"2"` // the decay of a group is that of AdamW
	AMSGrad      bool    `since:"3"`
	// Lazy leaves the rows of an embedding that did not occur in a step, and their moments, as they are, as PyTorch's
	// SparseAdam does: otherwise their moments decay and move them on.
	Lazy bool `since:"3"`

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
	AMSGrad      bool    `since:"3"`

	memory
	args adamRule // of the step under way
}

func (o *Adam) settings() settings {
	o.args.lazy = o.Lazy
	return settings{"Adam", &o.LearningRate, 0.001, 0, o.Schedule, o.Clip, o.Groups,
		o.args.of(o.Beta1, o.Beta2, o.Epsilon, o.AMSGrad)}
}

func (o *AdamW) settings() settings {
	return settings{"AdamW", &o.LearningRate, 0.001, or(o.WeightDecay, 0.004), o.Schedule, o.Clip, o.Groups,
		o.args.of(o.Beta1, o.Beta2, o.Epsilon, o.AMSGrad)}
}

func (o *Adam) check() {
	c := checks("optim.Adam")
	c.below1("Beta1", o.Beta1)
	c.below1("Beta2", o.Beta2)
	c.finite("Epsilon", o.Epsilon)
}

func (o *AdamW) check() {
	c := checks("optim.AdamW")
	c.below1("Beta1", o.Beta1)
	c.below1("Beta2", o.Beta2)
	c.finite("Epsilon", o.Epsilon)
	c.finite("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Adam) Name() string { return "Adam" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Adam) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Adam) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Adam) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Adam) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Adam) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Adam) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Adam) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// Name is the name of the optimizer: see [Optimizer].
func (o *AdamW) Name() string { return "AdamW" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *AdamW) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *AdamW) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *AdamW) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *AdamW) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *AdamW) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *AdamW) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *AdamW) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// adamRule is the step of Adam and AdamW.
type adamRule struct {
	vec.AdamArgs
	terms   vec.AdamTerms // of the arguments
	amsgrad bool
	lazy    bool
}

func (r *adamRule) of(beta1, beta2, epsilon float64, amsgrad bool) rule {
	r.Beta1, r.Beta2, r.Epsilon, r.amsgrad = or(beta1, 0.9), or(beta2, 0.999), or(epsilon, 1e-7), amsgrad
	return r
}

var (
	moments        = []string{"m", "v"}
	momentsAndMost = []string{"m", "v", "most"}
)

func (r *adamRule) slots() []string {
	if r.amsgrad {
		return momentsAndMost
	}
	return moments
}

func (r *adamRule) set(rate, decay float64, e *entry) {
	r.LearningRate, r.WeightDecay, r.Step = rate, decay, e.steps+1
	r.terms = r.Terms()
}

func (r *adamRule) rowwise() bool { return r.lazy && r.WeightDecay == 0 }

func (r *adamRule) float32s(p, g []float32, s [3][]float32) {
	if r.amsgrad {
		vec.AMSGrad(p, g, s[0], s[1], s[2], &r.AdamArgs)
		return
	}
	vec.Adam(p, g, s[0], s[1], r.terms)
}

func (r *adamRule) float64s(p, g []float64, s [3][]float64) {
	vec.AMSGrad(p, g, s[0], s[1], s[2], &r.AdamArgs)
}

// root is the square root in the precision of its argument.
func root[T float](v T) T { return T(math.Sqrt(float64(v))) }
