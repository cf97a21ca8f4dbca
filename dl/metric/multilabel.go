package metric

import (
	"modelbook/dl"
)

// newMarks reads the targets of samples that have any of several labels: 0 or 1 for each label of each sample, in the
// shape of the predictions.
func newMarks(s *scores, target *dl.Tensor) []float32 {
	if s.t.Rank() < 2 || !target.Shape().Equal(s.t.Shape()) {
		dl.PanicShape(s.op, "with MultiLabel, predictions are [N, labels], and targets 0 or 1 in the same shape", s.t, target)
	}
	marks := target.To(dl.Float32).Contiguous().Float32s()
	for i, v := range marks {
		if v != 0 && v != 1 {
			dl.PanicValue(s.op, "the target %v of sample %d, label %d is neither 0 nor 1", v, i/s.cols, i%s.cols)
		}
	}
	return marks
}

// mark says whether label j is predicted for sample i, by a probability above one half; none for NaN.
func (s *scores) mark(i, j int) int {
	switch p := s.values[i*s.cols+j]; {
	case p != p:
		return none
	case p < 0 || p > 1:
		dl.PanicValue(s.op, "the score %v of sample %d, label %d is not a probability; end the model in nn.Sigmoid, or use "+
			"metric.Threshold to say above which score a label is meant (0 for logits)", p, i, j)
	case p > 0.5:
		return 1
	}
	return 0
}

// Hamming is the share of labels that are predicted wrongly, scikit-learn's hamming_loss: with MultiLabel of all labels
// of all samples (1 minus Keras's BinaryAccuracy), else of the samples.
type Hamming struct{ MultiLabel bool }

// Name is the name in tables and histories: see [Metric].
func (Hamming) Name() string { return "hamming" }

// Direction says which values are better: see [Directed].
func (Hamming) Direction() Direction { return SmallerIsBetter }

// Start begins a measurement: see [Metric].
func (m Hamming) Start() Meter {
	return &wrong{share: share{op: "metric.Hamming"}, labels: m.MultiLabel}
}

// ExactMatch is the share of samples all of whose labels are right: scikit-learn's accuracy_score of labels, its subset
// accuracy. Predictions are probabilities [N, labels], targets 0 or 1 in the same shape.
type ExactMatch struct{}

// Name is the name in tables and histories: see [Metric].
func (ExactMatch) Name() string { return "exact_match" }

// Direction says which values are better: see [Directed].
func (ExactMatch) Direction() Direction { return LargerIsBetter }

// Start begins a measurement: see [Metric].
func (ExactMatch) Start() Meter { return &exact{share{op: "metric.ExactMatch"}} }

type wrong struct {
	share
	labels bool
}

func (m *wrong) Add(prediction, target *dl.Tensor) { m.AddWeighted(prediction, target, nil) }

func (m *wrong) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores(m.op, prediction)
	w := newWeights(&p, weight)
	if m.labels {
		for k, truth := range newMarks(&p, target) {
			i, j := k/p.cols, k%p.cols
			m.count(p.mark(i, j) != int(truth), w.of(i))
		}
		return
	}
	t := newLabels(&p, target)
	for i := range p.rows {
		m.count(p.class(i) != t.of(&p, i), w.of(i))
	}
}

type exact struct{ share }

func (m *exact) Add(prediction, target *dl.Tensor) { m.AddWeighted(prediction, target, nil) }

func (m *exact) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores(m.op, prediction)
	marks, w := newMarks(&p, target), newWeights(&p, weight)
	for i := range p.rows {
		right := true
		for j := range p.cols {
			right = right && p.mark(i, j) == int(marks[i*p.cols+j])
		}
		m.count(right, w.of(i))
	}
}
