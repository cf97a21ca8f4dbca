package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/parallel"
	"modelbook/dl/internal/vec"
)

// LAMB is Adam whose step in each parameter is scaled to the parameter's norm, for large batches (You et al., 2020):
//
//	m = Beta1*m + (1-Beta1)*g;  v = Beta2*v + (1-Beta2)*g*g
//	r = m/(1-Beta1^t) / (sqrt(v/(1-Beta2^t)) + Epsilon) + WeightDecay*p;  p -= rate * |p|/|r| * r
//
// where |p|/|r| is 1 if either is 0. The form is the paper's. PyTorch has no such optimizer.
type LAMB struct {
	LearningRate float64 // 0: 0.001; SetRate(0) stops it
	Beta1, Beta2 float64 // 0: 0.9 and 0.999; negative: 0
	Epsilon      float64 // 0: 1e-7, as in Keras (the paper has 1e-6); negative: 0
	WeightDecay  float64 // within the step whose length is fitted
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args lambRule // of the step under way
}

func (o *LAMB) settings() settings {
	r := &o.args
	r.beta1, r.beta2, r.epsilon = or(o.Beta1, 0.9), or(o.Beta2, 0.999), or(o.Epsilon, 1e-7)
	return settings{"LAMB", &o.LearningRate, 0.001, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *LAMB) check() {
	c := checks("optim.LAMB")
	c.below1("Beta1", o.Beta1)
	c.below1("Beta2", o.Beta2)
	c.finite("Epsilon", o.Epsilon)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *LAMB) Name() string { return "LAMB" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *LAMB) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *LAMB) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *LAMB) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *LAMB) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *LAMB) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *LAMB) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *LAMB) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// lambRule is the step of LAMB.
type lambRule struct {
	terms
	beta1, beta2, epsilon float64
	single                lambPass[float32]
	double                lambPass[float64]
}

func (r *lambRule) slots() []string { return moments }

func (r *lambRule) whole(p, g *dl.Tensor, e *entry) {
	m, v := e.slot(r, "m", p), e.slot(r, "v", p)
	if p.DType() == dl.Float64 {
		r.double.run(r, p.Float64s(), g.Float64s(), m.Float64s(), v.Float64s())
	} else {
		r.single.run(r, p.Float32s(), g.Float32s(), m.Float32s(), v.Float32s())
	}
}

// lambPass is the loop over one parameter's values: first for the moments and the norms, then for the values.
type lambPass[T float] struct {
	vec.Update
	p, g, m, v []T
	last       bool
	norms      norms
}

func (w *lambPass[T]) run(r *lambRule, p, g, m, v []T) {
	// The corrections of both moments are put in the terms below the line.
	correct1, correct2 := 1-math.Pow(r.beta1, float64(r.step)), math.Sqrt(1-math.Pow(r.beta2, float64(r.step)))
	w.Update = vec.Update{L2: r.l2, Beta1: r.beta1, Beta2: r.beta2, Epsilon: r.epsilon * correct1, Root: correct1 / correct2}
	w.p, w.g, w.m, w.v, w.last = p, g, m, v, false
	n := w.norms.begin(len(p))
	parallel.Run(n, 1, w)
	w.Rate = r.rate
	if ofParameter, ofStep := w.norms.of(); ofParameter > 0 && ofStep > 0 {
		w.Rate *= ofParameter / ofStep
	}
	w.last = true
	parallel.Run(n, 1, w)
	w.p, w.g, w.m, w.v = nil, nil, nil, nil
}

// Range does chunks of the values.
func (w *lambPass[T]) Range(lo, hi int) {
	for k := lo; k < hi; k++ {
		i, j := k*normChunk, min((k+1)*normChunk, len(w.p))
		if w.last {
			vec.LAMB(w.p[i:j], w.m[i:j], w.v[i:j], &w.Update)
			continue
		}
		ofParameter, ofStep := vec.LAMBNorms(w.p[i:j], w.g[i:j], w.m[i:j], w.v[i:j], &w.Update)
		w.norms.add(k, ofParameter, ofStep)
	}
}
