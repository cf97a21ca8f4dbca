package plotting

import (
	"fmt"
	"image"
	"image/color"
	"math"
	"strconv"
	"unicode/utf8"

	"modelbook/dl/metric"
	"modelbook/internal/number"
)

// Confusion draws a confusion matrix: a row for each true class, a column for each predicted one. What is right lies
// on the diagonal and is blue, by its share of the row; mistakes are orange, the commonest the strongest, so that few
// mistakes among many right answers are still seen. With [Normalised] the cells show percent of the true class; else
// they show counts. The column at the right is each class's recall.
func Confusion(matrix *metric.ConfusionMatrix, opts ...Option) *Figure {
	o := collect(opts)
	if matrix == nil {
		matrix = &metric.ConfusionMatrix{}
	}
	m := newConfusion(matrix, o)
	return &Figure{width: m.width, height: m.height, theme: o.theme, draw: m.draw, text: matrix.String()}
}

// confusion is a confusion matrix laid out.
type confusion struct {
	options
	classes       []string
	counts        [][]int
	rows          []int // the row sums
	total, right  int
	worst         float64 // the largest share off the diagonal
	cell          float64
	width, height float64
	labels        float64 // width of the class names
	turned        bool    // the names below stand upright: they are wider than a cell
	every         int     // every how many classes are named
}

const recallWidth = 54

func newConfusion(matrix *metric.ConfusionMatrix, o options) *confusion {
	m := &confusion{options: o}
	n := len(matrix.Counts)
	for i := range n {
		name := strconv.Itoa(i)
		if i < len(matrix.Classes) {
			name = matrix.Classes[i]
		}
		row := make([]int, n)
		copy(row, matrix.Counts[i])
		sum := 0
		for _, count := range row {
			sum += count
		}
		m.classes, m.counts, m.rows = append(m.classes, name), append(m.counts, row), append(m.rows, sum)
		m.total, m.right = m.total+sum, m.right+row[i]
	}
	for i := range n {
		for j := range n {
			if i != j {
				m.worst = max(m.worst, m.share(i, j))
			}
		}
	}
	m.layOut()
	return m
}

func (m *confusion) share(i, j int) float64 {
	if m.rows[i] == 0 {
		return 0
	}
	return float64(m.counts[i][j]) / float64(m.rows[i])
}

// layOut chooses the cells' size, and what that leaves readable.
func (m *confusion) layOut() {
	n := max(len(m.classes), 1)
	m.cell = min(max(math.Floor(480/float64(n)), 6), 58)
	if m.size.Width > 0 {
		m.cell = max((float64(m.size.Width)-180)/float64(n), 2)
	}
	m.cell = max(m.cell, min(44, 96/float64(n))) // one or two classes are not drawn tiny
	s := style{size: textSize}
	m.every = int(math.Ceil(14 / m.cell))
	for _, name := range m.classes {
		w := s.width(s.fitted(name, 120))
		m.labels = max(m.labels, w)
		m.turned = m.turned || w > m.cell-6 && utf8.RuneCountInString(name) > 1
	}
	if m.every > 1 {
		m.turned = false // numbers of a few of the classes lie clear of one another
		for i := 0; i < len(m.classes); i += m.every {
			m.turned = m.turned || s.width(s.fitted(m.classes[i], 120)) > m.cell*float64(m.every)-4
		}
	}
	m.width = max(m.left()+float64(n)*m.cell+recallWidth+20, 260)
	m.height = m.top() + float64(n)*m.cell + 52
	if m.turned {
		m.height += m.labels - 8
	}
}

func (m *confusion) left() float64 { return 16 + 20 + m.labels + 10 }
func (m *confusion) top() float64  { return 14 + 20 + 18 + 12 }

