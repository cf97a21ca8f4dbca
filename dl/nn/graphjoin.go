package nn

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/dl"
)

// Concat puts nodes side by side, along their last axis.
func (g *Graph) Concat(xs ...*Node) *Node { return g.joined("concat", xs) }

// Sum adds nodes of the same shape.
func (g *Graph) Sum(xs ...*Node) *Node { return g.joined("sum", xs) }

// Multiply is the product of nodes of the same shape, value by value (Keras: Multiply).
func (g *Graph) Multiply(xs ...*Node) *Node { return g.joined("multiply", xs) }

// Average is the mean of nodes of the same shape (Keras: Average).
func (g *Graph) Average(xs ...*Node) *Node { return g.joined("average", xs) }

// Maximum has the largest values of nodes of the same shape (Keras: Maximum).
func (g *Graph) Maximum(xs ...*Node) *Node { return g.joined("maximum", xs) }

// Minimum has the smallest values of nodes of the same shape (Keras: Minimum).
func (g *Graph) Minimum(xs ...*Node) *Node { return g.joined("minimum", xs) }

// Subtract is x - y, for nodes of the same shape (Keras: Subtract).
func (g *Graph) Subtract(x, y *Node) *Node { return g.joined("subtract", []*Node{x, y}) }

// way is a way of putting nodes together. shape is that of the result, nil where the nodes do not fit.
type way struct {
	shape func(xs []*Node) dl.Shape
	join  func(xs ...*dl.Tensor) *dl.Tensor
	needs string
}

// joins are the ways that a file names, beside those of products.
var joins = map[string]way{
	"concat":   {concatShape, func(xs ...*dl.Tensor) *dl.Tensor { return dl.Concat(xs[0].Rank()-1, xs...) }, "Concat needs nodes that differ in their last axis only"},
	"sum":      {sumShape, folded((*dl.Tensor).Add), "Sum needs nodes of the same shape"},
	"multiply": {sumShape, folded((*dl.Tensor).Mul), "Multiply needs nodes of the same shape"},
	"average": {sumShape, func(xs ...*dl.Tensor) *dl.Tensor {
		return folded((*dl.Tensor).Add)(xs...).MulScalar(1 / float64(len(xs)))
	}, "Average needs nodes of the same shape"},
	"maximum":  {sumShape, folded((*dl.Tensor).Maximum), "Maximum needs nodes of the same shape"},
	"minimum":  {sumShape, folded((*dl.Tensor).Minimum), "Minimum needs nodes of the same shape"},
	"subtract": {pairShape, folded((*dl.Tensor).Sub), "Subtract needs two nodes of the same shape"},
}

func concatShape(xs []*Node) dl.Shape {
	out := xs[0].Shape.Clone()
	last := len(out) - 1
	for _, x := range xs[1:] {
		if last < 0 || len(x.Shape) != len(out) || !equal(x.Shape[:last], out[:last]) {
			return nil
		}
		out[last] += x.Shape[last]
	}
	return out
}

func sumShape(xs []*Node) dl.Shape {
	for _, x := range xs {
		if !equal(x.Shape, xs[0].Shape) {
			return nil
		}
	}
	return xs[0].Shape.Clone()
}

func pairShape(xs []*Node) dl.Shape {
	if len(xs) != 2 {
		return nil
	}
	return sumShape(xs)
}

// folded joins one after the other.
func folded(two func(x, y *dl.Tensor) *dl.Tensor) func(xs ...*dl.Tensor) *dl.Tensor {
	return func(xs ...*dl.Tensor) *dl.Tensor {
		all := xs[0]
		for _, x := range xs[1:] {
			all = two(all, x)
		}
		return all
	}
}

// wayOf is the way of a kind, as a file names it, and whether there is one. Products have axes.
func wayOf(kind string, axes []int) (way, bool) {
	if kind == "dot" || kind == "cosine" {
		return productAlong(axes, kind == "cosine"), len(axes) <= 2
	}
	w, known := joins[kind]
	return w, known && len(axes) == 0
}

// joined puts nodes together in the way of a kind.
func (g *Graph) joined(kind string, xs []*Node, axes ...int) *Node {
	w, known := wayOf(kind, axes)
	if !known {
		return g.fail(fmt.Errorf("no join is called %s and has the axes %v", kind, axes))
	}
	if len(xs) == 0 {
		return g.fail(fmt.Errorf("%s, there are none", w.needs))
	}
	var shapes []string
	for _, x := range xs {
		if err := g.mine(x); err != nil {
			return g.fail(err)
		}
		shapes = append(shapes, x.Shape.String())
	}
	out := w.shape(xs)
	if out == nil {
		return g.fail(fmt.Errorf("%s, these are %s", w.needs, strings.Join(shapes, " and ")))
	}
	if err := checkShape(out); err != nil {
		return g.fail(err)
	}
	return g.add(&Node{Shape: out, from: xs, layer: -1, join: w.join, kind: kind, axes: slices.Clone(axes)})
}
