package nn

import "slices"

// Nodes are the graph's values, each after those that it is made of.
func (g *Graph) Nodes() []*Node { return slices.Clone(g.nodes) }

// Inputs are the inputs, in the order in which Call takes them.
func (g *Graph) Inputs() []*Node { return slices.Clone(g.inputs) }

// Outputs are the outputs, in the order in which Call returns them; none before Build.
func (g *Graph) Outputs() []*Node { return slices.Clone(g.outputs) }

// Name is the name of an input, or of the layer that makes the value; "" for what Concat, Sum and Func make.
func (x *Node) Name() string {
	if x.layer >= 0 && x.graph != nil {
		return x.graph.layers[x.layer].name
	}
	return x.name
}

// Layer is the layer that makes the value, or nil.
func (x *Node) Layer() Module {
	if x.layer < 0 || x.graph == nil {
		return nil
	}
	return x.graph.layers[x.layer].module
}

// From are the nodes that the value is made of; none for an input.
func (x *Node) From() []*Node { return slices.Clone(x.from) }

// Join is how other nodes are put together: the name of the method that does it, in small letters, such as "concat" or
// "sum", or "" for inputs, layers and functions.
func (x *Node) Join() string { return x.kind }

// Axes are those that Dot or Cosine were given; none for other nodes.
func (x *Node) Axes() []int { return slices.Clone(x.axes) }
