package onnx

import (
	"fmt"
	"math"
	"strings"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// written is what a layer makes of a value, all steps of which count.
func (g *graph) written(m nn.Module, x *value) (*value, error) {
	for _, kind := range []func(g *graph, m nn.Module, x *value) (*value, error){(*graph).composed, (*graph).plain, (*graph).spatial, (*graph).sequence} {
		if y, err := kind(g, m, x); y != nil || err != nil {
			return y, err
		}
	}
	return nil, fmt.Errorf("a %T has no form in ONNX that this package knows", m)
}

// composed writes layers that are made of layers, and returns nil for others.
func (g *graph) composed(m nn.Module, x *value) (*value, error) {
	switch m := m.(type) {
	case *nn.Model:
		return g.chain(m, x)
	case *nn.GraphLayer:
		var y *value
		err := g.nodesOf(m.Graph, func(*nn.Node) (*value, error) { return x, nil }, func(v *value) error { y = v; return nil })
		return y, err
	case *nn.Residual:
		y, err := g.chain(m.Body, x)
		if err == nil && m.Projection != nil {
			x, err = g.chain(m.Projection, x)
		}
		if err != nil {
			return nil, err
		}
		return g.activation(m.Activation, g.folded("Add", x, y))
	case *nn.Parallel:
		var ys []*value
		for _, body := range m.Bodies {
			y, err := x, error(nil)
			if body != nil {
				y, err = g.chain(body, x)
			}
			if err != nil {
				return nil, err
			}
			ys = append(ys, y)
		}
		return g.merge(m.Merge, ys...).padded(g.joinedPadding(m.Merge == nn.MergeConcat, ys...)), nil
	case *nn.Bidirectional:
		forward, err := g.chain(m.Body[0], x)
		if err != nil {
			return nil, err
		}
		backward, err := g.chain(m.Body[1], x)
		if err != nil {
			return nil, err
		}
		if len(backward.shape) == 2 { // in the order in which it was computed
			backward = &value{shape: backward.shape, last: g.flip(g.last(backward), 1)}
		}
		return g.merge(m.Merge, forward, backward), nil
	case *nn.TimeDistributed:
		// Steps become samples.
		steps := &value{shape: x.shape[1:], last: g.reshape(g.last(x), append([]int{-1}, x.shape[1:]...)...)}
		y, err := g.chain(m.Body, steps)
		if err != nil {
			return nil, err
		}
		return &value{shape: append(dl.Shape{x.shape[0]}, y.shape...), last: g.reshape(g.last(y), append([]int{-1, x.shape[0]}, y.shape...)...)}, nil
	case *nn.TransformerBlock:
		return g.chain(m.Body, x)
	case wrapper:
		if m.Inside() != nil {
			return g.layer(m.Inside(), x)
		}
	}
	return nil, nil
}

// wrapper is a layer that computes what another one does: nn.WeightNorm and nn.SpectralNorm with the weight that they work
// out, nn.Constrained and nn.Regularized with its own.
type wrapper interface{ Inside() nn.Forwarder }

// plain writes layers that treat all positions alike, and those that change the shape of samples; nil for others.
func (g *graph) plain(m nn.Module, x *value) (*value, error) {
	switch m := m.(type) {
	case *nn.Dropout, *nn.SpatialDropout, *nn.AlphaDropout, *nn.GaussianDropout, *nn.GaussianNoise, *nn.DropPath:
		return x, nil
	case *nn.ActivationLayer:
		return g.activationOf(*m, x)
	case *nn.Dense:
		return g.activation(m.Activation, g.dense(x, m.Weight, m.Bias))
	case *nn.EinsumDense:
		return g.activation(m.Activation, g.einsum(x, m))
	case *nn.Embedding:
		shape := append(x.shape.Clone(), m.Units)
		return &value{shape: shape, last: g.node("Gather", []string{g.weight(m.Weight, shortened(m)), g.last(x)}, "")}, nil
	case *nn.GLU, *nn.PReLU, *nn.RReLU, *nn.Maxout, *nn.Threshold:
		return g.gate(m, x)
	case *nn.BatchNorm, *nn.LayerNorm, *nn.GroupNorm, *nn.InstanceNorm, *nn.RMSNorm, *nn.LocalResponseNorm:
		return g.norm(m, x), nil
	case *nn.Flatten:
		return g.flatten(x), nil
	case *nn.Reshape:
		shape := reshaped(x.shape, m.Shape)
		return &value{shape: shape, last: g.reshape(g.last(x), append([]int{0}, shape...)...)}, nil
	case *nn.Permute:
		shape, perm := dl.Shape{}, []int{0}
		for _, a := range m.Axes {
			shape, perm = append(shape, x.shape[a]), append(perm, a+1)
		}
		return &value{shape: shape, last: g.node("Transpose", []string{g.last(x)}, "", intsAttr("perm", perm...))}, nil
	case *nn.RepeatVector:
		times := ones(len(x.shape) + 2)
		times[1] = m.Times
		one := g.node("Unsqueeze", []string{g.last(x), g.integers(1)}, "")
		return &value{shape: append(dl.Shape{m.Times}, x.shape...), last: g.node("Expand", []string{one, g.integers(times...)}, "")}, nil
	}
	return nil, nil
}

// shortened is what becomes of the table of an Embedding with a MaxNorm in use.
func shortened(m *nn.Embedding) func(w *dl.Tensor) *dl.Tensor {
	if m.MaxNorm == 0 {
		return nil
	}
	p := m.NormType
	if p == 0 {
		p = 2
	}
	return func(w *dl.Tensor) *dl.Tensor {
		return w.Mul(w.Norm(p, -1).Unsqueeze(-1).AddScalar(1e-7).Reciprocal().MulScalar(m.MaxNorm).Clip(0, 1))
	}
}

// reshape gives a tensor another shape, in which 0 keeps a size and -1 is what is left.
func (g *graph) reshape(name string, shape ...int) string {
	return g.node("Reshape", []string{name, g.integers(shape...)}, "")
}

// flip turns an axis round.
func (g *graph) flip(name string, axis int) string {
	return g.node("Slice", []string{name, g.integers(-1), g.integers(math.MinInt32), g.integers(axis), g.integers(-1)}, "")
}

// chain writes the layers of a model one after the other.
func (g *graph) chain(m *nn.Model, x *value) (*value, error) {
	for i, layer := range m.Layers {
		y, err := g.layer(layer, x)
		if err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i+1, m.Names()[i], err)
		}
		if marks(layer) {
			y.padding.by = m.Names()[i]
		}
		x = y
	}
	return x, nil
}

