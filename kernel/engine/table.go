package engine

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"
)

// A table is what commands show in rows.
type table struct {
	title string // or ""
	head  []string
	rows  [][]string
	// right is the number of columns, from the left, that are aligned to the
	// right; -1 stands for all but the first.
	right int
	// colour gives cells of these texts a colour.
	colour map[string]string
}

func (t *table) isRight(column int) bool {
	return t.right < 0 && column > 0 || column < t.right
}

// table shows a table as HTML and as aligned text.
func (r *commandRun) table(t table) {
	for _, row := range t.rows {
		for i, text := range row {
			row[i] = strings.Map(func(c rune) rune {
				if c == '\t' || c == '\n' || c == '\v' || c == '\f' || c == '\r' {
					return ' '
				}
				return c
			}, text)
		}
	}
	r.out.Display(Display{Data: map[string]any{"text/plain": t.text(), "text/html": t.html()}})
}

func (t *table) text() string {
	widths := make([]int, len(t.head))
	all := append([][]string{t.head}, t.rows...)
	for _, row := range all {
		for i, text := range row {
			widths[i] = max(widths[i], utf8.RuneCountInString(text))
		}
	}
	var b strings.Builder
	if t.title != "" {
		b.WriteString(t.title + "\n")
	}
	for _, row := range all {
		line := ""
		for i, text := range row {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(text))
			if i > 0 {
				line += "  "
			}
			if t.isRight(i) {
				line += pad + text
			} else {
				line += text + pad
			}
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func (t *table) html() string {
	var b strings.Builder
	if t.title != "" {
		b.WriteString("<p>" + html.EscapeString(t.title) + "</p>\n")
	}
	align := func(i int) string {
		if t.isRight(i) {
			return "text-align:right"
		}
		return "text-align:left"
	}
	b.WriteString("<table><thead><tr>")
	for i, h := range t.head {
		fmt.Fprintf(&b, `<th style="%s">%s</th>`, align(i), html.EscapeString(h))
	}
	b.WriteString("</tr></thead><tbody>")
	for _, row := range t.rows {
		b.WriteString("<tr>")
		for i, text := range row {
			style := align(i)
			if c := t.colour[text]; c != "" {
				style += ";font-weight:bold;color:" + c
			}
			code := html.EscapeString(text)
			if n := len(code) - len(strings.TrimLeft(code, " ")); n > 0 { // a subtest
				code = strings.Repeat("&nbsp;&nbsp;", n) + code[n:]
			}
			fmt.Fprintf(&b, `<td style="%s"><code style="color:inherit;background:none">%s</code></td>`, style, code)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	return b.String()
}
