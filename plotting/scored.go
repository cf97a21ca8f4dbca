package plotting

import (
	"fmt"
	"math"
	"strconv"

	"modelbook/dl"
	"modelbook/internal/number"
)

// Scored is what a model said of samples, and what is true of them: what [ROC], [PrecisionRecall] and [Calibration]
// compare.
type Scored struct {
	Name    string   // of the model
	Scores  any      // of two classes, those of class 1: a slice of numbers or *dl.Tensor [N] or [N, 1]; of more a *dl.Tensor [N, classes]
	Labels  any      // the true classes from 0 on, a slice of numbers or *dl.Tensor [N], or one-hot [N, classes]
	Classes []string // names of the classes; else their numbers are shown
}

// scored is what a Scored says of the samples that have scores and labels.
type scored struct {
	name    string
	scores  []float32 // [n, c]
	labels  []int
	n, c    int // c is 1 of two classes
	classes []string
	left    int // samples left out
}

const mostClasses = 10 // that get a curve each

// read checks scores and labels. Samples with a score or a label that is no number are left out.
func (s Scored) read(op string, at int) *scored {
	r := &scored{name: oneLine(s.Name), c: 1, classes: s.Classes}
	scores := numbers(op+": Scores", s.Scores)
	if t, ok := s.Scores.(*dl.Tensor); ok && t != nil {
		switch shape := t.Shape(); {
		case len(shape) == 2 && shape[1] > 0:
			r.c = shape[1]
		case len(shape) != 1:
			panic(&dl.ShapeError{Op: op, Shapes: []dl.Shape{shape}, Detail: "scores have the shape [N], [N, 1] or [N, classes]"})
		}
	}
	rows := len(scores) / r.c
	labels := s.classNumbers(op, rows)
	if len(labels) != rows {
		panic(fmt.Sprintf("%s: model %d has %s and %s: give one for each", op, at, number.Plural(rows, "score", "scores"), number.Plural(len(labels), "label", "labels")))
	}
	most := max(r.c, 2)
	for i, label := range labels {
		row := scores[i*r.c : (i+1)*r.c]
		if label == label && (label < 0 || label >= float64(most) || label != math.Trunc(label)) {
			panic(fmt.Sprintf("%s: label %d is %v; of scores with %s they are the numbers of classes, 0 to %d", op, i, label, number.Plural(r.c, "column", "columns"), most-1))
		}
		known := label == label
		for _, v := range row {
			known = known && v == v
		}
		if !known {
			r.left++
			continue
		}
		r.labels = append(r.labels, int(label))
		if r.c == 2 {
			row = row[1:]
		}
		for _, v := range row {
			r.scores = append(r.scores, float32(v))
		}
	}
	r.n = len(r.labels)
	if r.c == 2 {
		r.c = 1
	}
	return r
}

// classNumbers are the labels as numbers of classes.
func (s Scored) classNumbers(op string, rows int) []float64 {
	labels := numbers(op+": Labels", s.Labels)
	t, ok := s.Labels.(*dl.Tensor)
	if !ok || t.Rank() != 2 || t.Shape()[1] < 2 {
		return labels
	}
	width := t.Shape()[1]
	classes := make([]float64, len(labels)/width)
	for i := range classes {
		for j, v := range labels[i*width : (i+1)*width] {
			if v > labels[i*width+int(classes[i])] {
				classes[i] = float64(j)
			}
		}
	}
	return classes
}

// class is the name of a class.
func (s *scored) class(i int) string {
	if i < len(s.classes) {
		return oneLine(s.classes[i])
	}
	return strconv.Itoa(i)
}

// question is one two-class question asked of samples: is it this class?
type question struct {
	scores []float32
	truth  []int32
}

func (b *question) tensors() (scores, truth *dl.Tensor) {
	return dl.Of(b.scores, len(b.scores)), dl.Of(b.truth, len(b.truth))
}

// positives is how many samples are of the class.
func (b *question) positives() int {
	n := 0
	for _, t := range b.truth {
		n += int(t)
	}
	return n
}

// undecided says why there is no curve, "" where there is one.
func (b *question) undecided() string {
	switch n := b.positives(); {
	case len(b.truth) == 0:
		return "has no samples"
	case n == 0:
		return "has no positive sample"
	case n == len(b.truth):
		return "has no negative sample"
	}
	return ""
}

// of is the question for one class, against all others.
func (s *scored) of(class int) *question {
	b := &question{}
	for i, label := range s.labels {
		if s.c == 1 {
			b.scores, b.truth = append(b.scores, s.scores[i]), append(b.truth, int32(label))
			continue
		}
		b.scores, b.truth = append(b.scores, s.scores[i*s.c+class]), append(b.truth, is(label == class))
	}
	return b
}

// pooled asks for each class of each sample, all in one: the micro average.
func (s *scored) pooled() *question {
	b := &question{scores: s.scores}
	for _, label := range s.labels {
		for class := range s.c {
			b.truth = append(b.truth, is(label == class))
		}
	}
	return b
}

func is(yes bool) int32 {
	if yes {
		return 1
	}
	return 0
}

// leftOutOf says how many samples are left out.
func leftOutOf(models []*scored) string {
	left := 0
	for _, m := range models {
		left += m.left
	}
	if left == 0 {
		return ""
	}
	return number.Plural(left, "sample without a score or a label is left out", "samples without a score or a label are left out")
}

func readScored(op string, models []Scored) []*scored {
	var list []*scored
	for i, m := range models {
		list = append(list, m.read(op, i))
	}
	return list
}
