package plotting

import (
	"math"

	"modelbook/internal/number"
)

// drawRates writes the recall and the precision of each class beside its row: a dash where there is none.
func (m *confusion) drawRates(pen *pen, grid box) {
	s := style{size: min(textSize, max(m.cell*0.5, 8)), color: pen.theme.Soft, align: right}
	head := s
	head.size = smallSize
	rate := func(hits, of int) string {
		if of == 0 {
			return "–"
		}
		return number.Percent(float64(hits) / float64(of))
	}
	for column, c := range []struct {
		name string
		sums []int
	}{{"recall %", m.rows}, {"precision %", m.columns}} {
		x := grid.right() + 58 + 70*float64(column)
		pen.text(head, x, grid.y-6, c.name)
		for i := 0; i < len(m.classes); i += m.every {
			pen.text(s, x, grid.y+(float64(i)+0.5)*m.cell+4, rate(m.counts[i][i], c.sums[i]))
		}
	}
}

// drawMistakes lists the most frequent mistakes beside a matrix of many classes.
func (m *confusion) drawMistakes(pen *pen, grid box) {
	ink, soft := style{size: textSize, color: pen.theme.Ink}, style{size: textSize, color: pen.theme.Soft}
	x, y := grid.right()+24, grid.y+10
	title := ink
	title.bold = true
	if len(m.mistakes) == 0 {
		pen.text(soft, x, y, "no mistakes")
		return
	}
	pen.text(title, x, y, "Most frequent mistakes")
	soft.align = right
	const names = 150
	for _, c := range m.mistakes {
		y += 18
		text := m.classes[c.True] + " → " + m.classes[c.Predicted]
		if ink.width(text) > names {
			text = ink.fittedMiddle(m.classes[c.True], names/2-10) + " → " + ink.fittedMiddle(m.classes[c.Predicted], names/2-10)
		}
		pen.text(ink, x, y, text)
		pen.text(soft, x+names+40, y, number.Count(c.Count))
		pen.text(soft, x+names+92, y, number.Percent(m.share(c.True, c.Predicted))+" %")
	}
}

const keyHeight = 48

// drawKey shows which colour stands for which share of a true class, right answers and mistakes.
func (m *confusion) drawKey(pen *pen, x, y float64) {
	s := style{size: smallSize, color: pen.theme.Soft}
	const width, height, parts = 110.0, 9.0, 40
	for i, key := range []struct{ words, most string }{{"right, of the true class", "100 %"},
		{"mistakes, of the true class", number.Percent(m.most) + " %"}} {
		x := x + float64(i)*(width+60)
		for j := range parts {
			share := float64(j) / (parts - 1)
			c := ramp(pen.theme.low, share)
			if i == 1 {
				c = ramp(pen.theme.odd, math.Sqrt(share))
			}
			pen.rect(c, box{x + width*float64(j)/parts, y + 14, width/parts + 0.5, height})
		}
		pen.frame(pen.theme.Grid, 1, box{x, y + 14, width, height})
		pen.text(s, x, y+34, "0")
		end := s
		end.align = right
		pen.text(end, x+width, y+34, key.most)
		pen.text(s, x, y+9, s.fitted(key.words, width+56))
	}
}
