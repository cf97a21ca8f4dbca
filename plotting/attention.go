package plotting

import (
	"fmt"
	"image"
	"math"
	"strconv"
	"strings"

	"modelbook/dl"
	"modelbook/internal/number"
)

// Attention draws attention weights, a square map for each head: a row for each place that asks, a column for each that is
// looked at, the stronger the larger the weight; each row of softmax weights adds up to 1. Weights are a *dl.Tensor
// [T, S], [heads, T, S], or [1, heads, T, S]. [Names] are the tokens at the rows and columns, [Columns] the number of maps
// beside one another. All heads share one scale of colours.
func Attention(weights *dl.Tensor, opts ...AttentionOption) *Figure {
	o := collect(opts)
	shape := append(dl.Shape{}, weights.Shape()...)
	if len(shape) == 4 && shape[0] == 1 {
		shape = shape[1:]
	}
	if len(shape) == 2 {
		shape = append(dl.Shape{1}, shape...)
	}
	if len(shape) != 3 {
		panic(&dl.ShapeError{Op: "plotting.Attention", Shapes: []dl.Shape{weights.Shape()}, Detail: "attention weights have the shape [T, S], [heads, T, S] or [1, heads, T, S]: give one sample"})
	}
	a := &attention{options: o, heads: min(shape[0], mostHeads), rows: shape[1], cols: shape[2]}
	a.bar = newColorBar(dl.Values[float64](weights)[:a.heads*a.rows*a.cols], "weight")
	a.bar.lo, a.bar.quiet = min(a.bar.lo, 0), true
	if shape[0] > mostHeads {
		a.note = fmt.Sprintf("the first %d of %d heads", mostHeads, shape[0])
	}
	if note := a.bar.note(); note != "" {
		a.note = sentence(a.note, note)
	}
	a.layOut()
	return &Figure{width: a.width, height: a.height, theme: o.theme, text: a.words(), draw: a.draw}
}

const mostHeads = 64

// attention are the maps laid out.
type attention struct {
	options
	heads, rows, cols int
	bar               *colorBar
	note              string

	columns       int
	cell          float64
	labels, below float64 // room for the tokens of a map
	head, pitch   box     // what stands above all maps; the place of one
	width, height float64
}

func (a *attention) layOut() {
	s := style{size: smallSize}
	a.columns = min(a.heads, 4)
	if a.options.columns > 0 {
		a.columns = min(a.options.columns, a.heads)
	}
	a.columns = max(a.columns, 1)
	most := max(a.rows, a.cols, 1)
	room := 860.0
	if a.size.Width > 0 {
		room, _ = a.size.or(0, 0)
		room -= 90
	}
	a.cell = min(max(math.Floor(room/float64(a.columns)-70), 100)/float64(most), 26)
	if a.heads == 1 {
		a.cell = min(420/float64(most), 34)
	}
	for _, list := range []struct {
		names []string
		n     int
		room  *float64
	}{{a.names.Rows, a.rows, &a.labels}, {a.names.Columns, a.cols, &a.below}} {
		if len(list.names) == 0 {
			*list.room = 26
			continue
		}
		for i := 0; i < min(len(list.names), list.n); i++ {
			*list.room = max(*list.room, s.width(s.fittedMiddle(list.names[i], 80))+6)
		}
	}
	a.head = box{16, 14, 0, 8}
	if a.title != "" {
		a.head.h += 24
	}
	if a.note != "" {
		a.head.h += 18
	}
	a.pitch = box{0, 0, a.labels + a.cell*float64(a.cols) + 16, 20 + a.cell*float64(a.rows) + a.below + 12}
	rows := (a.heads + a.columns - 1) / a.columns
	a.width = math.Ceil(max(32+float64(a.columns)*a.pitch.w+a.bar.width(a.barHeight()), 260))
	a.height = math.Ceil(a.head.y + a.head.h + float64(rows)*a.pitch.h + 8)
	if a.heads*a.rows*a.cols == 0 {
		a.width, a.height = 260, 90
	}
}

