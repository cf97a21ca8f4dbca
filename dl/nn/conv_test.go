package nn

import (
	"strings"
	"testing"

	"modelbook/dl"
)

func init() {
	type pair = [2]int
	type triple = [3]int
	area("conv", map[string]any{
		"Conv1D":                 Conv1D{Filters: 3, Kernel: 3, Stride: 2, Padding: Pad1D(1), Activation: ReLU},
		"Conv1D dilated, groups": Conv1D{Filters: 2, Kernel: 2, Dilation: 3, Groups: 2, NoBias: true, Activation: Tanh},
		"Conv1D causal":          Conv1D{Filters: 2, Kernel: 3, Dilation: 2, Padding: Causal},
		"Conv2D dilated, groups": Conv2D{Filters: 2, Kernel: pair{2, 2}, Dilation: pair{1, 2}, Groups: 2, Padding: Pad2D(1, 0)},
		"Conv3D":                 Conv3D{Filters: 2, Kernel: triple{2, 2, 3}, Stride: triple{1, 2, 1}, Padding: Pad3D(1, 0, 1), Activation: ReLU},
		"Conv3D dilated, groups": Conv3D{Filters: 2, Kernel: triple{2, 2, 2}, Dilation: triple{2, 1, 2}, Groups: 2, NoBias: true},

		"ConvTranspose1D":        ConvTranspose1D{Filters: 2, Kernel: 3, Stride: 2, Padding: Pad1D(1), OutputPadding: 1, Activation: ReLU},
		"ConvTranspose2D":        ConvTranspose2D{Filters: 2, Kernel: pair{3, 2}, Stride: pair{2, 1}, Padding: Pad2D(1, 0), OutputPadding: pair{1, 0}, Activation: Tanh},
		"ConvTranspose2D groups": ConvTranspose2D{Filters: 2, Kernel: pair{2, 2}, Groups: 2, Dilation: pair{2, 2}, NoBias: true},
		"ConvTranspose2D same":   ConvTranspose2D{Filters: 1, Kernel: pair{3, 3}, Stride: pair{2, 2}, Padding: Same},
		"ConvTranspose3D": ConvTranspose3D{Filters: 2, Kernel: triple{2, 2, 3}, Stride: triple{2, 1, 1}, Padding: Pad3D(0, 1, 1),
			OutputPadding: triple{1, 0, 0}},

		"DepthwiseConv1D":            DepthwiseConv1D{Kernel: 3, Padding: Same},
		"DepthwiseConv1D multiplied": DepthwiseConv1D{Kernel: 3, Stride: 2, Multiplier: 2, NoBias: true, Activation: Tanh},
		"DepthwiseConv2D":            DepthwiseConv2D{Kernel: pair{3, 3}, Stride: pair{2, 2}, Padding: Pad2D(1, 1), Activation: ReLU},
		"DepthwiseConv2D multiplied": DepthwiseConv2D{Kernel: pair{2, 2}, Dilation: pair{2, 2}, Multiplier: 2, NoBias: true},
		"SeparableConv1D":            SeparableConv1D{Filters: 3, Kernel: 3, Dilation: 2, Multiplier: 2, Padding: Same, Activation: ReLU},
		"SeparableConv2D":            SeparableConv2D{Filters: 3, Kernel: pair{3, 3}, Stride: pair{2, 2}, NoBias: true},
	})
}

// Errors say what is wrong with a description.
func TestConvolutionsThatCannotBe(t *testing.T) {
	image, sequence, volume := dl.Shape{6, 6, 4}, dl.Shape{6, 4}, dl.Shape{4, 4, 4, 2}
	for _, c := range []struct {
		in    dl.Shape
		layer Layer
		says  string
	}{
		{image, Conv1D{Filters: 2, Kernel: 3}, "[6 6 4] is not a sequence [length, channels]"},
		{sequence, Conv2D{Filters: 2, Kernel: [2]int{3, 3}}, "[6 4] is not an image [height, width, channels]"},
		{image, Conv3D{Filters: 2, Kernel: [3]int{3, 3, 3}}, "[6 6 4] is not a volume [depth, height, width, channels]"},
		{sequence, Conv1D{Kernel: 3}, "Filters is 0"},
		{sequence, Conv1D{Filters: 2}, "Kernel 0 and Stride 1 must be positive"},
		{sequence, Conv1D{Filters: 2, Kernel: 3, Dilation: 3}, "is larger than the input [6 4]"},
		{sequence, Conv1D{Filters: 3, Kernel: 3, Groups: 2}, "4 channels and 3 Filters cannot be divided into 2 Groups"},
		{sequence, Conv1D{Filters: 3, Kernel: 3, Dilation: -1}, "Dilation -1 must be positive"},
		{sequence, Conv1D{Filters: 3, Kernel: 3, Padding: Pad2D(1, 1)}, "use Pad1D"},
		{image, Conv2D{Filters: 3, Kernel: [2]int{3, 3}, Padding: Causal}, "causal is for windows over one axis"},
		{image, Conv2D{Filters: 3, Kernel: [2]int{3, 3}, Dilation: [2]int{1 << 40, 1}}, "too large"},
		{volume, Conv3D{Filters: 2, Kernel: [3]int{5, 1, 1}}, "Kernel [5 1 1] is larger than the input"},
		{image, ConvTranspose2D{Filters: 2, Kernel: [2]int{3, 3}, OutputPadding: [2]int{1, 0}}, "smaller than the Stride [1 1] or the Dilation [1 1]"},
		{image, ConvTranspose2D{Filters: 2, Kernel: [2]int{1, 1}, Padding: Pad2D(3, 3)}, "leaves nothing"},
		{sequence, ConvTranspose1D{Filters: 2, Kernel: 3, Padding: Causal}, "cannot be causal"},
		{sequence, ConvTranspose1D{Filters: 2, Kernel: 3, Stride: 2, Padding: Same, OutputPadding: 1}, "does not go with Padding: nn.Same"},
		{sequence, ConvTranspose1D{Filters: 2, Kernel: 3, Stride: 1 << 30}, "too large"},
		{volume, ConvTranspose3D{Filters: 1, Kernel: [3]int{2, 2, 2}, Groups: 2}, "cannot be divided into 2 Groups"},
		{image, DepthwiseConv2D{Kernel: [2]int{3, 3}, Multiplier: -1}, "Multiplier is -1"},
		{image, SeparableConv2D{Kernel: [2]int{3, 3}}, "Filters is 0"},
	} {
		if _, err := Sequential(c.in, c.layer); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%T: got %v, want it to say %q", c.layer, err, c.says)
		}
	}
}
