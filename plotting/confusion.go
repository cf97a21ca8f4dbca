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
// mistakes among many right answers are still seen; a key says which share a colour stands for. With [Normalised] the
// cells show percent of the true class; else they show counts. The columns at the right are each class's recall and
// precision. Of more than 30 classes only the colours are drawn, of more than 150 several classes share a square, and
// the most frequent mistakes are listed beside them.
func Confusion(matrix *metric.ConfusionMatrix, opts ...ConfusionOption) *Figure {
	o := collect(opts)
	if matrix == nil {
		matrix = &metric.ConfusionMatrix{}
	}
	m := newConfusion(matrix, o)
	return &Figure{width: m.width, height: m.height, theme: o.theme, draw: m.draw, text: titled(o.title) + matrix.String()}
}

// confusion is a confusion matrix laid out.
type confusion struct {
	options
	classes       []string
	counts        [][]int
	rows, columns []int // the sums
	total, right  int
	most          float64 // the share off the diagonal that has the strongest colour
	mistakes      []metric.Confusion
	block         int     // how many classes share a square
	cell          float64 // the size of a square
	width, height float64
	beside        float64 // what the rates or the list beside the squares take, 0 where there is no room for them
	labels        float64 // width of the class names
	turned        bool    // the names below stand upright: they are wider than a cell
	every         int     // every how many squares are named
}

const (
	ratesWidth    = 136  // of recall and precision
	mistakesWidth = 270  // of the list beside a matrix of many classes
	longestName   = 120  // of a class
	mostSquares   = 150  // in a row
	leastMost     = 0.05 // mistakes below this share are never drawn in the strongest colour
)

func newConfusion(matrix *metric.ConfusionMatrix, o options) *confusion {
	m := &confusion{options: o, most: leastMost}
	n := len(matrix.Counts)
	m.columns = make([]int, n)
	for i := range n {
		name := strconv.Itoa(i)
		if i < len(matrix.Classes) {
			name = oneLine(matrix.Classes[i])
		}
		row := make([]int, n)
		copy(row, matrix.Counts[i])
		sum := 0
		for j, count := range row {
			sum += count
			m.columns[j] += count
		}
		m.classes, m.counts, m.rows = append(m.classes, name), append(m.counts, row), append(m.rows, sum)
		m.total, m.right = m.total+sum, m.right+row[i]
	}
	for i := range n {
		for j := range n {
			if i != j {
				m.most = max(m.most, m.share(i, j))
			}
		}
	}
	m.mistakes = (&metric.ConfusionMatrix{Counts: m.counts}).Confusions(18)
	m.layOut()
	return m
}

func (m *confusion) share(i, j int) float64 {
	if m.rows[i] == 0 {
		return 0
	}
	return float64(m.counts[i][j]) / float64(m.rows[i])
}

// many says that there are too many classes for numbers in the squares.
func (m *confusion) many() bool { return len(m.classes) > 30 }

// squares is how many squares there are in a row.
func (m *confusion) squares() int { return (len(m.classes) + m.block - 1) / m.block }

// layOut chooses the squares' size, and what that leaves readable.
func (m *confusion) layOut() {
	n := max(len(m.classes), 1)
	m.block = (n + mostSquares - 1) / mostSquares
	squares := (n + m.block - 1) / m.block
	m.cell = min(max(math.Floor(480/float64(squares)), 4), 58)
	if n <= 4 {
		m.cell = 84 - 4*float64(n-1)
	}
	m.beside = ratesWidth
	if m.many() {
		m.beside = mistakesWidth
	}
	if m.size.Width > 0 {
		width, _ := m.size.or(0, 0)
		m.cell = (width - 120 - m.beside) / float64(squares)
		if m.cell < 22 && !m.many() { // the squares need the room more than the rates do
			m.cell, m.beside = (width-120)/float64(squares), 0
		}
		m.cell = max(m.cell, 2)
	}
	if m.many() {
		m.cell = max(m.cell, 300/float64(squares)) // the key below has room
	}
	s := style{size: textSize}
	m.every = int(math.Ceil(14 / m.cell))
	seen := map[string]bool{}
	for i, name := range m.classes {
		cut := s.fittedMiddle(name, longestName)
		if seen[cut] { // cut names that look alike are told apart by their numbers
			for j := range m.classes {
				m.classes[j] = fmt.Sprintf("%d %s", j, m.classes[j])
			}
			break
		}
		seen[cut] = i >= 0
	}
	for i := 0; i < len(m.classes); i += m.block * m.every {
		w := s.width(s.fittedMiddle(m.classes[i], longestName))
		m.labels = max(m.labels, w)
		m.turned = m.turned || w > m.cell*float64(m.every)-6 && utf8.RuneCountInString(m.classes[i]) > 1
	}
	m.width = m.left() + float64(squares)*m.cell + 20 + m.beside
	m.width = max(math.Ceil(m.width), 340)
	if len(m.classes) == 0 {
		m.height = 100
		return
	}
	m.height = m.top() + float64(squares)*m.cell + 52 + keyHeight
	if m.many() {
		m.height = max(m.height, m.top()+float64(len(m.mistakes)+1)*18+30)
	}
	if m.turned {
		m.height += m.labels - 8
	}
	m.height = math.Ceil(m.height)
}

