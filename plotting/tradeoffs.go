package plotting

import (
	"math"

	"modelbook/dl/fair"
)

// Tradeoffs draws what models or thresholds cost and bring: accuracy against each criterion of fairness that has a value, one
// figure beside the other. The best place is at the left and at the top, but for the disparate impact, which is best at 1.
func Tradeoffs(points []fair.Tradeoff, opts ...BesideOption) *Figure {
	o := collect(opts)
	var figures []*Figure
	for c := range fair.Criterion(len(fair.Tradeoff{}.Values)) {
		var series []Series
		for _, p := range points {
			if v := p.Values[c]; !math.IsNaN(v) {
				series = append(series, Series{Name: p.Name, X: []float64{v}, Y: []float64{p.Accuracy}, Points: true})
			}
		}
		if series != nil {
			figures = append(figures, Lines(series, o.theme, Title(c.String()), Labels{X: c.Unit(), Y: "accuracy"}, Size{Width: 410, Height: 300}))
		}
	}
	return Beside(figures, opts...)
}
