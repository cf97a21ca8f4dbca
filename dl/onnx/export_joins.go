package onnx

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// merges are the joins of a graph that nn.Parallel has, too.
var merges = map[string]nn.Merge{
	"concat": nn.MergeConcat, "sum": nn.MergeSum, "multiply": nn.MergeMul, "average": nn.MergeMean, "maximum": nn.MergeMax,
}

// join writes the way in which a node puts others together.
func (g *graph) join(n *nn.Node, xs ...*value) (*value, error) {
	if m, ok := merges[n.Join()]; ok {
		return g.merge(m, xs...).padded(g.joinedPadding(m == nn.MergeConcat, xs...)), nil
	}
	switch n.Join() {
	case "minimum", "subtract":
		y := g.folded(map[string]string{"minimum": "Min", "subtract": "Sub"}[n.Join()], xs...)
		return y.padded(g.joinedPadding(false, xs...)), nil
	case "dot", "cosine":
		return g.product(n, xs[0], xs[1]), nil
	case "":
		return nil, fmt.Errorf("is a function, of which this package knows nothing: use Concat, Sum, or a layer")
	}
	return nil, fmt.Errorf("is a %s, which has no form in ONNX that this package knows", n.Join())
}

// folded joins values one after the other by an operator of two.
func (g *graph) folded(op string, xs ...*value) *value {
	names, first := g.together(xs)
	y := names[0]
	for _, name := range names[1:] {
		y = g.node(op, []string{y, name}, "")
	}
	return formed(xs[0].shape, y, first)
}

// product multiplies the vectors along the axes of a node, each of x with each of y.
func (g *graph) product(n *nn.Node, x, y *value) *value {
	along := [2]int{-1, -1}
	switch axes := n.Axes(); len(axes) {
	case 1:
		along = [2]int{axes[0], axes[0]}
	case 2:
		along = [2]int(axes)
	}
	u, v := g.vectors(x, along[0]), g.vectors(y, along[1]) // [N, D] or [N, rows, D]
	if n.Join() == "cosine" {
		u, v = g.unitLong(u), g.unitLong(v)
	}
	if len(x.shape) == 1 && len(y.shape) == 1 {
		return &value{shape: n.Shape, last: g.node("ReduceSum", []string{g.node("Mul", []string{u, v}, ""), g.integers(-1)}, "", intAttr("keepdims", 1))}
	}
	size := x.shape[axis(along[0], x)]
	u, v = g.reshape(u, 0, x.shape.Size()/size, size), g.reshape(v, 0, y.shape.Size()/size, size)
	v = g.node("Transpose", []string{v}, "", intsAttr("perm", 0, 2, 1))
	return &value{shape: n.Shape, last: g.reshape(g.node("MatMul", []string{u, v}, ""), append([]int{-1}, n.Shape...)...)}
}

// axis is an axis of samples, which may be negative, counted from 0.
func axis(axis int, x *value) int {
	if axis < 0 {
		axis += len(x.shape)
	}
	return axis
}

// vectors is a value with an axis of its samples at the end.
func (g *graph) vectors(x *value, along int) string {
	at := axis(along, x)
	if at == len(x.shape)-1 {
		return g.last(x)
	}
	perm := []int{0}
	for i := range x.shape {
		if i != at {
			perm = append(perm, i+1)
		}
	}
	return g.node("Transpose", []string{g.last(x)}, "", intsAttr("perm", append(perm, at+1)...))
}

// unitLong makes vectors in the last axis 1 long, as nn.Graph.Cosine does.
func (g *graph) unitLong(x string) string {
	squares := g.node("ReduceSum", []string{g.node("Mul", []string{x, x}, ""), g.integers(-1)}, "", intAttr("keepdims", 1))
	return g.node("Div", []string{x, g.node("Sqrt", []string{g.node("Max", []string{squares, g.number(1e-12)}, "")}, "")}, "")
}

// merge joins values as nn.Merge says.
func (g *graph) merge(m nn.Merge, xs ...*value) *value {
	if m == nn.MergeConcat {
		shape := xs[0].shape.Clone()
		for _, x := range xs[1:] {
			shape[len(shape)-1] += x.shape[len(shape)-1]
		}
		return g.concat(shape, xs...)
	}
	y := g.folded(map[nn.Merge]string{nn.MergeSum: "Add", nn.MergeMean: "Add", nn.MergeMul: "Mul", nn.MergeMax: "Max"}[m], xs...)
	if m == nn.MergeMean {
		y = g.each(y, func(name string) string { return g.node("Mul", []string{name, g.number(1 / float64(len(xs)))}, "") })
	}
	return y
}

// concat puts values side by side, in the last axis of their samples.
func (g *graph) concat(shape dl.Shape, xs ...*value) *value {
	names, first := g.together(xs)
	axis := len(shape)
	if first {
		axis = 1
	}
	return formed(shape, g.node("Concat", names, "", intAttr("axis", axis)), first)
}
