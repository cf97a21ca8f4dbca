package metric

import (
	"math"

	"modelbook/dl"
)

// R2 is the coefficient of determination: the share of the targets' variance that the predictions leave no error of, 1
// for perfection, 0 for always predicting the mean, and below for worse. Of several outputs it is the mean of theirs. Of
// targets that are all equal it is 1 where the predictions are right and else 0, as scikit-learn's r2_score; of a single
// sample it is NaN.
type R2 struct{}

// ExplainedVariance is the share of the targets' variance that is not variance of the errors: [R2] that forgives a
// constant error, as scikit-learn's explained_variance_score. Of several outputs it is the mean of theirs.
type ExplainedVariance struct{}

// Pearson is the linear correlation of predictions and targets, from -1 to 1; NaN where either are all equal. Of several
// outputs it is the mean of theirs.
type Pearson struct{}

// Name is the name in tables and histories: see [Metric].
func (R2) Name() string { return "r2" }

// Name is the name in tables and histories: see [Metric].
func (ExplainedVariance) Name() string { return "explained_variance" }

// Name is the name in tables and histories: see [Metric].
func (Pearson) Name() string { return "pearson" }

// Direction says which values are better: see [Directed].
func (R2) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (ExplainedVariance) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (Pearson) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (R2) Start() Meter {
	return &moments{op: "metric.R2", of: func(m *moment) float64 {
		if m.samples < 2 {
			return math.NaN()
		}
		return explained(m.square, m.truth.m2)
	}}
}

// Start begins a measurement: see [Metric].
func (ExplainedVariance) Start() Meter {
	return &moments{op: "metric.ExplainedVariance", of: func(m *moment) float64 { return explained(m.error.m2, m.truth.m2) }}
}

// explained is 1 - left/all.
func explained(left, all float64) float64 {
	switch {
	case all != 0 || left != left:
		return 1 - left/all
	case left == 0:
		return 1
	}
	return 0
}

// Start begins a measurement: see [Metric].
func (Pearson) Start() Meter {
	return &moments{op: "metric.Pearson", of: func(m *moment) float64 {
		return ratio(m.both, math.Sqrt(m.predicted.m2)*math.Sqrt(m.truth.m2))
	}}
}

// moment is what is known of predictions and targets of one output: sums of squares are taken from the means, so that
// no digits are lost where these are large.
type moment struct {
	samples                 float64 // with a weight
	weight                  float64
	predicted, truth, error spread
	both                    float64 // sum of the products of both differences from the means
	square                  float64 // sum of squared errors
}

// spread is a mean and the sum of squared differences from it.
type spread struct{ mean, m2 float64 }

// add takes a value into account; weight is that of all values, this one included. It returns its difference from the
// mean before.
func (s *spread) add(v, w, weight float64) float64 {
	d := v - s.mean
	s.mean += d * w / weight
	s.m2 += w * d * (v - s.mean)
	return d
}

func (s *spread) merge(o spread, mine, theirs float64) float64 {
	d := o.mean - s.mean
	s.mean += d * theirs / (mine + theirs)
	s.m2 += o.m2 + d*d*mine*theirs/(mine+theirs)
	return d
}

func (m *moment) add(p, t, w float64) {
	if w == 0 {
		return
	}
	m.samples++
	m.weight += w
	d := m.predicted.add(p, w, m.weight)
	m.truth.add(t, w, m.weight)
	m.error.add(t-p, w, m.weight)
	m.both += w * d * (t - m.truth.mean)
	m.square += w * (t - p) * (t - p)
}

func (m *moment) merge(o *moment) {
	if o.weight == 0 {
		return
	}
	d := m.predicted.merge(o.predicted, m.weight, o.weight)
	e := m.truth.merge(o.truth, m.weight, o.weight)
	m.error.merge(o.error, m.weight, o.weight)
	m.both += o.both + d*e*m.weight*o.weight/(m.weight+o.weight)
	m.square += o.square
	m.samples += o.samples
	m.weight += o.weight
}

func (m *moment) numbers() [10]*float64 {
	return [...]*float64{&m.samples, &m.weight, &m.predicted.mean, &m.predicted.m2, &m.truth.mean, &m.truth.m2,
		&m.error.mean, &m.error.m2, &m.both, &m.square}
}

// moments is the meter of a function of the moments, the mean over the outputs.
type moments struct {
	op      string
	of      func(*moment) float64
	outputs []moment
}

func (m *moments) Add(prediction, target *dl.Tensor) { m.AddWeighted(prediction, target, nil) }

func (m *moments) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newPairs(m.op, prediction, target)
	w := newWeights(&p.scores, weight)
	if len(m.outputs) == 0 {
		m.outputs = make([]moment, p.cols)
	}
	if p.rows > 0 && p.cols != len(m.outputs) {
		dl.PanicShape(m.op, "the samples of all batches have the same number of outputs", prediction)
	}
	for i := range p.rows {
		for j := range p.cols {
			a, b := p.of(i, j)
			m.outputs[j].add(a, b, w.of(i))
		}
	}
}

func (m *moments) Value() float64 {
	sum := 0.0
	for i := range m.outputs {
		if m.outputs[i].weight == 0 {
			return math.NaN()
		}
		sum += m.of(&m.outputs[i])
	}
	return ratio(sum, float64(len(m.outputs)))
}

func (m *moments) Reset()   { m.outputs = nil }
func (m *moments) Borrows() {}

func (m *moments) State() (state []float64) {
	for i := range m.outputs {
		for _, p := range m.outputs[i].numbers() {
			state = append(state, *p)
		}
	}
	return state
}

func (m *moments) Merge(state []float64) error {
	n := len(state) / 10
	if len(state)%10 != 0 || n > 0 && len(m.outputs) > 0 && n != len(m.outputs) {
		return foreign(m.op, state)
	}
	if len(m.outputs) == 0 {
		m.outputs = make([]moment, n)
	}
	for i := range n {
		var o moment
		for j, p := range o.numbers() {
			*p = state[10*i+j]
		}
		m.outputs[i].merge(&o)
	}
	return nil
}
