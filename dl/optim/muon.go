package optim

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/internal/vec"
)

// Muon makes the momentum of a matrix of weights orthogonal before it takes the step (Jordan et al., 2024):
//
//	m = Momentum*m + (1-Momentum)*g;  u = (1-Momentum)*g + Momentum*m
//	p -= rate * (sqrt(max(1, outputs/inputs)) * orthogonal(u) + WeightDecay*p)
//
// by Steps steps of Newton and Schulz, in the type of the parameter, or in BFloat16 as in PyTorch 2.9 and the authors'
// code. Weights of more axes, such as those of a convolution, are a matrix [..., outputs]. It is for
// the weights of hidden layers: vectors take the step of AdamW, and so should embeddings and the last layer, which a
// Group with Adam says. Defaults are those of PyTorch 2.9, for AdamW Keras's.
type Muon struct {
	LearningRate float64 // 0: 0.001 (the paper's code has 0.02); SetRate(0) stops it
	Momentum     float64 // 0: 0.95; negative: 0
	NoNesterov   bool    // take m in place of u
	Steps        int     // 0: 5
	WeightDecay  float64 // decoupled; 0: 0.1; negative: none
	Schedule     Schedule
	Clip         Clip
	Groups       []Group
	BFloat16     bool `since:"4"` // round the factors of float32 products to bfloat16: faster where the processor has it

	memory
	args muonRule // of the step under way
}

func (o *Muon) settings() settings {
	r := &o.args
	r.momentum, r.nesterov, r.steps, r.decoupled = or(o.Momentum, 0.95), !o.NoNesterov, o.Steps, true
	r.bfloat16 = o.BFloat16
	if r.steps < 1 {
		r.steps = 5
	}
	r.adam.of(0, 0, 0, false)
	return settings{"Muon", &o.LearningRate, 0.001, or(o.WeightDecay, 0.1), o.Schedule, o.Clip, o.Groups, r}
}

func (o *Muon) check() {
	c := checks("optim.Muon")
	c.atMost1("Momentum", o.Momentum)
	c.finite("WeightDecay", o.WeightDecay)
	if o.Steps < 0 || o.Steps > 1000 {
		dl.PanicValue(string(c), "Steps is %d; it is a small number of steps of Newton and Schulz, 0 for 5", o.Steps)
	}
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Muon) Name() string { return "Muon" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Muon) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Muon) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Muon) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Muon) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Muon) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Muon) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Muon) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// muonRule is the step of Muon.
type muonRule struct {
	terms
	momentum float64
	nesterov bool
	bfloat16 bool
	steps    int
	adam     adamRule
	single   newtonSchulz[float32]
	double   newtonSchulz[float64]
}

var momentumAndMoments = []string{"momentum", "m", "v"}

func (r *muonRule) slots() []string { return momentumAndMoments }

// choose is the step of a parameter: vectors, and the groups that say so, take Adam's.
func (r *muonRule) choose(p *dl.Tensor, e *entry) rule {
	if p.Rank() < 2 || e.group != nil && e.group.Adam {
		return &r.adam
	}
	return r
}

func (r *muonRule) whole(p, g *dl.Tensor, e *entry) {
	if p.Size() == 0 {
		return
	}
	m, columns := e.slot(r, "momentum", p), p.Dim(-1)
	if p.DType() == dl.Float64 {
		muonStep(r, &r.double, columns, p.Float64s(), g.Float64s(), m.Float64s())
	} else {
		muonStep(r, &r.single, columns, p.Float32s(), g.Float32s(), m.Float32s())
	}
}

func muonStep[T float](r *muonRule, n *newtonSchulz[T], columns int, p, g, m []T) {
	share := 1.0
	if r.nesterov {
		share = r.momentum
	}
	n.bfloat16 = r.bfloat16
	u := n.begin(len(p)/columns, columns)
	vec.ScaledStep(u, u, 1/(math.Sqrt(vec.MomentumNorm(u, g, m, r.momentum, share))+1e-7), 0)
	vec.ScaledStep(p, n.orthogonal(r.steps), r.keep, r.rate*math.Sqrt(max(1, float64(columns)*float64(columns)/float64(len(p)))))
}
