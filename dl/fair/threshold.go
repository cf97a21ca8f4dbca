package fair

import (
	"fmt"
	"math"
	"slices"
)

// A Threshold is the score from which the people of a group are selected.
type Threshold struct {
	Group string
	Score float64 // above 1: nobody
}

// Thresholds chooses a threshold for each group, such that the groups are treated alike by a criterion, DemographicParity or
// EqualOpportunity, and as many decisions are right as possible (Hardt, Price and Srebro, 2016, without chance in decisions, so
// that groups are alike up to the weight of one person). Groups must have people, and for EqualOpportunity true outcomes.
func Thresholds(d Decisions, c Criterion) ([]Threshold, error) {
	d, err := d.resolved("Thresholds")
	switch {
	case err != nil:
		return nil, err
	case d.Scores == nil:
		return nil, fmt.Errorf("fair.Thresholds: there are no scores")
	case c != DemographicParity && c != EqualOpportunity:
		return nil, fmt.Errorf("fair.Thresholds: thresholds are chosen for demographic parity or equal opportunity, not for %v", c)
	}
	names := d.names(nil)
	curves := make([][]point, len(names))
	var rates []float64
	for k, name := range names {
		if curves[k], err = d.curve(name, c); err != nil {
			return nil, err
		}
		for _, p := range curves[k] {
			rates = append(rates, p.rate)
		}
	}
	slices.Sort(rates)
	best, chosen := -1, make([]Threshold, len(names))
	for _, rate := range slices.Compact(rates) {
		right, now := 0, make([]Threshold, len(names))
		for k, curve := range curves {
			p := nearest(curve, rate)
			right += p.right
			now[k] = Threshold{names[k], p.score}
		}
		if right > best {
			best, chosen = right, now
		}
	}
	return chosen, nil
}

// A point is what a threshold of a group does.
type point struct {
	score, rate float64
	right       int
}

// curve are the thresholds between which decisions for a group differ, from selecting nobody to everybody.
func (d *Decisions) curve(group string, c Criterion) ([]point, error) {
	var people []int
	trues := 0
	for i, g := range d.Groups {
		if g == group {
			people = append(people, i)
			if d.Outcomes[i] {
				trues++
			}
		}
	}
	if c == EqualOpportunity && trues == 0 {
		return nil, fmt.Errorf("fair.Thresholds: the group %q has no true outcome, so it has no true positive rate", group)
	}
	slices.SortFunc(people, func(a, b int) int {
		switch {
		case d.Scores[a] > d.Scores[b]:
			return -1
		case d.Scores[a] < d.Scores[b]:
			return 1
		}
		return a - b
	})
	selected, hits := 0, 0
	at := func(score float64) point {
		p := point{score: score, right: hits + len(people) - trues - (selected - hits)}
		if p.rate = float64(selected) / float64(len(people)); c == EqualOpportunity {
			p.rate = float64(hits) / float64(trues)
		}
		return p
	}
	curve := []point{at(math.Nextafter(1, 2))}
	for k, i := range people {
		if selected++; d.Outcomes[i] {
			hits++
		}
		if k+1 == len(people) || d.Scores[people[k+1]] != d.Scores[i] {
			curve = append(curve, at(d.Scores[i]))
		}
	}
	return curve, nil
}

// nearest is the point whose rate is the nearest, and of these the one with most right decisions.
func nearest(curve []point, rate float64) point {
	best := curve[0]
	for _, p := range curve[1:] {
		a, b := math.Abs(p.rate-rate), math.Abs(best.rate-rate)
		if a < b || a == b && p.right > best.right {
			best = p
		}
	}
	return best
}

// Decide returns the decisions with thresholds for each group. A group without a threshold is an error.
func Decide(d Decisions, thresholds []Threshold) (Decisions, error) {
	d, err := d.resolved("Decide")
	if err != nil {
		return d, err
	}
	if d.Scores == nil {
		return d, fmt.Errorf("fair.Decide: there are no scores")
	}
	d.Selected = make([]bool, len(d.Groups))
	for i, g := range d.Groups {
		k := slices.IndexFunc(thresholds, func(t Threshold) bool { return t.Group == g })
		if k < 0 {
			return d, fmt.Errorf("fair.Decide: there is no threshold for the group %q", g)
		}
		d.Selected[i] = d.Scores[i] >= thresholds[k].Score
	}
	return d, nil
}

// A Tradeoff is what some model or threshold gives: accuracy against the criteria.
type Tradeoff struct {
	Name     string
	Accuracy float64
	Values   [int(criteria)]float64 // by Criterion
}

// Tradeoffs measures decisions of several models or thresholds for the same people, for a figure of accuracy against a
// criterion.
func Tradeoffs(names []string, all []Decisions) ([]Tradeoff, error) {
	if len(names) != len(all) {
		return nil, fmt.Errorf("fair.Tradeoffs: there are %d names for %d decisions", len(names), len(all))
	}
	var points []Tradeoff
	for i, d := range all {
		r, err := Measure(d, Options{Samples: -1})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", names[i], err)
		}
		p := Tradeoff{Name: names[i], Accuracy: r.Overall.Accuracy}
		for c := range criteria {
			p.Values[c] = r.values[c].Value
		}
		points = append(points, p)
	}
	return points, nil
}
