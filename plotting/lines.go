package plotting

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/internal/number"
)

// Line draws y over x: slices of numbers or *dl.Tensors. x may be nil: then the values are numbered from 0.
func Line(x, y any, opts ...LinesOption) *Figure {
	const op = "plotting.Line"
	return drawLines(oneSeries(op, x, y, false), nil, collect(opts))
}

// Scatter draws points: slices of numbers or *dl.Tensors. [ColorBy] gives them colours by value or by name.
func Scatter(x, y any, opts ...ScatterOption) *Figure {
	const op = "plotting.Scatter"
	series, o := oneSeries(op, x, y, true), collect(opts)
	if by := o.colorBy; by != nil && by.Values != nil {
		if names, ok := by.names(); ok {
			return drawLines(by.named(op, series[0], names), nil, o)
		}
		return drawLines(series, newColorBar(by.values(op, series[0].len()), by.Name), o)
	}
	return drawLines(series, nil, o)
}

func oneSeries(op string, x, y any, points bool) []Series {
	series := []Series{{X: numbers(op, x), Y: numbers(op, y), Points: points}}
	checkLengths(op, series)
	return series
}

// Lines draws lines and clouds of points in one pair of axes, with a legend when they have names, and bands about those
// that have a Low and a High, such as the spread of several trainings. [Smoothing] draws slow lines over noisy ones.
func Lines(series []Series, opts ...LinesOption) *Figure {
	copies := make([]Series, len(series))
	for i, s := range series {
		s.X, s.Y, s.Low, s.High = slices.Clone(s.X), slices.Clone(s.Y), slices.Clone(s.Low), slices.Clone(s.High)
		copies[i] = s
	}
	checkLengths("plotting.Lines", copies)
	return drawLines(copies, nil, collect(opts))
}

// checkLengths panics where a series has lists of different lengths.
func checkLengths(op string, series []Series) {
	for i, s := range series {
		for _, other := range []struct {
			what   string
			values []float64
		}{{"X", s.X}, {"Low", s.Low}, {"High", s.High}} {
			if other.values != nil && len(other.values) != len(s.Y) {
				panic(fmt.Sprintf("%s: series %d has %s in %s and %s in Y: give one for each", op, i,
					number.Plural(len(other.values), "value", "values"), other.what, number.Plural(len(s.Y), "value", "values")))
			}
		}
	}
}

// drawLines draws lines; bar, if there is one, gives the points of the first their colours.
func drawLines(series []Series, bar *colorBar, o options) *Figure {
	p := panel{title: o.title, xlabel: o.labels.X, ylabel: o.labels.Y, lines: series, bar: bar, logX: o.logX, logY: o.logY}
	for _, s := range series {
		p.legend = p.legend || s.Name != ""
	}
	p.note = p.leftOut()
	if bar != nil {
		p.note = sentence(p.note, bar.note())
	}
	p.empty = "no values"
	p.smooth(o.smoothing)
	usual := 360.0
	if p.legend { // a legend of several rows takes nothing from the lines
		usual += max(legendHeight(p.entries(o.theme), 572)-legendRow, 0)
	}
	width, height := o.size.or(600, usual)
	return &Figure{width: width, height: height, theme: o.theme, text: titled(o.title) + p.words(),
		draw: func(pen *pen) { p.draw(pen, box{16, 14, width - 28, height - 26}) }}
}

// titled puts a title before a figure's words.
func titled(title string) string {
	if title == "" {
		return ""
	}
	return title + ": "
}

// words say what the lines of a panel show: how many points, and between which values.
func (p *panel) words() string {
	points := 0
	for _, s := range p.lines {
		points += s.len()
	}
	var b strings.Builder
	fmt.Fprintf(&b, "graph of %s, %s", number.Plural(len(p.lines), "series", "series"), number.Plural(points, "point", "points"))
	if p.bar != nil {
		b.WriteString(", " + p.bar.words())
	}
	if p.note != "" {
		b.WriteString("; " + p.note)
	}
	b.WriteString(p.braille())
	return b.String()
}
