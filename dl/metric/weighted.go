package metric

import "modelbook/dl"

// Weighted is a metric whose samples count as their weights say, as Keras's weighted_metrics do: the weights are those
// of the batches, where a dataset has a field of role data.Weight. The metric by itself counts all samples alike, so
// that a history can have both.
type Weighted struct{ Metric Metric }

// Name is the name in tables and histories: see [Metric].
func (w Weighted) Name() string { return "weighted_" + inner("metric.Weighted", w.Metric).Name() }

// Direction says which values are better: see [Directed].
func (w Weighted) Direction() Direction { return DirectionOf(w.Metric) }

// Start panics with a *dl.ValueError when the metric's meter takes no weights.
func (w Weighted) Start() Meter {
	return weigher("metric.Weighted", inner("metric.Weighted", w.Metric).Start())
}

func weigher(op string, m Meter) Weigher {
	w, ok := m.(Weigher)
	if !ok {
		dl.PanicValue(op, "a %T takes no weights: give it a method AddWeighted, see metric.Weigher", m)
	}
	return w
}

// weights are how much each row of scores counts.
type weights struct {
	values []float32 // nil: all count 1
	each   int       // rows for one value
}

func newWeights(s *scores, t *dl.Tensor) weights {
	if t == nil {
		return weights{}
	}
	n := t.Size()
	if n == 0 || n != s.rows && (n != s.t.Dim(0) || s.rows%n != 0) {
		if n != s.rows {
			dl.PanicShape(s.op, "a weight for each sample or for each of its places is needed", s.t, t)
		}
		return weights{}
	}
	return weights{t.To(dl.Float32).Contiguous().Float32s(), s.rows / n}
}

func (w *weights) of(i int) float64 {
	if w.values == nil {
		return 1
	}
	return float64(w.values[i/w.each])
}
