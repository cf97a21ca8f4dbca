package display

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// lineWidth is how long a line of Go text grows before it is broken.
const lineWidth = 88

// node is a value to be laid out: a text, or items in brackets.
type node struct {
	text        string
	open, close string // brackets, when text is ""
	items       []node
}

// put writes s before the node.
func (n *node) put(s string) {
	if n.open != "" {
		n.open = s + n.open
		return
	}
	n.text = s + n.text
}

// more tells how many of total items are not shown.
func (n *node) more(total int) {
	if rest := total - len(n.items); rest > 0 {
		n.items = append(n.items, node{text: fmt.Sprintf("… %d more", rest)})
	}
}

// flat writes the node on one line.
func (n node) flat(b *strings.Builder) {
	if n.open == "" {
		b.WriteString(n.text)
		return
	}
	b.WriteString(n.open)
	for i, item := range n.items {
		if i > 0 {
			b.WriteString(", ")
		}
		item.flat(b)
	}
	b.WriteString(n.close)
}

// width is the length of the node on one line, counted up to limit.
func (n node) width(limit int) int {
	if n.open == "" {
		return utf8.RuneCountInString(n.text)
	}
	w := utf8.RuneCountInString(n.open) + len(n.close)
	for i, item := range n.items {
		if i > 0 {
			w += 2
		}
		if w += item.width(limit - w); w > limit {
			return w
		}
	}
	return w
}

// write lays the node out as gofmt would: on one line if it fits, else its
// items on lines of their own. Items without structure share lines.
func (n node) write(b *strings.Builder, indent, column int) {
	if n.open == "" || n.width(lineWidth-column) <= lineWidth-column {
		n.flat(b)
		return
	}
	b.WriteString(n.open)
	inner := indent + 4
	column = lineWidth // the first item starts a line
	for i, item := range n.items {
		w := item.width(lineWidth) + 1
		leaf := item.open == "" && !strings.Contains(item.text, ": ")
		if !leaf || column+1+w > lineWidth || i > 0 && n.items[i-1].open != "" {
			b.WriteString("\n" + strings.Repeat(" ", inner))
			column = inner
		} else {
			b.WriteString(" ")
			column++
		}
		item.write(b, inner, column)
		b.WriteString(",")
		column += w
		if !leaf {
			column = lineWidth
		}
	}
	b.WriteString("\n" + strings.Repeat(" ", indent) + n.close)
}
