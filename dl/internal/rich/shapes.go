package rich

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Sizes is a shape that is drawn as a row of boxes, one for each axis.
type Sizes struct {
	Name  string
	Axes  []int
	Marks []int // the axes that do not fit
}

func (s Sizes) marked(axis int) bool {
	for _, m := range s.Marks {
		if m == axis {
			return true
		}
	}
	return false
}

// mostAxes bounds what is drawn of a shape.
const mostAxes = 16

// Shapes draws shapes below one another. With fromEnd their last axes stand below one another, as broadcasting compares
// them, else their first ones. Marked axes are red, and joined by a dashed line.
func Shapes(shapes []Sizes, fromEnd bool) string {
	const tall, gap, pad, top = 26.0, 22.0, 7.0, 4.0
	columns := 0
	left := 0.0
	for _, s := range shapes {
		columns = max(columns, min(len(s.Axes), mostAxes))
		left = max(left, 12+6.2*float64(utf8.RuneCountInString(Clean(s.Name, 24))))
	}
	wide := make([]float64, columns+1)
	place := func(s Sizes, i int) int {
		if fromEnd {
			return columns - min(len(s.Axes), mostAxes) + i
		}
		return i
	}
	for _, s := range shapes {
		for i, n := range s.Axes[:min(len(s.Axes), mostAxes)] {
			c := place(s, i)
			wide[c] = max(wide[c], 2*pad+7*float64(len(strconv.Itoa(n))), 30)
		}
	}
	at := make([]float64, columns+1)
	x := left
	for i := range at {
		at[i] = x
		x += wide[i] + 4
	}
	var d, joins drawing
	type spot struct{ x, y float64 }
	var before []spot
	y := top
	for _, s := range shapes {
		d.text(0, y+tall/2+4, 12, "start", Clean(s.Name, 24))
		var marks []spot
		for i, n := range s.Axes[:min(len(s.Axes), mostAxes)] {
			c := place(s, i)
			fill, line := "none", thin
			if s.marked(i) {
				fill, line = Red, fmt.Sprintf(` fill-opacity=".22" stroke="%s" stroke-width="2"`, Red)
				marks = append(marks, spot{at[c] + wide[c]/2, y})
			} else {
				line = strings.Replace(line, ` fill="none"`, "", 1)
			}
			d.rect(at[c], y, wide[c], tall, fill, ` rx="3"`+line)
			d.text(at[c]+wide[c]/2, y+tall/2+4, 12, "middle", strconv.Itoa(n))
		}
		switch {
		case len(s.Axes) == 0:
			d.text(left, y+tall/2+4, 12, "start", "a scalar: no axes")
		case len(s.Axes) > mostAxes:
			d.text(at[columns], y+tall/2+4, 12, "start", "…")
		}
		for _, a := range before {
			for _, b := range marks {
				if len(before) == len(marks) && len(marks) > 1 && a.x != b.x {
					continue
				}
				joins.path(fmt.Sprintf("M%s %sL%s %s", num(a.x), num(a.y+tall), num(b.x), num(b.y)), fmt.Sprintf(` fill="none" stroke="%s" stroke-width="1.5" stroke-dasharray="4 3"`, Red))
			}
		}
		before = marks
		y += tall + gap
	}
	joins.WriteString(d.String())
	var said []string
	for _, s := range shapes {
		said = append(said, fmt.Sprintf("%s %v", Clean(s.Name, 24), s.Axes[:min(len(s.Axes), mostAxes)]))
	}
	return joins.svg(max(x, left+110)+12, y-gap+top, strings.Join(said, ", "))
}

// ShapesText draws the same for a terminal: a line for each shape, and below it marks under the axes that do not fit.
func ShapesText(shapes []Sizes, fromEnd bool) string {
	columns, left := 0, 0
	for _, s := range shapes {
		columns = max(columns, min(len(s.Axes), mostAxes))
		left = max(left, utf8.RuneCountInString(Clean(s.Name, 24)))
	}
	place := func(s Sizes, i int) int {
		if fromEnd {
			return columns - min(len(s.Axes), mostAxes) + i
		}
		return i
	}
	wide := make([]int, columns)
	for _, s := range shapes {
		for i, n := range s.Axes[:min(len(s.Axes), mostAxes)] {
			wide[place(s, i)] = max(wide[place(s, i)], len(strconv.Itoa(n)))
		}
	}
	var lines []string
	for _, s := range shapes {
		name := Clean(s.Name, 24)
		head := "  " + name + strings.Repeat(" ", left-utf8.RuneCountInString(name)) + "  "
		row, marks, axes := head, strings.Repeat(" ", left+4), min(len(s.Axes), mostAxes)
		for c := range columns {
			i := c - place(s, 0)
			if i < 0 || i >= axes {
				row += strings.Repeat(" ", wide[c]+4)
				marks += strings.Repeat(" ", wide[c]+4)
				continue
			}
			n := strconv.Itoa(s.Axes[i])
			row += "[" + strings.Repeat(" ", wide[c]-len(n)+1) + n + " ]"
			mark := strings.Repeat(" ", wide[c]+4)
			if s.marked(i) {
				mark = "  " + strings.Repeat(" ", wide[c]-len(n)) + strings.Repeat("^", len(n)) + "  "
			}
			marks += mark
		}
		if axes == 0 {
			row += "a scalar: no axes"
		}
		if len(s.Axes) > mostAxes {
			row += "…"
		}
		lines = append(lines, strings.TrimRight(row, " "))
		if len(s.Marks) > 0 {
			lines = append(lines, strings.TrimRight(marks, " "))
		}
	}
	return strings.Join(lines, "\n")
}
