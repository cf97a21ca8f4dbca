package table

import (
	"fmt"
	"math/bits"
	"strings"

	"modelbook/dl/internal/rich"
	"modelbook/internal/columns"
	"modelbook/internal/number"
)

// A notebook looks at all rows of a table up to allRead, and at sampleRead of a longer one; it says so.
const (
	allRead    = 1 << 16
	sampleRead = 1 << 14
)

// sampled is the table of the columns that are shown, with the rows that are looked at.
func (t *Table) sampled() *Table {
	var shown []Column
	for _, j := range visible(len(t.columns), mostColumns) {
		if j >= 0 {
			shown = append(shown, t.columns[j])
		}
	}
	if t.rows > allRead {
		rows := make([]int, sampleRead)
		for i := range rows { // even, and without a period
			at, _ := bits.Mul64(uint64(i)*0x9E3779B97F4A7C15, uint64(t.rows))
			rows[i] = int(at)
		}
		for j, c := range shown {
			shown[j] = c.Take(rows)
		}
	}
	return New(shown...)
}

// about is what is told of a column: its kind, what is missing, and a histogram or the most frequent values.
type about struct {
	kind, missing, values string
	histogram             rich.Histogram
}

func aboutColumn(c Column, sample bool) about {
	a := about{kind: c.Kind.String()}
	n := c.Len()
	missing := c.MissingCount()
	switch {
	case missing == 0:
	case sample:
		a.missing = number.Percent(float64(missing)/float64(n)) + " %"
	default:
		a.missing = fmt.Sprintf("%s (%s %%)", number.Count(missing), number.Percent(float64(missing)/float64(n)))
	}
	switch c.Kind {
	case Float, Int:
		values := present(c, nil)
		if a.histogram = rich.HistogramOf(values, 16); len(a.histogram.Counts) > 0 {
			a.values = fmt.Sprintf("%s to %s, mean %s", a.histogram.Level(a.histogram.Lo), a.histogram.Level(a.histogram.Hi), number.Measured(mean(values)))
		}
	case Time:
		a.values = timeRange(c)
	default:
		a.values = frequent(c)
	}
	return a
}

func timeRange(c Column) string {
	first, last := -1, -1
	for i := range c.Len() {
		if c.Missing(i) {
			continue
		}
		if first < 0 || c.Times[i].Before(c.Times[first]) {
			first = i
		}
		if last < 0 || c.Times[i].After(c.Times[last]) {
			last = i
		}
	}
	if first < 0 {
		return ""
	}
	return c.Text(first) + " to " + c.Text(last)
}

// frequent tells the most frequent values, or that all differ.
func frequent(c Column) string {
	counts := New(c).Counts(c.Name)
	present := c.Len() - c.MissingCount()
	if counts.Len() == 0 {
		return ""
	}
	if counts.Len() == present && present > 1 {
		return "all different"
	}
	var parts []string
	for i := range min(counts.Len(), 3) {
		parts = append(parts, fmt.Sprintf("%s %s %%", rich.Clean(counts.columns[0].Text(i), 16), number.Percent(float64(counts.columns[1].Ints[i])/float64(present))))
	}
	text := strings.Join(parts, ", ")
	if left := counts.Len() - 3; left > 0 {
		text += fmt.Sprintf(", %s more", number.Count(left))
	}
	return text
}

// HTML shows the table in a notebook: below the name of each column its kind, the missing values, and a histogram or the
// most frequent values; then the first and the last rows, and [Table.Describe] to unfold. Of a long table, what stands
// above the rows comes from a sample, which is said.
func (t *Table) HTML() string {
	shown, right, cols := t.shown(), t.right(), visible(len(t.columns), mostColumns)
	sample := t.sampled()
	rows := make([][]rich.Cell, 0, len(shown)+3)
	line := func(texts []string, head bool) []rich.Cell {
		var cells []rich.Cell
		for i, s := range texts {
			cells = append(cells, rich.Cell{Text: s, Head: head || i == 0, Right: right(i)})
		}
		return cells
	}
	kinds, missing, spread := []rich.Cell{{Text: "kind"}}, []rich.Cell{{Text: "missing"}}, []rich.Cell{{}}
	anyMissing, k := false, 0
	for i, j := range cols {
		if j < 0 {
			kinds, missing, spread = append(kinds, rich.Cell{Text: "…"}), append(missing, rich.Cell{}), append(spread, rich.Cell{})
			continue
		}
		a := aboutColumn(sample.columns[k], sample.rows < t.rows)
		k++
		anyMissing = anyMissing || a.missing != ""
		kinds = append(kinds, rich.Cell{Text: a.kind, Right: right(i + 1)})
		missing = append(missing, rich.Cell{Text: a.missing, Right: right(i + 1)})
		cell := rich.Cell{Text: a.values, Right: right(i + 1)}
		if svg := a.histogram.SVG(); svg != "" {
			cell = rich.Cell{HTML: svg, Right: true, Title: a.values}
		}
		spread = append(spread, cell)
	}
	if len(t.columns) > 0 {
		rows = append(rows, line(shown[0], true), kinds)
		if anyMissing {
			rows = append(rows, missing)
		}
		rows = append(rows, spread)
	}
	for _, texts := range shown[1:] {
		rows = append(rows, line(texts, false))
	}
	parts := []string{rich.Table(rows)}
	if sample.rows < t.rows {
		parts = append(parts, rich.Note("above the rows: of a sample of "+number.Count(sample.rows)+" rows"))
	}
	if t.rows > 0 && len(t.columns) > 0 {
		d := sample.Describe()
		parts = append(parts, "<details><summary>Describe</summary>"+columns.HTML(d.shown(), d.right())+"</details>")
	}
	return rich.Card("<b>"+rich.Escape(t.size())+"</b>", parts...)
}

// plain is what a terminal shows: the rows, and below them a line for each column.
func (t *Table) plain() string {
	if t.rows == 0 || len(t.columns) == 0 {
		return t.String()
	}
	sample := t.sampled()
	rows := [][]string{{"column", "kind", "missing", "values", ""}}
	k := 0
	for _, j := range visible(len(t.columns), mostColumns) {
		if j < 0 {
			rows = append(rows, []string{"…"})
			continue
		}
		c := sample.columns[k]
		k++
		a := aboutColumn(c, sample.rows < t.rows)
		if a.missing == "" {
			a.missing = "-"
		}
		rows = append(rows, []string{oneLine(c.Name), a.kind, a.missing, rich.Clean(a.values, 60), a.histogram.Text()})
	}
	text := t.String() + "\n\n" + strings.Join(columns.Lines(rows, func(int) bool { return false }), "\n")
	if sample.rows < t.rows {
		text += "\nof a sample of " + number.Count(sample.rows) + " rows"
	}
	return text
}

// MimeBundle gives a notebook the table as HTML and, with a line for each column below it, as text.
func (t *Table) MimeBundle() map[string]any {
	return map[string]any{"text/html": t.HTML(), "text/plain": t.plain()}
}
