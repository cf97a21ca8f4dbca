package onnx

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// sequence writes layers for sequences, and returns nil for others.
func (g *graph) sequence(m nn.Module, x *value) (*value, error) {
	switch m := m.(type) {
	case *nn.PositionalEmbedding:
		w := g.weight(m.Weight, func(w *dl.Tensor) *dl.Tensor { return w.Slice(0, 0, x.shape[0]) })
		return &value{shape: x.shape, last: g.node("Add", []string{g.last(x), w}, "")}, nil
	case *nn.SinusoidalEmbedding:
		table := g.constant("positions", dl.Sinusoids(x.shape[0], x.shape[1]))
		return &value{shape: x.shape, last: g.node("Add", []string{g.last(x), table}, "")}, nil
	case *nn.ClassToken:
		return g.classToken(m, x), nil
	case *nn.Step:
		at := g.constant("constant", dl.Of([]int64{int64(m.At)}).Reshape())
		return &value{shape: x.shape[1:], last: g.node("Gather", []string{g.last(x), at}, "", intAttr("axis", 1))}, nil
	case *nn.Masking:
		if m.Value != 0 {
			return nil, fmt.Errorf("a Masking of another value than 0 has no form in ONNX that this package knows")
		}
		return x, nil
	case *nn.LSTM:
		if m.ProjectionSize > 0 {
			return nil, fmt.Errorf("an LSTM with ProjectionSize has no form in ONNX")
		}
		return g.recurrent(recurrentLayer{op: "LSTM", units: m.Units, gates: []int{0, 3, 1, 2}, sequences: m.ReturnSequences, both: m.Bidirectional,
			backwards: m.GoBackwards, stateful: m.Stateful, weights: m.Weights}, x)
	case *nn.GRU:
		l := recurrentLayer{op: "GRU", units: m.Units, gates: []int{1, 0, 2}, sequences: m.ReturnSequences, both: m.Bidirectional,
			backwards: m.GoBackwards, stateful: m.Stateful, weights: m.Weights}
		if !m.ResetBefore {
			l.attrs = []attribute{intAttr("linear_before_reset", 1)}
		}
		return g.recurrent(l, x)
	case *nn.SimpleRNN:
		l := recurrentLayer{op: "RNN", units: m.Units, gates: []int{0}, sequences: m.ReturnSequences, both: m.Bidirectional,
			backwards: m.GoBackwards, stateful: m.Stateful, weights: m.Weights}
		if m.Activation == nn.ReLU {
			l.attrs = []attribute{{name: "activations", kind: attrStrings, strings: []string{"Relu", "Relu"}[:l.directions()]}}
		}
		return g.recurrent(l, x)
	case *nn.MultiHeadAttention:
		return g.attention(m, x)
	case *nn.TransformerEncoderLayer:
		return g.encoderLayer(m, x)
	case *nn.TransformerEncoder:
		var err error
		for i, block := range m.Blocks {
			if x, err = g.encoderLayer(block, x); err != nil {
				return nil, fmt.Errorf("layer %d of it: %w", i+1, err)
			}
		}
		if m.Norm != nil {
			return g.layer(m.Norm, x)
		}
		return x, nil
	}
	return nil, nil
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
