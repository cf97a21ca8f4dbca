// Package table formats what commands show in rows, as aligned text and as HTML.
//
// It imports internal/columns, which lays out the rows, and nothing else of the
// project. The tables of values that cells show are made in the worker (package
// display), which is another program.
package table

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"modelbook/internal/columns"
)

// A Table is a head and rows of as many texts.
type Table struct {
	Title string // shown above, or ""
	Head  []string
	Rows  [][]string
	// Right is the number of columns, from the left, that are aligned to the
	// right; -1 stands for all but the first.
	Right int
	// Colour maps the text of a cell to a CSS colour.
	Colour map[string]string
}

// Data returns the table by MIME type, as HTML and as text.
func (t Table) Data() map[string]any {
	return map[string]any{"text/plain": t.Text(), "text/html": t.HTML()}
}

func (t Table) isRight(column int) bool {
	return t.Right < 0 && column > 0 || column < t.Right
}

// isNarrow reports whether all texts of a column are short: such a column is not broken into lines where the page is
// narrow, as the wide ones are.
func (t Table) isNarrow(column int) bool {
	const short = 30
	for _, row := range t.Rows {
		if column < len(row) && utf8.RuneCountInString(row[column]) > short {
			return false
		}
	}
	return true
}

// oneLine replaces what would break a row.
func oneLine(text string) string {
	return strings.Map(func(c rune) rune {
		if c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r' {
			return ' '
		}
		return c
	}, text)
}

// Text is the table with aligned columns, without a newline at its end.
func (t Table) Text() string {
	var rows [][]string
	for _, row := range append([][]string{t.Head}, t.Rows...) {
		line := make([]string, len(row))
		for i, text := range row {
			line[i] = oneLine(text)
		}
		rows = append(rows, line)
	}
	lines := columns.Lines(rows, t.isRight)
	if t.Title != "" {
		lines = append([]string{t.Title}, lines...)
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n")
}

// HTML is the table as an HTML element. Blanks at the start of a cell's text
// indent it.
func (t Table) HTML() string {
	var b strings.Builder
	if t.Title != "" {
		b.WriteString("<p>" + html.EscapeString(t.Title) + "</p>\n")
	}
	align := func(i int) string {
		style := "text-align:left"
		if t.isRight(i) {
			style = "text-align:right"
		}
		if t.isNarrow(i) {
			style += ";white-space:nowrap"
		}
		return style
	}
	b.WriteString("<table><thead><tr>")
	for i, h := range t.Head {
		fmt.Fprintf(&b, `<th style="%s">%s</th>`, align(i), html.EscapeString(h))
	}
	b.WriteString("</tr></thead><tbody>")
	for _, row := range t.Rows {
		b.WriteString("<tr>")
		for i, text := range row {
			style := align(i)
			if c := t.Colour[text]; c != "" {
				style += ";font-weight:bold;color:" + c
			}
			code := html.EscapeString(oneLine(text))
			if n := len(code) - len(strings.TrimLeft(code, " ")); n > 0 {
				code = strings.Repeat("&nbsp;&nbsp;", n) + code[n:]
			}
			fmt.Fprintf(&b, `<td style="%s"><code style="color:inherit;background:none;padding:0">%s</code></td>`, style, code)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}
