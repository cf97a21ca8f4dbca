package onnx

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// layer writes what a layer makes of a value.
func (g *graph) layer(m nn.Module, x *value) (*value, error) {
	switch m := m.(type) {
	case *nn.Model:
		return g.chain(m, x)
	case *nn.GraphLayer:
		var y *value
		err := g.nodesOf(m.Graph, func(*nn.Node) (*value, error) { return x, nil }, func(v *value) error { y = v; return nil })
		return y, err
	case *nn.Residual:
		y, err := g.chain(m.Body, x)
		if err != nil {
			return nil, err
		}
		return g.sum(x, y), nil
	case *nn.TransformerBlock:
		return g.chain(m.Body, x)
	case *nn.Dropout:
		return x, nil
	case *nn.ActivationLayer:
		return g.activation(m.Activation, x)
	case *nn.Flatten:
		return g.flatten(x), nil
	case *nn.Dense:
		return g.activation(m.Activation, g.dense(x, m.Weight, m.Bias))
	case *nn.Embedding:
		shape := append(x.shape.Clone(), m.Units)
		return &value{shape: shape, last: g.node("Gather", []string{g.weight(m.Weight, nil), g.last(x)}, "")}, nil
	case *nn.PositionalEmbedding:
		w := g.weight(m.Weight, func(w *dl.Tensor) *dl.Tensor { return w.Slice(0, 0, x.shape[0]) })
		return &value{shape: x.shape, last: g.node("Add", []string{g.last(x), w}, "")}, nil
	case *nn.BatchNorm:
		return g.batchNorm(m, x), nil
	case *nn.LayerNorm:
		y := g.node("LayerNormalization", []string{g.last(x), g.weight(m.Gamma, nil), g.weight(m.Beta, nil)}, "",
			intAttr("axis", -1), floatAttr("epsilon", m.Epsilon))
		return &value{shape: x.shape, last: y}, nil
	case *nn.Conv2D:
		return g.conv2D(m, x)
	case *nn.MaxPool2D:
		w := window{size: m.Size[:], stride: m.Stride[:], padding: m.Padding, ceil: m.Ceil}
		return g.pool("MaxPool", x, w), nil
	case *nn.AvgPool2D:
		w := window{size: m.Size[:], stride: m.Stride[:], padding: m.Padding, ceil: m.Ceil}
		count := 0
		if m.CountIncludePad {
			count = 1
		}
		return g.pool("AveragePool", x, w, intAttr("count_include_pad", count)), nil
	case *nn.MultiHeadAttention:
		return g.attention(m, x)
	}
	return nil, fmt.Errorf("a %T has no form in ONNX that this package knows", m)
}

// chain writes the layers of a model one after the other.
func (g *graph) chain(m *nn.Model, x *value) (*value, error) {
	names := m.Names()
	for i, layer := range m.Layers {
		var err error
		if x, err = g.layer(layer, x); err != nil {
			return nil, fmt.Errorf("layer %d (%s): %w", i+1, names[i], err)
		}
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

// batchNorm normalises channels by their running statistics.
func (g *graph) batchNorm(m *nn.BatchNorm, x *value) *value {
	name := g.first(x)
	in := []string{name}
	for _, p := range []*nn.Parameter{m.Gamma, m.Beta, m.Mean, m.Variance} {
		in = append(in, g.weight(p, nil))
	}
	y := g.node("BatchNormalization", in, "", floatAttr("epsilon", m.Epsilon))
	return formed(x.shape, y, len(x.shape) > 1)
}

// activation applies a function to each value, or to each row.
func (g *graph) activation(a nn.Activation, x *value) (*value, error) {
	simple := func(op string, attrs ...attribute) (*value, error) {
		return g.each(x, func(name string) string { return g.node(op, []string{name}, "", attrs...) }), nil
	}
	switch a {
	case nn.Identity:
		return x, nil
	case nn.ReLU:
		return simple("Relu")
	case nn.Sigmoid:
		return simple("Sigmoid")
	case nn.Tanh:
		return simple("Tanh")
	case nn.LeakyReLU:
		return simple("LeakyRelu", floatAttr("alpha", 0.01))
	case nn.Softmax:
		return &value{shape: x.shape, last: g.node("Softmax", []string{g.last(x)}, "", intAttr("axis", -1))}, nil
	case nn.GELU: // x/2 (1+erf(x/sqrt 2)); there is an operator from opset 20 on
		return g.each(x, func(name string) string {
			erf := g.node("Erf", []string{g.node("Mul", []string{name, g.number(math.Sqrt(0.5))}, "")}, "")
			half := g.node("Mul", []string{name, g.number(0.5)}, "")
			return g.node("Mul", []string{half, g.node("Add", []string{erf, g.number(1)}, "")}, "")
		}), nil
	}
	return nil, fmt.Errorf("the activation %v has no form in ONNX that this package knows", a)
}
