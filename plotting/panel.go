package plotting

import (
	"image/color"
	"math"
	"slices"
	"time"

	"modelbook/internal/number"
)

// panel is one pair of axes with lines in it.
type panel struct {
	title    string
	note     string // under the title, with a ring before it when there is a mark
	xlabel   string
	ylabel   string
	lines    []Series
	faint    []faint      // drawn behind them
	colors   []color.RGBA // of the lines; nil: the theme's, in order
	logX     bool
	logY     bool
	counted  bool           // x counts something, as epochs do: no tick between two values
	reach    [2]float64     // x that is shown at least, where the second is larger
	plain    bool           // lines without marks on their values
	reachY   [2]float64     // y that is shown at least
	names    []string       // that stand at x = 0, 1, 2, in place of numbers
	times    *time.Location // x are seconds since 1970, shown as times of a place
	under    drawing        // drawn behind the lines
	over     drawing        // drawn over the lines
	marks    drawing        // drawn in place of the lines, which only say how far the axes reach
	seams    []seam
	mark     *point // the best point, ringed
	fromZero bool   // y begins at 0
	legend   bool
	bar      *colorBar // gives the points of the first line their colours
	bars     bool      // the one line's points are pairs: a bar's left and right end
	gutter   float64   // that the numbers at the left take at least
	empty    string    // said where there is nothing to draw
}

// drawing draws something of its own between the axes of a panel.
type drawing func(pen *pen, at func(x, y float64) point, area box)

// faint is a line behind the others, such as the values that a smoothed one follows.
type faint struct {
	Series
	color int // of the panel's colours
}

// seam is a place on the x axis where something began anew.
type seam struct {
	x     float64
	words string
}

func finite(x float64) bool { return !math.IsNaN(x) && !math.IsInf(x, 0) }

// shows says whether a point can be drawn.
func (p *panel) shows(x, y float64) bool { return holds(p.logX, x) && holds(p.logY, y) }

// axes are spread over all points that can be drawn, with a margin at their ends; drawn is false when there are none.
func (p *panel) axes(w, h, margin float64) (x, y axis, drawn bool) {
	x0, x1, y0, y1 := math.Inf(1), math.Inf(-1), math.Inf(1), math.Inf(-1)
	wholeX, wholeY := true, true
	for _, s := range p.all() {
		for i := range s.len() {
			x, y := s.x(i), s.Y[i]
			if !p.shows(x, y) {
				continue
			}
			drawn = true
			x0, x1, y0, y1 = min(x0, x), max(x1, x), min(y0, y), max(y1, y)
			wholeX, wholeY = wholeX && x == math.Trunc(x), wholeY && y == math.Trunc(y)
			if low, high := s.band(i); p.shows(x, low) && p.shows(x, high) {
				y0, y1 = min(y0, low), max(y1, high)
			}
		}
	}
	if !drawn {
		x0, x1, y0, y1 = 0, 1, 0, 1
	}
	if p.reach[1] > p.reach[0] && !p.logX {
		x0, x1 = min(x0, p.reach[0]), max(x1, p.reach[1])
	}
	if p.reachY[1] > p.reachY[0] && !p.logY {
		y0, y1 = min(y0, p.reachY[0]), max(y1, p.reachY[1])
	}
	if p.names != nil { // each has a place of its own
		return axis{lo: -0.5, hi: max(float64(len(p.names)), 1) - 0.5}, newAxis(y0, y1, h, margin, p.logY && drawn, wholeY, p.fromZero && !p.logY), drawn
	}
	return newAxis(x0, x1, w, margin, p.logX && drawn, wholeX || p.counted, false),
		newAxis(y0, y1, h, margin, p.logY && drawn, wholeY, p.fromZero && !p.logY), drawn
}

// all are the lines and what lies behind them.
func (p *panel) all() []Series {
	if len(p.faint) == 0 {
		return p.lines
	}
	list := slices.Clone(p.lines)
	for _, f := range p.faint {
		list = append(list, f.Series)
	}
	return list
}

const (
	titleSize = 13.5
	textSize  = 11.5
	smallSize = 10.5
)

