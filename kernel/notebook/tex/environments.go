package tex

import "strings"

// A layout says how an environment shows its rows.
type layout struct {
	open, close string // delimiters around it
	align       string // of its columns: l, c, r; the last ones repeat
	display     bool   // its cells are formulas of their own
	tight       bool   // no space between columns
	array       bool   // the columns are named in an argument
}

var gathered = layout{align: "c", display: true, tight: true}

var environments = map[string]layout{
	"matrix": {align: "c"}, "smallmatrix": {align: "c"}, "pmatrix": {open: "(", close: ")", align: "c"}, "bmatrix": {open: "[", close: "]", align: "c"},
	"Bmatrix": {open: "{", close: "}", align: "c"}, "vmatrix": {open: "|", close: "|", align: "c"}, "Vmatrix": {open: "‖", close: "‖", align: "c"},
	"array": {align: "c", array: true}, "cases": {open: "{", align: "l"}, "dcases": {open: "{", align: "l", display: true}, "rcases": {close: "}", align: "l"},
	"aligned": {align: "rl", display: true, tight: true}, "align": {align: "rl", display: true, tight: true}, "alignat": {align: "rl", display: true, tight: true},
	"split": {align: "rl", display: true, tight: true}, "eqnarray": {align: "rcl", display: true, tight: true}, "flalign": {align: "rl", display: true, tight: true},
	"gather": gathered, "gathered": gathered, "multline": gathered, "equation": gathered, "displaymath": gathered, "math": gathered,
}

// environment reads up to its \end.
func (p *parser) environment(name string) string {
	l, ok := environments[strings.TrimSuffix(name, "*")]
	if !ok {
		p.fail(`\begin{%s} is not known`, name)
	}
	if strings.HasPrefix(name, "alignat") {
		p.raw()
	}
	if l.array {
		p.optional()
		if l.align = strings.Map(func(r rune) rune {
			if strings.ContainsRune("lcr", r) {
				return r
			}
			return -1
		}, p.raw()); l.align == "" {
			l.align = "c"
		}
	}
	text := p.table(l, `\end`)
	if !p.accept(`\end`) || p.raw() != name {
		p.fail(`\begin{%s} without its \end`, name)
	}
	fence := func(s, form string) string {
		if s == "" {
			return ""
		}
		return `<mo fence="true" stretchy="true" form="` + form + `">` + s + "</mo>"
	}
	if l.open+l.close == "" {
		return text
	}
	return "<mrow>" + fence(l.open, "prefix") + text + fence(l.close, "postfix") + "</mrow>"
}

// table reads rows of cells up to the token end. One cell is no table.
func (p *parser) table(l layout, end string) string {
	defer p.enter()()
	rows := [][]string{nil}
	for p.accept(`\hline`) {
	}
	for {
		rows[len(rows)-1] = append(rows[len(rows)-1], p.row())
		switch {
		case p.accept("&"):
			continue
		case p.accept(`\\`), p.accept(`\cr`):
			p.optional() // a distance
			for p.accept(`\hline`) {
			}
			if t := p.peek(); t != end && t != "" {
				rows = append(rows, nil)
				continue
			}
		}
		break
	}
	if len(rows) == 1 && len(rows[0]) == 1 && l.display {
		return rows[0][0]
	}
	style := ""
	if l.display {
		style = ` displaystyle="true"`
	}
	var b strings.Builder
	b.WriteString("<mtable" + style + ">")
	for _, row := range rows {
		b.WriteString("<mtr>")
		for i, cell := range row {
			css := "text-align: " + map[byte]string{'l': "left", 'c': "center", 'r': "right"}[l.column(i)]
			if l.tight {
				css += "; padding-left: " + map[bool]string{true: "2em", false: "0"}[i > 0 && i%len(l.align) == 0] + "; padding-right: 0"
			}
			b.WriteString(`<mtd style="` + css + `">` + cell + "</mtd>")
		}
		b.WriteString("</mtr>")
	}
	b.WriteString("</mtable>")
	return b.String()
}

// column is the alignment of a column.
func (l layout) column(i int) byte {
	if l.array {
		return l.align[min(i, len(l.align)-1)]
	}
	return l.align[i%len(l.align)]
}
