package nn

import (
	"fmt"
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

// Dot multiplies the vectors in the last axes of two nodes (Keras: Dot of axes -1): [D] and [D] give [1], the sequences
// [T, D] and [S, D] give [T, S], each with each.
func (g *Graph) Dot(x, y *Node) *Node { return g.joined("dot", []*Node{x, y}) }

// Cosine is Dot of vectors of length 1: their cosines (Keras: Dot with normalize).
func (g *Graph) Cosine(x, y *Node) *Node { return g.joined("cosine", []*Node{x, y}) }

// joins are the ways of putting nodes together that a file can name. shape is that of the result, nil where the nodes
// do not fit.
var joins = map[string]struct {
	shape func(xs []*Node) dl.Shape
	join  func(xs ...*dl.Tensor) *dl.Tensor
	needs string
}{
	"concat":   {concatShape, func(xs ...*dl.Tensor) *dl.Tensor { return dl.Concat(xs[0].Rank()-1, xs...) }, "Concat needs nodes that differ in their last axis only"},
	"sum":      {sumShape, folded((*dl.Tensor).Add), "Sum needs nodes of the same shape"},
	"multiply": {sumShape, folded((*dl.Tensor).Mul), "Multiply needs nodes of the same shape"},
	"average": {sumShape, func(xs ...*dl.Tensor) *dl.Tensor {
		return folded((*dl.Tensor).Add)(xs...).MulScalar(1 / float64(len(xs)))
	}, "Average needs nodes of the same shape"},
	"maximum":  {sumShape, folded((*dl.Tensor).Maximum), "Maximum needs nodes of the same shape"},
	"minimum":  {sumShape, folded((*dl.Tensor).Minimum), "Minimum needs nodes of the same shape"},
	"subtract": {pairShape, folded((*dl.Tensor).Sub), "Subtract needs two nodes of the same shape"},
	"dot":      {dotShape, dotOf, "Dot needs two nodes [D], or [T, D] and [S, D]"},
	"cosine": {dotShape, func(xs ...*dl.Tensor) *dl.Tensor { return dotOf(unitLong(xs[0]), unitLong(xs[1])) },
		"Cosine needs two nodes [D], or [T, D] and [S, D]"},
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

func dotShape(xs []*Node) dl.Shape {
	if len(xs) != 2 || len(xs[0].Shape) != len(xs[1].Shape) {
		return nil
	}
	x, y := xs[0].Shape, xs[1].Shape
	switch {
	case len(x) == 1 && x[0] == y[0]:
		return dl.Shape{1}
	case len(x) == 2 && x[1] == y[1]:
		return dl.Shape{x[0], y[0]}
	}
	return nil
}

func dotOf(xs ...*dl.Tensor) *dl.Tensor {
	if xs[0].Rank() == 2 {
		return dl.KeepDim(xs[0].Mul(xs[1]).Sum, -1)
	}
	return xs[0].MatMul(xs[1].T())
}

// unitLong makes vectors, in the last axis, 1 long. Keras, too, divides by the root of at least 1e-12.
func unitLong(x *dl.Tensor) *dl.Tensor {
	return x.Mul(dl.KeepDim(x.Square().Sum, -1).Maximum(dl.Full(1e-12).To(x.DType())).Rsqrt())
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

// joined puts nodes together in the way of a kind.
func (g *Graph) joined(kind string, xs []*Node) *Node {
	j := joins[kind]
	if len(xs) == 0 {
		return g.fail(fmt.Errorf("%s, there are none", j.needs))
	}
	var shapes []string
	for _, x := range xs {
		if err := g.mine(x); err != nil {
			return g.fail(err)
		}
		shapes = append(shapes, x.Shape.String())
	}
	out := j.shape(xs)
	if out == nil {
		return g.fail(fmt.Errorf("%s, these are %s", j.needs, strings.Join(shapes, " and ")))
	}
	if err := checkShape(out); err != nil {
		return g.fail(err)
	}
	return g.add(&Node{Shape: out, from: xs, layer: -1, join: j.join, kind: kind})
}
