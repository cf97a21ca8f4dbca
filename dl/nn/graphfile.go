package nn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"modelbook/dl"
)

// graphKey is where a file's metadata has the structure of a graph, as JSON.
const graphKey = "modelbook.graph"

// graphStructure is a graph without its parameters. Nodes come after those that they are made of.
type graphStructure struct {
	Nodes   []nodeEntry  `json:"nodes"`
	Layers  []layerEntry `json:"layers"` // in the order of their first use
	Outputs []int        `json:"outputs"`
}

// nodeEntry is an input, the use of a layer, or a join of other nodes.
type nodeEntry struct {
	Input *string  `json:"input,omitempty"`
	Shape dl.Shape `json:"shape,omitempty"` // of an input
	Layer *int     `json:"layer,omitempty"`
	Join  string   `json:"join,omitempty"`
	Axes  []int    `json:"axes,omitempty"` // of a join that has some
	From  []int    `json:"from,omitempty"`
}

// Structure describes the graph as JSON, from which [GraphFromStructure] builds it. It fails for functions, and for
// layers of your own that are not registered.
func (g *Graph) Structure() (string, error) {
	if g == nil || g.outputs == nil {
		return "", fmt.Errorf("nn.Graph: the graph has no outputs: call Build")
	}
	var s graphStructure
	used := map[string]int{}
	for i, layer := range g.layers {
		entry, err := entryOf(layer.module, g.made[i])
		if err != nil {
			return "", fmt.Errorf("nn.Graph: layer %d %w", i+1, err)
		}
		entry.Name = givenName(layer.name, g.made[i], used)
		s.Layers = append(s.Layers, entry)
	}
	for i, n := range g.nodes {
		var e nodeEntry
		for _, from := range n.from {
			e.From = append(e.From, from.at)
		}
		switch {
		case n.layer >= 0:
			e.Layer = &n.layer
		case n.join == nil:
			e.Input, e.Shape = &n.name, n.Shape
		case n.kind == "":
			return "", fmt.Errorf("nn.Graph: node %d is a function, which no file can hold: use Concat, Sum, or a layer of your own with nn.Register", i+1)
		default:
			e.Join, e.Axes = n.kind, n.axes
		}
		s.Nodes = append(s.Nodes, e)
	}
	for _, n := range g.outputs {
		s.Outputs = append(s.Outputs, n.at)
	}
	text, err := json.Marshal(s)
	return string(text), err
}

// GraphFromStructure builds the graph that a structure describes around parameters of the given names. It allocates
// none.
func GraphFromStructure(text string, parameters map[string]*dl.Tensor) (*Graph, error) {
	var s graphStructure
	d := json.NewDecoder(strings.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&s); err != nil {
		return nil, fmt.Errorf("nn.Graph: the structure: %w", err)
	}
	if parameters == nil {
		parameters = map[string]*dl.Tensor{}
	}
	return s.build(&Builder{Rand: dl.DefaultRand(), stored: parameters})
}

// build makes the graph, its parameters with b.
func (s *graphStructure) build(b *Builder) (*Graph, error) {
	layers, err := layersOf(s.Layers)
	if err != nil {
		return nil, fmt.Errorf("nn.Graph: %w", err)
	}
	g := NewGraph()
	later := g.builder
	g.builder = b
	uses := make([]func(*Node) *Node, len(layers))
	for i, layer := range layers {
		uses[i] = g.Layer(layer)
	}
	node := func(i int) *Node { // nil, which is no node of the graph, where there is none
		if i < 0 || i >= len(g.nodes) {
			return nil
		}
		return g.nodes[i]
	}
	for i, e := range s.Nodes {
		var from []*Node
		for _, at := range e.From {
			from = append(from, node(at))
		}
		_, known := wayOf(e.Join, e.Axes)
		switch {
		case e.Input != nil && e.Layer == nil && e.Join == "" && len(e.Axes) == 0 && len(from) == 0:
			g.Input(*e.Input, e.Shape...)
		case e.Input == nil && e.Layer != nil && e.Join == "" && len(e.Axes) == 0 && len(from) == 1 && *e.Layer >= 0 && *e.Layer < len(layers):
			uses[*e.Layer](from[0])
		case e.Input == nil && e.Layer == nil && known:
			g.joined(e.Join, from, e.Axes...)
		default:
			return nil, fmt.Errorf("nn.Graph: the structure: node %d is no input, no use of a layer, and no join", i+1)
		}
		if g.err != nil {
			return nil, fmt.Errorf("nn.Graph: node %d: %w", i+1, g.err)
		}
	}
	var outputs []*Node
	for _, at := range s.Outputs {
		outputs = append(outputs, node(at))
	}
	g.builder = later
	return g.Build(outputs...)
}

// Save writes the graph to a safetensors file: structure and parameters. The file is replaced in one step, so that it
// is never half a graph.
func (g *Graph) Save(path string) error {
	if _, err := g.Structure(); err != nil {
		return err
	}
	tensors, meta := Tensors(g)
	return dl.SaveSafetensors(path, tensors, meta)
}

// LoadGraph rebuilds a graph that Graph.Save, or a checkpoint of a training, has written.
func LoadGraph(path string) (*Graph, error) {
	list, meta, unknown, err := readKnown(path)
	if err != nil {
		return nil, err
	}
	if _, ok := meta[graphKey]; !ok {
		return nil, fmt.Errorf("%s holds no graph: nn.Load reads models, nn.LoadParameters parameters", path)
	}
	g, err := rebuildGraph(list, meta)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, unknown))
	}
	return g, nil
}

// rebuildGraph makes a graph of what a file holds.
func rebuildGraph(list []dl.Named, meta map[string]string) (*Graph, error) {
	tensors, err := withShared(list, meta)
	if err != nil {
		return nil, err
	}
	g, err := GraphFromStructure(meta[graphKey], tensors)
	if err != nil {
		return nil, err
	}
	return g, SetFrozen(g, meta)
}

// MarshalBinary writes what Save writes to a file, for gob and for saved sessions.
func (g *Graph) MarshalBinary() ([]byte, error) {
	if _, err := g.Structure(); err != nil {
		return nil, err
	}
	tensors, meta := Tensors(g)
	var b bytes.Buffer
	err := dl.WriteSafetensors(&b, tensors, meta)
	return b.Bytes(), err
}

// UnmarshalBinary makes g the graph that MarshalBinary wrote.
func (g *Graph) UnmarshalBinary(b []byte) error {
	list, meta, err := dl.ReadSafetensors(bytes.NewReader(b), int64(len(b)))
	if err != nil {
		return err
	}
	loaded, err := rebuildGraph(list, meta)
	if err != nil {
		return err
	}
	*g = *loaded
	for _, n := range g.nodes {
		n.graph = g
	}
	return nil
}
