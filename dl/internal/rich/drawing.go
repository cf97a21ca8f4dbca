// Package rich writes the small pictures that values of dl show of themselves in a notebook: SVG and HTML written by
// hand, and the same as text for terminals.
//
// Pictures stand on light and on dark pages: text and lines have the page's own colour, areas have colours that can be
// told from both. All text is escaped, no script is used, and the work is bounded by what is drawn.
//
// It imports nothing but the standard library, internal/number and internal/pixels.
package rich

import (
	"fmt"
	"html"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// Colours of areas, each with a contrast of at least 3 to white and to #111.
const (
	Blue   = "#2f87d0"
	Orange = "#d9730d"
	Green  = "#2e9b58"
	Purple = "#9a6bd6"
	Red    = "#e0554a"
	Teal   = "#1f9aa3"
	Grey   = "#808080"
)

// Clean is a text of strangers on one line of at most n letters, without what hides or turns others.
func Clean(s string, n int) string {
	letters := make([]rune, 0, min(n, len(s)))
	for _, r := range s {
		if len(letters) == n {
			letters[n-1] = '…'
			break
		}
		switch {
		case unicode.IsSpace(r):
			r = ' '
		case !unicode.IsGraphic(r) || r == '\uFFFE' || r == '\uFFFF':
			r = '\uFFFD'
		}
		letters = append(letters, r)
	}
	return string(letters)
}

// Escape is a text fit for HTML and SVG, between tags and in quotes.
func Escape(s string) string {
	return html.EscapeString(strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r == '\uFFFE' || r == '\uFFFF' {
			return '\uFFFD' // XML has no such characters
		}
		return r
	}, strings.ToValidUTF8(s, "\uFFFD")))
}

// drawing is an SVG picture in the making.
type drawing struct{ strings.Builder }

// num writes a coordinate, to a tenth of a pixel.
func num(v float64) string {
	return strconv.FormatFloat(math.Round(v*10)/10+0, 'f', -1, 64)
}

// text writes a text at a point; anchor is start, middle or end. The space behind it is for readers that leave out all
// but texts, such as JupyterLab in a notebook that it does not trust.
func (d *drawing) text(x, y float64, size int, anchor, s string) {
	fmt.Fprintf(d, `<text x="%s" y="%s" font-size="%d" text-anchor="%s" fill="currentColor">%s</text> `, num(x), num(y), size, anchor, Escape(s))
}

// rect fills a rectangle; attributes come behind.
func (d *drawing) rect(x, y, w, h float64, fill, attributes string) {
	fmt.Fprintf(d, `<rect x="%s" y="%s" width="%s" height="%s" fill="%s"%s/>`, num(x), num(y), num(w), num(h), fill, attributes)
}

// path strokes or fills a path, whose data the caller has made of numbers.
func (d *drawing) path(data, attributes string) { fmt.Fprintf(d, `<path d="%s"%s/>`, data, attributes) }

const thin = ` fill="none" stroke="currentColor" stroke-opacity=".45"`

// svg is the whole picture. about says in words what it shows.
func (d *drawing) svg(w, h float64, about string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" role="img" aria-label="%s" `+
		`font-family="sans-serif" style="max-width:100%%;height:auto">%s</svg>`, num(w), num(h), Escape(Clean(about, 300)), d.String())
}

// Alone is a picture as a file of its own, which has no page to take a colour from: a grey that light and dark pages
// both show.
func Alone(svg string) string {
	return strings.Replace(svg, "<svg ", `<svg color="#767676" `, 1)
}

// Card is the frame of what a value shows: a line that says what it is, and the parts below it.
func Card(title string, parts ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<div style="font-family:sans-serif;font-size:13px"><div style="margin:2px 0 6px">%s</div>`, title)
	for _, p := range parts {
		b.WriteString(p)
	}
	b.WriteString("</div>")
	return b.String()
}

// Row puts parts beside one another, and below where the page is narrow.
func Row(parts ...string) string {
	var b strings.Builder
	b.WriteString(`<div style="display:flex;flex-wrap:wrap;gap:8px 24px;align-items:flex-end;margin-bottom:6px">`)
	for _, p := range parts {
		if p != "" {
			b.WriteString("<div>" + p + "</div>")
		}
	}
	b.WriteString("</div>")
	return b.String()
}

// Cell is a cell of a table. Text is escaped; HTML, where it is not "", stands instead.
type Cell struct {
	Text, HTML  string
	Head, Right bool
	Strong      bool   // bold
	Title       string // what a pointer over the cell shows
}

// Table is a table of rows of cells, the first heads of which are its head.
func Table(rows [][]Cell) string {
	var b strings.Builder
	b.WriteString("<table>")
	for _, row := range rows {
		b.WriteString("<tr>")
		for _, c := range row {
			tag, align, title := "td", "left", ""
			if c.Head {
				tag = "th"
			}
			if c.Right {
				align = "right"
			}
			if c.Title != "" {
				title = ` title="` + Escape(c.Title) + `"`
			}
			content := c.HTML
			if content == "" {
				content = Escape(c.Text)
			}
			if c.Strong {
				content = "<b>" + content + "</b>"
			}
			fmt.Fprintf(&b, `<%s style="text-align:%s"%s>%s</%[1]s>`, tag, align, title, content)
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</table>")
	return b.String()
}

// Note is a line in small letters.
func Note(s string) string {
	return `<div style="font-size:12px;opacity:.8;margin:4px 0">` + Escape(s) + `</div>`
}

// Shown are the numbers of n things that are shown where at most so many fit: the first and the last, -1 between them.
func Shown(n, most int) []int {
	var all []int
	if n <= most {
		for i := range n {
			all = append(all, i)
		}
		return all
	}
	for i := range most / 2 {
		all = append(all, i)
	}
	all = append(all, -1)
	for i := n - most/2; i < n; i++ {
		all = append(all, i)
	}
	return all
}
