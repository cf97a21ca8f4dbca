package metric

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// none is the predicted class of a sample whose scores are NaN: it is no class, and never the true one.
const none = -1

// scores reads predictions row by row without copying them.
type scores struct {
	op         string
	t          *dl.Tensor
	values     []float32
	rows, cols int
}

func newScores(op string, t *dl.Tensor) scores {
	if t.Rank() == 0 {
		dl.PanicShape(op, "predictions are [N, classes], [N, ..., classes] or [N]", t)
	}
	given := t
	if t.DType() != dl.Float32 {
		t = t.To(dl.Float32)
	}
	s := scores{op: op, t: given, values: t.Contiguous().Float32s(), cols: 1}
	if t.Rank() > 1 {
		s.cols = t.Dim(-1)
	}
	s.rows = len(s.values) / max(s.cols, 1)
	return s
}

// row is the scores of sample i.
func (s *scores) row(i int) []float32 { return s.values[i*s.cols : (i+1)*s.cols] }

// classes is the number of classes that the scores tell apart.
func (s *scores) classes() int { return max(s.cols, 2) }

// class is the predicted class of sample i: the first column with the largest score; for one column, a probability,
// 1 above one half; none where a score is NaN.
func (s *scores) class(i int) int {
	row := s.row(i)
	if s.cols != 1 {
		return argmax(row)
	}
	switch p := row[0]; {
	case p != p:
		return none
	case p < 0 || p > 1:
		dl.PanicValue(s.op, "the score %v of sample %d is not a probability; end the model in nn.Sigmoid, or use "+
			"metric.Threshold to say above which score a sample is of class 1 (0 for logits)", p, i)
	case p > 0.5:
		return 1
	}
	return 0
}

// argmax is the place of the first of the largest values, none when one is NaN.
func argmax(row []float32) int {
	best := 0
	for j, v := range row {
		if v != v {
			return none
		}
		if v > row[best] {
			best = j
		}
	}
	return best
}

// labels reads targets: class numbers of any type, or one-hot rows. They mean the same in every type.
type labels struct {
	op     string
	t      *dl.Tensor
	rows   int
	cols   int  // of one-hot rows, else 1
	shares bool // targets between 0 and 1 are probabilities of class 1
	ints   []int32
	wide   []int64
	floats []float32
}

// newLabels reads the targets of predictions.
func newLabels(s *scores, t *dl.Tensor) labels {
	l := labels{op: s.op, t: t, rows: s.rows, cols: 1, shares: s.cols == 1}
	if t.Rank() == 0 || t.Dim(0) != s.t.Dim(0) {
		dl.PanicShape(s.op, "predictions and targets differ in their number of samples", s.t, t)
	}
	if t.Size() != s.rows {
		if !t.Shape().Equal(s.t.Shape()) {
			dl.PanicShape(s.op, "targets are a class number for each prediction, or one-hot rows as wide as the predictions", s.t, t)
		}
		l.cols = s.cols
	}
	l.read()
	if l.cols > 1 {
		l.single()
	}
	return l
}

// single refuses rows that name several classes: only one of them would be looked at.
func (l *labels) single() {
	for i := range l.rows {
		sum := float32(0)
		for _, v := range l.floats[i*l.cols : (i+1)*l.cols] {
			sum += v
		}
		if sum > 1.5 {
			dl.PanicValue(l.op, "the targets of sample %d add up to %v: a sample is of one class here; of several labels there are metrics with MultiLabel, such as "+
				"metric.Hamming{MultiLabel: true}, which is 1 minus Keras's BinaryAccuracy", i, sum)
		}
	}
}

func (l *labels) read() {
	switch t := l.t; {
	case l.cols != 1:
		l.floats = t.To(dl.Float32).Contiguous().Float32s()
	case t.DType() == dl.Int32:
		l.ints = t.Contiguous().Int32s()
	case t.DType().IsFloat():
		l.floats = t.To(dl.Float32).Contiguous().Float32s()
	default:
		l.wide = t.To(dl.Int64).Contiguous().Int64s()
	}
}

// class is the true class of sample i.
func (l *labels) class(i int) int {
	switch {
	case l.ints != nil:
		return int(l.ints[i])
	case l.wide != nil:
		return int(l.wide[i])
	case l.cols != 1:
		return argmax(l.floats[i*l.cols : (i+1)*l.cols])
	}
	v := float64(l.floats[i])
	if v == math.Trunc(v) && math.Abs(v) < 1<<53 {
		return int(v)
	}
	if l.shares && v > 0 && v < 1 {
		return int(math.Round(v)) // a probability of class 1
	}
	dl.PanicValue(l.op, "the target %v of sample %d is not a class number", l.floats[i], i)
	return none
}

// of is the true class of sample i, which must be one that the predictions tell apart.
func (l *labels) of(s *scores, i int) int {
	class := l.class(i)
	if class < 0 || class >= s.classes() {
		dl.PanicShape(l.op, fmt.Sprintf("sample %d has class %d, predictions are of %d classes", i, class, s.classes()), s.t, l.t)
	}
	return class
}

// PredictedClasses returns the predicted class of every sample; -1 where the model predicts NaN.
func PredictedClasses(prediction *dl.Tensor) []int {
	p := newScores("metric.PredictedClasses", prediction)
	classes := make([]int, p.rows)
	for i := range classes {
		classes[i] = p.class(i)
	}
	return classes
}

// TrueClasses returns the class of every target: class numbers [N], or one-hot rows [N, classes].
func TrueClasses(target *dl.Tensor) []int {
	l := labels{op: "metric.TrueClasses", t: target, cols: 1, shares: true}
	if target.Rank() == 0 {
		dl.PanicShape(l.op, "targets are class numbers [N] or one-hot rows [N, classes]", target)
	}
	if target.Rank() > 1 {
		l.cols = target.Dim(-1)
	}
	l.rows = target.Size() / max(l.cols, 1)
	l.read()
	classes := make([]int, l.rows)
	for i := range classes {
		classes[i] = l.class(i)
	}
	return classes
}