// draw fills a box with the panel.
func (p *panel) draw(pen *pen, b box) {
	t := pen.theme
	soft := style{size: textSize, color: t.Soft}
	top := p.drawHead(pen, b) + 8

	// What stands below the axes does not depend on their width, nor the ticks at the left on what is at the right.
	bottom := b.bottom() - 18
	apart := p.xOffset(b.w, soft)
	if p.xlabel != "" || apart != "" {
		bottom -= 17
	}
	upright := p.upright(b.w, soft)
	bottom -= max(upright-14, 0)
	height := max(bottom-top, 10)
	_, y, drawn := p.axes(b.w, height, 8)
	marksY := y.ticks(int(height / 38))
	if marksY.offset != "" {
		top, height = top+14, max(height-14, 10)
	}
	gutter := p.gutter
	for _, s := range marksY.texts {
		gutter = max(gutter, soft.width(s))
	}
	gutter += 8
	if p.ylabel != "" {
		gutter += 18
	}
	area := box{b.x + gutter, top, max(b.w-gutter-10, 10), height}
	if p.bar != nil {
		area.w = max(area.w-p.bar.width(height), 10)
	}
	x, y, _ := p.axes(area.w, area.h, 8)
	marksX := p.xTicks(x, area.w, soft)
	if beyond := p.beyond(x, marksX, area.w, soft); drawn && beyond > 0 {
		area.w = max(area.w-beyond, 10)
		x, _, _ = p.axes(area.w, area.h, 8)
		marksX = p.xTicks(x, area.w, soft)
	}
	at := func(vx, vy float64) point {
		return point{area.x + x.share(vx)*area.w, area.bottom() - y.share(vy)*area.h}
	}
	if drawn {
		p.drawTicks(pen, area, x, y, marksX, marksY, b.bottom(), upright > 0)
	}
	pen.line(t.Soft, 1, point{area.x, area.bottom()}, point{area.right(), area.bottom()})
	room := area.w
	if apart != "" {
		room -= 2 * soft.width(apart)
	}
	soft.align = center
	if p.xlabel != "" {
		pen.text(soft, area.x+area.w/2, b.bottom()-2, soft.fitted(p.xlabel, max(room, 40)))
	}
	if p.ylabel != "" {
		turned := soft
		turned.turn = math.Pi / 2
		pen.text(turned, b.x+11, area.y+area.h/2, soft.fitted(p.ylabel, area.h))
	}
	if !drawn {
		words := p.empty
		if words == "" {
			words = "no values yet"
		}
		pen.text(soft, area.x+area.w/2, area.y+area.h/2, soft.fitted(words, area.w))
		return
	}
	for _, s := range p.seams {
		from := at(s.x, y.lo)
		pen.dashed(t.Soft, 1, []float64{5, 4}, point{from.x, area.y}, point{from.x, area.bottom()})
		small := style{size: smallSize, color: t.Soft}
		pen.text(small, from.x+4, area.y+10, small.fitted(s.words, area.right()-from.x-4))
	}
	if p.mark != nil {
		m := at(p.mark.x, p.mark.y)
		pen.dashed(t.Soft, 1, []float64{2, 3}, point{m.x, area.y}, point{m.x, area.bottom()})
	}
	if p.bar != nil {
		p.bar.draw(pen, area.right()+barGap, area)
	}
	if p.under != nil {
		p.under(pen, at, area)
	}
	for _, f := range p.faint {
		p.drawFaint(pen, f, at, area)
	}
	if p.marks != nil {
		p.marks(pen, at, area)
	}
	for i, s := range p.lines { // bands first: they would tint the lines of others
		if p.marks == nil {
			p.drawBand(pen, s, p.color(t, i), at)
		}
	}
	for i, s := range p.lines {
		switch {
		case p.marks != nil:
		case p.bars && i == 0:
			p.drawBins(pen, s, at, area)
		case p.bar != nil && i == 0:
			p.drawColored(pen, s, at, area)
		default:
			p.drawSeries(pen, i, s, at, area)
		}
	}
	if p.mark != nil && p.shows(p.mark.x, p.mark.y) {
		m := at(p.mark.x, p.mark.y)
		pen.ring(t.Ink, 1.5, m.x, m.y, 6)
	}
	if p.over != nil {
		p.over(pen, at, area)
	}
}

// drawHead writes title, legend and note, and returns where they end.
func (p *panel) drawHead(pen *pen, b box) float64 {
	t := pen.theme
	title := style{size: titleSize, bold: true, color: t.Ink}
	top := b.y
	if p.title != "" || p.legend {
		entries := []entry{}
		if p.legend {
			entries = p.entries(t)
		}
		room := b.w
		if w := legendWidth(entries); w > 0 && title.width(title.fitted(p.title, b.w))+w+12 <= b.w {
			drawLegend(pen, entries, box{b.right() - w, top, w, 0})
			room -= w + 12
			entries = nil
		}
		pen.text(title, b.x, top+13, title.fitted(p.title, room))
		if p.title != "" || len(entries) == 0 {
			top += 20
		}
		if len(entries) > 0 {
			top += drawLegend(pen, entries, box{b.x, top, b.w, 0})
		}
	}
	if p.note != "" {
		x, soft := b.x, style{size: textSize, color: t.Soft}
		if p.mark != nil {
			pen.ring(t.Ink, 1.5, x+5, top+8, 4)
			x += 14
		}
		top += pen.paragraph(soft, x, top+12, b.right()-x, 3, p.note) + 2
	}
	return top
}

