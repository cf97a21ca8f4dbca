package metric

import (
	"math"
	"slices"

	"modelbook/dl"
)

// kept are all samples of a pass, for measures of the order of their scores.
type kept struct {
	op         string
	multiLabel bool
	cols       int
	scores     []float32 // cols for each sample
	targets    []int32   // the class of each sample, or cols marks
	weights    []float64 // nil: all 1
	nan        bool      // a score was NaN
}

func (k *kept) Add(prediction, target *dl.Tensor) { k.AddWeighted(prediction, target, nil) }

func (k *kept) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores(k.op, prediction)
	w := newWeights(&p, weight)
	if len(k.scores) > 0 && p.cols != k.cols {
		dl.PanicShape(k.op, "the predictions of all batches have the same number of classes", prediction)
	}
	k.cols = p.cols
	if k.multiLabel {
		for _, v := range newMarks(&p, target) {
			k.targets = append(k.targets, int32(v))
		}
	} else {
		t := newLabels(&p, target)
		k.targets = slices.Grow(k.targets, p.rows)
		for i := range p.rows {
			k.targets = append(k.targets, int32(t.of(&p, i)))
		}
	}
	if w.values != nil || k.weights != nil {
		for len(k.weights) < k.rows() {
			k.weights = append(k.weights, 1)
		}
		for i := range p.rows {
			k.weights = append(k.weights, w.of(i))
		}
	}
	k.scores = append(k.scores, p.values...)
	k.nan = k.nan || slices.ContainsFunc(p.values, func(v float32) bool { return v != v })
}

// rows is the number of samples kept.
func (k *kept) rows() int { return len(k.scores) / max(k.cols, 1) }

func (k *kept) weight(i int) float64 {
	if k.weights == nil {
		return 1
	}
	return k.weights[i]
}

// classes is the number of classes, or labels.
func (k *kept) classes() int {
	if k.multiLabel {
		return k.cols
	}
	return max(k.cols, 2)
}

// is says whether sample i is of a class, or has a label.
func (k *kept) is(i, class int) bool {
	if k.multiLabel {
		return k.targets[i*k.cols+class] == 1
	}
	return int(k.targets[i]) == class
}

// score is the score of a class for sample i: of one column, that of class 1.
func (k *kept) score(i, class int) float32 {
	if k.cols == 1 {
		if class == 0 && !k.multiLabel {
			return -k.scores[i]
		}
		return k.scores[i]
	}
	return k.scores[i*k.cols+class]
}

// support is the weight of a class's samples.
func (k *kept) support(class int) float64 {
	sum := 0.0
	for i := range k.rows() {
		if k.is(i, class) {
			sum += k.weight(i)
		}
	}
	return sum
}

// A sample is one as it is seen by a class.
type sample struct {
	score    float32
	positive bool
	weight   float64
}

// samples are all as a class sees them.
func (k *kept) samples(class int) []sample {
	list := make([]sample, k.rows())
	for i := range list {
		list[i] = sample{k.score(i, class), k.is(i, class), k.weight(i)}
	}
	return list
}

// pooled are the samples of all classes together.
func (k *kept) pooled() []sample {
	var list []sample
	for class := range k.classes() {
		list = append(list, k.samples(class)...)
	}
	return list
}

// cut is how many samples have scores of a threshold or above.
type cut struct {
	threshold       float32
	hits, falseHits float64
}

// cuts are those at each of the scores, the largest first, and the numbers of all positive and negative samples. A
// sample that counts nothing makes none.
func cuts(list []sample) (all []cut, positive, negative float64) {
	scores := make([]float32, len(list))
	for i, s := range list {
		scores[i] = s.score
	}
	all = make([]cut, 0, len(list))
	for _, i := range dl.Wrap(scores, len(scores)).ArgSortDescending(0).Int64s() {
		s := list[i]
		if s.weight == 0 {
			continue
		}
		if len(all) == 0 || all[len(all)-1].threshold != s.score {
			all = append(all, cut{threshold: s.score})
		}
		if s.positive {
			positive += s.weight
		} else {
			negative += s.weight
		}
		last := &all[len(all)-1]
		last.hits, last.falseHits = positive, negative
	}
	return all, positive, negative
}

func (k *kept) Reset() {
	k.cols, k.scores, k.targets, k.weights, k.nan = 0, k.scores[:0], k.targets[:0], nil, false
}

func (k *kept) Borrows()  {}
func (k *kept) Collects() {}

func (k *kept) State() []float64 {
	state := []float64{float64(k.rows()), float64(k.cols)}
	for _, v := range k.scores {
		state = append(state, float64(v))
	}
	for _, v := range k.targets {
		state = append(state, float64(v))
	}
	return append(state, k.weights...)
}

func (k *kept) Merge(state []float64) error {
	const most = 1 << 40
	if len(state) < 2 || !(state[0] >= 0 && state[0] < most && state[1] >= 0 && state[1] < most) {
		return foreign(k.op, state)
	}
	rows, cols := int(state[0]), int(state[1])
	if rows == 0 {
		return nil
	}
	state = state[2:]
	each := 1
	if k.multiLabel {
		each = cols
	}
	if left := len(state); cols == 0 || left/rows < cols+each || left != rows*(cols+each) && left != rows*(cols+each+1) ||
		len(k.scores) > 0 && cols != k.cols {
		return foreign(k.op, state)
	}
	scores, targets, weights := state[:rows*cols], state[rows*cols:rows*(cols+each)], state[rows*(cols+each):]
	for _, v := range targets {
		if !(v >= 0 && v < float64(max(cols, 2))) {
			return foreign(k.op, state)
		}
	}
	if len(weights) > 0 || k.weights != nil {
		for len(k.weights) < k.rows() {
			k.weights = append(k.weights, 1)
		}
		for i := range rows {
			w := 1.0
			if len(weights) > 0 {
				w = weights[i]
			}
			k.weights = append(k.weights, w)
		}
	}
	k.cols = cols
	for _, v := range scores {
		k.scores = append(k.scores, float32(v))
		k.nan = k.nan || math.IsNaN(v)
	}
	for _, v := range targets {
		k.targets = append(k.targets, int32(v))
	}
	return nil
}
