package onnx

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// recurrentLayer is what the recurrent layers have in common.
type recurrentLayer struct {
	op                         string
	units                      int
	gates                      []int // dl's, in ONNX's order
	sequences, both, backwards bool
	stateful                   bool
	attrs                      []attribute
	weights                    []nn.RecurrentWeights
}

func (l *recurrentLayer) directions() int {
	if l.both {
		return 2
	}
	return 1
}

// recurrent writes recurrent layers, one after the other. ONNX has sequences with the steps first.
func (g *graph) recurrent(l recurrentLayer, x *value) (*value, error) {
	directions, direction := l.directions(), "forward"
	switch {
	case l.stateful:
		return nil, fmt.Errorf("a Stateful layer, which remembers the batch before, has no form in ONNX that this package knows")
	case l.both:
		direction = "bidirectional"
	case l.backwards:
		direction = "reverse"
	}
	t := x.shape[0]
	steps := g.node("Transpose", []string{g.last(x)}, "", intsAttr("perm", 1, 0, 2))
	gates := func(p *nn.Parameter) *dl.Tensor { // [G*Units, in]
		w := p.Value.Detach()
		if w.Rank() == 1 {
			w = w.Unsqueeze(0)
		}
		var parts []*dl.Tensor
		for _, at := range l.gates {
			parts = append(parts, w.Slice(1, at*l.units, (at+1)*l.units))
		}
		return dl.Concat(1, parts...).T()
	}
	states := ""
	for layer := 0; layer*directions < len(l.weights); layer++ {
		var w, r, b []*dl.Tensor
		for _, d := range l.weights[layer*directions:][:directions] {
			w, r = append(w, gates(d.Weight)), append(r, gates(d.Recurrent))
			if d.Bias != nil {
				first := gates(d.Bias).Reshape(-1)
				second := dl.ZerosLike(first)
				if d.RecurrentBias != nil {
					second = gates(d.RecurrentBias).Reshape(-1)
				}
				b = append(b, dl.Concat(0, first, second))
			}
		}
		in := []string{steps, g.constant("weight", dl.Stack(w...)), g.constant("recurrent", dl.Stack(r...))}
		if b != nil {
			in = append(in, g.constant("bias", dl.Stack(b...)))
		}
		out := g.parts(l.op, 2, in, append(l.attrs, intAttr("hidden_size", l.units), textAttr("direction", direction))...)
		side := g.node("Transpose", []string{out[0]}, "", intsAttr("perm", 0, 2, 1, 3)) // [T, N, directions, Units]
		steps = g.node("Reshape", []string{side, g.integers(0, 0, directions*l.units)}, "")
		states = g.node("Reshape", []string{g.node("Transpose", []string{out[1]}, "", intsAttr("perm", 1, 0, 2)), g.integers(0, directions*l.units)}, "")
	}
	if !l.sequences { // the last of each direction
		return &value{shape: dl.Shape{directions * l.units}, last: states}, nil
	}
	if l.backwards { // ONNX leaves the outputs in the order of the inputs
		steps = g.flip(steps, 0)
	}
	return &value{shape: dl.Shape{t, directions * l.units}, last: g.node("Transpose", []string{steps}, "", intsAttr("perm", 1, 0, 2))}, nil
}
