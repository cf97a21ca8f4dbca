package metric

import (
	"strconv"

	"modelbook/dl"
)

// Accuracy is the share of samples whose most probable class is the true one.
type Accuracy struct{}

// Name is the name in tables and histories: see [Metric].
func (Accuracy) Name() string { return "accuracy" }

// Start begins a measurement: see [Metric].
func (Accuracy) Start() Meter { return &accuracy{share{op: "metric.Accuracy"}} }

// Direction says which values are better: see [Directed].
func (Accuracy) Direction() Direction { return LargerIsBetter }

// share is how many samples are hits, of how many; samples count by their weights.
type share struct {
	op          string
	hits, total float64
}

func (s *share) count(hit bool, w float64) {
	s.total += w
	if hit {
		s.hits += w
	}
}

func (s *share) Value() float64 { return ratio(s.hits, s.total) }
func (s *share) Reset()         { s.hits, s.total = 0, 0 }
func (s *share) Borrows()       {}

func (s *share) State() []float64 { return []float64{s.hits, s.total} }
func (s *share) Merge(state []float64) error {
	return mergeSums(s.op, state, &s.hits, &s.total)
}

type accuracy struct{ share }

func (a *accuracy) Add(prediction, target *dl.Tensor) { a.AddWeighted(prediction, target, nil) }

func (a *accuracy) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores("metric.Accuracy", prediction)
	t, w := newLabels(&p, target), newWeights(&p, weight)
	for i := range p.rows {
		a.count(p.class(i) == t.of(&p, i), w.of(i))
	}
}

// TopK is the share of samples whose true class is among the K most probable ones. K = 0 means 5, as in Keras. Of
// equally probable classes those with lower numbers come first.
type TopK struct{ K int }

// Name is the name in tables and histories: see [Metric].
func (k TopK) Name() string { return "top" + strconv.Itoa(k.k()) }

// Direction says which values are better: see [Directed].
func (k TopK) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (k TopK) Start() Meter {
	if k.K < 0 {
		dl.PanicValue("metric.TopK", "K is %d; it is a number of classes", k.K)
	}
	return &topK{share{op: "metric.TopK"}, k.k()}
}

func (k TopK) k() int {
	if k.K == 0 {
		return 5
	}
	return k.K
}

type topK struct {
	share
	k int
}

func (m *topK) Add(prediction, target *dl.Tensor) { m.AddWeighted(prediction, target, nil) }

func (m *topK) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores("metric.TopK", prediction)
	t, w := newLabels(&p, target), newWeights(&p, weight)
	if p.cols == 1 {
		dl.PanicShape("metric.TopK", "predictions are [N, classes]", prediction)
	}
	for i := range p.rows {
		m.total += w.of(i)
		row, class := p.row(i), t.of(&p, i)
		if argmax(row) == none {
			continue // NaN says nothing of any class
		}
		better := 0
		for j, v := range row {
			if v > row[class] || v == row[class] && j < class {
				better++
			}
		}
		if better < m.k {
			m.hits += w.of(i)
		}
	}
}
