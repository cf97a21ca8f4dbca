package metric

import (
	"math"

	"modelbook/dl"
)

// LogLoss is the mean of the negative logarithms of the probabilities of the true classes, in nats: the cross-entropy,
// as scikit-learn's log_loss of float32. Probabilities are kept 1.19e-7 away from 0 and 1. FromLogits says that the
// predictions are logits.
type LogLoss struct{ FromLogits bool }

// BrierScore is the mean squared distance of probabilities from what was true: for two classes in one column (p-y)²,
// from 0 to 1; for a column for each class the sum over the classes, from 0 to 2, as Brier defined it. FromLogits says
// that the predictions are logits.
type BrierScore struct{ FromLogits bool }

// Perplexity is e to the mean negative log-likelihood of the true tokens, of a language model: predictions [N, T,
// tokens], targets [N, T]; as many tokens would be equally probable. Places whose target is Ignore, padding, are left
// out. FromLogits says that the predictions are logits. Other than for [LogLoss], small probabilities are not cut off
// at 1e-7: a model that gives a true token none has an infinite perplexity.
type Perplexity struct {
	FromLogits bool
	Ignore     Class
}

// Name is the name in tables and histories: see [Metric].
func (LogLoss) Name() string { return "log_loss" }

// Name is the name in tables and histories: see [Metric].
func (BrierScore) Name() string { return "brier" }

// Name is the name in tables and histories: see [Metric].
func (Perplexity) Name() string { return "perplexity" }

// Direction says which values are better: see [Directed].
func (LogLoss) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (BrierScore) Direction() Direction { return SmallerIsBetter }

// Direction says which values are better: see [Directed].
func (Perplexity) Direction() Direction { return SmallerIsBetter }

// Start begins a measurement: see [Metric].
func (m LogLoss) Start() Meter {
	const least = 0x1p-23 // the distance of 1 from the next float32
	return &meanOf{op: "metric.LogLoss", logits: m.FromLogits, of: func(p []float64, class int) float64 {
		return -math.Log(min(max(p[class], least), 1-least))
	}}
}

// Start begins a measurement: see [Metric].
func (m BrierScore) Start() Meter {
	return &meanOf{op: "metric.BrierScore", logits: m.FromLogits, halves: true, of: func(p []float64, class int) float64 {
		sum := 0.0
		for j, v := range p {
			if j == class {
				v--
			}
			sum += v * v
		}
		return sum
	}}
}

// Start begins a measurement: see [Metric].
func (m Perplexity) Start() Meter {
	return &meanOf{op: "metric.Perplexity", logits: m.FromLogits, ignore: m.Ignore, after: math.Exp, logs: true,
		of: func(p []float64, class int) float64 { return -p[class] }}
}

// meanOf is the mean over samples of a function of the probabilities of the classes and the true one.
type meanOf struct {
	op     string
	of     func(p []float64, class int) float64
	after  func(float64) float64 // of the mean, or nil
	ignore Class
	logits bool
	halves bool // two classes in one column count half: the same difference is told twice
	logs   bool // logarithms of probabilities are asked for

	sum, total float64
	row        []float64
}

func (m *meanOf) Add(prediction, target *dl.Tensor) { m.AddWeighted(prediction, target, nil) }

func (m *meanOf) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores(m.op, prediction)
	t, w := newLabels(&p, target), newWeights(&p, weight)
	for i := range p.rows {
		if m.ignore.chosen && m.ignore.is(t.class(i)) {
			continue
		}
		class := t.of(&p, i)
		m.row = p.probabilities(m.row[:0], i, m.logits, m.logs)
		v := m.of(m.row, class)
		if m.halves && p.cols == 1 {
			v /= 2
		}
		m.sum += v * w.of(i)
		m.total += w.of(i)
	}
}

// probabilities appends the probabilities of the classes of sample i, of two for one column, or their logarithms.
func (s *scores) probabilities(to []float64, i int, logits, logs bool) []float64 {
	row := s.row(i)
	if s.cols == 1 {
		v := float64(row[0])
		switch {
		case logits && logs:
			return append(to, -softplus(v), -softplus(-v))
		case logits:
			return append(to, 1/(1+math.Exp(v)), 1/(1+math.Exp(-v)))
		case v < 0 || v > 1:
			s.notProbability(row[0], i)
		}
		to = append(to, 1-v, v)
	} else if logits {
		top := math.Inf(-1)
		for _, v := range row {
			top = max(top, float64(v))
		}
		sum := 0.0
		for _, v := range row {
			sum += math.Exp(float64(v) - top)
		}
		log := top + math.Log(sum)
		for _, v := range row {
			if logs {
				to = append(to, float64(v)-log)
			} else {
				to = append(to, math.Exp(float64(v)-log))
			}
		}
		return to
	} else {
		for _, v := range row {
			if v < 0 || v > 1 {
				s.notProbability(v, i)
			}
			to = append(to, float64(v))
		}
	}
	if logs {
		for j, v := range to {
			to[j] = math.Log(v)
		}
	}
	return to
}

// softplus is log(1+e^x).
func softplus(x float64) float64 { return max(x, 0) + math.Log1p(math.Exp(-math.Abs(x))) }

func (s *scores) notProbability(v float32, i int) {
	dl.PanicValue(s.op, "the score %v of sample %d is not a probability; end the model in nn.Softmax or nn.Sigmoid, or set "+
		"FromLogits", v, i)
}

func (m *meanOf) Value() float64 {
	v := ratio(m.sum, m.total)
	if m.after != nil {
		v = m.after(v)
	}
	return v
}

func (m *meanOf) Reset()           { m.sum, m.total = 0, 0 }
func (m *meanOf) Borrows()         {}
func (m *meanOf) State() []float64 { return []float64{m.sum, m.total} }
func (m *meanOf) Merge(state []float64) error {
	return mergeSums(m.op, state, &m.sum, &m.total)
}
