package plotting

import (
	"math"
	"strings"
)

// sparkline draws values as a row of blocks, at most width of them; what is no finite number is a gap. Values that fall
// or rise far are drawn by their logarithms. It is "" where there is nothing to compare.
func sparkline(values []float64, width int) string {
	least, most := math.Inf(1), math.Inf(-1)
	for _, v := range values {
		if finite(v) {
			least, most = min(least, v), max(most, v)
		}
	}
	if !(most > least) {
		return ""
	}
	heights := []rune("▁▂▃▄▅▆▇█")
	reach := axis{lo: least, hi: most, log: least >= leastLog && most/50 >= least}
	n := min(len(values), width)
	line := make([]rune, n)
	for i := range line {
		line[i] = ' '
		// The last value of those that share a column: what a training came to.
		for j := (i+1)*len(values)/n - 1; j >= i*len(values)/n; j-- {
			if finite(values[j]) {
				line[i] = heights[min(int(reach.share(values[j])*8), 7)]
				break
			}
		}
	}
	return string(line)
}

// braille draws the points of a panel with the dots of braille characters, two by four in each, between the numbers at
// the axes.
func (p *panel) braille() string {
	const columns, rows = 60, 8
	x, y, drawn := p.axes(columns*2, rows*4, 0)
	if !drawn || p.names != nil {
		return ""
	}
	dots := [rows][columns]rune{}
	bits := [4][2]rune{{0x01, 0x08}, {0x02, 0x10}, {0x04, 0x20}, {0x40, 0x80}}
	set := func(u, v int) {
		if u >= 0 && v >= 0 && u < columns*2 && v < rows*4 {
			dots[v/4][u/2] |= bits[v%4][u%2]
		}
	}
	for _, s := range p.lines {
		previous := point{math.NaN(), 0}
		for i := range s.len() {
			if !p.shows(s.x(i), s.Y[i]) {
				previous.x = math.NaN()
				continue
			}
			q := point{x.share(s.x(i)) * (columns*2 - 1), (1 - y.share(s.Y[i])) * (rows*4 - 1)}
			steps := 1.0
			if !s.Points && previous.x == previous.x {
				steps = min(max(math.Abs(q.x-previous.x), math.Abs(q.y-previous.y), 1), 200)
			} else {
				previous = q
			}
			for k := 1.0; k <= steps; k++ {
				set(int(math.Round(previous.x+(q.x-previous.x)*k/steps)), int(math.Round(previous.y+(q.y-previous.y)*k/steps)))
			}
			previous = q
		}
	}
	bottom, top := ends(y.lo, y.hi)
	gutter := max(len([]rune(top)), len([]rune(bottom)))
	pad := func(s string) string { return strings.Repeat(" ", gutter-len([]rune(s))) + s }
	var b strings.Builder
	for i, row := range dots {
		label := ""
		switch i {
		case 0:
			label = top
		case rows - 1:
			label = bottom
		}
		line := "\n  " + pad(label) + " ┤"
		for _, c := range row {
			if c == 0 {
				line += " "
			} else {
				line += string(rune(0x2800) + c)
			}
		}
		b.WriteString(strings.TrimRight(line, " "))
	}
	from, to := ends(x.lo, x.hi)
	if p.times != nil {
		from, to = span(x.lo, x.hi, p.times)
	}
	b.WriteString("\n  " + pad("") + "  " + from + strings.Repeat(" ", max(columns-len([]rune(from+to)), 1)) + to)
	return b.String()
}
