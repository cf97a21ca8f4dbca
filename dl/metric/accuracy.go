package metric

import (
	"strconv"

	"modelbook/dl"
)

// Accuracy is the share of samples whose most probable class is the true one.
type Accuracy struct{}

func (Accuracy) Name() string { return "accuracy" }
func (Accuracy) Start() Meter { return &accuracy{} }

// share is a count of hits among samples.
type share struct{ hits, total int }

func (s *share) Value() float64 { return ratio(s.hits, s.total) }
func (s *share) Reset()         { *s = share{} }

type accuracy struct{ share }

func (a *accuracy) Add(prediction, target *dl.Tensor) {
	p, t := newScores("metric.Accuracy", prediction), newLabels("metric.Accuracy", target)
	p.mustMatch(t)
	a.total += p.rows
	for i := range p.rows {
		if p.class(i) == t.class(i) {
			a.hits++
		}
	}
}

// TopK is the share of samples whose true class is among the K most probable ones. K = 0 means 5, as in Keras. Of
// equally probable classes those with lower numbers come first.
type TopK struct{ K int }

func (k TopK) Name() string { return "top" + strconv.Itoa(k.k()) }
func (k TopK) Start() Meter { return &topK{k: k.k()} }

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

func (m *topK) Add(prediction, target *dl.Tensor) {
	p, t := newScores("metric.TopK", prediction), newLabels("metric.TopK", target)
	p.mustMatch(t)
	m.total += p.rows
	for i := range p.rows {
		row, class := p.row(i), t.class(i)
		if class < 0 || class >= len(row) {
			continue // a class without a score is never found
		}
		better := 0
		for j, v := range row {
			if v > row[class] || v == row[class] && j < class {
				better++
			}
		}
		if better < m.k {
			m.hits++
		}
	}
}
