package plotting

import (
	"cmp"
	"fmt"
	"image/color"
	"maps"
	"math"
	"slices"
	"strconv"

	"modelbook/internal/number"
)

// ColorBy gives each point of a [Scatter] the colour of a value, and says at a bar beside the axes which colour stands for
// which value; what is not a finite number is grey. Or each point has a name, such as its class: then each name has a
// colour and a mark of its own, and stands in the legend, in the order in which the names come or, when all are whole
// numbers, in that of the numbers.
type ColorBy struct {
	Values any    // one for each point: numbers as elsewhere, []string, or a table's column of texts or categories
	Name   string // what the values are; it stands at the bar
}

func (c ColorBy) apply(o *options) { o.colorBy = &c }

// values copies the numbers, and checks that there is one for each of n points.
func (c *ColorBy) values(op string, n int) []float64 {
	values := numbers(op+": ColorBy", c.Values)
	c.check(op, len(values), n)
	return values
}

func (c *ColorBy) check(op string, have, n int) {
	if have != n {
		panic(fmt.Sprintf("%s: ColorBy has %s for %s: give one for each", op, number.Plural(have, "value", "values"), number.Plural(n, "point", "points")))
	}
}

// names are the names of the points, when they have such.
func (c *ColorBy) names() ([]string, bool) {
	switch v := c.Values.(type) {
	case []string:
		return v, true
	case interface {
		Numeric() bool
		Len() int
		Text(i int) string
	}: // a column of a table
		if v.Numeric() {
			return nil, false
		}
		texts := make([]string, v.Len())
		for i := range texts {
			texts[i] = v.Text(i)
		}
		return texts, true
	}
	return nil, false
}

// named cuts a cloud of points into one for each name.
func (c *ColorBy) named(op string, cloud Series, names []string) []Series {
	c.check(op, len(names), cloud.len())
	var clouds []Series
	at := map[string]int{}
	for i, name := range names {
		k, known := at[name]
		if !known {
			k = len(clouds)
			at[name] = k
			clouds = append(clouds, Series{Name: name, Points: true, X: []float64{}})
			if name == "" {
				clouds[k].Name = "no name"
			}
		}
		clouds[k].X, clouds[k].Y = append(clouds[k].X, cloud.x(i)), append(clouds[k].Y, cloud.Y[i])
	}
	if whole(slices.Collect(maps.Keys(at))) {
		slices.SortFunc(clouds, func(a, b Series) int { return cmp.Compare(atoi(a.Name), atoi(b.Name)) })
	}
	return clouds
}

// whole says whether all names are whole numbers, such as those of classes without other names.
func whole(names []string) bool {
	return !slices.ContainsFunc(names, func(name string) bool { return strconv.Itoa(atoi(name)) != name })
}

func atoi(name string) int {
	n, _ := strconv.Atoi(name)
	return n
}

// colorBar says which colour the points of a panel's first line have, by a value of each.
type colorBar struct {
	values []float64
	name   string
	lo, hi float64 // of the finite values
	quiet  bool    // 0 has nearly the colour of the card
	signed bool    // the colours are those of signed values, and lo is -hi
}

func newColorBar(values []float64, name string) *colorBar {
	c := &colorBar{values: values, name: name, lo: math.Inf(1), hi: math.Inf(-1)}
	for _, v := range values {
		if finite(v) {
			c.lo, c.hi = min(c.lo, v), max(c.hi, v)
		}
	}
	if c.lo > c.hi {
		c.lo, c.hi = 0, 0
	}
	return c
}

