package plotting

import (
	"image/color"
	"slices"
)

// Violins draws a violin for each group of values: its width is the density, as [Densities] draws it, from the smallest
// to the largest value. Within it the thick line reaches from the lower to the upper quartile, and the dot is the median.
// [Bandwidth] makes them smoother or finer.
func Violins(groups []Group, opts ...ViolinsOption) *Figure {
	o := collect(opts)
	list := readGroups("plotting.Violins", groups, false)
	p := namedPanel(list, o)
	curves := make([]Series, len(list))
	widest := 0.0
	for i, g := range list {
		curves[i] = newDensity(g.values, o.bandwidth).curve(0)
		for _, d := range curves[i].Y {
			if finite(d) {
				widest = max(widest, d)
			}
		}
	}
	p.marks = func(pen *pen, at func(x, y float64) point, area box) {
		for i, g := range list {
			if len(g.values) > 0 {
				drawViolin(pen, pen.theme.series(0), float64(i), curves[i], widest, newBox(g.values), at)
			}
		}
	}
	return groupsFigure(p, o, "violins", list)
}

// drawViolin draws a density at x, upright and on both sides.
func drawViolin(pen *pen, c color.RGBA, x float64, curve Series, widest float64, b boxOf, at func(x, y float64) point) {
	t := pen.theme
	slot := at(x+1, b.median).x - at(x, b.median).x
	half := min(slot*0.42, 46)
	var outline []point
	for i, v := range curve.X {
		q := at(x, v)
		outline = append(outline, point{q.x + half*curve.Y[i]/widest, q.y})
	}
	for i, v := range slices.Backward(curve.X) {
		q := at(x, v)
		outline = append(outline, point{q.x - half*curve.Y[i]/widest, q.y})
	}
	if len(outline) > 2 {
		pen.fill(mix(t.Card, c, 0.4), outline...)
		pen.line(c, 1.4, append(outline, outline[0])...)
	}
	pen.line(t.Ink, 1.2, at(x, b.from), at(x, b.to))
	pen.line(t.Ink, 5, at(x, b.lower), at(x, b.upper))
	m := at(x, b.median)
	pen.dot(t.Ink, m.x, m.y, 4.4)
	pen.dot(t.Card, m.x, m.y, 2.8)
}