// flatten makes samples rows, in the order of channels last.
func (g *graph) flatten(x *value) *value {
	n := 1
	for _, d := range x.shape {
		n *= d
	}
	name := x.last
	if name == "" && n == x.shape[len(x.shape)-1] { // one pixel is the same in both forms
		name = x.first
	}
	if name == "" {
		name = g.last(x)
	}
	return &value{shape: dl.Shape{n}, last: g.node("Flatten", []string{name}, "", intAttr("axis", 1))}
}

// dense is x·w + b of the last axis.
func (g *graph) dense(x *value, w, b *nn.Parameter) *value {
	n := len(x.shape)
	out := append(x.shape[:n-1:n-1], w.Value.Dim(1))
	in := []string{g.last(x), g.weight(w, nil)}
	if n == 1 && b != nil {
		return &value{shape: out, last: g.node("Gemm", append(in, g.weight(b, nil)), "")}
	}
	y := g.node("MatMul", in, "")
	if b != nil {
		y = g.node("Add", []string{y, g.weight(b, nil)}, "")
	}
	return &value{shape: out, last: y}
}

// einsum is the sum of products of an equation, plus b.
func (g *graph) einsum(x *value, m *nn.EinsumDense) *value {
	y := g.node("Einsum", []string{g.last(x), g.weight(m.Weight, nil)}, "", textAttr("equation", strings.ReplaceAll(m.Equation, " ", "")))
	if m.Bias != nil {
		y = g.node("Add", []string{y, g.weight(m.Bias, nil)}, "")
	}
	sample := dl.New(m.Weight.Value.DType(), append([]int{1}, x.shape...)...)
	return &value{shape: m.Logits(sample).Shape()[1:], last: y}
}

// reshaped is a shape whose size of -1, if there is one, is what is left.
func reshaped(in, shape dl.Shape) dl.Shape {
	out, left, n := shape.Clone(), -1, 1
	for i, d := range out {
		if d < 0 {
			left = i
		} else {
			n *= d
		}
	}
	if left >= 0 {
		out[left] = in.Size() / n
	}
	return out
}
