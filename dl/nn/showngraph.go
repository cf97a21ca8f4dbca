package nn

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/internal/rich"
	"modelbook/internal/number"
)

// lines are the graph's nodes with their costs, in the order of Nodes; a layer that is used twice has its parameters in
// the first line. With costs there is the profile of Model.lines.
func (g *Graph) lines(costs bool) ([]line, *Profile) {
	var all []line
	weight, results := int64(0), int64(0)
	seen, used := map[*dl.Tensor]bool{}, map[int]bool{}
	for _, n := range g.nodes {
		l := line{name: n.Name(), kind: n.kindOf(), shape: n.Shape, memory: bytesOf(n.Shape), macs: -1}
		if n.layer >= 0 && !used[n.layer] {
			used[n.layer] = true
			for _, p := range collect(n.Layer()).found {
				if !seen[p.Value] {
					seen[p.Value] = true
					l.parameters += p.Value.Size()
				}
			}
		}
		if l.name == "" {
			l.name = l.kind
		}
		weight += effort(l.shape, l.parameters)
		results += l.memory
		all = append(all, l)
	}
	if !costs || g.outputs == nil {
		return all, nil
	}
	p := quickProfile(g, g.Profile, weight, results)
	if p != nil {
		counted := map[int]bool{} // a layer's work is that of all of its uses
		for i, n := range g.nodes {
			if n.layer >= 0 && !counted[n.layer] {
				counted[n.layer] = true
				all[i].macs = p.below(g.layers[n.layer].name)
			}
		}
	}
	return all, p
}

// kindOf says what makes the value.
func (x *Node) kindOf() string {
	switch {
	case x.layer >= 0 && x.graph != nil:
		return describe(x.graph.layers[x.layer].module)
	case x.kind != "":
		return x.kind
	case x.join != nil:
		return "function"
	}
	return "input"
}

// drawn are the nodes as they are drawn.
func (g *Graph) drawn() []rich.Node {
	var nodes []rich.Node
	for _, n := range g.nodes {
		kind := n.kindOf()
		d := rich.Node{Label: n.Name(), Detail: kind + " " + sampleSizes(n.Shape), Colour: colourOf(kind)}
		switch {
		case len(n.from) == 0:
			d.Detail, d.Colour = "input "+sampleSizes(n.Shape), rich.Teal
		case d.Label == "":
			d.Label, d.Detail = kind, sampleSizes(n.Shape)
		}
		if i := slices.Index(g.outputs, n); i >= 0 {
			d.Detail += " → out"
			if len(g.outputs) > 1 {
				d.Detail += fmt.Sprintf(" %d", i+1)
			}
		}
		for _, from := range n.from {
			d.From = append(d.From, from.at)
		}
		nodes = append(nodes, d)
	}
	return nodes
}

// sampleSizes writes the shape of a sample: 28×28×1.
func sampleSizes(s dl.Shape) string {
	if len(s) == 0 {
		return "one number"
	}
	return times(s)
}

// total says how many parameters there are.
func (g *Graph) total() string {
	c := Count(g)
	text := fmt.Sprintf("%s parameters (%s)", number.Commas(c.Total), number.Bytes(4*int64(c.Total)))
	if c.Frozen > 0 {
		text += fmt.Sprintf(", %s of them trainable", number.Commas(c.Trainable))
	}
	return text
}

// rows are the table of the nodes: after their names those that they are made of.
func (g *Graph) rows(lines []line) [][]string {
	rows := costRows(nil, lines)
	for k, row := range rows {
		from := "from"
		if k > 0 {
			var names []string
			for _, n := range g.nodes[k-1].from {
				names = append(names, lines[n.at].name)
			}
			from = rich.Clean(strings.Join(names, ", "), 40)
		}
		rows[k] = slices.Insert(row, 2, from)
	}
	return rows
}

// HTML shows the graph in a notebook: its nodes, each below those that it is made of, and the table of what they do, as
// that of a [Model].
func (g *Graph) HTML() string {
	lines, p := g.lines(true)
	title := fmt.Sprintf("<b>graph of %s</b> · %s", number.Plural(len(lines), "node", "nodes"), rich.Escape(g.total()))
	picture := rich.Graph(g.drawn())
	if picture == "" {
		picture = rich.Note("the graph has too many nodes to be drawn")
	}
	return rich.Card(title, picture, htmlTable(fewRows(g.rows(lines)), numbersFrom(4)), rich.Note(costs(g.total(), p)))
}

// SVG draws the graph for a file, "" where it is too large to be looked at: plot_model of Keras.
func (g *Graph) SVG() string {
	if svg := rich.Graph(g.drawn()); svg != "" {
		return rich.Alone(svg)
	}
	return ""
}

// String shows the graph's nodes as a table, with the numbers of parameters.
func (g *Graph) String() string {
	lines, _ := g.lines(false)
	return ruled(fewRows(g.rows(lines)), numbersFrom(4), g.total())
}

// plain is what a terminal shows: String with the costs.
func (g *Graph) plain() string {
	lines, p := g.lines(true)
	return ruled(fewRows(g.rows(lines)), numbersFrom(4), costs(g.total(), p))
}

// MimeBundle gives a notebook the graph as a drawing with a table, and the table as text.
func (g *Graph) MimeBundle() map[string]any {
	return map[string]any{"text/html": g.HTML(), "text/plain": g.plain()}
}
