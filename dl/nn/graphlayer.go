package nn

import (
	"bytes"
	"encoding/json"
	"fmt"

	"modelbook/dl"
)

// GraphLayer is a graph of one input and one output as a layer of other models: see [Graph.AsLayer].
type GraphLayer struct{ Graph *Graph }

// AsLayer makes a built graph a layer of another model, for nn.Sequential or another graph, which computes with its
// parameters. It must have one input and one output.
func (g *Graph) AsLayer() *GraphLayer { return &GraphLayer{g} }

// Build finds whether the graph fits: see [Layer].
func (l *GraphLayer) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	g := l.Graph
	switch {
	case g == nil || g.outputs == nil:
		return nil, nil, fmt.Errorf("the graph has no outputs: call its Build")
	case len(g.inputs) != 1 || len(g.outputs) != 1:
		return nil, nil, fmt.Errorf("the graph has %d inputs and %d outputs; a layer has one of each", len(g.inputs), len(g.outputs))
	case !equal(in, g.inputs[0].Shape):
		return nil, nil, fmt.Errorf("the graph was built for %v", g.inputs[0].Shape)
	}
	return l, g.outputs[0].Shape, nil
}

// Forward computes the outputs for a batch.
func (l *GraphLayer) Forward(x *dl.Tensor) *dl.Tensor { return l.Graph.Forward(x) }

// Parameters returns the parameters of the graph.
func (l *GraphLayer) Parameters() []*Parameter {
	if l.Graph == nil {
		return nil
	}
	return l.Graph.Parameters()
}

// Head is the activation with which the graph ends: see [Headed].
func (l *GraphLayer) Head() Activation { return l.Graph.Head() }

// Logits computes the outputs without the last activation: see [Headed].
func (l *GraphLayer) Logits(x *dl.Tensor) *dl.Tensor { return l.Graph.Logits(x) }

func (l *GraphLayer) masked(x, mask *dl.Tensor, headless bool) (y, after *dl.Tensor) {
	l.Graph.single("Forward")
	return l.Graph.call(headless && l.Graph.Head() != Identity, x, mask)
}

func (l *GraphLayer) parts() []part { return l.Graph.parts() }

func (l *GraphLayer) inUse() (Module, bool) {
	if l.Graph == nil {
		return l, true
	}
	g, ok := l.Graph.inUse()
	if !ok {
		return nil, false
	}
	return &GraphLayer{g.(*Graph)}, true
}

// MarshalJSON describes the graph, as its structure does.
func (l *GraphLayer) MarshalJSON() ([]byte, error) {
	text, err := l.Graph.Structure()
	return []byte(text), err
}

// nestedGraph is a graph among the layers of a model, as a file describes it.
type nestedGraph struct{ structure graphStructure }

func (n *nestedGraph) UnmarshalJSON(text []byte) error {
	if depth(text) > maxNesting {
		return fmt.Errorf("layers are nested too deeply")
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(&n.structure)
}

func (n nestedGraph) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	g, err := n.structure.build(b)
	if err != nil {
		return nil, nil, err
	}
	return g.AsLayer().Build(in, b)
}
