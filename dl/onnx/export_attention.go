package onnx

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// attention writes self-attention by multiplications and a softmax.
func (g *graph) attention(m *nn.MultiHeadAttention, x *value) (*value, error) {
	if m.Context > 0 {
		return nil, fmt.Errorf("attention to another sequence has no form in ONNX that this package knows")
	}
	t, size, groups := x.shape[0], m.HeadSize, m.Heads/m.KVHeads
	d := m.Heads * size
	in := []string{g.last(g.dense(x, m.Weight, m.Bias))}
	if groups > 1 {
		in = append(in, g.integers(d, m.KVHeads*size, m.KVHeads*size))
	}
	qkv := g.parts("Split", 3, in, intAttr("axis", -1))
	turn := func(name string, perm ...int) string {
		return g.node("Transpose", []string{name}, "", intsAttr("perm", perm...))
	}
	heads := func(name string, heads int, perm ...int) string {
		return turn(g.reshape(name, 0, 0, heads, size), perm...)
	}
	var q, k string
	if q = heads(qkv[0], m.Heads, 0, 2, 1, 3); m.Rotary == nil {
		k = heads(qkv[1], m.KVHeads, 0, 2, 3, 1)
	} else {
		q = g.rotate(m.Rotary, q, t, size)
		k = turn(g.rotate(m.Rotary, heads(qkv[1], m.KVHeads, 0, 2, 1, 3), t, size), 0, 1, 3, 2)
	}
	v := heads(qkv[2], m.KVHeads, 0, 2, 1, 3)
	if groups > 1 { // an axis of the heads that share keys and values
		q, k, v = g.reshape(q, 0, m.KVHeads, groups, -1, size), g.reshape(k, 0, m.KVHeads, 1, size, -1), g.reshape(v, 0, m.KVHeads, 1, -1, size)
	}
	scores := g.node("Mul", []string{g.node("MatMul", []string{q, k}, ""), g.number(1 / math.Sqrt(float64(size)))}, "")
	if bias := biasOf(m, t); bias != nil {
		if groups > 1 && bias.Rank() == 3 {
			bias = bias.Reshape(m.KVHeads, groups, t, t)
		}
		scores = g.node("Add", []string{scores, g.constant("mask", bias)}, "")
	}
	mixed := g.node("MatMul", []string{g.node("Softmax", []string{scores}, "", intAttr("axis", -1)), v}, "")
	if groups > 1 {
		mixed = g.reshape(mixed, 0, m.Heads, -1, size)
	}
	y := g.reshape(turn(mixed, 0, 2, 1, 3), 0, 0, d)
	return g.dense(&value{shape: dl.Shape{t, d}, last: y}, m.OutWeight, m.OutBias), nil
}

// biasOf is what is added to the scores of t positions, [t, t] or [heads, t, t]: nil where it is nothing.
func biasOf(m *nn.MultiHeadAttention, t int) *dl.Tensor {
	var bias *dl.Tensor
	if m.Causal {
		bias = dl.Full(math.Inf(-1), t, t).Triu(1)
		if m.Window > 0 && m.Window < t {
			bias = bias.Add(dl.Full(math.Inf(-1), t, t).Tril(-m.Window))
		}
	}
	if !m.ALiBi {
		return bias
	}
	distance := dl.Zeros(m.Heads, t, t)
	for h, slope := range dl.ALiBiSlopes(m.Heads) {
		for i := range t {
			for j := range t {
				distance.Set(-slope*math.Abs(float64(i-j)), h, i, j)
			}
		}
	}
	if bias == nil {
		return distance
	}
	return distance.Add(bias)
}

// rotate turns pairs of channels of heads [N, heads, t, size] by their positions.
func (g *graph) rotate(r *nn.Rotary, name string, t, size int) string {
	turned := size
	if r.Size > 0 {
		turned = r.Size
	}
	half := turned / 2
	var rest []string
	if turned < size {
		parts := g.parts("Split", 2, []string{name, g.integers(turned, size-turned)}, intAttr("axis", -1))
		name, rest = parts[0], parts[1:]
	}
	cos, sin := angles(r, t, turned)
	if r.Interleaved { // the two of a pair beside each other
		name = g.reshape(name, 0, 0, 0, half, 2)
		cos, sin = cos.Unsqueeze(2), sin.Unsqueeze(2)
	}
	c, s := g.constant("cos", cos), g.constant("sin", sin)
	pair := g.parts("Split", 2, []string{name}, intAttr("axis", -1))
	times := func(a, b string) string { return g.node("Mul", []string{a, b}, "") }
	a := g.node("Sub", []string{times(pair[0], c), times(pair[1], s)}, "")
	b := g.node("Add", []string{times(pair[1], c), times(pair[0], s)}, "")
	if r.Interleaved {
		both := g.node("Concat", []string{a, b}, "", intAttr("axis", -1))
		all := append([]string{g.reshape(both, 0, 0, 0, turned)}, rest...)
		if len(all) == 1 {
			return all[0]
		}
		return g.node("Concat", all, "", intAttr("axis", -1))
	}
	return g.node("Concat", append([]string{a, b}, rest...), "", intAttr("axis", -1))
}

// angles are cosines and sines [t, turned/2] of what dl.Rotary turns by: it turns pairs of 1 and 0 to these.
func angles(r *nn.Rotary, t, turned int) (cos, sin *dl.Tensor) {
	ones := dl.Concat(2, dl.Ones(1, t, turned/2), dl.Zeros(1, t, turned/2))
	y := dl.Rotary(ones, dl.RotaryOptions{Base: r.Base, Frequencies: r.Frequencies, Scale: r.Scale}).Squeeze(0)
	return y.Slice(1, 0, turned/2), y.Slice(1, turned/2, turned)
}

// encoderLayer writes attention and two Dense, each with a sum and a normalisation, before or behind.
func (g *graph) encoderLayer(m *nn.TransformerEncoderLayer, x *value) (*value, error) {
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
		if y = g.folded("Add", x, y); m.NormFirst {
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
		if m.Gated {
			parts := g.parts("Split", 2, []string{g.last(y)}, intAttr("axis", -1))
			if y, err = g.gated(m.Activation, y.shape, parts[0], parts[1]); err != nil {
				return nil, err
			}
		}
		return g.layer(m.Linear2, y)
	})
}
