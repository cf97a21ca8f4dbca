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
	rows, columns                    []float64 // scratch: of one matrix
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
	epsilon := r.epsilon
	single := p.DType() == dl.Float32
	if epsilon == 0 {
		if epsilon = 0x1p-52; single {
			epsilon = 0x1p-23
		}
	}
	if p.Rank() < 2 {
		v := e.slot(r, "variance", p)
		if single {
			adafactorVector(r, epsilon, p.Float32s(), g.Float32s(), v.Float32s())
		} else {
			adafactorVector(r, epsilon, p.Float64s(), g.Float64s(), v.Float64s())
		}
		return
	}
	row, column, rows, columns := e.slot(r, "row", p), e.slot(r, "column", p), p.Dim(-2), p.Dim(-1)
	if single {
		adafactorMatrices(r, epsilon, rows, columns, p.Float32s(), g.Float32s(), row.Float32s(), column.Float32s())
	} else {
		adafactorMatrices(r, epsilon, rows, columns, p.Float64s(), g.Float64s(), row.Float64s(), column.Float64s())
	}
}

func adafactorVector[T float](r *adafactorRule, epsilon float64, p, g, v []T) {
	share := T(math.Pow(float64(r.step), r.decay))
	least := T(epsilon * epsilon)
	for i, d := range g {
		v[i] += share * (d*d - v[i])
		g[i] = d / root(max(v[i], least))
	}
	adafactorApply(r, p, g)
}

func adafactorMatrices[T float](r *adafactorRule, epsilon float64, rows, columns int, p, g, row, column []T) {
	share := math.Pow(float64(r.step), r.decay)
	least := T(epsilon * epsilon)
	for at := 0; at < len(g); at += rows * columns {
		k := at / (rows * columns)
		one, mine, theirs := g[at:at+rows*columns], row[k*rows:(k+1)*rows], column[k*columns:(k+1)*columns]
		r.columns = zeros(r.columns, columns)
		sum := 0.0
		for i := range mine {
			squares := 0.0
			for j, d := range one[i*columns : (i+1)*columns] {
				square := float64(d) * float64(d)
				squares += square
				r.columns[j] += square
			}
			mine[i] += T(share * (squares/float64(columns) - float64(mine[i])))
			sum += float64(mine[i])
		}
		for j, squares := range r.columns {
			theirs[j] += T(share * (squares/float64(rows) - float64(theirs[j])))
		}
		mean := max(sum/float64(rows), epsilon)
		for i := range mine {
			scale := T(float64(mine[i]) / mean)
			d := one[i*columns : (i+1)*columns]
			for j := range d {
				d[j] /= root(max(scale*theirs[j], least))
			}
		}
	}
	adafactorApply(r, p, g)
}

// adafactorApply takes the step u.
func adafactorApply[T float](r *adafactorRule, p, u []T) {
	var ofParameter, ofStep float64
	for i := range p {
		ofParameter += float64(p[i]) * float64(p[i])
		ofStep += float64(u[i]) * float64(u[i])
	}
	n := float64(max(len(p), 1))
	rate := max(r.least, math.Sqrt(ofParameter/n)) * min(r.rate, 1/math.Sqrt(float64(r.step)))
	rate /= max(1, math.Sqrt(ofStep/n)/r.threshold)
	for i := range p {
		p[i] = T(r.keep)*p[i] - T(rate)*u[i]
	}
}

// zeros is scratch of n zeros.
func zeros(scratch []float64, n int) []float64 {
	if cap(scratch) < n {
		return make([]float64, n)
	}
	scratch = scratch[:n]
	clear(scratch)
	return scratch
}
