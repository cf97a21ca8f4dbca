package train

import (
	"fmt"
	"strings"
	"time"

	"modelbook/internal/flamegraph"
	"modelbook/internal/number"
)

// FlameGraph is a picture of where the time of a training step goes: boxes as wide as their times, the passes on top,
// below them the layers, and the operations of each. A notebook shows it.
type FlameGraph struct{ graph *flamegraph.Graph }

// The kinds of boxes of a training.
const (
	passBox = iota
	layerBox
	operationBox
)

// FlameGraph draws the times: a step, forward and backward, by layers and their parts, down to the operations. Layers
// stand in the order in which they work.
func (t *Timings) FlameGraph() FlameGraph {
	g := &flamegraph.Graph{Title: "no step was measured", Root: &flamegraph.Node{}, Duration: number.Duration, Kinds: []flamegraph.Kind{
		passBox:      {Name: "parts of a step", Hue: 210, Saturation: 40, Light: 74},
		layerBox:     {Name: "layers", Hue: 150, Saturation: 45, Light: 68},
		operationBox: {Name: "operations", Hue: 47, Saturation: 80, Light: 68},
	}}
	if t == nil || t.Measured == 0 {
		return FlameGraph{g}
	}
	g.Title = fmt.Sprintf("a training step: %s, the mean of %d; width is time", number.Duration(t.Step), t.Measured)
	add := func(took time.Duration, pass string) *flamegraph.Node {
		return g.Root.Add(took, passBox, pass)
	}
	if t.Data > 0 {
		add(t.Data, "data")
	}
	for _, pass := range []string{"forward", "backward"} {
		for _, o := range t.operations {
			if o.backward != (pass == "backward") || o.took <= 0 {
				continue
			}
			at := add(o.took, pass)
			for _, part := range strings.Split(layerName(o.layer), ".") {
				at = at.Child(part, layerBox)
				at.Time += o.took
			}
			at = at.Child(o.name, operationBox)
			at.Time += o.took
		}
	}
	if t.Optimizer > 0 {
		add(t.Optimizer, optimizerName)
	}
	return FlameGraph{g}
}

// SVG is the picture as a file of its own, without scripts.
func (f FlameGraph) SVG() string {
	if f.graph == nil {
		return (*Timings)(nil).FlameGraph().SVG()
	}
	return f.graph.SVG()
}

// String is the picture as an indented tree, with the share of each box in the step.
func (f FlameGraph) String() string {
	if f.graph == nil || len(f.graph.Root.Children) == 0 {
		return "FlameGraph: no step was measured"
	}
	return f.graph.Text()
}

// MimeBundle gives a notebook the picture, and the tree as text.
func (f FlameGraph) MimeBundle() map[string]any {
	if f.graph == nil || len(f.graph.Root.Children) == 0 {
		return map[string]any{"text/plain": f.String()}
	}
	return f.graph.Bundle()
}
