package plotting

import (
	"image/color"
	"math"
)

// panel is one pair of axes with lines in it.
type panel struct {
	title    string
	note     string // under the title, with a ring before it when there is a mark
	xlabel   string
	ylabel   string
	lines    []Series
	colors   []color.RGBA // of the lines; nil: the theme's, in order
	whole    bool         // x counts something
	mark     *point       // the best point, ringed
	fromZero bool         // y begins at 0
	legend   bool
	bars     bool // the one line's points are pairs: a bar's left and right end
}

// Series is a line, or a cloud of points, in a figure. X may be nil: then the values are numbered from 0. Where a
// value is NaN or infinite the line has a gap.
type Series struct {
	Name   string
	X, Y   []float64
	Points bool // points without a line
}

func (s Series) x(i int) float64 {
	if s.X == nil {
		return float64(i)
	}
	return s.X[i]
}

func (s Series) len() int {
	if s.X == nil {
		return len(s.Y)
	}
	return min(len(s.X), len(s.Y))
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// ranges are the smallest intervals that hold all finite points, widened when they are empty or a single value.
func (p *panel) ranges() (x0, x1, y0, y1 float64, any bool) {
	x0, x1, y0, y1 = math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	for _, s := range p.lines {
		for i := range s.len() {
			x, y := s.x(i), s.Y[i]
			if finite(x) && finite(y) {
				x0, x1, y0, y1, any = min(x0, x), max(x1, x), min(y0, y), max(y1, y), true
			}
		}
	}
	if !any {
		return 0, 1, 0, 1, false
	}
	if p.fromZero {
		y0, y1 = min(y0, 0), max(y1, 0)
	}
	x0, x1 = widened(x0, x1, p.whole)
	y0, y1 = widened(y0, y1, false)
	return x0, x1, y0, y1, true
}

func widened(lo, hi float64, whole bool) (float64, float64) {
	switch {
	case hi-lo > math.Abs(hi)*1e-12:
		return lo, hi
	case whole:
		return lo - 1, hi + 1
	case lo == 0:
		return -0.5, 0.5
	}
	pad := math.Abs(lo) * 0.1
	return lo - pad, hi + pad
}

const (
	titleSize = 13.5
	textSize  = 11.5
	smallSize = 10.5
)

// draw fills a box with the panel.
func (p *panel) draw(pen *pen, b box) {
	t := pen.theme
	title := style{size: titleSize, bold: true, color: t.Ink}
	soft := style{size: textSize, color: t.Soft}
	top := b.y
	if p.title != "" || p.legend {
		room := b.w
		if p.legend {
			room -= p.drawLegend(pen, b) + 12
		}
		pen.text(title, b.x, top+13, title.fitted(p.title, room))
		top += 20
	}
	if p.note != "" {
		x := b.x
		if p.mark != nil {
			pen.ring(t.Ink, 1.5, x+5, top+8, 4)
			x += 14
		}
		pen.text(soft, x, top+12, soft.fitted(p.note, b.right()-x))
		top += 18
	}
	top += 8

	x0, x1, y0, y1, any := p.ranges()
	bottom := b.bottom() - 18
	if p.xlabel != "" {
		bottom -= 17
	}
	values, texts := ticks(y0, y1, int(max((bottom-top)/38, 2)), false)
	gutter := 0.0
	for _, s := range texts {
		gutter = max(gutter, soft.width(s))
	}
	gutter += 8
	if p.ylabel != "" {
		gutter += 18
	}
	// Half of the last tick's text lies beyond the axis.
	area := box{b.x + gutter, top, b.w - gutter - 10, bottom - top}
	// Room between the values and the frame: for marks, and so that no line runs along the edge.
	padY := (y1 - y0) * 8 / area.h
	if p.fromZero && y0 == 0 {
		y1 += padY
	} else {
		y0, y1 = y0-padY, y1+padY
	}
	padX := (x1 - x0) * 8 / area.w
	x0, x1 = x0-padX, x1+padX
	at := func(x, y float64) point {
		return point{area.x + (x-x0)/(x1-x0)*area.w, area.bottom() - (y-y0)/(y1-y0)*area.h}
	}

	if any {
		soft.align = right
		for i, v := range values {
			y := at(x0, v).y
			pen.line(t.Grid, 1, point{area.x, y}, point{area.right(), y})
			pen.text(soft, area.x-7, y+4, texts[i])
		}
		soft.align = center
		values, texts = p.xTicks(x0, x1, area.w, soft)
		for i, v := range values {
			x := at(v, y0).x
			pen.line(t.Soft, 1, point{x, area.bottom()}, point{x, area.bottom() + 4})
			pen.text(soft, x, area.bottom()+16, texts[i])
		}
	}
	pen.line(t.Soft, 1, point{area.x, area.bottom()}, point{area.right(), area.bottom()})
	soft.align = center
	if p.xlabel != "" {
		pen.text(soft, area.x+area.w/2, b.bottom()-2, soft.fitted(p.xlabel, area.w))
	}
	if p.ylabel != "" {
		turned := soft
		turned.turn = math.Pi / 2
		pen.text(turned, b.x+11, area.y+area.h/2, soft.fitted(p.ylabel, area.h))
	}
	if !any {
		pen.text(soft, area.x+area.w/2, area.y+area.h/2, "no values yet")
		return
	}
	if p.mark != nil {
		m := at(p.mark.x, p.mark.y)
		pen.dashed(t.Soft, 1, []float64{2, 3}, point{m.x, area.y}, point{m.x, area.bottom()})
	}
	for i, s := range p.lines {
		if p.bars {
			p.drawBins(pen, s, at)
		} else {
			p.drawSeries(pen, i, s, at, area)
		}
	}
	if p.mark != nil {
		m := at(p.mark.x, p.mark.y)
		pen.ring(t.Ink, 1.5, m.x, m.y, 6)
	}
}

// xTicks takes fewer ticks until their texts stand clear of one another.
func (p *panel) xTicks(x0, x1, width float64, s style) ([]float64, []string) {
	for n := int(max(width/40, 2)); ; n-- {
		values, texts := ticks(x0, x1, n, p.whole)
		room, widest := width, 0.0
		if len(values) > 1 {
			room = (values[1] - values[0]) / (x1 - x0) * width
		}
		for _, text := range texts {
			widest = max(widest, s.width(text))
		}
		if widest+10 <= room || n <= 1 {
			return values, texts
		}
	}
}

func (p *panel) color(t Theme, i int) color.RGBA {
	if p.colors != nil {
		return p.colors[i]
	}
	return t.series(i)
}

// drawSeries draws a line with a mark on every value while there are few; marks alone where a value has no neighbour.
func (p *panel) drawSeries(pen *pen, i int, s Series, at func(x, y float64) point, area box) {
	c := p.color(pen.theme, i)
	var run []point
	marks := s.len() <= int(area.w/9)
	flush := func() {
		if !s.Points {
			pen.line(c, 2, thinned(run, area)...)
		}
		for _, q := range run {
			if s.Points || marks || len(run) == 1 {
				mark(pen, c, i, q, s.Points)
			}
		}
		run = run[:0]
	}
	for j := range s.len() {
		if x, y := s.x(j), s.Y[j]; finite(x) && finite(y) {
			run = append(run, at(x, y))
		} else {
			flush()
		}
	}
	flush()
}

// mark is a dot for the first line, a square for the second, a diamond for the third: the shape tells lines apart
// where colours do not.
func mark(pen *pen, c color.RGBA, i int, q point, cloud bool) {
	r := 3.2
	if cloud {
		r = 2.6
	}
	switch i % 3 {
	case 0:
		pen.dot(c, q.x, q.y, r)
	case 1:
		r *= 0.95
		pen.rect(c, box{q.x - r, q.y - r, 2 * r, 2 * r})
	case 2:
		r *= 1.35
		pen.fill(c, point{q.x, q.y - r}, point{q.x + r, q.y}, point{q.x, q.y + r}, point{q.x - r, q.y})
	}
}

// thinned keeps, of a line with many more points than the area has pixels, the first, lowest, highest and last of
// every half pixel's column: the drawing is the same, the file a hundredth.
func thinned(points []point, area box) []point {
	if len(points) <= int(4*area.w) {
		return points
	}
	var kept []point
	for i := 0; i < len(points); {
		column := math.Floor(points[i].x * 2)
		low, high, j := i, i, i
		for ; j < len(points) && math.Floor(points[j].x*2) == column; j++ {
			if points[j].y < points[low].y {
				low = j
			}
			if points[j].y > points[high].y {
				high = j
			}
		}
		last := -1
		for _, k := range []int{i, min(low, high), max(low, high), j - 1} {
			if k != last {
				kept, last = append(kept, points[k]), k
			}
		}
		i = j
	}
	return kept
}

// drawLegend names the lines at the right end of the title's row. It returns the width it took.
func (p *panel) drawLegend(pen *pen, b box) float64 {
	s := style{size: textSize, color: pen.theme.Ink}
	x := b.right()
	for i := len(p.lines) - 1; i >= 0; i-- {
		name := s.fitted(p.lines[i].Name, b.w/3)
		if name == "" {
			continue
		}
		if x-s.width(name)-40 < b.x+b.w*0.25 {
			pen.text(s, x-12, b.y+13, "…")
			x -= 20
			break
		}
		c := p.color(pen.theme, i)
		x -= s.width(name)
		pen.text(s, x, b.y+13, name)
		x -= 26
		if !p.lines[i].Points {
			pen.line(c, 2, point{x, b.y + 9}, point{x + 20, b.y + 9})
		}
		mark(pen, c, i, point{x + 10, b.y + 9}, false)
		x -= 14
	}
	return b.right() - x - 14
}

// drawBins fills the bars of a histogram, a hair of card between them where they are wide enough.
func (p *panel) drawBins(pen *pen, s Series, at func(x, y float64) point) {
	for i := 0; i+1 < s.len(); i += 2 {
		a, b, zero := at(s.x(i), s.Y[i]), at(s.x(i+1), s.Y[i+1]), at(s.x(i), 0)
		hair := min((b.x-a.x)*0.08, 1)
		if s.Y[i] > 0 {
			pen.rect(p.color(pen.theme, 0), box{a.x + hair, a.y, b.x - a.x - 2*hair, zero.y - a.y})
		}
	}
}
