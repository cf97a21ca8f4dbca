package plotting

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"modelbook/internal/number"
)

// TimedSeries are values at times, in a [TimeSeries].
type TimedSeries struct {
	Name      string
	Times     []time.Time
	Values    any  // one for each time: a slice of numbers, a *dl.Tensor or a column of a table
	Low, High any  // a band of uncertainty about the values, of as many numbers; nil for none
	Forecast  bool // what is expected: a dashed line
}

// TimeSeries draws values over time: history and forecast beside one another, with bands of uncertainty. The axis shows
// hours, days, months or years, as they have room, in the place (the time zone) of the first time. Where a forecast begins
// stands a dashed line. Values that are no finite numbers leave gaps; times may come in any order.
func TimeSeries(series []TimedSeries, opts ...TimeSeriesOption) *Figure {
	const op = "plotting.TimeSeries"
	o := collect(opts)
	p := &panel{title: o.title, xlabel: o.labels.X, ylabel: o.labels.Y, logY: o.logY, times: time.UTC, plain: true, empty: "no values"}
	known := false
	bad, begins, ends := 0, math.Inf(1), math.Inf(-1)
	lo, hi := math.Inf(1), math.Inf(-1)
	for i, s := range series {
		line := Series{Name: oneLine(s.Name), Dashed: s.Forecast, Y: numbers(op, s.Values), Low: numbers(op+": Low", s.Low), High: numbers(op+": High", s.High)}
		line.X = make([]float64, len(s.Times))
		for j, t := range s.Times {
			line.X[j] = secondsOf(t)
			if !known && !t.IsZero() {
				known, p.times = true, t.Location()
			}
			if math.Abs(line.X[j]) > farthest {
				line.X[j] = math.NaN()
			}
			if x := line.X[j]; finite(x) {
				lo, hi = min(lo, x), max(hi, x)
				if s.Forecast {
					begins = min(begins, x)
				} else {
					ends = max(ends, x)
				}
			}
		}
		if len(line.X) != len(line.Y) {
			panic(fmt.Sprintf("%s: series %d has %s and %s: give one for each", op, i, number.Plural(len(line.X), "time", "times"), number.Plural(len(line.Y), "value", "values")))
		}
		checkLengths(op, []Series{line})
		line.inOrder()
		for j := range line.Y {
			if !p.shows(line.X[j], line.Y[j]) {
				bad++
			}
		}
		p.lines = append(p.lines, line)
		p.legend = p.legend || line.Name != ""
	}
	if bad > 0 {
		p.note = number.Plural(bad, "value has", "values have") + " no place on the axes: not finite, without a time" + map[bool]string{true: ", or not above 0"}[p.logY]
	}
	if finite(begins) && finite(ends) && begins >= ends {
		p.seams = []seam{{x: (begins + ends) / 2, words: "forecast"}}
	}
	text := titled(o.title) + "time series of " + number.Plural(len(series), "line", "lines")
	if hi >= lo {
		from, to := span(lo, hi, p.times)
		if from != to {
			from += " – " + to
		}
		text += ", " + from
		if p.xlabel == "" {
			p.xlabel = from
		}
	}
	if p.note != "" {
		text += "; " + p.note
	}
	p.smooth(o.smoothing)
	return p.figure(o, 700, 340, text+p.lastValues()+p.braille())
}

// inOrder sorts a line by its x; points without one come first.
func (s *Series) inOrder() {
	if slices.IsSorted(s.X) {
		return
	}
	order := make([]int, len(s.X))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch x, y := s.X[a], s.X[b]; {
		case x < y || x != x && y == y:
			return -1
		case x > y || y != y && x == x:
			return 1
		}
		return 0
	})
	for _, list := range []*[]float64{&s.X, &s.Y, &s.Low, &s.High} {
		if len(*list) == len(order) {
			sorted := make([]float64, len(order))
			for i, from := range order {
				sorted[i] = (*list)[from]
			}
			*list = sorted
		}
	}
}

// lastValues says what the lines come to.
func (p *panel) lastValues() string {
	var b strings.Builder
	for _, s := range p.lines {
		if n := s.len(); n > 0 && s.Name != "" {
			fmt.Fprintf(&b, "\n  %s: last %s", shortName(s.Name), measured(s.Y[n-1]))
			if low, high := s.band(n - 1); finite(low) && finite(high) {
				fmt.Fprintf(&b, " (%s to %s)", measured(low), measured(high))
			}
		}
	}
	return b.String()
}
