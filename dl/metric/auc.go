package metric

import (
	"math"

	"modelbook/dl"
)

// ROCAUC is the area under the [ROCCurve]: the probability that a positive sample has a larger score than a negative one,
// ties counting half. Scores may be logits, as only their order matters. Of two classes class 1 is the positive one. Of
// more, each class is told from all others (one-vs-rest), and Average says how their values become one; with OneVsOne
// each class is told from each other one, among the samples of the two (Hand and Till), and the pairs are averaged, with
// BySupport by their samples. Class picks one class.
//
// A class has no value (NaN) when no sample, or each one, is of it; means leave it out, where scikit-learn's value is
// NaN or an error. A score of NaN makes the value NaN. With MultiLabel targets are 0 or 1 for each label.
//
// All scores of a pass are kept: about 4 bytes for each, and 4 for each sample.
type ROCAUC struct {
	Class      Class
	Average    Average
	OneVsOne   bool
	MultiLabel bool
}

// AveragePrecision is the area under the precision-recall curve (PR-AUC) as scikit-learn's average_precision_score
// counts it: see [PRCurve]. Which class is the positive one, and how several become one value, is as for [ROCAUC]; a
// class without samples has none, where scikit-learn says 0 with a warning.
type AveragePrecision struct {
	Class      Class
	Average    Average
	MultiLabel bool
}

// Name is the name in tables and histories: see [Metric].
func (m ROCAUC) Name() string {
	name := "roc_auc"
	if m.OneVsOne {
		name += "_ovo"
	}
	return name + m.Average.suffix() + m.Class.suffix()
}

// Name is the name in tables and histories: see [Metric].
func (m AveragePrecision) Name() string {
	return "average_precision" + m.Average.suffix() + m.Class.suffix()
}

// Direction says which values are better: see [Directed].
func (m ROCAUC) Direction() Direction { return LargerIsBetter }

// Direction says which values are better: see [Directed].
func (m AveragePrecision) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (m ROCAUC) Start() Meter { return m.start() }

func (m ROCAUC) start() *areas {
	const op = "metric.ROCAUC"
	checkAreas(op, m.Class, m.Average)
	if m.OneVsOne && (m.MultiLabel || m.Class.chosen || m.Average == Micro) {
		dl.PanicValue(op, "OneVsOne is the mean over all pairs of classes: it has no MultiLabel, Class or Micro")
	}
	a := &areas{kept: kept{op: op, multiLabel: m.MultiLabel}, class: m.Class, average: m.Average,
		of: func(list []sample) float64 { return rocCurve(list).AUC() }}
	if m.OneVsOne {
		a.all = (*areas).pairs
	}
	return a
}

// Start begins a measurement: see [Metric].
func (m AveragePrecision) Start() Meter { return m.start() }

func (m AveragePrecision) start() *areas {
	const op = "metric.AveragePrecision"
	checkAreas(op, m.Class, m.Average)
	return &areas{kept: kept{op: op, multiLabel: m.MultiLabel}, class: m.Class, average: m.Average,
		of: func(list []sample) float64 { return prCurve(list).AveragePrecision() }}
}

func checkAreas(op string, class Class, average Average) {
	if average == BySample {
		dl.PanicValue(op, "BySample is of measures that count single decisions, such as F1; here give Macro, Micro or BySupport")
	}
	average.check(op, false)
	if class.chosen && average != Usual {
		dl.PanicValue(op, "Class picks one class, Average is over all of them: give one of the two")
	}
}

// Curve is the curve of all predictions for the positive class, which must be picked by Class when there are more than
// two. It panics with a *dl.ValueError when a score is NaN.
func (m ROCAUC) Curve(prediction, target *dl.Tensor) *ROCCurve {
	a := m.start()
	a.Add(prediction, target)
	return rocCurve(a.positive())
}

// Curve is the curve of all predictions for the positive class, which must be picked by Class when there are more than
// two. It panics with a *dl.ValueError when a score is NaN.
func (m AveragePrecision) Curve(prediction, target *dl.Tensor) *PRCurve {
	a := m.start()
	a.Add(prediction, target)
	return prCurve(a.positive())
}

// areas is the meter of an area under a curve.
type areas struct {
	kept
	class   Class
	average Average
	of      func(list []sample) float64
	all     func(*areas) float64 // in place of the mean over classes, or nil
}

// positive are the samples as the one class sees them that a curve is of.
func (a *areas) positive() []sample {
	class := a.class.number
	switch n := a.classes(); {
	case a.nan:
		dl.PanicValue(a.op, "a score is NaN: there is no order in which it has a place")
	case a.class.chosen && class >= n:
		dl.PanicValue(a.op, "there is no class %d in predictions of %d classes", class, n)
	case !a.class.chosen && (n > 2 || a.multiLabel && n > 1):
		dl.PanicValue(a.op, "a curve is of one class: pick one of the %d with Class", n)
	case !a.class.chosen:
		class = n - 1
	}
	return a.samples(class)
}

// ByClass are the values of the classes: see [PerClass].
func (a *areas) ByClass() []float64 {
	values := make([]float64, a.classes())
	for i := range values {
		values[i] = a.of(a.samples(i))
		if a.nan {
			values[i] = math.NaN()
		}
	}
	return values
}

func (a *areas) Value() float64 {
	switch n := a.classes(); {
	case a.rows() == 0, a.nan, a.class.chosen && a.class.number >= n:
		return math.NaN()
	case a.class.chosen:
		return a.of(a.samples(a.class.number))
	case n == 2 && !a.multiLabel && a.average == Usual && a.all == nil:
		return a.of(a.samples(1))
	case a.all != nil:
		return a.all(a)
	case a.average == Micro:
		return a.of(a.pooled())
	}
	sum, count := 0.0, 0.0
	for class, v := range a.ByClass() {
		if v != v {
			continue
		}
		w := 1.0
		if a.average == BySupport {
			w = a.support(class)
		}
		sum, count = sum+w*v, count+w
	}
	return ratio(sum, count)
}

// pairs is the mean over all pairs of classes.
func (a *areas) pairs() float64 {
	sum, count := 0.0, 0.0
	for one := range a.classes() {
		for other := range one {
			var first, second []sample
			for i := range a.rows() {
				if a.is(i, one) || a.is(i, other) {
					first = append(first, sample{a.score(i, one), a.is(i, one), a.weight(i)})
					second = append(second, sample{a.score(i, other), a.is(i, other), a.weight(i)})
				}
			}
			w := 1.0
			if a.average == BySupport {
				w = a.support(one) + a.support(other)
			}
			if v := (a.of(first) + a.of(second)) / 2; v == v {
				sum, count = sum+w*v, count+w
			}
		}
	}
	return ratio(sum, count)
}
