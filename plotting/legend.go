package plotting

import (
	"image/color"

	"modelbook/internal/number"
)

// entry is a line's name in a legend.
type entry struct {
	name   string
	index  int // of the line, for its mark
	color  color.RGBA
	cloud  bool
	dashed bool
	plain  bool // no mark
	block  bool // a filled area, not a line
	width  float64
}

const (
	legendRow  = 18.0
	mostRows   = 8    // of a legend
	sampleLong = 26.0 // of the line before a name
	entryGap   = 14.0
)

var legendStyle = style{size: textSize}

// entries are the lines that have names.
func (p *panel) entries(t Theme) []entry {
	var list []entry
	for i, s := range p.lines {
		if name := legendStyle.fitted(s.Name, 260); name != "" {
			list = append(list, entry{name, i, p.color(t, i), s.Points, s.Dashed, s.Dashed || p.plain, p.marks != nil, sampleLong + legendStyle.width(name)})
		}
	}
	return list
}

// legendWidth is the width of a legend in one row.
func legendWidth(entries []entry) float64 {
	w := -entryGap
	for _, e := range entries {
		w += e.width + entryGap
	}
	return max(w, 0)
}

// legendRows cuts a legend into rows no wider than width.
func legendRows(entries []entry, width float64) [][]entry {
	var rows [][]entry
	x := width
	for _, e := range entries {
		if x += entryGap; len(rows) == 0 || x+e.width > width {
			rows, x = append(rows, nil), 0
		}
		rows[len(rows)-1] = append(rows[len(rows)-1], e)
		x += e.width
	}
	return rows
}

// legendHeight is the height of the rows that a legend takes.
func legendHeight(entries []entry, width float64) float64 {
	return legendRow * float64(min(len(legendRows(entries, width)), mostRows))
}

// draw draws a sample of a line, from x on at the height y.
func (e entry) draw(pen *pen, x, y float64) {
	if e.block {
		pen.rect(e.color, box{x + 8, y - 5, 12, 10})
		return
	}
	dashes := dashesOf[e.index/len(pen.theme.Series)%len(dashesOf)]
	if e.dashed {
		dashes = dashesOf[1]
	}
	if !e.cloud {
		pen.dashed(e.color, 2, dashes, point{x, y}, point{x + 20, y})
	}
	if !e.plain {
		mark(pen, e.color, e.index, point{x + 10, y}, 3.2)
	}
}

// drawLegend names the lines in rows from the upper left corner of a box. It returns the height it took.
func drawLegend(pen *pen, entries []entry, b box) float64 {
	ink := legendStyle
	ink.color = pen.theme.Ink
	rows := legendRows(entries, b.w+1)
	left := 0
	for i, row := range rows {
		if i >= mostRows {
			left += len(row)
		}
	}
	rows = rows[:min(len(rows), mostRows)]
	more := func() string { return "and " + number.Count(left) + " more" }
	for last := len(rows) - 1; left > 0 && len(rows[last]) > 1 && legendWidth(rows[last])+entryGap+ink.width(more()) > b.w; {
		rows[last], left = rows[last][:len(rows[last])-1], left+1 // room to say so
	}
	y := b.y + 9
	for i, row := range rows {
		x := b.x
		for _, e := range row {
			e.draw(pen, x, y)
			pen.text(ink, x+sampleLong, y+4, ink.fitted(e.name, b.w-sampleLong))
			x += e.width + entryGap
		}
		if i == len(rows)-1 && left > 0 {
			pen.text(ink, x, y+4, ink.fitted(more(), max(b.right()-x, 20)))
		}
		y += legendRow
	}
	return legendRow * float64(len(rows))
}
