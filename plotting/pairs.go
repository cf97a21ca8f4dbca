package plotting

import (
	"image/color"
	"math"
	"strings"

	"modelbook/internal/number"
)

// mostPairs are the columns that a pair plot draws.
const mostPairs = 8

// Pairs draws every two columns of a data set over one another, as seaborn's pairplot does: points off the diagonal, and
// on it the densities of each column's values. [ColorBy] with names gives each class its colour. Of more than 8 columns
// the first are drawn.
func Pairs(columns []Group, opts ...PairsOption) *Figure {
	const op = "plotting.Pairs"
	o := collect(opts)
	total := len(columns)
	columns = columns[:min(total, mostPairs)]
	values := columnsOf(op, columns)
	p := &pairs{options: o}
	for i, c := range columns {
		p.names = append(p.names, oneLine(c.Name))
		reach := newColorBar(values[i], "")
		p.reach = append(p.reach, newAxis(reach.lo, reach.hi, 120, 8, false, number.Whole(values[i]), false))
	}
	p.split(op, values)
	n := float64(max(len(columns), 1))
	p.side = min(max(math.Floor(700/n), 84), 220)
	for _, a := range p.reach {
		for _, text := range a.few(3).texts {
			p.gutter = max(p.gutter, (style{size: smallSize}).width(text))
		}
	}
	p.gutter += 44
	p.top = 16
	if o.title != "" {
		p.top += 26
	}
	if total > mostPairs {
		p.note = sentence(p.note, "the first "+number.Count(mostPairs)+" of "+number.Count(total)+" columns")
	}
	p.note = sentence(p.note, p.left())
	width := math.Ceil(p.gutter + n*(p.side+pairGap) + 20)
	if o.size.Width > 0 {
		width, _ = o.size.or(0, 0)
		p.side = max((width-p.gutter-20)/n-pairGap, 20)
		width = max(width, math.Ceil(p.gutter+n*(p.side+pairGap)+20))
	}
	if len(p.classes) > 1 || p.classes != nil && p.classes[0] != "" {
		p.entries = (&panel{lines: p.clouds(0, 0)}).entries(o.theme)
	}
	head := p.top + legendHeight(p.entries, width-32)
	if p.note != "" {
		head += 18
	}
	height := math.Ceil(head + n*(p.side+pairGap) + 44)
	if len(columns) == 0 {
		width, height = 240, 80
	}
	p.head = head
	text := titled(o.title) + "pair plot of " + strings.Join(p.names, ", ") + " (" + number.Plural(p.rows, "sample", "samples") + ")"
	if p.note != "" {
		text += "; " + p.note
	}
	for i, g := range readGroups(op, columns, false) {
		text += "\n  " + shortName(p.names[i]) + ": " + g.summary()
	}
	return &Figure{width: width, height: height, theme: o.theme, text: text, draw: func(pen *pen) { p.draw(pen, width) }}
}

const pairGap = 8.0

// pairs is a pair plot laid out.
type pairs struct {
	options
	names   []string
	reach   []axis
	rows    int
	classes []string
	parts   [][][]float64 // of each class, of each column
	entries []entry
	note    string

	side, gutter, top, head float64
}

// split cuts the columns into those of each class.
func (p *pairs) split(op string, values [][]float64) {
	if len(values) == 0 {
		return
	}
	p.rows = len(values[0])
	classes := make([]string, p.rows)
	if by := p.colorBy; by != nil && by.Values != nil {
		names, ok := by.names()
		if !ok {
			values := numbers(op+": ColorBy", by.Values)
			for _, v := range values {
				names = append(names, plainTick(v))
			}
			if !number.Whole(values) || distinct(names) > mostColours {
				p.note = "the colours are of classes: give ColorBy their names or numbers"
				names = make([]string, len(values))
			}
		}
		by.check(op, len(names), p.rows)
		classes = names
	}
	at := map[string]int{}
	for i, class := range classes {
		k, known := at[class]
		if !known {
			k = len(p.classes)
			at[class] = k
			p.classes, p.parts = append(p.classes, class), append(p.parts, make([][]float64, len(values)))
		}
		for j, column := range values {
			p.parts[k][j] = append(p.parts[k][j], column[i])
		}
	}
}

// mostColours are the classes that numbers may be of.
const mostColours = 30

func distinct(names []string) int {
	seen := map[string]bool{}
	for _, name := range names {
		seen[name] = true
	}
	return len(seen)
}

// left says how many values are left out.
func (p *pairs) left() string {
	n := 0
	for _, part := range p.parts {
		for _, column := range part {
			for _, v := range column {
				if !finite(v) {
					n++
				}
			}
		}
	}
	if n == 0 {
		return ""
	}
	return number.Plural(n, "value is no finite number", "values are no finite numbers") + " and left out"
}

