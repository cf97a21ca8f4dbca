package dl_test

import (
	"fmt"

	"modelbook/dl"
)

// The differences of neighbours, and of those two places apart.
func ExampleConv1D() {
	x := dl.Of([]float32{1, 2, 4, 7, 11}, 1, 5, 1)
	w := dl.Of([]float32{-1, 1}, 2, 1, 1)
	show(dl.Conv1D(x, w, nil, dl.Conv1DOptions{}), dl.Conv1D(x, w, nil, dl.Conv1DOptions{Dilation: 2}))
	show(dl.Conv1D(x, w, nil, dl.Conv1DOptions{Padding: dl.Causal})) // no place sees a later one
	// Output:
	// [1.000 2.000 3.000 4.000] [3.000 5.000 7.000]
	// [1.000 1.000 2.000 3.000 4.000]
}

// With as many groups as channels each channel has filters of its own.
func ExampleConv2D_groups() {
	x := dl.Randn(8, 32, 32, 16)
	full := dl.Conv2D(x, dl.Randn(3, 3, 16, 24), nil, dl.ConvOptions{Padding: dl.Same, Stride: [2]int{2, 2}})
	depthwise := dl.Conv2D(x, dl.Randn(3, 3, 1, 16), nil, dl.ConvOptions{Padding: dl.Same, Groups: 16})
	fmt.Println(full.Shape(), depthwise.Shape())
	// Output: [8 16 16 24] [8 32 32 16]
}

func ExampleConv3D() {
	x := dl.Randn(1, 8, 16, 16, 2) // a volume, or a film of 8 pictures
	fmt.Println(dl.Conv3D(x, dl.Randn(3, 3, 3, 2, 4), nil, dl.Conv3DOptions{Padding: dl.Pad3D(1, 1, 1)}).Shape())
	// Output: [1 8 16 16 4]
}

// A transposed convolution writes each value, times the weights, over a window of the result.
func ExampleConvTranspose1D() {
	x := dl.Of([]float32{1, 0, 2}, 1, 3, 1)
	w := dl.Of([]float32{1, 2, 3}, 3, 1, 1)
	show(dl.ConvTranspose1D(x, w, nil, dl.Conv1DOptions{Stride: 2}))
	// Output: [1.000 2.000 3.000 0.000 2.000 4.000 6.000]
}

// Twice the size, as decoders of images make it, in PyTorch's way and in Keras's.
func ExampleConvTranspose2D() {
	x := dl.Randn(1, 7, 7, 8)
	w := dl.Randn(3, 3, 4, 8)
	torch := dl.ConvTranspose2D(x, w, nil, dl.ConvOptions{Stride: [2]int{2, 2}, Padding: dl.Pad2D(1, 1), OutputPadding: [2]int{1, 1}})
	keras := dl.ConvTranspose2D(x, w, nil, dl.ConvOptions{Stride: [2]int{2, 2}, Padding: dl.Same})
	fmt.Println(torch.Shape(), keras.Shape(), dl.ConvTranspose3D(dl.Randn(1, 2, 3, 3, 2), dl.Randn(2, 2, 2, 1, 2), nil, dl.Conv3DOptions{}).Shape())
	// Output: [1 14 14 4] [1 14 14 4] [1 3 4 4 1]
}

func ExampleMaxPool1D() {
	x := dl.Of([]float32{1, 5, 2, 4, 3}, 1, 5, 1)
	show(dl.MaxPool1D(x, dl.Pool1DOptions{}), dl.MaxPool1D(x, dl.Pool1DOptions{Ceil: true}), dl.AvgPool1D(x, dl.Pool1DOptions{Size: 3, Stride: 1}))
	volume := dl.Of([]float32{1, 2, 3, 4, 5, 6, 7, 8}, 1, 2, 2, 2, 1)
	show(dl.MaxPool3D(volume, dl.Pool3DOptions{}), dl.AvgPool3D(volume, dl.Pool3DOptions{}))
	// Output:
	// [5.000 4.000] [5.000 4.000 3.000] [2.667 3.667 3.000]
	// [8.000] [4.500]
}

// Any size becomes the same one.
func ExampleAdaptiveAvgPool() {
	x := dl.Of([]float32{1, 2, 3, 4, 5}, 1, 5, 1)
	show(dl.AdaptiveAvgPool(x, 2), dl.AdaptiveMaxPool(x, 2))
	fmt.Println(dl.AdaptiveAvgPool(dl.Randn(1, 13, 17, 8), 7, 7).Shape())
	// Output:
	// [2.000 4.000] [3.000 5.000]
	// [1 7 7 8]
}

func ExampleResize() {
	x := dl.Of([]float32{0, 1, 4}, 1, 3, 1)
	show(dl.Resize(x, dl.ResizeOptions{}, 6))
	show(dl.Resize(x, dl.ResizeOptions{Mode: dl.Linear}, 6))
	show(dl.Resize(x, dl.ResizeOptions{Mode: dl.Linear, AlignCorners: true}, 5))
	fmt.Println(dl.Resize(dl.Randn(1, 32, 32, 3), dl.ResizeOptions{Mode: dl.Cubic}, 48, 40).Shape())
	// Output:
	// [0.000 0.000 1.000 1.000 4.000 4.000]
	// [0.000 0.250 0.750 1.750 3.250 4.000]
	// [0.000 0.500 1.000 2.500 4.000]
	// [1 48 40 3]
}

func ExamplePixelShuffle() {
	x := dl.Of([]float32{1, 2, 3, 4}, 1, 1, 1, 4)
	y := dl.PixelShuffle(x, 2)
	fmt.Println(y.Shape(), dl.PixelUnshuffle(y, 2).Shape())
	// Output: [1 2 2 1] [1 1 1 4]
}

// The six channels of a pixel are two groups of three.
func ExampleChannelShuffle() {
	x := dl.Of([]float32{1, 2, 3, 4, 5, 6}, 1, 6)
	show(dl.ChannelShuffle(x, 2))
	// Output: [1.000 4.000 2.000 5.000 3.000 6.000]
}
