package metric

import (
	"math"

	"modelbook/dl"
)

// counts are, by class, what precision, recall and their relatives are quotients of. Samples count by their weights.
type counts struct {
	hits, support, predicted []float64
	lost                     []float64 // samples whose scores are NaN: of the class, or of labels those without the label
	total                    float64
}

func (c *counts) grow(n int) {
	for len(c.hits) < n {
		c.hits, c.support, c.predicted, c.lost = append(c.hits, 0), append(c.support, 0), append(c.predicted, 0), append(c.lost, 0)
	}
}

// add counts a sample of one class.
func (c *counts) add(class int, truth, guess, lost bool, w float64) {
	if truth {
		c.support[class] += w
	}
	switch {
	case lost:
		if !truth {
			c.lost[class] += w
		}
	case guess:
		c.predicted[class] += w
		if truth {
			c.hits[class] += w
		}
	}
}

func (c *counts) occurs(i int) bool { return c.support[i]+c.predicted[i] > 0 }

// A quotient is a measure of a class as a part of a whole.
type quotient func(c *counts, i int) (part, whole float64)

func precision(c *counts, i int) (float64, float64) { return c.hits[i], c.predicted[i] }
func recall(c *counts, i int) (float64, float64)    { return c.hits[i], c.support[i] }
func jaccard(c *counts, i int) (float64, float64) {
	return c.hits[i], c.support[i] + c.predicted[i] - c.hits[i]
}

func fBeta(beta float64) quotient {
	b := beta * beta
	return func(c *counts, i int) (float64, float64) {
		return (1 + b) * c.hits[i], b*c.support[i] + c.predicted[i]
	}
}

// tally is the meter of a quotient.
type tally struct {
	counts
	op         string
	of         quotient
	class      Class
	ignore     Class
	average    Average
	multiLabel bool
	skips      bool // classes of which there is no such value are left out of means, instead of counting as 0

	one        counts  // of one sample, for BySample
	sum, count float64 // for BySample
}

func newTally(op string, of quotient, class Class, average Average, multiLabel bool) *tally {
	average.check(op, multiLabel)
	if class.chosen && average != Usual {
		dl.PanicValue(op, "Class picks one class, Average is over all of them: give one of the two")
	}
	t := &tally{op: op, of: of, class: class, average: average, multiLabel: multiLabel}
	t.one.grow(1)
	return t
}

func (t *tally) Add(prediction, target *dl.Tensor) { t.AddWeighted(prediction, target, nil) }

func (t *tally) AddWeighted(prediction, target, weight *dl.Tensor) {
	p := newScores(t.op, prediction)
	w := newWeights(&p, weight)
	if t.multiLabel {
		t.addLabels(&p, target, &w)
		return
	}
	l := newLabels(&p, target)
	t.grow(p.classes())
	for i := range p.rows {
		if t.ignore.chosen && t.ignore.is(l.class(i)) {
			continue
		}
		truth, guess, w := l.of(&p, i), p.class(i), w.of(i)
		t.total += w
		t.support[truth] += w
		if guess == none {
			t.lost[truth] += w
			continue
		}
		t.predicted[guess] += w
		if truth == guess {
			t.hits[truth] += w
		}
	}
}

// addLabels counts samples each of which has any of several labels.
func (t *tally) addLabels(p *scores, target *dl.Tensor, weight *weights) {
	marks := newMarks(p, target)
	t.grow(p.cols)
	for i := range p.rows {
		w := weight.of(i)
		t.total += w
		if t.average == BySample {
			t.one.clear()
		}
		for j := range p.cols {
			truth, guess := marks[i*p.cols+j] == 1, p.mark(i, j)
			t.add(j, truth, guess == 1, guess == none, w)
			if t.average == BySample {
				t.one.add(0, truth, guess == 1, guess == none, 1)
				t.one.total++
			}
		}
		if t.average == BySample {
			if part, whole := t.of(&t.one, 0); whole != 0 {
				t.sum += w * part / whole
			}
			t.count += w
		}
	}
}

func (t *tally) Borrows() {}

func (t *tally) value(i int) float64 { return ratio(t.of(&t.counts, i)) }

// ByClass are the values of the classes: see [PerClass].
func (t *tally) ByClass() []float64 {
	values := make([]float64, len(t.hits))
	for i := range values {
		values[i] = t.value(i)
	}
	return values
}

func (t *tally) Value() float64 {
	n := len(t.hits)
	switch {
	case t.class.chosen && t.class.number < n:
		return t.value(t.class.number)
	case n == 0 || t.class.chosen:
		return math.NaN()
	case t.average == Usual && n == 2 && !t.multiLabel:
		return t.value(1)
	case t.average == BySample:
		return ratio(t.sum, t.count)
	}
	sum, count := 0.0, 0.0
	for i := range n {
		part, whole := t.of(&t.counts, i)
		switch {
		case t.average == Micro:
			sum, count = sum+part, count+whole
		case !t.occurs(i) && !(t.multiLabel && t.skips), whole == 0 && t.skips:
		case t.average == BySupport:
			if whole != 0 {
				sum += t.support[i] * part / whole
			}
			count += t.support[i]
		default:
			if whole != 0 {
				sum += part / whole
			}
			count++
		}
	}
	return ratio(sum, count)
}

func (c *counts) clear() {
	clear(c.hits)
	clear(c.support)
	clear(c.predicted)
	clear(c.lost)
	c.total = 0
}

func (t *tally) Reset() {
	t.counts.clear()
	t.sum, t.count = 0, 0
}

func (t *tally) State() []float64 {
	state := []float64{t.total, t.sum, t.count}
	for i := range t.hits {
		state = append(state, t.hits[i], t.support[i], t.predicted[i], t.lost[i])
	}
	return state
}

func (t *tally) Merge(state []float64) error {
	if len(state) < 3 || len(state)%4 != 3 {
		return foreign(t.op, state)
	}
	t.total, t.sum, t.count = t.total+state[0], t.sum+state[1], t.count+state[2]
	state = state[3:]
	t.grow(len(state) / 4)
	for i := range len(state) / 4 {
		t.hits[i] += state[4*i]
		t.support[i] += state[4*i+1]
		t.predicted[i] += state[4*i+2]
		t.lost[i] += state[4*i+3]
	}
	return nil
}
