package metric

import (
	"fmt"
	"math"
	"strconv"

	"modelbook/dl"
)

// Precision is the share of right ones among the samples predicted as a class: for two classes that of class 1, for
// more the mean over the classes that occur in targets or predictions (macro), unless Class picks one. The precision of
// a class that was never predicted is NaN, and counts as 0 in the mean if the class has samples, as in scikit-learn
// (which gives 0 with a warning for a single class).
type Precision struct{ Class Class }

// Recall is the share of a class's samples that were found: for two classes that of class 1, for more the mean over
// the classes that occur in targets or predictions (macro), unless Class picks one. The recall of a class without
// samples is NaN, and counts as 0 in the mean if the class was predicted, as in scikit-learn (which gives 0 with a
// warning for a single class).
type Recall struct{ Class Class }

// F1 is the harmonic mean of precision and recall: for two classes that of class 1, for more the mean over the
// classes that occur in targets or predictions (macro, as scikit-learn's f1_score(average="macro")), unless Class
// picks one. The F1 of a class that occurs in neither is NaN.
type F1 struct{ Class Class }

// Class picks the class a measure is about. The zero value leaves the choice to the measure; Only(3) is class 3.
type Class struct {
	number int
	chosen bool
}

// Only picks class i.
func Only(i int) Class {
	if i < 0 {
		dl.PanicValue("metric.Only", "there is no class %d; they are numbered from 0", i)
	}
	return Class{i, true}
}

// MarshalText writes the number of the class, "" when none is chosen.
func (c Class) MarshalText() ([]byte, error) {
	if !c.chosen {
		return []byte{}, nil
	}
	return strconv.AppendInt(nil, int64(c.number), 10), nil
}

// UnmarshalText reads what MarshalText wrote.
func (c *Class) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*c = Class{}
		return nil
	}
	n, err := strconv.ParseUint(string(text), 10, 31)
	if err != nil {
		return fmt.Errorf("metric: %.40q is no number of a class", text)
	}
	*c = Only(int(n))
	return nil
}

func (c Class) suffix() string {
	if c.chosen {
		return "_" + strconv.Itoa(c.number)
	}
	return ""
}

// Name is the name in tables and histories: see [Metric].
func (m Precision) Name() string { return "precision" + m.Class.suffix() }

// Name is the name in tables and histories: see [Metric].
func (m Recall) Name() string { return "recall" + m.Class.suffix() }

// Name is the name in tables and histories: see [Metric].
func (m F1) Name() string { return "f1" + m.Class.suffix() }

// Direction says which values are better: see [Directed].
func (m Precision) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m Recall) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m F1) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (m Precision) Start() Meter { return &tally{of: (*tally).precision, class: m.Class} }

// Start begins a measurement: see [Metric].
func (m Recall) Start() Meter { return &tally{of: (*tally).recall, class: m.Class} }

// Start begins a measurement: see [Metric].
func (m F1) Start() Meter { return &tally{of: (*tally).f1, class: m.Class} }

// tally counts, by class, hits, samples and predictions: all that precision, recall and F1 need.
type tally struct {
	of                       func(t *tally, class int) float64
	class                    Class
	hits, support, predicted []float64
}

func (t *tally) Add(prediction, target *dl.Tensor) { t.AddWeighted(prediction, target, nil) }

func (t *tally) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores("metric", prediction)
	l, w := newLabels(&p, target), newWeights(&p, weight)
	t.grow(p.classes())
	for i := range p.rows {
		truth, guess := l.of(&p, i), p.class(i)
		t.support[truth] += w.of(i)
		if guess == none {
			continue
		}
		t.predicted[guess] += w.of(i)
		if truth == guess {
			t.hits[truth] += w.of(i)
		}
	}
}

func (t *tally) Borrows() {}

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
		return math.NaN()
	case n == 2:
		return t.of(t, 1)
	}
	sum, occur := 0.0, 0
	for i := range n {
		if t.support[i]+t.predicted[i] > 0 {
			if v := t.of(t, i); v == v {
				sum += v
			}
			occur++
		}
	}
	return ratio(sum, float64(occur))
}

func (t *tally) Reset() {
	clear(t.hits)
	clear(t.support)
	clear(t.predicted)
}