// drawTicks draws what lies behind the lines: the grid and the numbers at the axes.
func (p *panel) drawTicks(pen *pen, area box, x, y axis, marksX, marksY tickMarks, bottom float64, upright bool) {
	t := pen.theme
	soft := style{size: textSize, color: t.Soft}
	pen.text(soft, area.x-6, area.y-8, soft.fitted(offsetWords(marksY.offset), area.w))
	soft.align = right
	for i, v := range marksY.values {
		at := area.bottom() - y.share(v)*area.h
		pen.line(t.Grid, 1, point{area.x, at}, point{area.right(), at})
		pen.text(soft, area.x-7, at+4, marksY.texts[i])
	}
	pen.text(soft, area.right()+10, bottom-2, soft.fitted(offsetWords(marksX.offset), area.w))
	soft.align = center
	for i, v := range marksX.values {
		at := area.x + x.share(v)*area.w
		pen.line(t.Soft, 1, point{at, area.bottom()}, point{at, area.bottom() + 4})
		if upright {
			up := style{size: textSize, color: t.Soft, align: right, turn: math.Pi / 2}
			pen.text(up, at+4, area.bottom()+7, marksX.texts[i])
			continue
		}
		pen.text(soft, at, area.bottom()+16, marksX.texts[i])
	}
}

// xOffset is what has to be added to the numbers at the x axis, "" for nothing.
func (p *panel) xOffset(width float64, s style) string {
	x, _, drawn := p.axes(width, 100, 8)
	if !drawn {
		return ""
	}
	return offsetWords(p.xTicks(x, width, s).offset)
}

// beyond is by how much the text of the last tick leaves the panel, whose axis ends ten pixels before its edge, or the
// bar of colours begins.
func (p *panel) beyond(x axis, marks tickMarks, width float64, s style) float64 {
	last := len(marks.values) - 1
	if last < 0 || p.names != nil {
		return 0
	}
	return x.share(marks.values[last])*width + s.width(marks.texts[last])/2 - width - 14
}

// xTicks takes fewer ticks until their texts stand clear of one another.
func (p *panel) xTicks(x axis, width float64, s style) tickMarks {
	switch {
	case p.names != nil:
		return p.nameTicks(width, s)
	case p.times != nil:
		return timeTicks(x.lo, x.hi, width, s, p.times)
	}
	for n := int(max(width/44, 2)); ; n-- {
		marks := x.few(n)
		room, widest := width, 0.0
		for i := 1; i < len(marks.values); i++ {
			room = min(room, (x.share(marks.values[i])-x.share(marks.values[i-1]))*width)
		}
		for _, text := range marks.texts {
			widest = max(widest, s.width(text))
		}
		if widest+10 <= room {
			return marks
		}
		if n <= 2 {
			if len(marks.values) > 1 {
				marks.values, marks.texts = marks.values[:1], marks.texts[:1]
			}
			return marks
		}
	}
}

func (p *panel) color(t Theme, i int) color.RGBA {
	if p.colors != nil {
		return p.colors[i]
	}
	return t.series(i)
}

// leftOut says how many points cannot be drawn, and why.
func (p *panel) leftOut() string {
	bad, nonPositive := 0, 0
	for _, s := range p.lines {
		for i := range s.len() {
			x, y := s.x(i), s.Y[i]
			switch {
			case !finite(x) || !finite(y):
				bad++
			case !p.shows(x, y):
				nonPositive++
			}
		}
	}
	words := ""
	if bad > 0 {
		words = number.Plural(bad, "point is not a finite number", "points are not finite numbers")
	}
	if nonPositive > 0 {
		words = sentence(words, number.Plural(nonPositive, "point is not above 0", "points are not above 0")+
			", where a logarithmic axis ends")
	}
	return words
}

// sentence joins what is said, parts that are empty left out.
func sentence(parts ...string) string {
	all := ""
	for _, part := range parts {
		if all != "" && part != "" {
			all += "; "
		}
		all += part
	}
	return all
}
