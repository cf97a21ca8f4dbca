package metric

import (
	"fmt"
	"strconv"

	"modelbook/dl"
)

// Precision is the share of right ones among the samples predicted as a class: for two classes that of class 1, for
// more the mean over the classes (macro), unless Class picks one.
type Precision struct{ Class Class }

// Recall is the share of a class's samples that were found: for two classes that of class 1, for more the mean over
// the classes (macro), unless Class picks one.
type Recall struct{ Class Class }

// F1 is the harmonic mean of precision and recall: for two classes that of class 1, for more the mean over the
// classes (macro, as scikit-learn's f1_score(average="macro")), unless Class picks one.
type F1 struct{ Class Class }

// Class picks the class a measure is about. The zero value leaves the choice to the measure; Only(3) is class 3.
type Class struct {
	number int
	chosen bool
}

// Only picks class i.
func Only(i int) Class { return Class{i, true} }

func (c Class) suffix() string {
	if c.chosen {
		return "_" + strconv.Itoa(c.number)
	}
	return ""
}

func (m Precision) Name() string { return "precision" + m.Class.suffix() }
func (m Recall) Name() string    { return "recall" + m.Class.suffix() }
func (m F1) Name() string        { return "f1" + m.Class.suffix() }

func (m Precision) Start() Meter { return &tally{of: (*tally).precision, class: m.Class} }
func (m Recall) Start() Meter    { return &tally{of: (*tally).recall, class: m.Class} }
func (m F1) Start() Meter        { return &tally{of: (*tally).f1, class: m.Class} }

// tally counts, by class, hits, samples and predictions: all that precision, recall and F1 need.
type tally struct {
	of                       func(t *tally, class int) float64
	class                    Class
	hits, support, predicted []int
}

func (t *tally) Add(prediction, target *dl.Tensor) {
	p, l := newScores("metric", prediction), newLabels("metric", target)
	p.mustMatch(l)
	classes := max(p.cols, 2)
	for i := range p.rows {
		truth, guess := l.class(i), p.class(i)
		if truth < 0 || truth >= classes {
			panic(&dl.ShapeError{Op: "metric", Shapes: []dl.Shape{p.t.Shape(), l.t.Shape()},
				Detail: fmt.Sprintf("sample %d has class %d, predictions are of %d classes", i, truth, classes)})
		}
		t.grow(classes)
		t.support[truth]++
		t.predicted[guess]++
		if truth == guess {
			t.hits[truth]++
		}
	}
}

func (t *tally) grow(n int) {
	for len(t.hits) < n {
		t.hits, t.support, t.predicted = append(t.hits, 0), append(t.support, 0), append(t.predicted, 0)
	}
}

func (t *tally) precision(i int) float64 { return ratio(t.hits[i], t.predicted[i]) }
func (t *tally) recall(i int) float64    { return ratio(t.hits[i], t.support[i]) }
func (t *tally) f1(i int) float64        { return ratio(2*t.hits[i], t.support[i]+t.predicted[i]) }

func (t *tally) Value() float64 {
	n := len(t.hits)
	switch {
	case t.class.chosen && t.class.number < n:
		return t.of(t, t.class.number)
	case n == 0 || t.class.chosen:
		return 0
	case n == 2:
		return t.of(t, 1)
	}
	sum := 0.0
	for i := range n {
		sum += t.of(t, i)
	}
	return sum / float64(n)
}

func (t *tally) Reset() {
	clear(t.hits)
	clear(t.support)
	clear(t.predicted)
}