func (m *confusion) draw(pen *pen) {
	t := pen.theme
	heading := style{size: titleSize, bold: true, color: t.Ink}
	soft := style{size: textSize, color: t.Soft}
	ink := style{size: textSize, color: t.Ink}
	title := m.title
	if title == "" {
		title = "Confusion matrix"
	}
	room := m.width - 32
	pen.text(heading, 16, 27, heading.fitted(title, room))
	unit := "counts"
	if m.normalised {
		unit = "percent of each true class"
	}
	note := "no samples"
	if m.total > 0 {
		note = fmt.Sprintf("%s of %s right (%s %%), %s", number.Count(m.right), number.Count(m.total),
			number.Percent(float64(m.right)/float64(m.total)), unit)
	}
	pen.text(soft, 16, 45, soft.fitted(note, room))

	n := len(m.classes)
	grid := box{m.left(), m.top(), float64(n) * m.cell, float64(n) * m.cell}
	if n == 0 {
		pen.text(soft, 16, m.top()+20, "no classes")
		return
	}
	m.drawCells(pen, grid)
	pen.frame(t.Soft, 1, grid)

	names, below := ink, ink
	names.align, below.align = right, center
	for i := 0; i < n; i += m.every {
		middle := (float64(i) + 0.5) * m.cell
		name := ink.fitted(m.classes[i], 120)
		pen.text(names, grid.x-8, grid.y+middle+4, name)
		if m.turned {
			up := names
			up.turn = math.Pi / 2
			pen.text(up, grid.x+middle+4, grid.bottom()+7, name)
		} else {
			pen.text(below, grid.x+middle, grid.bottom()+17, name)
		}
	}
	axis := soft
	axis.align = center
	pen.text(axis, grid.x+grid.w/2, m.height-12, "predicted")
	axis.turn = math.Pi / 2
	pen.text(axis, 27, grid.y+grid.h/2, "true")
	m.drawRecall(pen, grid)
}

func (m *confusion) drawCells(pen *pen, grid box) {
	n := len(m.classes)
	if m.cell < 16 {
		// Too small for text and too many for rectangles: one pixel a cell.
		img := image.NewRGBA(image.Rect(0, 0, n, n))
		for i := range n {
			for j := range n {
				img.SetRGBA(j, i, m.shade(pen.theme, i, j))
			}
		}
		pen.picture(img, grid)
		return
	}
	size := min(max(m.cell*0.3, 8), 13)
	for i := range n {
		for j := range n {
			b := box{grid.x + float64(j)*m.cell, grid.y + float64(i)*m.cell, m.cell, m.cell}
			c := m.shade(pen.theme, i, j)
			pen.rect(c, box{b.x + 0.5, b.y + 0.5, b.w - 1, b.h - 1})
			text := m.text(i, j)
			s := style{size: size, bold: i == j, color: pen.theme.over(c), align: center}
			if m.counts[i][j] == 0 {
				s.color = mix(c, pen.theme.Soft, 0.75)
			}
			for s.size > 6 && s.width(text) > b.w-4 {
				s.size -= 0.5
			}
			if s.width(text) <= b.w-2 {
				pen.text(s, b.x+b.w/2, b.y+b.h/2+s.size*0.36, text)
			}
		}
	}
}

// shade is the colour of a cell.
func (m *confusion) shade(t Theme, i, j int) color.RGBA {
	share := m.share(i, j)
	switch {
	case i == j:
		return ramp(t.low, share)
	case m.counts[i][j] == 0:
		return mix(t.Card, t.Grid, 0.35)
	}
	return ramp(t.odd, math.Sqrt(share/m.worst))
}

func (m *confusion) text(i, j int) string {
	if !m.normalised {
		return strconv.Itoa(m.counts[i][j])
	}
	if m.counts[i][j] == 0 {
		return "0"
	}
	return number.Percent(m.share(i, j))
}

func (m *confusion) drawRecall(pen *pen, grid box) {
	if m.every > 1 {
		return
	}
	s := style{size: min(textSize, max(m.cell*0.5, 8)), color: pen.theme.Soft, align: right}
	x := grid.right() + recallWidth - 2
	head := s
	head.size = smallSize
	pen.text(head, x, grid.y-6, "recall %")
	for i := range m.classes {
		text := "–"
		if m.rows[i] > 0 {
			text = number.Percent(m.share(i, i))
		}
		pen.text(s, x, grid.y+(float64(i)+0.5)*m.cell+4, text)
	}
}
