package onnx

import (
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// activation applies a function to each value, or to each row.
func (g *graph) activation(a nn.Activation, x *value) (*value, error) {
	return g.activationOf(nn.ActivationLayer{Activation: a}, x)
}

// activationOf is activation with a parameter.
func (g *graph) activationOf(l nn.ActivationLayer, x *value) (*value, error) {
	one := func(name, op string, attrs ...attribute) string { return g.node(op, []string{name}, "", attrs...) }
	two := func(op, a, b string) string { return g.node(op, []string{a, b}, "") }
	clip := func(name string, lo, hi float64) string {
		return g.node("Clip", []string{name, g.number(lo), g.number(hi)}, "")
	}
	alpha := func(byDefault float64) float64 {
		if l.Alpha != 0 {
			return l.Alpha
		}
		return byDefault
	}
	var f func(x string) string
	switch l.Activation {
	case nn.Identity:
		return x, nil
	case nn.Softmax:
		return &value{shape: x.shape, last: one(g.last(x), "Softmax", intAttr("axis", -1))}, nil
	case nn.LogSoftmax:
		return &value{shape: x.shape, last: one(g.last(x), "LogSoftmax", intAttr("axis", -1))}, nil
	case nn.Softmin:
		return &value{shape: x.shape, last: one(one(g.last(x), "Neg"), "Softmax", intAttr("axis", -1))}, nil
	case nn.ReLU:
		f = func(x string) string { return one(x, "Relu") }
	case nn.Sigmoid:
		f = func(x string) string { return one(x, "Sigmoid") }
	case nn.Tanh:
		f = func(x string) string { return one(x, "Tanh") }
	case nn.LeakyReLU:
		f = func(x string) string { return one(x, "LeakyRelu", floatAttr("alpha", alpha(0.01))) }
	case nn.GELU: // x/2 (1+erf(x/sqrt 2)); there is an operator from opset 20 on
		f = func(x string) string {
			erf := one(two("Mul", x, g.number(math.Sqrt(0.5))), "Erf")
			return two("Mul", two("Mul", x, g.number(0.5)), two("Add", erf, g.number(1)))
		}
	case nn.GELUTanh:
		f = func(x string) string {
			cube := two("Mul", two("Mul", two("Mul", x, x), x), g.number(0.044715))
			tanh := one(two("Mul", two("Add", x, cube), g.number(math.Sqrt(2/math.Pi))), "Tanh")
			return two("Mul", two("Mul", x, g.number(0.5)), two("Add", tanh, g.number(1)))
		}
	case nn.SiLU:
		f = func(x string) string { return two("Mul", x, one(x, "Sigmoid")) }
	case nn.Mish:
		f = func(x string) string { return two("Mul", x, one(one(x, "Softplus"), "Tanh")) }
	case nn.ELU:
		f = func(x string) string { return one(x, "Elu", floatAttr("alpha", alpha(1))) }
	case nn.SELU:
		f = func(x string) string { return one(x, "Selu") }
	case nn.CELU:
		f = func(x string) string { return one(x, "Celu", floatAttr("alpha", alpha(1))) }
	case nn.Softplus:
		f = func(x string) string { return one(x, "Softplus") }
	case nn.Softsign:
		f = func(x string) string { return one(x, "Softsign") }
	case nn.ReLU6:
		f = func(x string) string { return clip(x, 0, 6) }
	case nn.HardSwish:
		f = func(x string) string { return one(x, "HardSwish") }
	case nn.HardSigmoid:
		f = func(x string) string { return one(x, "HardSigmoid", floatAttr("alpha", 1.0/6)) }
	case nn.HardTanh:
		f = func(x string) string { return clip(x, -alpha(1), alpha(1)) }
	case nn.LogSigmoid:
		f = func(x string) string { return one(one(one(x, "Neg"), "Softplus"), "Neg") }
	case nn.TanhShrink:
		f = func(x string) string { return two("Sub", x, one(x, "Tanh")) }
	case nn.SoftShrink:
		f = func(x string) string {
			return one(x, "Shrink", floatAttr("lambd", alpha(0.5)), floatAttr("bias", alpha(0.5)))
		}
	case nn.HardShrink:
		f = func(x string) string { return one(x, "Shrink", floatAttr("lambd", alpha(0.5))) }
	case nn.Exponential:
		f = func(x string) string { return one(x, "Exp") }
	default:
		return nil, fmt.Errorf("the activation %v has no form in ONNX that this package knows", l.Activation)
	}
	return g.each(x, f), nil
}

// gate writes activations with several inputs or parameters.
func (g *graph) gate(m nn.Module, x *value) (*value, error) {
	last := len(x.shape) - 1
	switch m := m.(type) {
	case *nn.GLU:
		parts := g.parts("Split", 2, []string{g.last(x)}, intAttr("axis", -1))
		return g.gated(m.Gate, x.shape, parts[0], parts[1])
	case *nn.PReLU:
		return &value{shape: x.shape, last: g.node("PRelu", []string{g.last(x), g.weight(m.Slope, nil)}, "")}, nil
	case *nn.RReLU:
		return g.each(x, func(name string) string {
			return g.node("LeakyRelu", []string{name}, "", floatAttr("alpha", (m.Lower+m.Upper)/2))
		}), nil
	case *nn.Maxout:
		shape := x.shape.Clone()
		shape[last] /= m.Pieces
		pieces := g.reshape(g.last(x), append(append([]int{0}, shape...), m.Pieces)...)
		return &value{shape: shape, last: g.node("ReduceMax", []string{pieces}, "", intsAttr("axes", -1), intAttr("keepdims", 0))}, nil
	case *nn.Threshold:
		return g.each(x, func(name string) string {
			above := g.node("Greater", []string{name, g.number(m.Limit)}, "")
			return g.node("Where", []string{above, name, g.number(m.Value)}, "")
		}), nil
	}
	return nil, nil
}

// gated is a times the activation of b, halves of a value of a shape.
func (g *graph) gated(gate nn.Activation, shape dl.Shape, a, b string) (*value, error) {
	half := shape.Clone()
	half[len(half)-1] /= 2
	y, err := g.activation(gate, &value{shape: half, last: b})
	if err != nil {
		return nil, err
	}
	return &value{shape: half, last: g.node("Mul", []string{a, g.last(y)}, "")}, nil
}
