package optim

import (
	"modelbook/dl"
	"modelbook/dl/internal/parallel"
)

// LARS is SGD with momentum whose rate in each parameter is scaled to its norm, for large batches (You, Gitman and
// Ginsburg, 2017):
//
//	d = Trust*|p|/(|g| + WeightDecay*|p| + Epsilon) * (g + WeightDecay*p);  v = Momentum*v + d;  p -= rate*v
//
// where the first factor is 1 if |p| or |g| is 0. Neither Keras nor PyTorch has it.
type LARS struct {
	LearningRate float64 // 0: 0.01; SetRate(0) stops it
	Momentum     float64 // 0: 0.9; negative: 0
	WeightDecay  float64 // added to the gradient (L2)
	Trust        float64 // 0: 0.001, as in the paper
	Epsilon      float64 // 0: 1e-8; negative: 0
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args larsRule // of the step under way
}

func (o *LARS) settings() settings {
	r := &o.args
	r.momentum, r.trust, r.epsilon = or(o.Momentum, 0.9), or(o.Trust, 0.001), or(o.Epsilon, 1e-8)
	return settings{"LARS", &o.LearningRate, 0.01, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *LARS) check() {
	c := checks("optim.LARS")
	c.atMost1("Momentum", o.Momentum)
	c.finite("Epsilon", o.Epsilon)
	c.notNegative("Trust", o.Trust)
	c.notNegative("WeightDecay", o.WeightDecay)
}

// Name is the name of the optimizer: see [Optimizer].
func (o *LARS) Name() string { return "LARS" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *LARS) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *LARS) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *LARS) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *LARS) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *LARS) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *LARS) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *LARS) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// larsRule is the step of LARS.
type larsRule struct {
	terms
	momentum, trust, epsilon float64
	single                   larsPass[float32]
	double                   larsPass[float64]
}

func (r *larsRule) slots() []string { return velocityOnly }

func (r *larsRule) whole(p, g *dl.Tensor, e *entry) {
	v := e.slot(r, "velocity", p)
	if p.DType() == dl.Float64 {
		r.double.p, r.double.g, r.double.v = p.Float64s(), g.Float64s(), v.Float64s()
		r.double.run(r)
		return
	}
	r.single.p, r.single.g, r.single.v = p.Float32s(), g.Float32s(), v.Float32s()
	r.single.run(r)
}

// larsPass is the loop over one parameter's values: first for the norms, then for the values.
type larsPass[T float] struct {
	p, g, v                   []T
	rate, momentum, trust, l2 T
	last                      bool
	norms                     norms
}

func (w *larsPass[T]) run(r *larsRule) {
	n := w.norms.begin(len(w.p))
	w.last = false
	parallel.Run(n, 1, w)
	w.rate, w.momentum, w.trust, w.l2 = T(r.rate), T(r.momentum), 1, T(r.l2)
	if ofParameter, ofGradient := w.norms.of(); ofParameter > 0 && ofGradient > 0 {
		w.trust = T(r.trust * ofParameter / (ofGradient + r.l2*ofParameter + r.epsilon))
	}
	w.last = true
	parallel.Run(n, 1, w)
	w.p, w.g, w.v = nil, nil, nil
}

// Range does chunks of the values.
func (w *larsPass[T]) Range(lo, hi int) {
	for k := lo; k < hi; k++ {
		from, to := k*normChunk, min((k+1)*normChunk, len(w.p))
		if w.last {
			for i := from; i < to; i++ {
				v := w.momentum*w.v[i] + w.trust*(w.g[i]+w.l2*w.p[i])
				if v < 0x1p-126 && v > -0x1p-126 {
					v = 0 // denormal or smaller: a processor takes long with those, and they do not come to zero by themselves
				}
				w.v[i] = v
				w.p[i] -= w.rate * v
			}
			continue
		}
		var ofParameter, ofGradient float64
		for i := from; i < to; i++ {
			ofParameter += float64(w.p[i]) * float64(w.p[i])
			ofGradient += float64(w.g[i]) * float64(w.g[i])
		}
		w.norms.add(k, ofParameter, ofGradient)
	}
}