// clouds are the points of two columns, a cloud for each class.
func (p *pairs) clouds(x, y int) []Series {
	var list []Series
	for k, class := range p.classes {
		list = append(list, Series{Name: oneLine(class), X: p.parts[k][x], Y: p.parts[k][y], Points: true})
	}
	return list
}

func (p *pairs) draw(pen *pen, width float64) {
	t := pen.theme
	soft := style{size: textSize, color: t.Soft}
	pen.heading(p.title, box{16, 14, width - 32, 20})
	y := p.top
	y += drawLegend(pen, p.entries, box{16, y - 4, width - 32, 0})
	if p.note != "" {
		pen.text(soft, 16, y+8, soft.fitted(p.note, width-32))
	}
	if len(p.names) == 0 {
		pen.text(soft, 16, 40, "no columns")
		return
	}
	n := len(p.names)
	small := style{size: smallSize, color: t.Soft}
	for i := range n {
		for j := range n {
			b := box{p.gutter + float64(j)*(p.side+pairGap), p.head + float64(i)*(p.side+pairGap), p.side, p.side}
			if i == j {
				p.drawDensities(pen, i, b)
			} else {
				p.drawCloud(pen, j, i, b)
			}
			pen.frame(t.Grid, 1, b)
			if j == 0 {
				marks := p.reach[i].few(3)
				turned := soft
				turned.turn, turned.align = math.Pi/2, center
				pen.text(turned, 26, b.y+b.h/2, soft.fittedMiddle(p.names[i], b.h))
				small.align = right
				for k, v := range marks.values {
					if i > 0 || n == 1 { // the densities at the top have no numbers
						pen.text(small, b.x-5, b.bottom()-p.reach[i].share(v)*b.h+4, marks.texts[k])
					}
				}
			}
			if i == n-1 {
				marks := p.reach[j].few(3)
				middle := soft
				middle.align, small.align = center, center
				last := math.Inf(-1)
				for k, v := range marks.values {
					x, w := b.x+p.reach[j].share(v)*b.w, small.width(marks.texts[k])
					if x-w/2 > last+6 && x+w/2 < b.right()+pairGap/2 && x-w/2 > b.x-pairGap/2 {
						pen.text(small, x, b.bottom()+14, marks.texts[k])
						last = x + w/2
					}
				}
				pen.text(middle, b.x+b.w/2, b.bottom()+31, soft.fittedMiddle(p.names[j], b.w))
			}
		}
	}
}

// drawCloud draws the points of two columns into a box.
func (p *pairs) drawCloud(pen *pen, x, y int, b box) {
	many := p.rows*len(p.names)*len(p.names) > 4000 // in the whole figure
	_, alpha := dotSize(p.rows, true)
	radius := min(max(p.side/60, 1.3), 2.4)
	for k, s := range p.clouds(x, y) {
		c := pen.theme.series(k)
		var dots []point
		for i := range s.len() {
			if finite(s.X[i]) && finite(s.Y[i]) {
				dots = append(dots, point{b.x + p.reach[x].share(s.X[i])*b.w, b.bottom() - p.reach[y].share(s.Y[i])*b.h})
			}
		}
		if many {
			pen.cloud(func(int) color.RGBA { return c }, dots, box{b.x + 4, b.y + 4, b.w - 8, b.h - 8})
			continue
		}
		for _, q := range dots {
			mark(pen, color.NRGBA{c.R, c.G, c.B, alpha}, k, q, radius)
		}
	}
}

// drawDensities draws the densities of a column's classes into a box, each by its share of the samples.
func (p *pairs) drawDensities(pen *pen, column int, b box) {
	var curves []Series
	highest := 0.0
	for _, part := range p.parts {
		g := readGroups("", []Group{{Values: part[column]}}, false)[0]
		s := newDensity(g.values, 0).curve(2.5)
		for i := range s.Y {
			s.Y[i] *= float64(len(g.values)) / float64(p.rows)
			if finite(s.Y[i]) {
				highest = max(highest, s.Y[i])
			}
		}
		curves = append(curves, s)
	}
	for k, s := range curves {
		c := pen.theme.series(k)
		var line []point
		for i, x := range s.X {
			if share := p.reach[column].share(x); share >= 0 && share <= 1 {
				line = append(line, point{b.x + share*b.w, b.bottom() - s.Y[i]/highest*b.h*0.92})
			}
		}
		if len(line) > 1 {
			outline := append([]point{{line[0].x, b.bottom()}}, line...)
			pen.fill(color.NRGBA{c.R, c.G, c.B, 56}, append(outline, point{line[len(line)-1].x, b.bottom()})...)
			pen.line(c, 1.6, line...)
		}
	}
}
