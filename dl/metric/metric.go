package metric

import (
	"fmt"

	"modelbook/dl"
)

// Value is a measured number with its name, such as {"accuracy", 0.98}.
type Value struct {
	Name  string
	Value float64
}

func (v Value) String() string { return fmt.Sprintf("%s %.4f", v.Name, v.Value) }

// Metric describes a measure. Its value is larger for better predictions, unless its name ends in "loss" or "error".
type Metric interface {
	Name() string
	Start() Meter
}

// Meter is the running value of one pass over the data. Add takes a batch; Value is the measure of all batches since
// the last Reset.
type Meter interface {
	Add(prediction, target *dl.Tensor)
	Value() float64
	Reset()
}

// scores reads predictions row by row without copying them.
type scores struct {
	op         string
	t          *dl.Tensor
	values     []float32
	rows, cols int
}

func newScores(op string, t *dl.Tensor) scores {
	if t.DType() != dl.Float32 {
		t = t.To(dl.Float32)
	}
	s := scores{op: op, t: t, values: t.Float32s()}
	switch t.Rank() {
	case 1:
		s.rows, s.cols = t.Dim(0), 1
	case 2:
		s.rows, s.cols = t.Dim(0), t.Dim(1)
	default:
		panic(&dl.ShapeError{Op: op, Shapes: []dl.Shape{t.Shape()}, Detail: "predictions are [N, classes] or [N]"})
	}
	return s
}

// row is the scores of sample i.
func (s *scores) row(i int) []float32 { return s.values[i*s.cols : (i+1)*s.cols] }

// class is the predicted class of sample i: the first column with the largest score; for one column 1 above one half.
func (s *scores) class(i int) int {
	row := s.row(i)
	if s.cols == 1 {
		if row[0] > 0.5 {
			return 1
		}
		return 0
	}
	return argmax(row)
}

// mustMatch panics unless predictions and targets are of equally many samples.
func (s *scores) mustMatch(t labels) {
	if s.rows != t.rows {
		panic(&dl.ShapeError{Op: s.op, Shapes: []dl.Shape{s.t.Shape(), t.t.Shape()},
			Detail: "predictions and targets differ in their number of samples"})
	}
}

// labels reads targets row by row: class numbers, or one-hot rows.
type labels struct {
	t      *dl.Tensor
	rows   int
	cols   int       // columns of onehot
	ints   []int32   // class numbers
	wide   []int64   // class numbers
	onehot []float32 // rows x cols
}

func newLabels(op string, t *dl.Tensor) labels {
	l := labels{t: t, cols: 1}
	if t.Rank() == 0 || t.Rank() > 2 {
		panic(&dl.ShapeError{Op: op, Shapes: []dl.Shape{t.Shape()}, Detail: "targets are class numbers [N] or one-hot rows [N, classes]"})
	}
	l.rows = t.Dim(0)
	if t.Rank() == 2 {
		l.cols = t.Dim(1)
	}
	switch t.DType() {
	case dl.Float32:
		l.onehot = t.Float32s()
	case dl.Int32:
		l.ints = t.Int32s()
	case dl.Int64:
		l.wide = t.Int64s()
	default:
		l.wide = t.To(dl.Int64).Int64s()
	}
	if l.onehot == nil && l.cols != 1 { // integers in a one-hot shape
		l.onehot, l.ints, l.wide = t.To(dl.Float32).Float32s(), nil, nil
	}
	return l
}

// class is the true class of sample i.
func (l *labels) class(i int) int {
	switch {
	case l.ints != nil:
		return int(l.ints[i])
	case l.wide != nil:
		return int(l.wide[i])
	case l.cols == 1: // 0 or 1 as a float
		if l.onehot[i] > 0.5 {
			return 1
		}
		return 0
	}
	return argmax(l.onehot[i*l.cols : (i+1)*l.cols])
}

// PredictedClasses returns the predicted class of every sample.
func PredictedClasses(prediction *dl.Tensor) []int {
	p := newScores("metric.PredictedClasses", prediction)
	classes := make([]int, p.rows)
	for i := range classes {
		classes[i] = p.class(i)
	}
	return classes
}

// TrueClasses returns the class of every target.
func TrueClasses(target *dl.Tensor) []int {
	t := newLabels("metric.TrueClasses", target)
	classes := make([]int, t.rows)
	for i := range classes {
		classes[i] = t.class(i)
	}
	return classes
}

func argmax(row []float32) int {
	best := 0
	for j, v := range row {
		if v > row[best] {
			best = j
		}
	}
	return best
}
