package table

import (
	"fmt"
	"strings"
	"unicode"

	"modelbook/internal/columns"
	"modelbook/internal/number"
)

const (
	mostRows    = 20 // shown; of more rows, the first and the last half of them
	mostColumns = 16
	mostText    = 40 // letters of a value
)

// String shows the table with aligned columns, under them how many rows and columns there are. Of a long table it shows
// the first and last rows, of a wide one the first and last columns; "-" is a missing value.
func (t *Table) String() string {
	return strings.Join(append(columns.Lines(t.shown(), t.right()), t.size()), "\n")
}

func (t *Table) size() string {
	return number.Plural(t.rows, "row", "rows") + ", " + number.Plural(len(t.columns), "column", "columns")
}

// visible are the numbers that are shown of n; -1 stands for those left out.
func visible(n, most int) []int {
	var out []int
	for i := range n {
		switch {
		case n <= most || i < most/2 || i >= n-most/2:
			out = append(out, i)
		case i == most/2:
			out = append(out, -1)
		}
		if i == most/2 && n > most {
			for j := n - most/2; j < n; j++ {
				out = append(out, j)
			}
			break
		}
	}
	return out
}

func (t *Table) right() func(column int) bool {
	shown := visible(len(t.columns), mostColumns)
	return func(i int) bool {
		if i == 0 {
			return true
		}
		c := shown[i-1]
		return c >= 0 && (t.columns[c].Kind == Float || t.columns[c].Kind == Int)
	}
}

// shown is the texts of what is shown: a head, then rows that begin with their numbers.
func (t *Table) shown() [][]string {
	rows, cols := visible(t.rows, mostRows), visible(len(t.columns), mostColumns)
	lines := make([][]string, len(rows)+1)
	lines[0] = []string{""}
	for k, i := range rows {
		lines[k+1] = []string{"…"}
		if i >= 0 {
			lines[k+1][0] = fmt.Sprint(i)
		}
	}
	for _, j := range cols {
		head := "…"
		var texts []string
		if j >= 0 {
			head = oneLine(t.columns[j].Name)
			texts = t.columns[j].shown(rows)
		}
		lines[0] = append(lines[0], head)
		for k := range rows {
			text := "…"
			if texts != nil {
				text = texts[k]
			}
			lines[k+1] = append(lines[k+1], text)
		}
	}
	return lines
}

// shown is the texts of some values; floats have as many decimals as those beside them need.
func (c Column) shown(rows []int) []string {
	texts := make([]string, len(rows))
	var floats []float64
	for _, i := range rows {
		if i >= 0 && c.Kind == Float && !c.Missing(i) {
			floats = append(floats, c.Floats[i])
		}
	}
	written := number.Column(floats)
	for k, i := range rows {
		switch {
		case i < 0:
			texts[k] = "…"
		case c.Missing(i):
			texts[k] = "-"
		case c.Kind == Float:
			texts[k], written = written[0], written[1:]
		default:
			texts[k] = oneLine(c.Text(i))
		}
	}
	return texts
}

// oneLine is a text without what breaks a line or hides, and not longer than fits.
func oneLine(s string) string {
	letters := make([]rune, 0, mostText)
	for _, r := range s {
		if len(letters) == mostText {
			return string(letters[:mostText-1]) + "…"
		}
		if r == '\n' || r == '\r' || r == '\t' || !unicode.IsGraphic(r) {
			r = ' '
		}
		letters = append(letters, r)
	}
	return string(letters)
}
