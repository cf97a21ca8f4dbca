package nn

import (
	"fmt"
	"strings"

	"modelbook/dl"
)

// Graph is a model whose layers may have several inputs and outputs, and be used in several places. It is written down
// node by node; Build says what did not fit.
//
//	g := nn.NewGraph()
//	a, b := g.Input("left", 8), g.Input("right", 8)
//	side := g.Layer(nn.Dense{Units: 16, Activation: nn.ReLU}) // one layer, used twice
//	both := g.Concat(side(a), side(b))
//	model, err := g.Build(g.Add(nn.Dense{Units: 1}, both))
//	y := model.Call(left, right)[0]
//
// With one input and one output it also has Forward, so that a Trainer can train it; with more, give the Trainer a Step.
type Graph struct {
	nodes   []*Node
	inputs  []*Node
	outputs []*Node
	layers  []part
	made    []Layer // what the layers were made of
	used    map[string]int
	builder *Builder // makes the layers' parameters
	err     error    // the first fault found
}

// Node is a value of a graph: an input, or what a layer or a function makes of others.
type Node struct {
	Shape dl.Shape // of one sample

	graph *Graph
	at    int    // among the graph's nodes
	name  string // of an input
	from  []*Node
	layer int // among the graph's layers; -1: none
	join  func(xs ...*dl.Tensor) *dl.Tensor
	kind  string // of join, in files; "" for a function
	axes  []int  // of a product
}

// NewGraph begins a graph.
func NewGraph() *Graph { return new(Graph).begin() }

// begin makes what a graph needs that was not made by NewGraph.
func (g *Graph) begin() *Graph {
	if g.builder == nil {
		g.used, g.builder = map[string]int{}, &Builder{Rand: dl.DefaultRand()}
	}
	return g
}

func (g *Graph) fail(err error) *Node {
	if g.err == nil {
		g.err = err
	}
	return g.add(&Node{Shape: dl.Shape{1}, layer: -1})
}

func (g *Graph) add(n *Node) *Node {
	g.begin()
	n.graph, n.at = g, len(g.nodes)
	g.nodes = append(g.nodes, n)
	return n
}

// Input is an input of samples of a shape. Call takes the inputs in the order in which they were made.
func (g *Graph) Input(name string, shape ...int) *Node {
	if err := checkShape(shape); err != nil {
		return g.fail(fmt.Errorf("input %q: %w", name, err))
	}
	n := g.add(&Node{Shape: append(dl.Shape{}, shape...), name: name, layer: -1})
	g.inputs = append(g.inputs, n)
	return n
}

// Add makes a layer for a node and returns its output. A layer that is built already keeps its parameters.
func (g *Graph) Add(layer Layer, x *Node) *Node { return g.Layer(layer)(x) }

// Layer returns a layer as a function, which may be used for several nodes of the same shape: all uses have the same
// parameters. They are made by the first.
func (g *Graph) Layer(layer Layer) func(x *Node) *Node {
	place := -1
	made, name := layer, ""
	return func(x *Node) *Node {
		if err := g.mine(x); err != nil {
			return g.fail(err)
		}
		if isNil(layer) {
			return g.fail(fmt.Errorf("a layer is %s: give a struct, such as nn.Dense{Units: 10}", nilName(layer)))
		}
		use := made
		if place >= 0 { // now it is built
			built, ok := g.layers[place].module.(Layer)
			if !ok {
				return g.fail(fmt.Errorf("%s cannot be used twice: it becomes a %T, which has no Build", typeName(made), g.layers[place].module))
			}
			use = built
		} else {
			var err error
			if made, name, err = nameLayer(layer, g.used); err != nil {
				return g.fail(err)
			}
			use = made
		}
		m, out, err := one(use, x.Shape, &Builder{Rand: g.builder.Rand, prefix: g.builder.prefix + name + ".", stored: g.builder.stored})
		if err == nil {
			_, err = forwarder(m)
		}
		if err != nil {
			return g.fail(fmt.Errorf("%s on input %v: %w", typeName(made), x.Shape, err))
		}
		if place < 0 {
			place = len(g.layers)
			g.layers, g.made = append(g.layers, part{name, m}), append(g.made, made)
		}
		return g.add(&Node{Shape: out, from: []*Node{x}, layer: place})
	}
}

