package zoo

import (
	"cmp"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// LeNet is LeNet-5 (LeCun et al., "Gradient-Based Learning Applied to Document Recognition", 1998) as it is usually built
// today: the second convolution sees all channels of the first, and the output are logits [N, Classes].
type LeNet struct {
	Classes    int           // 0: 10
	Input      dl.Shape      // height, width, channels; nil: 28, 28, 1, with the first convolution padded to 32 by 32
	Activation nn.Activation // nn.Identity: nn.Tanh, as in the paper
}

// New builds the network.
func (l LeNet) New() (*nn.Model, error) {
	input := l.Input
	if input == nil {
		input = dl.Shape{28, 28, 1}
	}
	act := cmp.Or(l.Activation, nn.Tanh)
	five := [2]int{5, 5}
	return sequential("LeNet", input,
		nn.Named("conv1", nn.Conv2D{Filters: 6, Kernel: five, Padding: nn.Pad2D(2, 2), Activation: act}),
		nn.AvgPool2D{},
		nn.Named("conv2", nn.Conv2D{Filters: 16, Kernel: five, Activation: act}),
		nn.AvgPool2D{},
		nn.Flatten{},
		nn.Named("fc1", nn.Dense{Units: 120, Activation: act}),
		nn.Named("fc2", nn.Dense{Units: 84, Activation: act}),
		nn.Named("fc3", nn.Dense{Units: cmp.Or(l.Classes, 10)}),
	)
}
