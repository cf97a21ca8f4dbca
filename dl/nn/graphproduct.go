package nn

import (
	"fmt"
	"slices"

	"modelbook/dl"
)

// Dot multiplies each vector of x with each of y (Keras: Dot): [D] and [D] give [1], the sequences [T, D] and [S, D] give
// [T, S]. Vectors lie along the last axis, or along that one of both nodes, or those of x and y, which are given. Axes
// count from 0 without the batch, which Keras counts, and negative ones from the end.
func (g *Graph) Dot(x, y *Node, axes ...int) *Node { return g.joined("dot", []*Node{x, y}, axes...) }

// Cosine is Dot of vectors of length 1: their cosines (Keras: Dot with normalize).
func (g *Graph) Cosine(x, y *Node, axes ...int) *Node {
	return g.joined("cosine", []*Node{x, y}, axes...)
}

// productAlong is the way of Dot and Cosine along axes.
func productAlong(axes []int, unit bool) way {
	along := [2]int{-1, -1}
	copy(along[:], axes) // of more, none is asked for: see wayOf
	if len(axes) == 1 {
		along[1] = axes[0]
	}
	name := "Dot"
	if unit {
		name = "Cosine"
	}
	return way{
		shape: func(xs []*Node) dl.Shape {
			if len(xs) != 2 {
				return nil
			}
			x, y := xs[0].Shape, xs[1].Shape
			i, ok := axisOf(along[0], x)
			j, fits := axisOf(along[1], y)
			if !ok || !fits || x[i] != y[j] {
				return nil
			}
			out := slices.Concat(x[:i], x[i+1:], y[:j], y[j+1:])
			if len(out) == 0 {
				out = dl.Shape{1}
			}
			return out
		},
		join: func(xs ...*dl.Tensor) *dl.Tensor {
			x, y := lastAxis(xs[0], along[0]), lastAxis(xs[1], along[1])
			if unit {
				x, y = unitLong(x), unitLong(y)
			}
			return product(x, y)
		},
		needs: fmt.Sprintf("%s needs two nodes whose axes %d and %d, counted from 0 without the batch, have the same size", name, along[0], along[1]),
	}
}

// axisOf is an axis of a sample's shape, which may be negative, counted from 0.
func axisOf(axis int, sample dl.Shape) (int, bool) {
	if axis < 0 {
		axis += len(sample)
	}
	return axis, axis >= 0 && axis < len(sample)
}

// lastAxis moves an axis of samples to the end.
func lastAxis(x *dl.Tensor, axis int) *dl.Tensor {
	if axis >= 0 {
		axis++ // the batch's
	}
	return x.MoveAxis(axis, -1)
}

// product multiplies the vectors in the last axes, each of x with each of y.
func product(x, y *dl.Tensor) *dl.Tensor {
	if x.Rank() == 2 && y.Rank() == 2 {
		return dl.KeepDim(x.Mul(y).Sum, -1)
	}
	n, d := x.Dim(0), x.Dim(-1)
	shape := slices.Concat(x.Shape()[:x.Rank()-1], y.Shape()[1:y.Rank()-1])
	rows := func(t *dl.Tensor) *dl.Tensor { return t.Reshape(n, t.Size()/max(n*d, 1), d) }
	return rows(x).MatMul(rows(y).T()).Reshape(shape...)
}

// unitLong makes vectors, in the last axis, 1 long. Keras, too, divides by the root of at least 1e-12.
func unitLong(x *dl.Tensor) *dl.Tensor {
	return x.Mul(dl.KeepDim(x.Square().Sum, -1).Maximum(dl.Full(1e-12).To(x.DType())).Rsqrt())
}
