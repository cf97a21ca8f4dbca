// Package flamegraph draws what took the time as a flame graph: boxes as wide as their times, what they are made of
// below them, as an SVG without scripts, and as an indented tree for terminals.
//
// Any package may use it; it imports the standard library and package number only. What a box stands for, a function or
// a layer of a network, belongs to the caller.
package flamegraph

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"time"

	"modelbook/internal/number"
)

// A Graph is a tree of times and how it is shown.
type Graph struct {
	Title string
	Kinds []Kind // those of the boxes, in the order of the legend
	Root  *Node  // its children are the outermost boxes; it is not drawn itself

	// Duration writes a time; nil: number.Duration.
	Duration func(time.Duration) string
}

// A Kind is a group of boxes of one hue.
type Kind struct {
	Name                   string
	Hue, Saturation, Light int // as in CSS's hsl
}

// A Node is a box.
type Node struct {
	Name     string
	Kind     int           // a place in Kinds
	Time     time.Duration // with that of its children
	Children []*Node
}

// Child returns the child of a name and a kind, which it makes if there is none.
func (n *Node) Child(name string, kind int) *Node {
	for _, c := range n.Children {
		if c.Name == name && c.Kind == kind {
			return c
		}
	}
	c := &Node{Name: name, Kind: kind}
	n.Children = append(n.Children, c)
	return c
}

// Add adds a time to a node and to its child of a name, which it returns.
func (n *Node) Add(t time.Duration, kind int, name string) *Node {
	n.Time += t
	c := n.Child(name, kind)
	c.Time += t
	return c
}

// Sort puts the longest children first.
func (n *Node) Sort() {
	slices.SortStableFunc(n.Children, func(a, b *Node) int {
		if a.Time != b.Time {
			return int(b.Time - a.Time)
		}
		return strings.Compare(a.Name, b.Name)
	})
	for _, c := range n.Children {
		c.Sort()
	}
}

// Text is the flame graph for terminals: a tree of what took at least a
// fiftieth of the time.
func (g *Graph) Text() string {
	var b strings.Builder
	var write func(n *Node, depth int)
	write = func(n *Node, depth int) {
		if n.Time*50 < g.Root.Time || depth > deepest {
			return
		}
		fmt.Fprintf(&b, "%6s  %s%s\n", g.share(n.Time), strings.Repeat("  ", depth), n.Name)
		for _, c := range n.Children {
			write(c, depth+1)
		}
	}
	for _, c := range g.Root.Children {
		write(c, 0)
	}
	return strings.TrimRight(b.String(), "\n")
}

// Bundle is the flame graph by MIME type. As an image in HTML the picture survives what front ends and converters do to
// SVG that they do not trust.
func (g *Graph) Bundle() map[string]any {
	svg := g.SVG()
	picture := `<img alt="flame graph" src="data:image/svg+xml;base64,` + base64.StdEncoding.EncodeToString([]byte(svg)) + `"/>`
	return map[string]any{"text/html": picture, "image/svg+xml": svg, "text/plain": g.Text()}
}

// share writes a part of all the time.
func (g *Graph) share(t time.Duration) string {
	return number.PercentOf(float64(t), float64(g.Root.Time))
}

// duration writes a time.
func (g *Graph) duration(t time.Duration) string {
	if g.Duration != nil {
		return g.Duration(t)
	}
	return number.Duration(t)
}