// Func is what a function makes of nodes, without parameters. Its shape is found by a batch of one sample of zeros. A
// graph with a function cannot be saved: no file can hold one.
func (g *Graph) Func(f func(xs ...*dl.Tensor) *dl.Tensor, xs ...*Node) *Node {
	if f == nil {
		return g.fail(fmt.Errorf("the function that joins nodes is nil"))
	}
	var zeros []*dl.Tensor
	for _, x := range xs {
		if err := g.mine(x); err != nil {
			return g.fail(err)
		}
		zeros = append(zeros, dl.Zeros(batchOf(1, x.Shape)...))
	}
	if g.err != nil { // shapes are not to be believed any more
		return g.fail(nil)
	}
	var out dl.Shape
	if err := dl.Try(func() { dl.NoGrad(func() { out = f(zeros...).Shape().Clone() }) }); err != nil {
		return g.fail(err)
	}
	if len(out) == 0 || out[0] != 1 {
		return g.fail(fmt.Errorf("a function makes %v of a batch of one sample; the first axis is that of the batch", out))
	}
	return g.add(&Node{Shape: out[1:], from: xs, layer: -1, join: f})
}

// mine says whether a node is one of this graph.
func (g *Graph) mine(x *Node) error {
	if x == nil || x.graph != g {
		return fmt.Errorf("a node is nil, or of another graph")
	}
	return nil
}

func batchOf(n int, sample dl.Shape) []int { return append([]int{n}, sample...) }

// Build ends the graph with its outputs and returns it, or says what did not fit.
func (g *Graph) Build(outputs ...*Node) (*Graph, error) {
	for _, n := range outputs {
		if err := g.mine(n); err != nil {
			g.fail(err)
		}
	}
	switch {
	case g.err != nil:
		return nil, fmt.Errorf("nn.Graph: %w", g.err)
	case len(g.inputs) == 0 || len(outputs) == 0:
		return nil, fmt.Errorf("nn.Graph: inputs and outputs are needed")
	}
	g.outputs = outputs
	return g, nil
}

// Call computes the outputs [N, ...] of the graph for its inputs [N, ...].
func (g *Graph) Call(inputs ...*dl.Tensor) []*dl.Tensor {
	values, masks := g.values(false, inputs, nil)
	defer masks.done()
	defer values.done()
	var outputs []*dl.Tensor
	for _, n := range g.outputs {
		outputs = append(outputs, values.all[n.at])
	}
	return outputs
}

// call computes the one output, without its last activation if headless is set, and its mask. The input may have one.
func (g *Graph) call(headless bool, x, mask *dl.Tensor) (y, after *dl.Tensor) {
	inputs := [1]*dl.Tensor{x}
	values, masks := g.values(headless, inputs[:], mask)
	defer masks.done()
	defer values.done()
	at := g.outputs[0].at
	return values.all[at], masks.all[at]
}

