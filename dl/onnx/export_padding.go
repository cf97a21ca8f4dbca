package onnx

import (
	"fmt"

	"modelbook/dl/nn"
)

// padding tells which steps of sequences count: see nn.Masker.
type padding struct {
	by     string        // the layer that marked the others, for messages
	counts func() string // the name of float32 [N, T], 1 where a step counts, written where it is used
}

// once is what f makes, made when it is asked for.
func once(f func() string) func() string {
	name := ""
	return func() string {
		if name == "" {
			name = f()
		}
		return name
	}
}

// layer writes what a layer makes of a value, of which some steps may be padding.
func (g *graph) layer(m nn.Module, x *value) (*value, error) {
	y, err := g.written(m, x)
	if err != nil {
		return nil, err
	}
	pool, average := m.(*nn.GlobalAvgPool1D)
	switch m.(type) {
	case *nn.Model, *nn.GraphLayer, *nn.Parallel, wrapper: // the layers inside have said it
		return y, nil
	case *nn.Residual, *nn.TransformerBlock:
	case nn.Masked:
		switch {
		case x.padding == nil:
		case average:
			return g.meanOfSteps(pool, x), nil
		default:
			return nil, fmt.Errorf("it leaves out steps that %s marks as padding, which has no form in ONNX that this package knows", x.padding.by)
		}
	}
	switch {
	case marks(m):
		return y.padded(&padding{by: fmt.Sprintf("%T", m)[1:], counts: once(func() string { return g.counting(m, x) })}), nil
	case len(y.shape) >= 2 && len(x.shape) >= 1 && y.shape[0] == x.shape[0]:
		return y.padded(x.padding), nil
	}
	return y.padded(nil), nil
}

// padded is a value of which these steps count.
func (v *value) padded(p *padding) *value {
	if v.padding == p {
		return v
	}
	c := *v
	c.padding = p
	return &c
}

// marks says whether a layer tells those behind it what is padding.
func marks(m nn.Module) bool {
	switch m := m.(type) {
	case *nn.Embedding:
		return m.MaskZero
	case *nn.Masking:
		return true
	}
	return false
}

// counting writes which steps of the input of a layer that marks padding count.
func (g *graph) counting(m nn.Module, x *value) string {
	if _, ok := m.(*nn.Embedding); ok {
		zero := g.node("Cast", []string{g.number(0)}, "", intAttr("to", typeInt64))
		padded := g.node("Equal", []string{g.last(x), zero}, "")
		return g.node("Cast", []string{g.node("Not", []string{padded}, "")}, "", intAttr("to", typeFloat))
	}
	filled := g.node("Not", []string{g.node("Equal", []string{g.last(x), g.number(0)}, "")}, "")
	values := g.node("Cast", []string{filled}, "", intAttr("to", typeFloat))
	return g.node("ReduceMax", []string{values}, "", intsAttr("axes", -1), intAttr("keepdims", 0))
}

// meanOfSteps writes a mean of the steps that count.
func (g *graph) meanOfSteps(m *nn.GlobalAvgPool1D, x *value) *value {
	counts := g.node("Unsqueeze", []string{x.padding.counts(), g.integers(-1)}, "")
	shape, keep := x.shape[1:], 0
	if m.KeepDims {
		shape, keep = append([]int{1}, shape...), 1
	}
	over := func(name string) string {
		return g.node("ReduceSum", []string{name, g.integers(1)}, "", intAttr("keepdims", keep))
	}
	steps := g.node("Max", []string{over(counts), g.number(1)}, "")
	return &value{shape: shape, last: g.node("Div", []string{over(g.node("Mul", []string{g.last(x), counts}, "")), steps}, "")}
}

// joinedPadding is that of sequences that were joined: the steps count that do in all of them where they lie side by
// side, else those that do in any.
func (g *graph) joinedPadding(beside bool, xs ...*value) (p *padding) {
	for _, x := range xs {
		before, other := p, x.padding
		switch {
		case other == nil && !beside:
			return nil
		case other == nil || other == p:
		case p == nil:
			p = other
		default:
			op := "Max"
			if beside {
				op = "Mul"
			}
			p = &padding{by: before.by, counts: once(func() string { return g.node(op, []string{before.counts(), other.counts()}, "") })}
		}
	}
	return p
}
