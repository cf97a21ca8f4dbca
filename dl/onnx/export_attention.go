package onnx

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// attention writes self-attention by multiplications and a softmax.
func (g *graph) attention(m *nn.MultiHeadAttention, x *value) (*value, error) {
	if m.KVHeads != m.Heads || m.Context > 0 || m.Window > 0 || m.Rotary != nil || m.ALiBi {
		return nil, fmt.Errorf("grouped queries, other sequences, windows, Rotary and ALiBi have no form in ONNX that this package knows")
	}
	t, size := x.shape[0], m.HeadSize
	d := m.Heads * size
	qkv := g.parts("Split", 3, []string{g.last(g.dense(x, m.Weight, m.Bias))}, intAttr("axis", -1))
	heads := func(name string, perm ...int) string {
		split := g.node("Reshape", []string{name, g.integers(0, 0, m.Heads, size)}, "")
		return g.node("Transpose", []string{split}, "", intsAttr("perm", perm...))
	}
	q, k, v := heads(qkv[0], 0, 2, 1, 3), heads(qkv[1], 0, 2, 3, 1), heads(qkv[2], 0, 2, 1, 3)
	scores := g.node("Mul", []string{g.node("MatMul", []string{q, k}, ""), g.number(1 / math.Sqrt(float64(size)))}, "")
	if m.Causal {
		mask := dl.Full(math.Inf(-1), t, t).Triu(1)
		scores = g.node("Add", []string{scores, g.constant("mask", mask)}, "")
	}
	mixed := g.node("MatMul", []string{g.node("Softmax", []string{scores}, "", intAttr("axis", -1)), v}, "")
	mixed = g.node("Transpose", []string{mixed}, "", intsAttr("perm", 0, 2, 1, 3))
	y := g.node("Reshape", []string{mixed, g.integers(0, 0, d)}, "")
	return g.dense(&value{shape: dl.Shape{t, d}, last: y}, m.OutWeight, m.OutBias), nil
}

// encoderLayer writes attention and two Dense, each with a sum and a normalisation, before or behind.
func (g *graph) encoderLayer(m *nn.TransformerEncoderLayer, x *value) (*value, error) {
	if m.Gated {
		return nil, fmt.Errorf("Gated has no form in ONNX that this package knows")
	}
	added := func(x *value, norm nn.Forwarder, part func(x *value) (*value, error)) (*value, error) {
		y, err := x, error(nil)
		if m.NormFirst {
			if y, err = g.layer(norm, x); err != nil {
				return nil, err
			}
		}
		if y, err = part(y); err != nil {
			return nil, err
		}
		if y = g.sum(x, y); m.NormFirst {
			return y, nil
		}
		return g.layer(norm, y)
	}
	y, err := added(x, m.Norm1, func(x *value) (*value, error) { return g.attention(m.Attention, x) })
	if err != nil {
		return nil, err
	}
	return added(y, m.Norm2, func(x *value) (*value, error) {
		y, err := g.layer(m.Linear1, x)
		if err != nil {
			return nil, err
		}
		return g.layer(m.Linear2, y)
	})
}
