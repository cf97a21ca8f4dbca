package fair

import (
	"fmt"
	"math"
	"slices"
)

// Decisions are what was decided for some people, one after the other, and what became of them.
type Decisions struct {
	Groups   []string  // the group of each
	Outcomes []bool    // what was true: paid back, was ill
	Selected []bool    // what was decided: gets the loan, is treated; nil: Scores of Threshold or more
	Scores   []float64 // probabilities from 0 to 1 that the outcome is true; nil: calibration is not measured

	Threshold float64 // of Scores, where there is no Selected; 0: 0.5
}

// resolved checks the decisions and returns them with Selected.
func (d Decisions) resolved(op string) (Decisions, error) {
	n := len(d.Groups)
	switch {
	case n == 0:
		return d, fmt.Errorf("fair.%s: there are no decisions", op)
	case len(d.Outcomes) != n:
		return d, fmt.Errorf("fair.%s: there are %d outcomes of %d people", op, len(d.Outcomes), n)
	case d.Selected == nil && d.Scores == nil:
		return d, fmt.Errorf("fair.%s: Selected and Scores are nil; one of them says what was decided", op)
	case d.Selected != nil && len(d.Selected) != n:
		return d, fmt.Errorf("fair.%s: there are %d decisions for %d people", op, len(d.Selected), n)
	case d.Scores != nil && len(d.Scores) != n:
		return d, fmt.Errorf("fair.%s: there are %d scores of %d people", op, len(d.Scores), n)
	case !(d.Threshold >= 0 && d.Threshold <= 1):
		return d, fmt.Errorf("fair.%s: the threshold is %v; probabilities are from 0 to 1", op, d.Threshold)
	}
	for i, s := range d.Scores {
		if !(s >= 0 && s <= 1) {
			return d, fmt.Errorf("fair.%s: the score of person %d is %v; probabilities are from 0 to 1", op, i, s)
		}
	}
	if d.Selected == nil {
		if d.Threshold == 0 {
			d.Threshold = 0.5
		}
		for _, s := range d.Scores {
			d.Selected = append(d.Selected, s >= d.Threshold)
		}
	}
	return d, nil
}

// names are the groups that occur, sorted, and more that are asked for.
func (d *Decisions) names(more []string) []string {
	all := append(slices.Clone(more), d.Groups...)
	slices.Sort(all)
	return slices.Compact(all)
}

// A tally counts the people of a group.
type tally struct {
	truePositives, falsePositives, trueNegatives, falseNegatives int

	score [bins]float64 // sums of scores, and of outcomes, by bins of the score
	hits  [bins]float64
	count [bins]int
}

// bins is into how many parts of the same width scores are put for the calibration error.
const bins = 10

// add counts person i.
func (t *tally) add(d *Decisions, i int) {
	switch o, s := d.Outcomes[i], d.Selected[i]; {
	case o && s:
		t.truePositives++
	case s:
		t.falsePositives++
	case o:
		t.falseNegatives++
	default:
		t.trueNegatives++
	}
	if d.Scores != nil {
		b := min(bins-1, int(d.Scores[i]*bins))
		t.count[b]++
		t.score[b] += d.Scores[i]
		if d.Outcomes[i] {
			t.hits[b]++
		}
	}
}

// share is a/b, NaN where there is nothing to share.
func share(a, b int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// rates are the measures of a group.
func (t *tally) rates(name string, scored bool) Rates {
	tp, fp, tn, fn := t.truePositives, t.falsePositives, t.trueNegatives, t.falseNegatives
	n := tp + fp + tn + fn
	r := Rates{Group: name, Count: n, BaseRate: share(tp+fn, n), SelectionRate: share(tp+fp, n), TruePositiveRate: share(tp, tp+fn),
		FalsePositiveRate: share(fp, fp+tn), Precision: share(tp, tp+fp), Accuracy: share(tp+tn, n), CalibrationError: math.NaN()}
	if scored && n > 0 {
		r.CalibrationError = 0
		for b := range bins {
			r.CalibrationError += math.Abs(t.score[b]-t.hits[b]) / float64(n)
		}
	}
	return r
}