func (m *confusion) left() float64 { return 16 + 20 + m.labels + 10 }
func (m *confusion) top() float64  { return 14 + 20 + 18 + 24 }

func (m *confusion) draw(pen *pen) {
	t := pen.theme
	heading := style{size: titleSize, bold: true, color: t.Ink}
	soft := style{size: textSize, color: t.Soft}
	title := m.title
	if title == "" {
		title = "Confusion matrix"
	}
	room := m.width - 32
	pen.text(heading, 16, 27, heading.fitted(title, room))
	pen.text(soft, 16, 45, soft.fitted(m.note(), room))

	if len(m.classes) == 0 {
		pen.text(soft, 16, 70, "no classes")
		return
	}
	side := float64(m.squares()) * m.cell
	grid := box{m.left(), m.top(), side, side}
	if m.many() {
		m.drawSquares(pen, grid)
		m.drawMistakes(pen, grid)
	} else {
		m.drawCells(pen, grid)
		if m.beside > 0 {
			m.drawRates(pen, grid)
		}
	}
	pen.frame(t.Soft, 1, grid)
	m.drawNames(pen, grid)
	axis := soft
	axis.align = center
	below := grid.bottom() + 34
	if m.turned {
		below += m.labels - 8
	}
	pen.text(axis, grid.x+grid.w/2, below, "predicted")
	axis.turn = math.Pi / 2
	pen.text(axis, 27, grid.y+grid.h/2, "true")
	if m.total > 0 {
		m.drawKey(pen, 16, below+16)
	}
}

// note says how many samples there are, and what the numbers mean.
func (m *confusion) note() string {
	if m.total == 0 {
		return "no samples"
	}
	note := fmt.Sprintf("%s of %s right (%s %%)", number.Count(m.right), number.Count(m.total),
		number.Percent(float64(m.right)/float64(m.total)))
	switch {
	case m.block > 1:
		note += fmt.Sprintf(", a square is %d × %d of %s classes", m.block, m.block, number.Count(len(m.classes)))
	case m.many():
		note += fmt.Sprintf(", %d classes", len(m.classes))
	case m.normalised:
		note += ", percent of each true class"
	default:
		note += ", counts"
	}
	return note
}

func (m *confusion) drawNames(pen *pen, grid box) {
	ink := style{size: textSize, color: pen.theme.Ink}
	names, below, up := ink, ink, ink
	names.align, below.align, up.align, up.turn = right, center, right, math.Pi/2
	for i := 0; i < m.squares(); i += m.every {
		middle := (float64(i) + 0.5) * m.cell
		name := ink.fittedMiddle(m.classes[i*m.block], longestName)
		pen.text(names, grid.x-8, grid.y+middle+4, name)
		if m.turned {
			pen.text(up, grid.x+middle+4, grid.bottom()+7, name)
		} else {
			pen.text(below, grid.x+middle, grid.bottom()+17, name)
		}
	}
}

func (m *confusion) drawCells(pen *pen, grid box) {
	n := len(m.classes)
	size := min(max(m.cell*0.3, 8), 13)
	for i := range n {
		for j := range n {
			b := box{grid.x + float64(j)*m.cell, grid.y + float64(i)*m.cell, m.cell, m.cell}
			c := m.shade(pen.theme, i, j)
			pen.rect(c, box{b.x + 0.5, b.y + 0.5, b.w - 1, b.h - 1})
			s := style{size: size, bold: i == j, color: pen.theme.over(c), align: center}
			if m.counts[i][j] == 0 {
				s.color = pen.theme.Soft
			}
			text := m.text(i, j)
			for s.size > 8 && s.width(text) > b.w-4 {
				s.size -= 0.5
			}
			if s.width(text) > b.w-2 {
				text = number.Short(m.counts[i][j])
			}
			if s.width(text) <= b.w-1 {
				pen.text(s, b.x+b.w/2, b.y+b.h/2+s.size*0.36, text)
			}
		}
	}
}

// drawSquares draws many classes: a pixel of a picture for each square. Of the classes that share a square off the
// diagonal the commonest mistake is shown, on the diagonal the recall of all.
func (m *confusion) drawSquares(pen *pen, grid box) {
	n, k := m.squares(), m.block
	img := image.NewRGBA(image.Rect(0, 0, n, n))
	for y := range n {
		for x := range n {
			hits, all := 0, 0
			worst := [2]int{y * k, x * k}
			for i := y * k; i < min((y+1)*k, len(m.classes)); i++ {
				if x == y {
					hits, all = hits+m.counts[i][i], all+m.rows[i]
					continue
				}
				for j := x * k; j < min((x+1)*k, len(m.classes)); j++ {
					if m.share(i, j) > m.share(worst[0], worst[1]) {
						worst = [2]int{i, j}
					}
				}
			}
			c := m.shade(pen.theme, worst[0], worst[1])
			if x == y {
				c = ramp(pen.theme.low, float64(hits)/float64(max(all, 1)))
			}
			img.SetRGBA(x, y, c)
		}
	}
	pen.picture(img, grid)
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
	return ramp(t.odd, math.Sqrt(share/m.most))
}

func (m *confusion) text(i, j int) string {
	switch {
	case !m.normalised:
		return number.Count(m.counts[i][j])
	case m.rows[i] == 0:
		return "–" // shares of nothing
	case m.counts[i][j] == 0:
		return "0"
	}
	return number.Percent(m.share(i, j))
}
