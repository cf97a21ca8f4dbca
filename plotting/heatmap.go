package plotting

import (
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"

	"modelbook/internal/number"
)

// Heatmap draws a matrix, a square for each number whose colour a bar at the right explains, with the number in it where
// there is room: a *dl.Tensor [rows, columns], a slice of rows, or a matrix of gonum. [Names] stand at the rows and
// columns, [Labels] at the axes; [Centred] gives signed values two colours with 0 between them. What is no finite number
// has a grey square.
func Heatmap(values any, opts ...HeatmapOption) *Figure {
	o := collect(opts)
	m := matrixOf("plotting.Heatmap", values)
	bar := newColorBar(m.values, "")
	if o.centred {
		bar.centre()
	}
	return newHeat(m, bar, o).figure("heat map")
}

// centre makes 0 the middle of the colours.
func (c *colorBar) centre() {
	c.hi = max(math.Abs(c.lo), math.Abs(c.hi))
	c.lo, c.signed = -c.hi, true
}

// heat is a matrix laid out.
type heat struct {
	matrix
	options
	bar    *colorBar
	texts  []string // of the values, nil where there are too many
	places int      // decimals of the texts; 0: those that the values need

	cell          box
	labels, below float64 // room for names at the left and below
	turned        bool
	width, height float64
}

const (
	mostNumbered = 30 // rows or columns with numbers in the squares
	mostNamed    = 60 // with a name each
)

func newHeat(m matrix, bar *colorBar, o options) *heat {
	return &heat{matrix: m, bar: bar, options: o}
}

func (h *heat) name(names []string, i int) string {
	if i < len(names) {
		return oneLine(names[i])
	}
	return strconv.Itoa(i)
}

func (h *heat) layOut() {
	s := style{size: textSize}
	if h.rows <= mostNumbered && h.cols <= mostNumbered {
		h.texts = number.Beside(h.values)
		for i, v := range h.values {
			switch {
			case !finite(v):
				h.texts[i] = "–"
			case h.places > 0:
				h.texts[i] = number.Fixed(v, h.places)
			}
			h.texts[i] = typeset(h.texts[i])
		}
	}
	// Rows and columns have the same size, unless one side has many more.
	most := max(h.rows, h.cols, 1)
	side := min(max(math.Floor(480/float64(most)), 0.2), 52)
	h.cell = box{0, 0, min(max(side, 130/float64(max(h.cols, 1))), 52), min(max(side, 90/float64(max(h.rows, 1))), 52)}
	for i := 0; i < h.rows; i += h.every(h.rows, h.cell.h) {
		h.labels = max(h.labels, s.width(s.fittedMiddle(h.name(h.names.Rows, i), longestTick)))
	}
	besides := 36 + h.labels + h.axisWord(h.options.labels.Y) + h.barWidth()
	width := besides + h.cell.w*float64(h.cols)
	if h.size.Width > 0 {
		width, _ = h.size.or(0, 0)
		k := max((width-besides)/float64(max(h.cols, 1)), 0.2) / h.cell.w
		h.cell.w, h.cell.h = h.cell.w*k, h.cell.h*k
		width = max(width, besides+h.cell.w*float64(h.cols))
	}
	h.below = 14
	for j := 0; j < h.cols; j += h.everyColumn() {
		w := s.width(s.fittedMiddle(h.name(h.names.Columns, j), longestTick))
		if w > h.cell.w*float64(h.everyColumn())-6 {
			h.turned = true
		}
		h.below = max(h.below, min(w, longestTick))
	}
	if !h.turned {
		h.below = 14
	}
	h.width = max(math.Ceil(width), 240)
	h.height = math.Ceil(h.top() + h.cell.h*float64(h.rows) + h.below + 28)
	if h.options.labels.X != "" {
		h.height += 18
	}
	if h.rows*h.cols == 0 {
		h.width, h.height = 240, 90
	}
}

// every is every how many rows or columns there is a name.
func (h *heat) every(n int, size float64) int {
	return max(int(math.Ceil(nameRow/size)), (n+mostNamed-1)/mostNamed, 1)
}

// everyColumn is every how many columns there is a name; numbers lie.
func (h *heat) everyColumn() int {
	if len(h.names.Columns) == 0 {
		return h.every(h.cols, h.cell.w*nameRow/(style{size: textSize}.width(strconv.Itoa(h.cols))+8))
	}
	return h.every(h.cols, h.cell.w)
}

func (h *heat) axisWord(word string) float64 {
	if word == "" {
		return 0
	}
	return 18
}

func (h *heat) barWidth() float64 { return h.bar.width(max(h.cell.h*float64(h.rows), 60)) }

func (h *heat) top() float64 {
	top := 16.0
	if h.title != "" {
		top += 26
	}
	if h.note() != "" {
		top += 18
	}
	if _, marks := h.bar.axis(max(h.cell.h*float64(h.rows), 60)); marks.offset != "" {
		top += 14
	}
	return top
}

func (h *heat) note() string {
	n := 0
	for _, v := range h.values {
		if !finite(v) {
			n++
		}
	}
	if n == 0 {
		return ""
	}
	return number.Plural(n, "value is no finite number", "values are no finite numbers") + ", in grey"
}

