package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A network for sequences of which no output depends on a later input (a temporal convolutional network).
func ExampleConv1D() {
	model, err := nn.Sequential(dl.Shape{64, 8},
		nn.Conv1D{Filters: 16, Kernel: 3, Padding: nn.Causal, Activation: nn.ReLU},
		nn.Conv1D{Filters: 16, Kernel: 3, Padding: nn.Causal, Dilation: 2, Activation: nn.ReLU},
		nn.Conv1D{Filters: 16, Kernel: 3, Padding: nn.Causal, Dilation: 4, Activation: nn.ReLU},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Summary())
	// Output:
	// layer     type                                         output       parameters
	// ------------------------------------------------------------------------------
	// input                                                  [N, 64, 8]
	// conv1d    Conv1D, 3, padding causal, relu              [N, 64, 16]         400
	// conv1d_1  Conv1D, 3, dilation 2, padding causal, relu  [N, 64, 16]         784
	// conv1d_2  Conv1D, 3, dilation 4, padding causal, relu  [N, 64, 16]         784
	// ------------------------------------------------------------------------------
	// 1,968 parameters (7.7 KiB)
}

func ExampleConv3D() {
	film := nn.Build(nn.Conv3D{Filters: 4, Kernel: [3]int{3, 3, 3}, Padding: nn.Same, Stride: [3]int{1, 2, 2}}, 16, 32, 32, 3)
	fmt.Println(film.Forward(dl.Zeros(1, 16, 32, 32, 3)).Shape())
	// Output: [1 16 16 16 4]
}

// The decoder of an autoencoder makes images larger again.
func ExampleConvTranspose2D() {
	model, err := nn.Sequential(dl.Shape{7, 7, 32},
		nn.ConvTranspose2D{Filters: 16, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: nn.Same, Activation: nn.ReLU},
		nn.ConvTranspose2D{Filters: 1, Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: nn.Same, Activation: nn.Sigmoid},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Predict(dl.Zeros(1, 7, 7, 32)).Shape())
	sequence := nn.Build(nn.ConvTranspose1D{Filters: 4, Kernel: 4, Stride: 2, Padding: nn.Pad1D(1)}, 10, 2) // PyTorch's way to twice the length
	volume := nn.Build(nn.ConvTranspose3D{Filters: 4, Kernel: [3]int{2, 2, 2}, Stride: [3]int{2, 2, 2}}, 4, 4, 4, 2)
	fmt.Println(sequence.Forward(dl.Zeros(1, 10, 2)).Shape(), volume.Forward(dl.Zeros(1, 4, 4, 4, 2)).Shape())
	// Output:
	// [1 28 28 1]
	// [1 20 4] [1 8 8 8 4]
}

// A block of MobileNet beside what stands for a whole convolution with nothing between.
func ExampleDepthwiseConv2D() {
	block, err := nn.Sequential(dl.Shape{32, 32, 16},
		nn.DepthwiseConv2D{Kernel: [2]int{3, 3}, Padding: nn.Same, NoBias: true}, nn.BatchNorm{}, nn.ReLU,
		nn.Conv2D{Filters: 32, Kernel: [2]int{1, 1}, NoBias: true}, nn.BatchNorm{}, nn.ReLU,
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(block.Predict(dl.Zeros(1, 32, 32, 16)).Shape())
	separable := nn.Build(nn.SeparableConv2D{Filters: 32, Kernel: [2]int{3, 3}, Padding: nn.Same}, 32, 32, 16)
	fmt.Println(separable.DepthWeight.Value.Shape(), separable.PointWeight.Value.Shape())
	fmt.Println(nn.Build(nn.DepthwiseConv1D{Kernel: 5, Multiplier: 2}, 20, 3).Forward(dl.Zeros(1, 20, 3)).Shape(),
		nn.Build(nn.SeparableConv1D{Filters: 8, Kernel: 5}, 20, 3).Forward(dl.Zeros(1, 20, 3)).Shape())
	// Output:
	// [1 32 32 32]
	// [3 3 16 1] [1 1 16 32]
	// [1 16 6] [1 16 8]
}
