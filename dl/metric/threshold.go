package metric

import "modelbook/dl"

// Threshold is a metric of two classes, or of labels, whose predictions are not probabilities: a score above At means class 1. At is
// 0 for logits; for outputs of a regression to 0 and 1 it is 0.5.
type Threshold struct {
	At     float64
	Metric Metric // what is measured then, such as Accuracy{}
}

// Name is the name in tables and histories: see [Metric].
func (t Threshold) Name() string { return inner("metric.Threshold", t.Metric).Name() }

// Direction says which values are better: see [Directed].
func (t Threshold) Direction() Direction { return DirectionOf(t.Metric) }

// Start begins a measurement: see [Metric].
func (t Threshold) Start() Meter {
	if t.At != t.At {
		dl.PanicValue("metric.Threshold", "At is NaN; it is the score above which a sample is of class 1")
	}
	return &threshold{Meter: inner("metric.Threshold", t.Metric).Start(), at: t.At}
}

type threshold struct {
	Meter
	at      float64
	decided []float32
}

func (t *threshold) Add(prediction, target *dl.Tensor) { t.AddWeighted(prediction, target, nil) }

func (t *threshold) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores("metric.Threshold", prediction)
	if p.cols != 1 && !ofLabels(t.Meter) {
		dl.PanicShape("metric.Threshold", "predictions are [N, 1] or [N], unless the metric is one of labels", prediction)
	}
	t.decided = t.decided[:0]
	for _, v := range p.values {
		switch {
		case float64(v) > t.at:
			v = 1
		case v == v: // NaN stays
			v = 0
		}
		t.decided = append(t.decided, v)
	}
	decided := dl.Of(t.decided, prediction.Shape()...)
	if weight == nil {
		t.Meter.Add(decided, target)
		return
	}
	weigher("metric.Threshold", t.Meter).AddWeighted(decided, target, weight)
}

func (t *threshold) Borrows() {}

// ofLabels says whether a meter decides for each of several labels.
func ofLabels(m Meter) bool {
	switch m := m.(type) {
	case *tally:
		return m.multiLabel
	case *wrong:
		return m.labels
	case *exact:
		return true
	}
	return false
}

func (t *threshold) State() []float64 { return merger("metric.Threshold", t.Meter).State() }

func (t *threshold) Merge(state []float64) error {
	return merger("metric.Threshold", t.Meter).Merge(state)
}

func merger(op string, m Meter) Merger {
	merger, ok := m.(Merger)
	if !ok {
		dl.PanicValue(op, "a %T cannot be merged with others: give it the methods State and Merge, see metric.Merger", m)
	}
	return merger
}