// values computes all nodes, and what tells which steps of those that are sequences are padding; the mask is that of the
// first input. It leaves out the last activation of the one output if headless is set.
func (g *Graph) values(headless bool, inputs []*dl.Tensor, mask *dl.Tensor) (list, masks *tensorList) {
	if g.outputs == nil {
		dl.PanicValue("nn.Graph.Call", "the graph has no outputs: call Build")
	}
	if len(inputs) != len(g.inputs) {
		dl.PanicValue("nn.Graph.Call", "%d inputs, the graph takes %d (%s)", len(inputs), len(g.inputs), g.inputNames())
	}
	list, masks = newTensorList(len(g.nodes)), newTensorList(len(g.nodes))
	values := list.all
	masks.all[g.inputs[0].at] = mask
	for i, n := range g.inputs {
		x := inputs[i]
		if x.Rank() != len(n.Shape)+1 {
			dl.PanicShape("nn.Graph.Call", fmt.Sprintf("the input %q is a batch of samples of shape %v", n.name, n.Shape), x)
		}
		values[n.at] = x
	}
	for _, n := range g.nodes {
		switch {
		case n.layer >= 0:
			from := n.from[0].at
			values[n.at], masks.all[n.at] = passOne(g.layers[n.layer].module.(Forwarder), values[from], masks.all[from],
				headless && n == g.outputs[0])
		case n.join != nil:
			xs := newTensorList(len(n.from))
			for i, from := range n.from {
				xs.all[i] = values[from.at]
			}
			values[n.at] = n.join(xs.all...)
			if n.kind != "" { // a function of others may keep the list
				for i, from := range n.from {
					xs.all[i] = masks.all[from.at]
				}
				if _, ok := joins[n.kind]; ok {
					masks.all[n.at] = joinedMask(values[n.at], n.kind == "concat", xs.all...)
				}
				xs.done()
			}
		}
	}
	return list, masks
}

func (g *Graph) inputNames() string {
	var names []string
	for _, n := range g.inputs {
		names = append(names, n.name)
	}
	return strings.Join(names, ", ")
}

// Forward computes the one output [N, ...] of the one input x [N, ...].
func (g *Graph) Forward(x *dl.Tensor) *dl.Tensor {
	g.single("Forward")
	y, _ := g.call(false, x, nil)
	return y
}

func (g *Graph) single(method string) {
	if g == nil || g.outputs == nil {
		dl.PanicValue("nn.Graph."+method, "the graph has no outputs: call Build")
	}
	if len(g.inputs) != 1 || len(g.outputs) != 1 {
		dl.PanicValue("nn.Graph."+method, "the graph has %d inputs and %d outputs; use Call, and give a Trainer a Step", len(g.inputs), len(g.outputs))
	}
}

// Head is the activation with which the one output ends, Identity when it ends in something else or there are more.
func (g *Graph) Head() Activation {
	if g != nil && len(g.outputs) == 1 && g.outputs[0].layer >= 0 {
		if h, ok := g.layers[g.outputs[0].layer].module.(Headed); ok && g.uses(g.outputs[0]) == 0 {
			return h.Head()
		}
	}
	return Identity
}

// uses counts the nodes that compute from a node.
func (g *Graph) uses(x *Node) (n int) {
	for _, other := range g.nodes {
		for _, from := range other.from {
			if from == x {
				n++
			}
		}
	}
	return n
}

// Logits computes the one output without its last activation: see [Headed].
func (g *Graph) Logits(x *dl.Tensor) *dl.Tensor {
	g.single("Logits")
	y, _ := g.call(g.Head() != Identity, x, nil)
	return y
}

// Predict computes the outputs in inference: no dropout, no gradients.
func (g *Graph) Predict(inputs ...*dl.Tensor) (outputs []*dl.Tensor) {
	m, done := InUse(g)
	defer done()
	dl.NoGrad(func() { outputs = m.(*Graph).Call(inputs...) })
	return outputs
}

// Parameters returns the parameters of all layers in the order in which they were made, each once.
func (g *Graph) Parameters() []*Parameter {
	return collect(g).parameters()
}

func (g *Graph) parts() []part {
	if g == nil {
		return nil
	}
	return g.layers
}

func (g *Graph) inUse() (Module, bool) {
	c := *g
	c.layers = make([]part, len(g.layers))
	for i, layer := range g.layers {
		u, ok := inUse(layer.module)
		if !ok {
			return nil, false
		}
		c.layers[i] = part{layer.name, u}
	}
	return &c, true
}
