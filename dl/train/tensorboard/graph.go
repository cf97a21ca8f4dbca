package tensorboard

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
	"modelbook/dl/internal/gradient"
	"modelbook/dl/nn"
)

// Graph writes the graph of a module: its layers as groups of what they compute, with the shapes that flow between
// them, as PyTorch's add_graph. The module computes the inputs once, as it is in use; without inputs a model and a graph
// of package nn take one sample of zeros. A run has one graph: the last one written.
func (w *Writer) Graph(m nn.Module, inputs ...*dl.Tensor) error {
	if w == nil {
		return errors.New("tensorboard: the *Writer is nil; Create makes one")
	}
	nodes, err := nodesOf(m, inputs)
	if err != nil {
		return err
	}
	e := event(now(), 0)
	e.bytes(eventGraph, graphDef(nodes))
	return w.write(e)
}

// node is a NodeDef.
type node struct {
	name, op string
	inputs   []string
	shape    []int // of the result
	dtype    int64
}

// graphDef is the GraphDef of nodes.
func graphDef(nodes []*node) (m message) {
	for _, n := range nodes {
		var d message
		d.text(1, n.name)
		d.text(2, n.op)
		for _, in := range n.inputs {
			d.text(3, in)
		}
		var list, shapes, dtype message
		list.bytes(7, shape(n.shape))
		shapes.bytes(1, list)
		dtype.integer(6, n.dtype)
		d.attribute("_output_shapes", shapes)
		d.attribute("dtype", dtype)
		m.bytes(1, d)
	}
	var versions message
	versions.integer(1, 22) // the producer, as PyTorch says
	m.bytes(4, versions)
	return m
}

// attribute adds an entry to the map of a NodeDef's attributes.
func (m *message) attribute(key string, value message) {
	var entry message
	entry.text(1, key)
	entry.bytes(2, value)
	m.bytes(5, entry)
}

// namer makes names of nodes, each once.
type namer map[string]int

func (n namer) unique(name string) string {
	for {
		k := n[name]
		n[name]++
		if k == 0 {
			return name
		}
		if other := fmt.Sprintf("%s_%d", name, k); n[other] == 0 {
			n[other]++
			return other
		}
	}
}

// tracing makes nodes of what a module computes.
type tracing struct {
	names  namer
	owners gradient.Owners
	nodes  []*node
	of     map[any]*node // by the keys of tensors
}

func (t *tracing) add(key any, name, op string, x *dl.Tensor) *node {
	n := &node{name: t.names.unique(name), op: op, shape: x.Shape(), dtype: typeOf(x.DType())}
	t.nodes = append(t.nodes, n)
	if key != nil {
		t.of[key] = n
	}
	return n
}

// typeOf is the number of a type in TensorFlow.
func typeOf(d dl.DType) int64 {
	switch d {
	case dl.Float64:
		return typeDouble
	case dl.Int32:
		return typeInt32
	case dl.Int64:
		return typeInt64
	}
	return typeFloat
}

// nodesOf are the nodes of a module's graph: inputs, parameters, and the operations by which the outputs are computed.
func nodesOf(m nn.Module, inputs []*dl.Tensor) ([]*node, error) {
	if m == nil {
		return nil, errors.New("tensorboard: a graph of a nil module")
	}
	inputs = slices.Clone(inputs)
	if len(inputs) == 0 {
		zeros, err := nn.ZeroInputs(m)
		if err != nil {
			return nil, fmt.Errorf("tensorboard: a graph: %w", err)
		}
		inputs = zeros
	}
	t := &tracing{names: namer{}, of: map[any]*node{}}
	for i, x := range inputs {
		name := "input"
		if len(inputs) > 1 {
			name = fmt.Sprintf("input_%d", i+1)
		}
		if x == nil {
			return nil, fmt.Errorf("tensorboard: a graph: the input %d is nil", i+1)
		}
		if x.DType().IsFloat() { // operations are recorded where gradients flow
			x = x.Clone().RequireGrad()
			inputs[i] = x
		}
		t.add(gradient.Key(x), name, "Placeholder", x)
	}
	use, done := nn.InUse(m)
	defer done()
	outputs, err := outputsOf(use, inputs)
	if err != nil {
		return nil, fmt.Errorf("tensorboard: a graph: %w", err)
	}
	for _, p := range nn.NamedParameters(use) {
		owner := ""
		if dot := strings.LastIndexByte(p.Name, '.'); dot >= 0 {
			owner = p.Name[:dot]
		}
		t.owners.Add(gradient.Key(p.Value), owner)
		t.add(gradient.Key(p.Value), strings.ReplaceAll(p.Name, ".", "/"), "Parameter", p.Value)
	}
	seen := map[any]bool{}
	for _, y := range outputs {
		for _, o := range gradient.Walk(y) {
			if !seen[o.Result] {
				seen[o.Result] = true
				t.operation(o)
			}
		}
	}
	t.feed(len(inputs))
	return t.nodes, nil
}

// operation adds a node for an operation.
func (t *tracing) operation(o gradient.Operation) {
	layer, _ := t.owners.Of(o)
	name := o.Name
	if layer != "" {
		name = strings.ReplaceAll(layer, ".", "/") + "/" + name
	}
	n := t.add(nil, name, o.Name, o.Output.(*dl.Tensor))
	for _, x := range o.Operands {
		if from := t.of[x]; from != nil {
			n.inputs = append(n.inputs, from.name)
		}
	}
	t.of[o.Result] = n
}

// feed joins inputs that no gradient flows to, such as tokens, to the first operation of parameters alone.
func (t *tracing) feed(inputs int) {
	for _, in := range t.nodes[:inputs] {
		used := false
		for _, n := range t.nodes {
			for _, name := range n.inputs {
				used = used || name == in.name
			}
		}
		for _, n := range t.nodes[inputs:] {
			if !used && n.op != "Parameter" && t.fromParameters(n) {
				n.inputs = append(n.inputs, in.name)
				break
			}
		}
	}
}

// fromParameters says whether a node has parameters as its inputs, and nothing else.
func (t *tracing) fromParameters(n *node) bool {
	for _, name := range n.inputs {
		for _, from := range t.nodes {
			if from.name == name && from.op != "Parameter" {
				return false
			}
		}
	}
	return true
}

// outputsOf computes a module's outputs. What it panics with is an error.
func outputsOf(m nn.Module, inputs []*dl.Tensor) (outputs []*dl.Tensor, err error) {
	fault := dl.Try(func() {
		switch f := m.(type) {
		case *nn.Graph:
			outputs = f.Call(inputs...)
		case nn.Forwarder:
			if len(inputs) != 1 {
				err = fmt.Errorf("%T takes one input, not %d", m, len(inputs))
				return
			}
			outputs = []*dl.Tensor{f.Forward(inputs[0])}
		default:
			err = fmt.Errorf("%T has no method Forward(x *dl.Tensor) *dl.Tensor", m)
		}
	})
	if fault != nil {
		err = fault
	}
	return outputs, err
}
