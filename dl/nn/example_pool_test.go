package nn_test

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A network for images of any size: what is left of them is pooled as a whole.
func ExampleGlobalAvgPool2D() {
	model, err := nn.Sequential(dl.Shape{32, 32, 3},
		nn.Conv2D{Filters: 16, Kernel: [2]int{3, 3}, Padding: nn.Same, Activation: nn.ReLU},
		nn.MaxPool2D{Size: [2]int{3, 3}, Stride: [2]int{2, 2}, Padding: nn.Pad2D(1, 1)},
		nn.AdaptiveMaxPool2D{Size: [2]int{8, 8}},
		nn.GlobalAvgPool2D{},
		nn.Dense{Units: 10},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Predict(dl.Zeros(1, 32, 32, 3)).Shape(), model.Predict(dl.Zeros(1, 50, 70, 3)).Shape())
	// Output: [1 10] [1 10]
}

// Pools of sequences, images and volumes.
func ExampleMaxPool1D() {
	sequence, image, volume := dl.Zeros(1, 10, 2), dl.Zeros(1, 8, 8, 2), dl.Zeros(1, 4, 8, 8, 2)
	fmt.Println(nn.Build(nn.MaxPool1D{Size: 3, Stride: 2}, 10, 2).Forward(sequence).Shape(), nn.Build(nn.AvgPool1D{}, 10, 2).Forward(sequence).Shape(),
		nn.Build(nn.GlobalMaxPool1D{}, 10, 2).Forward(sequence).Shape(), nn.Build(nn.GlobalAvgPool1D{}, 10, 2).Forward(sequence).Shape(),
		nn.Build(nn.AdaptiveMaxPool1D{Size: 4}, 10, 2).Forward(sequence).Shape(), nn.Build(nn.AdaptiveAvgPool1D{Size: 4}, 10, 2).Forward(sequence).Shape())
	fmt.Println(nn.Build(nn.GlobalMaxPool2D{KeepDims: true}, 8, 8, 2).Forward(image).Shape(), nn.Build(nn.AdaptiveAvgPool2D{Size: [2]int{3, 0}}, 8, 8, 2).Forward(image).Shape())
	fmt.Println(nn.Build(nn.MaxPool3D{}, 4, 8, 8, 2).Forward(volume).Shape(), nn.Build(nn.AvgPool3D{}, 4, 8, 8, 2).Forward(volume).Shape(),
		nn.Build(nn.GlobalMaxPool3D{}, 4, 8, 8, 2).Forward(volume).Shape(), nn.Build(nn.GlobalAvgPool3D{}, 4, 8, 8, 2).Forward(volume).Shape())
	fmt.Println(nn.Build(nn.AdaptiveMaxPool3D{Size: [3]int{1, 2, 2}}, 4, 8, 8, 2).Forward(volume).Shape(),
		nn.Build(nn.AdaptiveAvgPool3D{Size: [3]int{1, 2, 2}}, 4, 8, 8, 2).Forward(volume).Shape())
	// Output:
	// [1 4 2] [1 5 2] [1 2] [1 2] [1 4 2] [1 4 2]
	// [1 1 1 2] [1 3 8 2]
	// [1 2 4 4 2] [1 2 4 4 2] [1 2] [1 2]
	// [1 1 2 2 2] [1 1 2 2 2]
}

