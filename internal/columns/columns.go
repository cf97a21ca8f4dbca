// Package columns lays out rows of text as a table: as lines with aligned columns,
// and as HTML.
//
// Any package may use it; it imports the standard library only. What a table
// shows, and a title or notes around it, belong to the caller.
package columns

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// Lines returns a line for each row, with two spaces between columns. A nil right
// aligns all columns to the right; otherwise it says which are. No line ends in
// spaces.
func Lines(rows [][]string, right func(column int) bool) []string {
	var widths []int
	for _, row := range rows {
		for i, text := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	lines := make([]string, len(rows))
	var b strings.Builder
	for k, row := range rows {
		b.Reset()
		for i, text := range row {
			if i > 0 {
				b.WriteString("  ")
			}
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if right == nil || right(i) {
				b.WriteString(pad + text)
			} else {
				b.WriteString(text + pad)
			}
		}
		lines[k] = strings.TrimRight(b.String(), " ")
	}
	return lines
}

// HTML returns a table element whose first row is the head. right is that of
// Lines.
func HTML(rows [][]string, right func(column int) bool) string {
	var b strings.Builder
	b.WriteString("<table>")
	for k, row := range rows {
		tag := "td"
		if k == 0 {
			tag = "th"
		}
		b.WriteString("<tr>")
		for i, text := range row {
			align := "left"
			if right == nil || right(i) {
				align = "right"
			}
			fmt.Fprintf(&b, `<%s style="text-align: %s">%s</%[1]s>`, tag, align, html.EscapeString(text))
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return b.String()
}
