package plotting

import (
	"fmt"
	"image/color"
	"math"
	"strings"

	"modelbook/internal/number"
)

// Boxes draws a box for each group of values, after J. W. Tukey: it reaches from the lower to the upper quartile, with a
// line at the median; the whiskers reach to the last values within one and a half of its height, and values beyond them
// are dots of their own. Quartiles are those of NumPy. [Labels] name the axes, [LogY] makes the vertical one logarithmic.
func Boxes(groups []Group, opts ...BoxesOption) *Figure {
	o := collect(opts)
	list := readGroups("plotting.Boxes", groups, o.logY)
	p := namedPanel(list, o)
	p.logY = o.logY
	boxes := make([]boxOf, len(list))
	for i, g := range list {
		boxes[i] = newBox(g.values)
	}
	p.marks = func(pen *pen, at func(x, y float64) point, area box) {
		for i, b := range boxes {
			if len(list[i].values) > 0 {
				b.draw(pen, pen.theme.series(0), float64(i), at, area)
			}
		}
	}
	return groupsFigure(p, o, "boxes", list)
}

// namedPanel is a panel with a place for each group.
func namedPanel(list []group, o options) *panel {
	p := &panel{title: o.title, xlabel: o.labels.X, ylabel: o.labels.Y, names: []string{}, empty: "no values"}
	for i, g := range list {
		p.names = append(p.names, g.name)
		x := make([]float64, len(g.values))
		for j := range x {
			x[j] = float64(i)
		}
		p.lines = append(p.lines, Series{X: x, Y: g.values})
	}
	return p
}

func groupsFigure(p *panel, o options, what string, list []group) *Figure {
	p.note = leftOutOfGroups(list, o.logY)
	var words strings.Builder
	words.WriteString(titled(o.title) + what + " of " + number.Plural(len(list), "group", "groups"))
	if p.note != "" {
		words.WriteString("; " + p.note)
	}
	words.WriteString(boxText(list))
	width := p.namedWidth(70)
	return p.figure(o, width, 340+max(p.upright(width-30, style{size: textSize})-20, 0), words.String())
}

// boxOf are the numbers of a box.
type boxOf struct {
	lower, median, upper float64
	from, to             float64   // of the whiskers
	beyond               []float64 // values outside them
}

func newBox(sorted []float64) boxOf {
	if len(sorted) == 0 {
		return boxOf{}
	}
	b := boxOf{lower: quantile(sorted, 0.25), median: quantile(sorted, 0.5), upper: quantile(sorted, 0.75)}
	reach := 1.5 * (b.upper/2 - b.lower/2) // half of it: the whole may exceed the range of numbers
	inside := func(v float64) bool { return v/2 >= b.lower/2-reach && v/2 <= b.upper/2+reach }
	b.from, b.to = b.lower, b.upper
	for _, v := range sorted {
		switch {
		case !inside(v):
			b.beyond = append(b.beyond, v)
		case v < b.from:
			b.from = v
		case v > b.to:
			b.to = v
		}
	}
	return b
}

// quantile is the value below which a share of sorted values lies, between two of them in proportion, as NumPy has it.
func quantile(sorted []float64, share float64) float64 {
	at := share * float64(len(sorted)-1)
	i := int(at)
	if i+1 >= len(sorted) {
		return sorted[len(sorted)-1]
	}
	t := at - float64(i)
	return sorted[i]*(1-t) + sorted[i+1]*t
}

// draw draws a box at x.
func (b boxOf) draw(pen *pen, c color.RGBA, x float64, at func(x, y float64) point, area box) {
	t := pen.theme
	slot := at(x+1, b.median).x - at(x, b.median).x
	half := min(slot*0.3, 34)
	middle, top, bottom := at(x, b.median), at(x, b.upper), at(x, b.lower)
	for _, ends := range [][2]float64{{b.upper, b.to}, {b.lower, b.from}} {
		from, to := at(x, ends[0]), at(x, ends[1])
		pen.line(t.Soft, 1.3, from, to)
		pen.line(t.Soft, 1.3, point{to.x - half*0.45, to.y}, point{to.x + half*0.45, to.y})
	}
	whole := box{top.x - half, top.y, 2 * half, max(bottom.y-top.y, 1)}
	pen.rect(mix(t.Card, c, 0.35), whole)
	pen.frame(c, 1.5, whole)
	pen.line(t.Ink, 2.2, point{middle.x - half, middle.y}, point{middle.x + half, middle.y})
	var dots []point
	for _, v := range b.beyond {
		dots = append(dots, at(x, v))
	}
	if len(dots) > 500 {
		pen.cloud(func(int) color.RGBA { return c }, dots, area)
		return
	}
	_, alpha := dotSize(len(dots), true)
	for _, q := range dots {
		pen.dot(color.NRGBA{c.R, c.G, c.B, alpha}, q.x, q.y, 2.2)
	}
}

// boxText draws boxes with characters: whiskers as lines, the quartiles as a bar, the median as a mark.
func boxText(list []group) string {
	const columns = 40
	lo, hi, names := math.Inf(1), math.Inf(-1), 0
	for _, g := range list {
		if n := len(g.values); n > 0 {
			lo, hi = min(lo, g.values[0]), max(hi, g.values[n-1])
		}
		names = max(names, len([]rune(shortName(g.name))))
	}
	reach := axis{lo: lo, hi: hi}
	var words strings.Builder
	for _, g := range list {
		fmt.Fprintf(&words, "\n  %-*s  ", names, shortName(g.name))
		if len(g.values) > 0 && hi > lo {
			b := newBox(g.values)
			line := []rune(strings.Repeat(" ", columns))
			cell := func(v float64) int { return min(max(int(reach.share(v)*columns), 0), columns-1) }
			for _, v := range b.beyond {
				line[cell(v)] = '∘'
			}
			for i := cell(b.from); i <= cell(b.to); i++ {
				line[i] = '─'
			}
			for i := cell(b.lower); i <= cell(b.upper); i++ {
				line[i] = '█'
			}
			line[cell(b.median)] = '┃'
			words.WriteString(string(line) + "  ")
		}
		words.WriteString(g.summary())
	}
	return words.String()
}
