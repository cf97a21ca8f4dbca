package flamegraph

import (
	"fmt"
	"hash/fnv"
	"html"
	"strings"
	"unicode/utf8"
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

// The words around the boxes are of a grey that is read on white and on black, as the picture has no background: a
// notebook's may be light or dark.
const words = "#808080"

// SVG draws the flame graph: outermost boxes on top, each as wide as its
// time.
func (g *Graph) SVG() string {
	var b strings.Builder
	d := &drawing{graph: g, out: &b}
	x := margin
	for _, c := range g.Root.Children {
		x += d.node(c, x, 0)
	}
	height := head + float64(d.rows)*rowHeight + margin
	var s strings.Builder
	fmt.Fprintf(&s, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %[1]g %[2]g" font-family="DejaVu Sans Mono, Menlo, Consolas, monospace" font-size="11">`, width, height)
	fmt.Fprintf(&s, `<text x="%g" y="16" font-size="13" fill="%s">%s</text>`, margin, words, html.EscapeString(g.Title))
	lx := margin
	for _, k := range g.Kinds {
		fmt.Fprintf(&s, `<rect x="%g" y="24" width="11" height="11" fill="%s"/><text x="%g" y="33.5" fill="%s">%s</text>`, lx, k.fill(""), lx+15, words, html.EscapeString(k.Name))
		lx += 15 + float64(utf8.RuneCountInString(k.Name))*charWidth + 18
	}
	if d.cut {
		fmt.Fprintf(&s, `<text x="%g" y="33.5" fill="%s">(only the outer %d calls are drawn)</text>`, lx, words, deepest)
	}
	s.WriteString(b.String())
	s.WriteString("</svg>")
	return s.String()
}

type drawing struct {
	graph *Graph
	rows  int
	out   *strings.Builder
	cut   bool
}

// node draws a box with what is in it and returns its width.
func (d *drawing) node(n *Node, x float64, depth int) float64 {
	w := (width - 2*margin) * float64(n.Time) / float64(max(d.graph.Root.Time, 1))
	if w < narrowest {
		return w
	}
	if depth >= deepest {
		d.cut = true
		return w
	}
	d.rows = max(d.rows, depth+1)
	y := head + float64(depth)*rowHeight
	name := html.EscapeString(n.Name)
	fmt.Fprintf(d.out, `<g><title>%s: %s, %s</title><rect x="%.2f" y="%g" width="%.2f" height="%g" rx="1.5" fill="%s"/>`,
		name, d.graph.duration(n.Time), d.graph.share(n.Time), x, y, max(w-0.5, 0.3), rowHeight-1, d.graph.kind(n).fill(n.Name))
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

// kind is that of a node.
func (g *Graph) kind(n *Node) Kind {
	if n.Kind < 0 || n.Kind >= len(g.Kinds) {
		return Kind{Light: 80}
	}
	return g.Kinds[n.Kind]
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

// fill is the colour of a box: its kind is the hue, its name a shade.
func (k Kind) fill(name string) string {
	shade := 0
	if name != "" {
		h := fnv.New32a()
		h.Write([]byte(name))
		shade = int(h.Sum32()%7) - 3
	}
	return fmt.Sprintf("hsl(%d,%d%%,%d%%)", k.Hue+2*shade, k.Saturation, k.Light+shade*2)
}
