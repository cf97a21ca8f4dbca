package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/parallel"
)

// LAMB is Adam whose step in each parameter is as long as the parameter's norm says, for large batches (You et al., 2020):
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
		r.double.p, r.double.g, r.double.m, r.double.v = p.Float64s(), g.Float64s(), m.Float64s(), v.Float64s()
		r.double.run(r)
		return
	}
	r.single.p, r.single.g, r.single.m, r.single.v = p.Float32s(), g.Float32s(), m.Float32s(), v.Float32s()
	r.single.run(r)
}

// lambPass is the loop over one parameter's values: first for the moments and the norms, then for the values.
type lambPass[T float] struct {
	p, g, m, v                              []T
	beta1, rest1, beta2, rest2, epsilon, l2 T
	correct1, correct2                      T
	rate                                    T
	last                                    bool
	norms                                   norms
}

func (w *lambPass[T]) run(r *lambRule) {
	w.beta1, w.rest1, w.beta2, w.rest2 = T(r.beta1), T(1-r.beta1), T(r.beta2), T(1-r.beta2)
	w.epsilon, w.l2 = T(r.epsilon), T(r.l2)
	w.correct1 = T(1 / (1 - math.Pow(r.beta1, float64(r.step))))
	w.correct2 = T(1 / math.Sqrt(1-math.Pow(r.beta2, float64(r.step))))
	n := w.norms.begin(len(w.p))
	w.last = false
	parallel.Run(n, 1, w)
	ofParameter, ofStep := w.norms.of()
	w.rate = T(r.rate)
	if ofParameter > 0 && ofStep > 0 {
		w.rate = T(r.rate * ofParameter / ofStep)
	}
	w.last = true
	parallel.Run(n, 1, w)
	w.p, w.g, w.m, w.v = nil, nil, nil, nil
}

// Range does chunks of the values.
func (w *lambPass[T]) Range(lo, hi int) {
	for k := lo; k < hi; k++ {
		var ofParameter, ofStep float64
		for i := k * normChunk; i < min((k+1)*normChunk, len(w.p)); i++ {
			if !w.last {
				w.m[i] = w.beta1*w.m[i] + w.rest1*w.g[i]
				w.v[i] = w.beta2*w.v[i] + w.rest2*(w.g[i]*w.g[i])
			}
			d := w.correct1*w.m[i]/(w.correct2*root(w.v[i])+w.epsilon) + w.l2*w.p[i]
			if w.last {
				w.p[i] -= w.rate * d
			} else {
				ofParameter += float64(w.p[i]) * float64(w.p[i])
				ofStep += float64(d) * float64(d)
			}
		}
		if !w.last {
			w.norms.add(k, ofParameter, ofStep)
		}
	}
}
