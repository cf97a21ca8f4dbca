package plotting

import (
	"fmt"
	"math"
	"strings"

	"modelbook/internal/number"
)

// BarSeries are the values of one series of bars, one for each group of a [GroupedBars], such as the scores of one model.
type BarSeries struct {
	Name   string
	Values any // numbers: a slice, a *dl.Tensor or a column of a table
	Errors any // half the length of the line at the end of each bar, such as a standard deviation; nil for none
}

// GroupedBars draws upright bars in groups, one bar of each group for each series, with lines for the errors of the
// values: a comparison of models on several tasks. Values that are no finite numbers have no bar; the figure says so. For
// one series with its numbers written out see [Bars].
func GroupedBars(groups []string, series []BarSeries, opts ...GroupedBarsOption) *Figure {
	const op = "plotting.GroupedBars"
	o := collect(opts)
	p := &panel{title: o.title, xlabel: o.labels.X, ylabel: o.labels.Y, names: []string{}, fromZero: true, empty: "no values"}
	for _, name := range groups {
		p.names = append(p.names, oneLine(name))
	}
	bad := 0
	for i, s := range series {
		values, errors := numbers(op, s.Values), numbers(op+": Errors", s.Errors)
		if errors != nil && len(errors) != len(values) {
			panic(fmt.Sprintf("%s: series %d has %s and %s: give one for each", op, i, number.Plural(len(values), "value", "values"), number.Plural(len(errors), "error", "errors")))
		}
		line := Series{Name: oneLine(s.Name), Y: values, Low: make([]float64, len(values)), High: make([]float64, len(values))}
		for j, v := range values {
			line.X = append(line.X, float64(j))
			line.Low[j], line.High[j] = math.NaN(), math.NaN()
			if j < len(errors) && finite(errors[j]) {
				line.Low[j], line.High[j] = v-math.Abs(errors[j]), v+math.Abs(errors[j])
			}
			if !finite(v) {
				bad++
			}
			if j >= len(p.names) {
				p.names = append(p.names, fmt.Sprint(j))
			}
		}
		p.lines = append(p.lines, line)
		p.legend = p.legend || line.Name != ""
	}
	if bad > 0 {
		p.note = number.Plural(bad, "value is no finite number", "values are no finite numbers") + " and without a bar"
	}
	p.marks = func(pen *pen, at func(x, y float64) point, area box) { p.drawGroups(pen, at) }
	var words strings.Builder
	fmt.Fprintf(&words, "%sbars of %s in %s", titled(o.title), number.Plural(len(series), "series", "series"), number.Plural(len(p.names), "group", "groups"))
	if p.note != "" {
		words.WriteString("; " + p.note)
	}
	for _, s := range p.lines {
		for j, v := range s.Y {
			fmt.Fprintf(&words, "\n  %s", strings.TrimSpace(shortName(p.names[j])+" "+shortName(s.Name)+" "+measured(v)))
			if low, high := s.band(j); finite(low) && finite(high) {
				words.WriteString(" ± " + measured(high/2-low/2))
			}
		}
	}
	width := p.namedWidth(max(30*float64(len(series)), 60))
	return p.figure(o, width, 340+max(p.upright(width-30, style{size: textSize})-20, 0), words.String())
}

// drawGroups draws the bars of all groups.
func (p *panel) drawGroups(pen *pen, at func(x, y float64) point) {
	slot := at(1, 0).x - at(0, 0).x
	n := float64(max(len(p.lines), 1))
	width := min(slot*0.78/n, 46)
	for k, s := range p.lines {
		c := p.color(pen.theme, k)
		for j, v := range s.Y {
			if !finite(v) {
				continue
			}
			zero, end := at(float64(j), 0), at(float64(j), v)
			x := zero.x + (float64(k)-n/2)*width
			hair := min(width*0.06, 1)
			top := min(zero.y, end.y)
			pen.rect(c, box{x + hair, top, width - 2*hair, max(math.Abs(end.y-zero.y), 0.5)})
			low, high := s.band(j)
			if !finite(low) || !finite(high) {
				continue
			}
			middle, cap := x+width/2, min(width*0.22, 6)
			from, to := at(float64(j), low), at(float64(j), high)
			pen.line(pen.theme.Card, 3.4, point{middle, from.y}, point{middle, to.y})
			pen.line(pen.theme.Ink, 1.4, point{middle, from.y}, point{middle, to.y})
			for _, y := range []float64{from.y, to.y} {
				pen.line(pen.theme.Ink, 1.4, point{middle - cap, y}, point{middle + cap, y})
			}
		}
	}
	zero := at(0, 0)
	pen.line(pen.theme.Soft, 1, point{at(-0.5, 0).x, zero.y}, point{at(float64(len(p.names))-0.5, 0).x, zero.y})
}
