package flame

import (
	"fmt"
	"hash/fnv"
	"html"
	"strings"
	"time"

	"modelbook/internal/number"
)

const (
	width     = 960.0
	rowHeight = 19.0
	head      = 44.0
	margin    = 4.0
	charWidth = 6.65 // of the 11 px monospaced font
	narrowest = 0.6  // rectangles under this width are left out
	deepest   = 60   // rows
)

// SVG draws the flame graph: outermost functions on top, each as wide as its
// time.
func (p *Profile) SVG() string {
	var b strings.Builder
	rows := 0
	d := &drawing{total: p.Root.Time, rows: &rows, out: &b}
	x := margin
	for _, c := range p.Root.Children {
		x += d.node(c, x, 0)
	}
	height := head + float64(rows)*rowHeight + margin
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %[1]g %[2]g" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11">`, width, height)
	s.WriteString(`<rect width="100%" height="100%" fill="#ffffff"/>`)
	fmt.Fprintf(&s, `<text x="%g" y="16" font-size="13" fill="#222222">CPU profile: %s in %s; width is time</text>`, margin, html.EscapeString(number.Sampled(p.Total)), samples(p.Samples))
	lx := margin
	for _, l := range []struct {
		kind Kind
		text string
	}{{Cell, "code of cells"}, {Package, "packages"}, {Runtime, "Go's runtime"}} {
		fmt.Fprintf(&s, `<rect x="%g" y="24" width="11" height="11" fill="%s"/><text x="%g" y="33.5" fill="#444444">%s</text>`, lx, fill(l.kind, ""), lx+15, l.text)
		lx += 15 + float64(len(l.text))*charWidth + 18
	}
	if d.cut {
		fmt.Fprintf(&s, `<text x="%g" y="33.5" fill="#888888">(only the outer %d calls are drawn)</text>`, lx, deepest)
	}
	s.WriteString(b.String())
	s.WriteString("</svg>")
	return s.String()
}

func samples(n int64) string {
	if n == 1 {
		return "1 sample"
	}
	return fmt.Sprintf("%d samples", n)
}

type drawing struct {
	total time.Duration
	rows  *int
	out   *strings.Builder
	cut   bool
}

// node draws a function with what it called and returns its width.
func (d *drawing) node(n *Node, x float64, depth int) float64 {
	w := (width - 2*margin) * float64(n.Time) / float64(max(d.total, 1))
	if w < narrowest {
		return w
	}
	if depth >= deepest {
		d.cut = true
		return w
	}
	*d.rows = max(*d.rows, depth+1)
	y := head + float64(depth)*rowHeight
	name := html.EscapeString(n.Name)
	fmt.Fprintf(d.out, `<g><title>%s: %s, %s</title><rect x="%.2f" y="%g" width="%.2f" height="%g" rx="1.5" fill="%s"/>`,
		name, number.Sampled(n.Time), d.share(n.Time), x, y, max(w-0.5, 0.3), rowHeight-1, fill(n.Kind, n.Name))
	if text := fit(n.Name, w-6); text != "" {
		fmt.Fprintf(d.out, `<text x="%.2f" y="%g" fill="#1a1a1a">%s</text>`, x+3, y+13, html.EscapeString(text))
	}
	d.out.WriteString("</g>")
	at := x
	for _, c := range n.Children {
		at += d.node(c, at, depth+1)
	}
	return w
}

func (d *drawing) share(t time.Duration) string { return share(t, d.total) }

func share(t, total time.Duration) string {
	return number.PercentOf(float64(t), float64(total))
}

// fit shortens a name to a width, to nothing when it would tell nothing.
func fit(name string, w float64) string {
	n := int(w / charWidth)
	r := []rune(name)
	switch {
	case len(r) <= n:
		return name
	case n < 4:
		return ""
	}
	return string(r[:n-1]) + "…"
}

// fill is the colour of a function: its kind is the hue, its name a shade.
func fill(k Kind, name string) string {
	shade := 0
	if name != "" {
		h := fnv.New32a()
		h.Write([]byte(name))
		shade = int(h.Sum32()%7) - 3
	}
	hue, saturation, light := 22, 88, 66
	switch k {
	case Package:
		hue, saturation, light = 47, 80, 68
	case Runtime:
		hue, saturation, light = 210, 22, 78
	}
	return fmt.Sprintf("hsl(%d,%d%%,%d%%)", hue+2*shade, saturation, light+shade*2)
}

// Text is the flame graph for terminals: a tree of what took at least a
// fiftieth of the time.
func (p *Profile) Text() string {
	var b strings.Builder
	var write func(n *Node, depth int)
	write = func(n *Node, depth int) {
		if n.Time*50 < p.Root.Time || depth > deepest {
			return
		}
		fmt.Fprintf(&b, "%6s  %s%s\n", share(n.Time, p.Root.Time), strings.Repeat("  ", depth), n.Name)
		for _, c := range n.Children {
			write(c, depth+1)
		}
	}
	for _, c := range p.Root.Children {
		write(c, 0)
	}
	return strings.TrimRight(b.String(), "\n")
}

// Rows are the functions that took most, at most n: time in the function and
// with what it called, each with its share, and the name.
func (p *Profile) Rows(n int) [][]string {
	var rows [][]string
	for _, f := range p.Functions[:min(n, len(p.Functions))] {
		rows = append(rows, []string{number.Sampled(f.Flat), share(f.Flat, p.Total), number.Sampled(f.Cum), share(f.Cum, p.Total), f.Name})
	}
	return rows
}
