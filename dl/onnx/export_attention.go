package onnx

import (
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// attention writes self-attention by multiplications and a softmax.
func (g *graph) attention(m *nn.MultiHeadAttention, x *value) (*value, error) {
	t, d := x.shape[0], x.shape[1]
	size := d / m.Heads
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
	return g.dense(&value{shape: x.shape, last: y}, m.OutWeight, m.OutBias), nil
}