// note says how many points have no value, words which values there are.
func (c *colorBar) note() string {
	n := 0
	for _, v := range c.values {
		if !finite(v) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return number.Plural(n, "value is not a finite number", "values are not finite numbers") + ", in grey"
}

func (c *colorBar) words() string {
	name := c.name
	if name == "" {
		name = "values"
	}
	return fmt.Sprintf("coloured by %s from %s to %s", oneLine(name), measured(c.lo), measured(c.hi))
}

// color is the colour of the i-th point.
func (c *colorBar) color(t Theme, i int) color.RGBA {
	v := c.values[i]
	switch {
	case !finite(v):
		return t.Soft
	case c.hi == c.lo:
		return c.shade(t, 0.5)
	}
	return c.shade(t, axis{lo: c.lo, hi: c.hi}.share(v))
}

// shade is the colour at a share of the bar.
func (c *colorBar) shade(t Theme, share float64) color.RGBA {
	switch {
	case c.quiet:
		return ramp(t.low, share)
	case c.signed:
		return t.diverging(float32(2*share-1), 1)
	}
	return stops(t.values, share)
}

// stops is the colour at x in [0,1] of a map that goes through colours equally far apart.
func stops(colors []color.RGBA, x float64) color.RGBA {
	x = min(max(x, 0), 1) * float64(len(colors)-1)
	i := min(int(x), len(colors)-2)
	return mix(colors[i], colors[i+1], x-float64(i))
}

const (
	barGap  = 18.0 // between the axes and the bar
	barWide = 12.0
)

// axis and marks of a bar that is so high.
func (c *colorBar) axis(height float64) (axis, tickMarks) {
	whole := number.Whole(c.values)
	a := axis{lo: c.lo, hi: c.hi, whole: whole}
	if a.hi == a.lo {
		return a, tickMarks{values: []float64{a.lo}, texts: []string{plainTick(a.lo)}}
	}
	return a, a.ticks(int(height / 38))
}

// width is what the bar takes from a panel.
func (c *colorBar) width(height float64) float64 {
	s := style{size: textSize}
	_, marks := c.axis(height)
	texts := s.width(offsetWords(marks.offset)) - barWide
	for _, text := range marks.texts {
		texts = max(texts, s.width(text))
	}
	w := barGap + barWide + 8 + texts
	if c.name != "" {
		w += 20
	}
	return w
}

// draw draws the bar with its left edge at x, as high as the axes.
func (c *colorBar) draw(pen *pen, x float64, area box) {
	t := pen.theme
	soft := style{size: textSize, color: t.Soft}
	a, marks := c.axis(area.h)
	bar := box{x, area.y, barWide, area.h}
	const parts = 96
	for i := range parts {
		share := float64(i) / (parts - 1)
		if a.hi == a.lo {
			share = 0.5
		}
		y := bar.bottom() - bar.h*float64(i+1)/parts
		pen.rect(c.shade(t, share), box{bar.x, y, bar.w, min(bar.h/parts+0.6, bar.bottom()-y)})
	}
	texts := 0.0
	for i, v := range marks.values {
		at := bar.bottom() - a.share(v)*bar.h
		if a.hi == a.lo {
			at = bar.y + bar.h/2
		}
		pen.line(t.Soft, 1, point{bar.right(), at}, point{bar.right() + 4, at})
		pen.text(soft, bar.right()+7, at+4, marks.texts[i])
		texts = max(texts, soft.width(marks.texts[i]))
	}
	if marks.offset != "" {
		pen.text(soft, bar.x, bar.y-8, offsetWords(marks.offset))
	}
	if c.name != "" {
		turned := soft
		turned.turn, turned.align = math.Pi/2, center
		pen.text(turned, bar.right()+8+texts+14, bar.y+bar.h/2, soft.fitted(c.name, bar.h))
	}
}

// drawColored draws the points of a line, each in its colour.
func (p *panel) drawColored(pen *pen, s Series, at func(x, y float64) point, area box) {
	var dots []point
	var colors []color.RGBA
	for i := range s.len() {
		if x, y := s.x(i), s.Y[i]; p.shows(x, y) {
			dots, colors = append(dots, at(x, y)), append(colors, p.bar.color(pen.theme, i))
		}
	}
	if len(dots) > 2000 {
		pen.cloud(func(i int) color.RGBA { return colors[i] }, dots, area)
		return
	}
	r, alpha := dotSize(len(dots), true)
	alpha = max(alpha, 200) // what shines through changes the colour
	for i, q := range dots {
		c := colors[i]
		pen.dot(color.NRGBA{c.R, c.G, c.B, alpha}, q.x, q.y, r)
	}
}
