package metric

import (
	"strconv"

	"modelbook/dl"
)

// Precision is the share of right ones among the samples predicted as a class: for two classes that of class 1, for
// more the mean over the classes that occur in targets or predictions (macro), unless Class picks one or Average says
// otherwise. The precision of a class that was never predicted is NaN, and counts as 0 in the mean if the class has
// samples, as in scikit-learn (which gives 0 with a warning for a single class).
//
// With MultiLabel each sample has any of several labels: predictions are probabilities [N, labels], targets 0 or 1 in
// the same shape.
type Precision struct {
	Class      Class
	Average    Average `since:"2"`
	MultiLabel bool    `since:"2"`
}

// Recall is the share of a class's samples that were found: for two classes that of class 1, for more the mean over
// the classes that occur in targets or predictions (macro), unless Class picks one or Average says otherwise. The
// recall of a class without samples is NaN, and counts as 0 in the mean if the class was predicted, as in scikit-learn
// (which gives 0 with a warning for a single class). MultiLabel is as for [Precision]. Another name is sensitivity.
type Recall struct {
	Class      Class
	Average    Average `since:"2"`
	MultiLabel bool    `since:"2"`
}

// F1 is the harmonic mean of precision and recall: for two classes that of class 1, for more the mean over the
// classes that occur in targets or predictions (macro, as scikit-learn's f1_score(average="macro")), unless Class
// picks one or Average says otherwise. The F1 of a class that occurs in neither is NaN. MultiLabel is as for
// [Precision].
type F1 struct {
	Class      Class
	Average    Average `since:"2"`
	MultiLabel bool    `since:"2"`
}

// FBeta is the weighted harmonic mean of precision and recall, in which recall counts Beta times as much: [F1] is that
// of Beta 1. Beta 0 means 2, for which recall is the more important; for 0.5 precision is. All else is as for [F1].
type FBeta struct {
	Beta       float64
	Class      Class
	Average    Average
	MultiLabel bool
}

// Name is the name in tables and histories: see [Metric].
func (m Precision) Name() string { return "precision" + m.Average.suffix() + m.Class.suffix() }

// Name is the name in tables and histories: see [Metric].
func (m Recall) Name() string { return "recall" + m.Average.suffix() + m.Class.suffix() }

// Name is the name in tables and histories: see [Metric].
func (m F1) Name() string { return "f1" + m.Average.suffix() + m.Class.suffix() }

// Name is the name in tables and histories: see [Metric].
func (m FBeta) Name() string {
	return "f" + strconv.FormatFloat(m.beta(), 'g', 4, 64) + m.Average.suffix() + m.Class.suffix()
}

func (m FBeta) beta() float64 {
	if m.Beta == 0 {
		return 2
	}
	return m.Beta
}

// Direction says which values are better: see [Directed].
func (m Precision) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m Recall) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m F1) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m FBeta) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (m Precision) Start() Meter {
	return newTally("metric.Precision", precision, m.Class, m.Average, m.MultiLabel)
}

// Start begins a measurement: see [Metric].
func (m Recall) Start() Meter {
	return newTally("metric.Recall", recall, m.Class, m.Average, m.MultiLabel)
}

// Start begins a measurement: see [Metric].
func (m F1) Start() Meter { return newTally("metric.F1", fBeta(1), m.Class, m.Average, m.MultiLabel) }

// Start begins a measurement: see [Metric].
func (m FBeta) Start() Meter {
	if !(m.Beta >= 0) {
		dl.PanicValue("metric.FBeta", "Beta is %v; it says how many times as much recall counts as precision", m.Beta)
	}
	return newTally("metric.FBeta", fBeta(m.beta()), m.Class, m.Average, m.MultiLabel)
}
