package onnx

import (
	"fmt"

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
		return g.activationOf(*m, x)
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
	case *nn.GlobalAvgPool2D:
		return g.global("GlobalAveragePool", x, m.KeepDims), nil
	case *nn.GlobalMaxPool2D:
		return g.global("GlobalMaxPool", x, m.KeepDims), nil
	case *nn.ConvTranspose2D:
		return g.convTranspose2D(m, x)
	case *nn.Reshape:
		shape := reshaped(x.shape, m.Shape)
		return &value{shape: shape, last: g.node("Reshape", []string{g.last(x), g.integers(append([]int{0}, shape...)...)}, "")}, nil
	case *nn.ClassToken:
		return g.classToken(m, x), nil
	case *nn.Step:
		shape := x.shape[1:]
		return &value{shape: shape, last: g.node("Gather", []string{g.last(x), g.constant("constant", dl.Of([]int64{int64(m.At)}).Reshape())}, "", intAttr("axis", 1))}, nil
	case *nn.LSTM:
		return g.recurrent(recurrentLayer{op: "LSTM", units: m.Units, gates: []int{0, 3, 1, 2}, sequences: m.ReturnSequences, both: m.Bidirectional,
			backwards: m.GoBackwards, weights: m.Weights}, x)
	case *nn.GRU:
		l := recurrentLayer{op: "GRU", units: m.Units, gates: []int{1, 0, 2}, sequences: m.ReturnSequences, both: m.Bidirectional,
			backwards: m.GoBackwards, weights: m.Weights}
		if !m.ResetBefore {
			l.attrs = []attribute{intAttr("linear_before_reset", 1)}
		}
		return g.recurrent(l, x)
	case *nn.TransformerEncoderLayer:
		return g.encoderLayer(m, x)
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

// classToken puts a vector before sequences: as often as there are sequences.
func (g *graph) classToken(m *nn.ClassToken, x *value) *value {
	t, d := x.shape[0], x.shape[1]
	batch := g.node("Shape", []string{g.last(x)}, "", intAttr("end", 1))
	shape := g.node("Concat", []string{batch, g.integers(1, d)}, "", intAttr("axis", 0))
	token := g.weight(m.Weight, func(w *dl.Tensor) *dl.Tensor { return w.Reshape(1, 1, d) })
	tokens := g.node("Expand", []string{token, shape}, "")
	return &value{shape: dl.Shape{t + 1, d}, last: g.node("Concat", []string{tokens, g.last(x)}, "", intAttr("axis", 1))}
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
