package onnx

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// norm writes a normalisation.
func (g *graph) norm(m nn.Module, x *value) *value {
	switch m := m.(type) {
	case *nn.BatchNorm:
		return g.batchNorm(m, x)
	case *nn.LayerNorm:
		y := g.node("LayerNormalization", []string{g.last(x), g.weight(m.Gamma, nil), g.weight(m.Beta, nil)}, "",
			intAttr("axis", -1), floatAttr("epsilon", m.Epsilon))
		return &value{shape: x.shape, last: y}
	case *nn.GroupNorm:
		return g.groupNorm(m, x)
	case *nn.InstanceNorm:
		c := x.shape[len(x.shape)-1]
		scale, shift := g.vector(m.Gamma, 1, c), g.vector(m.Beta, 0, c)
		y := g.node("InstanceNormalization", []string{g.first(x), scale, shift}, "", floatAttr("epsilon", m.Epsilon))
		return &value{shape: x.shape, first: y}
	case *nn.RMSNorm:
		return &value{shape: x.shape, last: g.rmsNorm(m, g.last(x))}
	case *nn.LocalResponseNorm:
		return g.localResponse(m, x)
	}
	return nil
}

// vector is a parameter, or where there is none, the same number n times.
func (g *graph) vector(p *nn.Parameter, v float64, n int) string {
	if p != nil {
		return g.weight(p, nil)
	}
	return g.constant("constant", dl.Full(v, n))
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

// groupNorm normalises groups as the channels of instances: GroupNormalization came with opset 18, and changed its meaning
// with 21.
func (g *graph) groupNorm(m *nn.GroupNorm, x *value) *value {
	n := len(x.shape) - 1
	c := x.shape[n]
	channels := append([]int{c}, ones(n)...)
	each := func(t *dl.Tensor) *dl.Tensor { return t.Reshape(channels...) }
	in := []string{g.reshape(g.first(x), 0, m.Groups, -1), g.vector(nil, 1, m.Groups), g.vector(nil, 0, m.Groups)}
	y := g.node("InstanceNormalization", in, "", floatAttr("epsilon", m.Epsilon))
	y = g.reshape(y, append([]int{0, c}, x.shape[:n]...)...)
	y = g.node("Mul", []string{y, g.weight(m.Gamma, each)}, "")
	y = g.node("Add", []string{y, g.weight(m.Beta, each)}, "")
	return formed(x.shape, y, n > 0)
}

// rmsNorm writes RMSNormalization, an operator from opset 23 on, by what it is made of.
func (g *graph) rmsNorm(m *nn.RMSNorm, x string) string {
	squares := g.node("ReduceMean", []string{g.node("Mul", []string{x, x}, "")}, "", intsAttr("axes", -1), intAttr("keepdims", 1))
	root := g.node("Sqrt", []string{g.node("Add", []string{squares, g.number(m.Epsilon)}, "")}, "")
	return g.node("Mul", []string{g.node("Div", []string{x, root}, ""), g.weight(m.Gamma, nil)}, "")
}

// localResponse writes LRN for images. An even size reaches further down in PyTorch and further up in ONNX, and runtimes
// know the operator of images only: what is left is made of a pool over the channels.
func (g *graph) localResponse(m *nn.LocalResponseNorm, x *value) *value {
	n := len(x.shape)
	if n == 3 && m.Size%2 == 1 {
		y := g.node("LRN", []string{g.first(x)}, "", intAttr("size", m.Size), floatAttr("alpha", m.Alpha), floatAttr("beta", m.Beta), floatAttr("bias", m.K))
		return &value{shape: x.shape, first: y}
	}
	name := g.last(x)
	squares := g.reshape(g.node("Mul", []string{name, name}, ""), 0, 1, x.shape[:n-1].Size(), x.shape[n-1])
	mean := g.node("AveragePool", []string{squares}, "", intsAttr("kernel_shape", 1, m.Size), intsAttr("pads", 0, m.Size/2, 0, (m.Size-1)/2), intAttr("count_include_pad", 1))
	base := g.node("Add", []string{g.node("Mul", []string{mean, g.number(m.Alpha)}, ""), g.number(m.K)}, "")
	power := g.reshape(g.node("Pow", []string{base, g.number(m.Beta)}, ""), append([]int{0}, x.shape...)...)
	return &value{shape: x.shape, last: g.node("Div", []string{name, power}, "")}
}
