package optim

import (
	"math"

	"modelbook/dl"
)

// Adafactor is Adam that remembers of a matrix one number for each row and each column (Shazeer and Stern, 2018), and no
// first moment: its memory is nearly nothing. In step t, with b = t^Decay and matrices in the last two axes:
//
//	r += b*(mean of g*g over the columns - r);  c += b*(mean of g*g over the rows - c);  v = r*c/mean(r)
//	u = g/sqrt(max(v, Epsilon^2));  p -= max(Least, |p|/sqrt(n)) * min(rate, 1/sqrt(t)) * u/max(1, |u|/sqrt(n)/Threshold)
//
// Vectors have v += b*(g*g - v). Form and defaults are PyTorch's (Keras has a rate of 0.001).
type Adafactor struct {
	LearningRate float64 // 0: 0.01; SetRate(0) stops it
	Decay        float64 // 0: -0.8
	Epsilon      float64 // 0: that of the parameter's type, 1.19e-7 for float32
	Least        float64 // 0: 1e-3
	Threshold    float64 // 0: 1
	WeightDecay  float64 // decoupled
	Schedule     Schedule
	Clip         Clip
	Groups       []Group

	memory
	args adafactorRule // of the step under way
}

func (o *Adafactor) settings() settings {
	r := &o.args
	r.decay, r.epsilon, r.least, r.threshold, r.decoupled = o.Decay, o.Epsilon, or(o.Least, 1e-3), or(o.Threshold, 1), true
	if r.decay == 0 {
		r.decay = -0.8
	}
	return settings{"Adafactor", &o.LearningRate, 0.01, o.WeightDecay, o.Schedule, o.Clip, o.Groups, r}
}

func (o *Adafactor) check() {
	c := checks("optim.Adafactor")
	c.notNegative("Epsilon", o.Epsilon)
	c.notNegative("Least", o.Least)
	c.notNegative("WeightDecay", o.WeightDecay)
	if !(o.Decay <= 0) || math.IsInf(o.Decay, -1) {
		dl.PanicValue(string(c), "Decay is %v; it is a finite number, and not above 0", o.Decay)
	}
	if o.Threshold != 0 && !(o.Threshold >= 1) || math.IsInf(o.Threshold, 1) {
		dl.PanicValue(string(c), "Threshold is %v; it is a finite number from 1 on, or 0 for 1", o.Threshold)
	}
}

// Name is the name of the optimizer: see [Optimizer].
func (o *Adafactor) Name() string { return "Adafactor" }

// Step updates the parameters by their gradients: see [Optimizer].
func (o *Adafactor) Step(parameters []*dl.Tensor) { step(o, parameters) }

// Rate is the learning rate of the next step: see [Optimizer].
func (o *Adafactor) Rate() float64 { return rateOf(o) }

// SetRate changes the base rate: see [Optimizer].
func (o *Adafactor) SetRate(rate float64) { setRate(o, rate) }

// State is what the optimizer remembers: see [Optimizer].
func (o *Adafactor) State() State { return stateOf(o) }

// SetState continues from a State: see [Optimizer].
func (o *Adafactor) SetState(s State) error { return setState(o, s) }

// Owners are the parameters that State is about: see [Keeper].
func (o *Adafactor) Owners() []*dl.Tensor { return ownersOf(o) }

// SetOwners says whose the State is: see [Keeper].
func (o *Adafactor) SetOwners(parameters []*dl.Tensor) error { return setOwners(o, parameters) }

// adafactorRule is the step of Adafactor.
type adafactorRule struct {
	terms
	decay, epsilon, least, threshold float64
	single                           adafactorPass[float32]
	double                           adafactorPass[float64]
}

var factors = []string{"row", "column", "variance"}

func (r *adafactorRule) slots() []string { return factors }

// shape is that of PyTorch: a row is [..., rows, 1], a column [..., 1, columns].
func (r *adafactorRule) shape(slot string, p dl.Shape) dl.Shape {
	shape := p.Clone()
	switch {
	case len(shape) < 2:
	case slot == "row":
		shape[len(shape)-1] = 1
	case slot == "column":
		shape[len(shape)-2] = 1
	}
	return shape
}

func (r *adafactorRule) whole(p, g *dl.Tensor, e *entry) {
	var row, column, variance *dl.Tensor
	rows, columns := 1, 1
	if p.Rank() < 2 {
		variance = e.slot(r, "variance", p)
	} else {
		row, column, rows, columns = e.slot(r, "row", p), e.slot(r, "column", p), p.Dim(-2), p.Dim(-1)
	}
	switch {
	case p.Size() == 0:
	case p.DType() == dl.Float32 && variance != nil:
		r.single.vector(r, p.Float32s(), g.Float32s(), variance.Float32s())
	case p.DType() == dl.Float32:
		r.single.matrices(r, rows, columns, p.Float32s(), g.Float32s(), row.Float32s(), column.Float32s())
	case variance != nil:
		r.double.vector(r, p.Float64s(), g.Float64s(), variance.Float64s())
	default:
		r.double.matrices(r, rows, columns, p.Float64s(), g.Float64s(), row.Float64s(), column.Float64s())
	}
}