func (a *attention) barHeight() float64 { return max(a.cell*float64(a.rows), 80) }

func (a *attention) draw(pen *pen) {
	t := pen.theme
	soft := style{size: textSize, color: t.Soft}
	area := pen.heading(a.title, box{16, 14, a.width - 32, a.height})
	if a.note != "" {
		pen.text(soft, 16, area.y+10, soft.fitted(a.note, area.w))
	}
	if a.heads*a.rows*a.cols == 0 {
		pen.text(soft, 16, area.y+24, "no weights")
		return
	}
	ink := style{size: textSize, color: t.Ink}
	for k := range a.heads {
		x := 16 + float64(k%a.columns)*a.pitch.w + a.labels
		y := a.head.y + a.head.h + float64(k/a.columns)*a.pitch.h + 18
		grid := box{x, y, a.cell * float64(a.cols), a.cell * float64(a.rows)}
		if a.heads > 1 {
			pen.text(ink, x, y-5, "head "+strconv.Itoa(k))
		}
		img := image.NewRGBA(image.Rect(0, 0, a.cols, a.rows))
		for i := range a.rows * a.cols {
			img.SetRGBA(i%a.cols, i/a.cols, a.bar.color(t, k*a.rows*a.cols+i))
		}
		pen.picture(img, grid)
		pen.frame(t.Grid, 1, grid)
		a.drawTokens(pen, grid)
	}
	y := a.head.y + a.head.h + 18
	a.bar.draw(pen, 16+float64(a.columns)*a.pitch.w+2, box{0, y, 0, a.barHeight()})
}

// drawTokens writes what stands at the rows and columns of one map.
func (a *attention) drawTokens(pen *pen, grid box) {
	s := style{size: min(smallSize, max(a.cell, 7.5)), color: pen.theme.Soft}
	row, up, number := s, s, s
	row.align, up.align, up.turn, number.align = right, right, math.Pi/2, center
	every := max(int(math.Ceil(s.size*1.1/a.cell)), 1)
	if len(a.names.Rows) == 0 && len(a.names.Columns) == 0 {
		every = max(int(math.Ceil(24/a.cell)), 1)
	}
	for i := 0; i < a.rows; i += every {
		text := strconv.Itoa(i)
		if i < len(a.names.Rows) {
			text = s.fittedMiddle(a.names.Rows[i], 80)
		} else if len(a.names.Rows) > 0 {
			continue
		}
		pen.text(row, grid.x-5, grid.y+(float64(i)+0.5)*a.cell+s.size*0.36, text)
	}
	for j := 0; j < a.cols; j += every {
		x := grid.x + (float64(j)+0.5)*a.cell
		if j < len(a.names.Columns) {
			pen.text(up, x+s.size*0.36, grid.bottom()+5, s.fittedMiddle(a.names.Columns[j], 80))
		} else if len(a.names.Columns) == 0 {
			pen.text(number, x, grid.bottom()+14, strconv.Itoa(j))
		}
	}
}

// words say to which place each row of the first heads looks most.
func (a *attention) words() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%sattention of %s, %d × %d, weights from %s to %s", titled(a.title), number.Plural(a.heads, "head", "heads"), a.rows, a.cols, measured(a.bar.lo), measured(a.bar.hi))
	if a.note != "" {
		b.WriteString("; " + a.note)
	}
	name := func(names []string, i int) string {
		if i < len(names) {
			return shortName(names[i])
		}
		return strconv.Itoa(i)
	}
	for k := range min(a.heads, 4) {
		if a.cols == 0 {
			break
		}
		fmt.Fprintf(&b, "\n  head %d looks most at:", k)
		for i := range min(a.rows, 12) {
			row := a.bar.values[(k*a.rows+i)*a.cols : (k*a.rows+i+1)*a.cols]
			most := 0
			for j, v := range row {
				if v > row[most] || row[most] != row[most] {
					most = j
				}
			}
			fmt.Fprintf(&b, " %s→%s", name(a.names.Rows, i), name(a.names.Columns, most))
		}
	}
	return b.String()
}
