package plotting

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/internal/number"
)

// Line draws y over x: slices of numbers or *dl.Tensors. x may be nil: then the values are numbered from 0.
func Line(x, y any, opts ...Option) *Figure { return linesOf("plotting.Line", x, y, false, opts) }

// Scatter draws points: slices of numbers or *dl.Tensors.
func Scatter(x, y any, opts ...Option) *Figure { return linesOf("plotting.Scatter", x, y, true, opts) }

func linesOf(op string, x, y any, points bool, opts []Option) *Figure {
	return drawLines(op, []Series{{X: numbers(op, x), Y: numbers(op, y), Points: points}}, opts)
}

// Lines draws lines and clouds of points in one pair of axes, with a legend when they have names.
func Lines(series []Series, opts ...Option) *Figure {
	copies := make([]Series, len(series))
	for i, s := range series {
		s.X, s.Y, s.Low, s.High = slices.Clone(s.X), slices.Clone(s.Y), slices.Clone(s.Low), slices.Clone(s.High)
		copies[i] = s
	}
	return drawLines("plotting.Lines", copies, opts)
}

func drawLines(op string, series []Series, opts []Option) *Figure {
	o := collect(opts)
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
	p := panel{title: o.title, xlabel: o.labels.X, ylabel: o.labels.Y, lines: series, logX: o.logX, logY: o.logY}
	for _, s := range series {
		p.legend = p.legend || s.Name != ""
	}
	p.note = p.leftOut()
	p.empty = "no values"
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
	if p.note != "" {
		b.WriteString("; " + p.note)
	}
	b.WriteString(p.braille())
	return b.String()
}
