package metric

import (
	"math"

	"modelbook/dl"
)

// Start begins a measurement: see [Metric].
func (MaxError) Start() Meter { return &maxError{} }

// maxError is the largest error; NaN is larger than all.
type maxError struct {
	seen bool
	most float64
}

func (m *maxError) Add(prediction, target *dl.Tensor) { m.AddWeighted(prediction, target, nil) }

func (m *maxError) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newPairs("metric.MaxError", prediction, target)
	w := newWeights(&p.scores, weight)
	for i := range p.rows {
		if w.of(i) == 0 {
			continue
		}
		for j := range p.cols {
			a, b := p.of(i, j)
			m.seen, m.most = true, max(m.most, math.Abs(a-b))
		}
	}
}

func (m *maxError) Value() float64 {
	if !m.seen {
		return math.NaN()
	}
	return m.most
}

func (m *maxError) Reset()   { *m = maxError{} }
func (m *maxError) Borrows() {}

func (m *maxError) State() []float64 {
	if !m.seen {
		return []float64{}
	}
	return []float64{m.most}
}

func (m *maxError) Merge(state []float64) error {
	if len(state) > 1 {
		return foreign("metric.MaxError", state)
	}
	for _, e := range state {
		m.seen, m.most = true, max(m.most, e)
	}
	return nil
}