// Three ways to larger images.
func ExampleUpsample2D() {
	model, err := nn.Sequential(dl.Shape{8, 8, 12},
		nn.PixelShuffle{Factor: 2}, // of channels
		nn.Upsample2D{Mode: dl.Linear},
		nn.Upsample2D{Size: [2]int{48, 48}, Mode: dl.Cubic},
		nn.Upsample2D{Scale: [2]int{1, 2}}, // dl.Nearest
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Summary())
	fmt.Println(nn.Build(nn.Upsample1D{}, 4, 2).Forward(dl.Zeros(1, 4, 2)).Shape(), nn.Build(nn.Upsample3D{Size: [3]int{2, 2, 2}, Mode: dl.Area}, 4, 4, 4, 2).Forward(dl.Zeros(1, 4, 4, 4, 2)).Shape(),
		nn.Build(nn.PixelUnshuffle{Factor: 2}, 4, 4, 1).Forward(dl.Zeros(1, 4, 4, 1)).Shape())
	// Output:
	// layer         type                            output          parameters
	// ------------------------------------------------------------------------
	// input                                         [N, 8, 8, 12]
	// pixelshuffle  PixelShuffle, times 2           [N, 16, 16, 3]           0
	// upsample2d    Upsample2D, times 2×2, linear   [N, 32, 32, 3]           0
	// upsample2d_1  Upsample2D, to 48×48, cubic     [N, 48, 48, 3]           0
	// upsample2d_2  Upsample2D, times 1×2, nearest  [N, 48, 96, 3]           0
	// ------------------------------------------------------------------------
	// 0 parameters (0 B)
	// [1 8 2] [1 2 2 2 2] [1 2 2 4]
}

// A block of ShuffleNet: grouped convolutions, between which the groups exchange channels.
func ExampleChannelShuffle() {
	model, err := nn.Sequential(dl.Shape{8, 8, 12},
		nn.Conv2D{Filters: 12, Kernel: [2]int{1, 1}, Groups: 3},
		nn.ChannelShuffle{Groups: 3},
		nn.Conv2D{Filters: 12, Kernel: [2]int{1, 1}, Groups: 3},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(model.Summary())
	fmt.Println(nn.Build(nn.ChannelShuffle{Groups: 2}, 6).Forward(dl.Range(0, 6, 1).Reshape(1, 6)).Float32s())
	// Output:
	// layer           type                      output         parameters
	// -------------------------------------------------------------------
	// input                                     [N, 8, 8, 12]
	// conv2d          Conv2D, 1×1, 3 groups     [N, 8, 8, 12]          60
	// channelshuffle  ChannelShuffle, 3 groups  [N, 8, 8, 12]           0
	// conv2d_1        Conv2D, 1×1, 3 groups     [N, 8, 8, 12]          60
	// -------------------------------------------------------------------
	// 120 parameters (480 B)
	// [0 3 1 4 2 5]
}

// What lies around samples is added, and cut off.
func ExampleReflectionPad1D() {
	x := dl.Of([]float32{1, 2, 3}, 1, 3, 1)
	for _, layer := range []nn.Layer{nn.ZeroPad1D{Padding: [2]int{1, 2}}, nn.ReflectionPad1D{Padding: [2]int{1, 2}}, nn.ReplicationPad1D{Padding: [2]int{1, 2}},
		nn.Crop1D{Cropping: [2]int{1, 0}}} {
		model, err := nn.Sequential(dl.Shape{3, 1}, layer)
		if err != nil {
			fmt.Println(err)
			return
		}
		fmt.Println(model.Predict(x).Float32s())
	}
	around := [2][2]int{{1, 1}, {2, 2}} // rows, columns
	image, err := nn.Sequential(dl.Shape{4, 4, 3}, nn.ZeroPad2D{Padding: around}, nn.ReflectionPad2D{Padding: around}, nn.ReplicationPad2D{Padding: around},
		nn.Crop2D{Cropping: [2][2]int{{3, 3}, {6, 6}}})
	if err != nil {
		fmt.Println(err)
		return
	}
	all := [3][2]int{{1, 1}, {1, 1}, {1, 1}}
	volume, err := nn.Sequential(dl.Shape{4, 4, 4, 1}, nn.ZeroPad3D{Padding: all}, nn.ReflectionPad3D{Padding: all}, nn.ReplicationPad3D{Padding: all}, nn.Crop3D{Cropping: all})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(image.Output(), volume.Output())
	// Output:
	// [0 1 2 3 0 0]
	// [2 1 2 3 2 1]
	// [1 1 2 3 3 3]
	// [2 3]
	// [4 4 3] [8 8 8 1]
}
