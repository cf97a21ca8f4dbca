package nn

import (
	"errors"
	"fmt"

	"modelbook/dl"
)

// ZeroInputs are one sample of zeros for each input of a [Model] or a [Graph], of the shapes that it was made for, and of
// integers where an [Embedding] takes them: to try what it computes. Other modules do not say what they take, which is an
// error.
func ZeroInputs(m Module) ([]*dl.Tensor, error) {
	if err := given("nn.ZeroInputs", m); err != nil {
		return nil, err
	}
	switch m := m.(type) {
	case *Model:
		if len(m.Layers) == 0 {
			return nil, errors.New("nn: a model of no layers takes no inputs: make it with nn.Sequential")
		}
		x := dl.Zeros(append([]int{1}, m.Input...)...)
		if takesTokens(m) {
			x = x.To(dl.Int32)
		}
		return []*dl.Tensor{x}, nil
	case *Graph:
		var inputs []*dl.Tensor
		for _, in := range m.inputs {
			x := dl.Zeros(append([]int{1}, in.Shape...)...)
			if m.takesTokens(in) {
				x = x.To(dl.Int32)
			}
			inputs = append(inputs, x)
		}
		return inputs, nil
	}
	return nil, fmt.Errorf("nn: %T does not say what shape its inputs have; give inputs of your own", m)
}