func (h *heat) figure(what string) *Figure {
	h.layOut()
	return &Figure{width: h.width, height: h.height, theme: h.theme, text: titled(h.title) + h.words(what), draw: h.draw}
}

func (h *heat) draw(pen *pen) {
	t := pen.theme
	soft := style{size: textSize, color: t.Soft}
	area := pen.heading(h.title, box{16, 14, h.width - 32, h.height - 28})
	if note := h.note(); note != "" {
		pen.text(soft, area.x, area.y+10, soft.fitted(note, area.w))
	}
	if h.rows*h.cols == 0 {
		pen.text(soft, area.x, area.y+24, "no values")
		return
	}
	grid := box{16 + h.axisWord(h.options.labels.Y) + h.labels + 8, h.top(), h.cell.w * float64(h.cols), h.cell.h * float64(h.rows)}
	if h.texts == nil {
		img := image.NewRGBA(image.Rect(0, 0, h.cols, h.rows))
		for i := range h.values {
			img.SetRGBA(i%h.cols, i/h.cols, h.bar.color(t, i))
		}
		pen.picture(img, grid)
	} else {
		h.drawCells(pen, grid)
	}
	pen.frame(t.Soft, 1, grid)
	h.drawNames(pen, grid)
	bar := grid
	bar.h = max(bar.h, 60)
	h.bar.draw(pen, grid.right()+barGap, bar)
}

func (h *heat) drawCells(pen *pen, grid box) {
	t := pen.theme
	for i, text := range h.texts {
		b := box{grid.x + float64(i%h.cols)*h.cell.w, grid.y + float64(i/h.cols)*h.cell.h, h.cell.w, h.cell.h}
		c := h.bar.color(t, i)
		hair := min(b.w*0.03, 0.5)
		pen.rect(c, box{b.x + hair, b.y + hair, b.w - 2*hair, b.h - 2*hair})
		s := style{size: min(max(b.h*0.32, 8), 12), color: t.over(c), align: center}
		for s.size > 8 && s.width(text) > b.w-4 {
			s.size -= 0.5
		}
		if s.width(text) <= b.w-2 && s.size < b.h {
			pen.text(s, b.x+b.w/2, b.y+b.h/2+s.size*0.36, text)
		}
	}
}

func (h *heat) drawNames(pen *pen, grid box) {
	soft := style{size: textSize, color: pen.theme.Soft}
	row, below, up := soft, soft, soft
	row.align, below.align, up.align, up.turn = right, center, right, math.Pi/2
	for i := 0; i < h.rows; i += h.every(h.rows, h.cell.h) {
		pen.text(row, grid.x-8, grid.y+(float64(i)+0.5)*h.cell.h+4, soft.fittedMiddle(h.name(h.names.Rows, i), longestTick))
	}
	for j := 0; j < h.cols; j += h.everyColumn() {
		x, name := grid.x+(float64(j)+0.5)*h.cell.w, soft.fittedMiddle(h.name(h.names.Columns, j), longestTick)
		if h.turned {
			pen.text(up, x+4, grid.bottom()+7, name)
		} else {
			pen.text(below, x, grid.bottom()+17, name)
		}
	}
	if word := h.options.labels.X; word != "" {
		pen.text(below, grid.x+grid.w/2, h.height-12, soft.fitted(word, h.width-32))
	}
	if word := h.options.labels.Y; word != "" {
		turned := soft
		turned.turn, turned.align = math.Pi/2, center
		pen.text(turned, 26, grid.y+grid.h/2, soft.fitted(word, grid.h))
	}
}

// words say what the matrix is, and write a small one out.
func (h *heat) words(what string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s of %d × %d", what, h.rows, h.cols)
	if n := h.note(); n != "" {
		b.WriteString("; " + n)
	}
	if h.texts == nil || h.rows*h.cols == 0 || h.cols > 12 {
		if h.rows*h.cols > 0 {
			fmt.Fprintf(&b, ", from %s to %s", measured(h.bar.lo), measured(h.bar.hi))
		}
		return b.String()
	}
	names, wide := 0, 0
	for i := range h.rows {
		names = max(names, len([]rune(shortName(h.name(h.options.names.Rows, i)))))
	}
	for _, text := range h.texts {
		wide = max(wide, len([]rune(text)))
	}
	heads := make([]string, h.cols)
	for j := range heads {
		runes := []rune(shortName(h.name(h.options.names.Columns, j)))
		heads[j] = string(runes[:min(len(runes), 10)])
		wide = max(wide, len([]rune(heads[j])))
	}
	fmt.Fprintf(&b, "\n  %*s", names, "")
	for _, head := range heads {
		fmt.Fprintf(&b, "  %*s", wide, head)
	}
	for i := range h.rows {
		fmt.Fprintf(&b, "\n  %-*s", names, shortName(h.name(h.options.names.Rows, i)))
		for j := range h.cols {
			fmt.Fprintf(&b, "  %*s", wide, h.texts[i*h.cols+j])
		}
	}
	return b.String()
}
