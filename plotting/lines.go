package plotting

import (
	"fmt"
	"slices"
)

// Line draws y over x. x may be nil.
func Line(x, y []float64, opts ...Option) *Figure { return Lines([]Series{{X: x, Y: y}}, opts...) }

// Scatter draws points.
func Scatter(x, y []float64, opts ...Option) *Figure {
	return Lines([]Series{{X: x, Y: y, Points: true}}, opts...)
}

// Lines draws lines and clouds of points in one pair of axes, with a legend when there are several.
func Lines(series []Series, opts ...Option) *Figure {
	o := collect(opts)
	width, height := o.size.or(600, 360)
	p := panel{title: o.title, xlabel: o.labels.X, ylabel: o.labels.Y}
	values := 0
	for _, s := range series {
		s.X, s.Y = slices.Clone(s.X), slices.Clone(s.Y)
		p.lines = append(p.lines, s)
		p.legend = p.legend || s.Name != ""
		values += s.len()
	}
	return &Figure{width: width, height: height, theme: o.theme,
		text: fmt.Sprintf("%sgraph of %d series, %d points", titled(o.title), len(series), values),
		draw: func(pen *pen) { p.draw(pen, box{16, 14, width - 28, height - 26}) }}
}

// titled puts a title before a figure's words.
func titled(title string) string {
	if title == "" {
		return ""
	}
	return title + ": "
}
