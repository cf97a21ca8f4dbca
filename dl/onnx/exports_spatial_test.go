package onnx

import (
	"modelbook/dl"
	"modelbook/dl/nn"
)

// spatialExports are of layers over sequences, images and volumes.
func spatialExports() []exported {
	var all []exported
	add := func(name string, o Options, x *dl.Tensor, layers ...nn.Layer) {
		all = append(all, exported{name, sequential(x.Shape()[1:], layers...), []*dl.Tensor{x}, o})
	}
	first := Options{ChannelsFirst: true}
	add("sequences", Options{}, numbers(20, 2, 2, 11, 3),
		nn.Conv1D{Filters: 4, Kernel: 3, Padding: nn.Causal, Dilation: 2, Activation: nn.ReLU}, nn.MaxPool1D{Padding: nn.Same},
		nn.Conv1D{Filters: 4, Kernel: 3, Stride: 2, Padding: nn.Causal, Groups: 2, NoBias: true}, nn.ConvTranspose1D{Filters: 3, Kernel: 4, Stride: 3, Padding: nn.Pad1D(1), OutputPadding: 1},
		nn.DepthwiseConv1D{Kernel: 2, Multiplier: 2, Padding: nn.Same, Activation: nn.Tanh}, nn.SeparableConv1D{Filters: 5, Kernel: 3, Padding: nn.Pad1D(1), Multiplier: 2, Activation: nn.ELU},
		nn.AvgPool1D{Size: 3, Stride: 2, Padding: nn.Pad1D(1), Ceil: true}, nn.GlobalAvgPool1D{})
	add("volumes", first, numbers(21, 2, 2, 5, 6, 4, 2),
		nn.Conv3D{Filters: 4, Kernel: [3]int{2, 3, 3}, Stride: [3]int{1, 2, 1}, Padding: nn.Same, Activation: nn.ReLU}, nn.BatchNorm{},
		nn.Conv3D{Filters: 4, Kernel: [3]int{2, 1, 2}, Dilation: [3]int{2, 1, 1}, Padding: nn.Pad3D(1, 0, 1), Groups: 2}, nn.AvgPool3D{Size: [3]int{2, 2, 2}, Stride: [3]int{1, 1, 2}},
		nn.ConvTranspose3D{Filters: 2, Kernel: [3]int{2, 3, 2}, Stride: [3]int{2, 1, 2}, Padding: nn.Pad3D(0, 1, 0), NoBias: true},
		nn.MaxPool3D{Size: [3]int{2, 1, 2}, Padding: nn.Pad3D(1, 0, 0)}, nn.GlobalMaxPool3D{KeepDims: true}, nn.Flatten{})
	add("depthwise", first, numbers(22, 2, 2, 7, 6, 3),
		nn.DepthwiseConv2D{Kernel: three, Stride: [2]int{2, 1}, Padding: nn.Same, Multiplier: 2, NoBias: true}, nn.ReLU6, nn.DepthwiseConv2D{Kernel: [2]int{2, 3}, Padding: nn.Pad2D(0, 1), Dilation: [2]int{2, 1}},
		nn.SeparableConv2D{Filters: 4, Kernel: three, Padding: nn.Same, Activation: nn.Sigmoid})
	add("norms of images", Options{}, numbers(23, 2, 2, 4, 3, 6),
		nn.GroupNorm{Groups: 3}, nn.Conv2D{Filters: 4, Kernel: three, Padding: nn.Same}, nn.InstanceNorm{}, nn.RMSNorm{}, nn.InstanceNorm{Affine: true, Epsilon: 1e-3}, nn.Flatten{}, nn.GroupNorm{Groups: 8, Epsilon: 1e-5}, nn.RMSNorm{Epsilon: 1e-3})
	add("local responses", first, numbers(81, 2, 2, 4, 3, 6),
		nn.LocalResponseNorm{Size: 5, Alpha: 0.9, K: 2}, nn.ChannelShuffle{Groups: 3}, nn.Conv2D{Filters: 6, Kernel: three, Groups: 2}, nn.ChannelShuffle{Groups: 2}, nn.LocalResponseNorm{Size: 4, Alpha: 2, Beta: 1.5}, nn.Flatten{},
		nn.ChannelShuffle{Groups: 3}, nn.LocalResponseNorm{Size: 3, Alpha: 0.5})
	add("pads and crops", first, numbers(24, 2, 2, 4, 5, 3),
		nn.ZeroPad2D{Padding: [2][2]int{{1, 0}, {2, 1}}}, nn.ReflectionPad2D{Padding: [2][2]int{{2, 1}, {0, 3}}}, nn.Conv2D{Filters: 2, Kernel: three}, nn.ReplicationPad2D{Padding: [2][2]int{{0, 2}, {1, 1}}},
		nn.Crop2D{Cropping: [2][2]int{{1, 2}, {0, 1}}}, nn.Flatten{})
	add("pads of sequences", Options{}, numbers(25, 2, 2, 4, 2), nn.ZeroPad1D{Padding: [2]int{1, 2}}, nn.ReflectionPad1D{Padding: [2]int{2, 1}}, nn.ReplicationPad1D{Padding: [2]int{1, 1}}, nn.Crop1D{Cropping: [2]int{1, 3}})
	add("pads of volumes", Options{}, numbers(26, 2, 1, 2, 3, 2, 2), nn.ZeroPad3D{Padding: [3][2]int{{1, 0}, {0, 1}, {2, 0}}}, nn.ReplicationPad3D{Padding: [3][2]int{{1, 0}, {0, 1}, {0, 1}}},
		nn.ReflectionPad3D{Padding: [3][2]int{{1, 1}, {0, 1}, {1, 0}}}, nn.Crop3D{Cropping: [3][2]int{{1, 2}, {1, 0}, {2, 2}}})
	add("upsampled", first, numbers(27, 2, 2, 3, 4, 4),
		nn.Upsample2D{}, nn.Upsample2D{Scale: [2]int{2, 1}, Mode: dl.Linear}, nn.Upsample2D{Size: [2]int{10, 11}}, nn.Upsample2D{Size: [2]int{9, 13}, Mode: dl.Linear},
		nn.Crop2D{Cropping: [2][2]int{{2, 2}, {4, 5}}}, nn.Upsample2D{Mode: dl.Linear, AlignCorners: true}, nn.Crop2D{Cropping: [2][2]int{{4, 3}, {3, 2}}}, nn.Upsample2D{Mode: dl.Cubic},
		nn.PixelShuffle{Factor: 2}, nn.PixelUnshuffle{Factor: 4})
	add("sizes", Options{}, numbers(28, 2, 2, 5, 6, 2), nn.Upsample2D{Size: [2]int{7, 4}, Mode: dl.Area}, nn.Upsample2D{Size: [2]int{8, 6}, Mode: dl.Cubic, AlignCorners: true})
	add("upsampled sequences", Options{}, numbers(29, 2, 2, 4, 2), nn.Upsample1D{Mode: dl.Linear}, nn.Upsample1D{Scale: 3, Mode: dl.Cubic}, nn.Upsample1D{Size: 7}, nn.Upsample1D{})
	add("upsampled volumes", Options{}, numbers(30, 2, 1, 2, 3, 2, 2), nn.Upsample3D{Mode: dl.Linear}, nn.Upsample3D{Size: [3]int{5, 7, 3}, Mode: dl.Linear}, nn.Upsample3D{Size: [3]int{10, 4, 3}})
	add("adaptive", first, numbers(31, 2, 2, 7, 6, 3), nn.AdaptiveAvgPool2D{Size: [2]int{5, 3}}, nn.AdaptiveMaxPool2D{Size: [2]int{3, 0}}, nn.AdaptiveAvgPool2D{Size: [2]int{1, 1}}, nn.Flatten{})
	add("adaptive sequences", Options{}, numbers(32, 2, 2, 12, 2), nn.AdaptiveMaxPool1D{Size: 5}, nn.AdaptiveAvgPool1D{Size: 3})
	add("adaptive volumes", Options{}, numbers(33, 2, 1, 6, 4, 5, 2), nn.AdaptiveAvgPool3D{Size: [3]int{4, 2, 0}}, nn.AdaptiveMaxPool3D{Size: [3]int{3, 2, 2}}, nn.AdaptiveMaxPool3D{Size: [3]int{1, 1, 1}})
	add("residual with a shortcut", first, numbers(34, 2, 2, 4, 4, 2), nn.Residual{Layers: []nn.Layer{nn.Conv2D{Filters: 3, Kernel: three, Stride: [2]int{2, 2}, Padding: nn.Same}, nn.BatchNorm{}},
		Shortcut: []nn.Layer{nn.Conv2D{Filters: 3, Kernel: [2]int{1, 1}, Stride: [2]int{2, 2}}}, Activation: nn.ReLU},
		nn.Parallel{Branches: [][]nn.Layer{{}, {nn.Conv2D{Filters: 2, Kernel: three, Padding: nn.Same}}}}, nn.Parallel{Branches: [][]nn.Layer{{nn.ReLU}, {}}, Merge: nn.MergeMean}, nn.Flatten{})
	add("norms of windows", first, numbers(35, 2, 2, 7, 6, 3), nn.LPPool2D{}, nn.LPPool2D{Norm: 3, Size: [2]int{2, 3}, Stride: [2]int{1, 1}, Padding: nn.Pad2D(1, 1)}, nn.LPPool2D{Norm: 1.5, Padding: nn.Same})
	add("norms of windows of sequences", Options{}, numbers(36, 2, 2, 9, 2), nn.LPPool1D{Size: 3, Stride: 2, Padding: nn.Same}, nn.LPPool1D{Norm: 1}, nn.LPPool1D{Norm: 2.5, Stride: 1})
	add("wrapped", first, numbers(37, 2, 2, 5, 4, 2), nn.WeightNorm{Layer: nn.Conv2D{Filters: 3, Kernel: three, Padding: nn.Same, Activation: nn.ReLU}},
		nn.SpectralNorm{Layer: nn.Conv2D{Filters: 2, Kernel: [2]int{2, 2}}}, nn.Flatten{}, nn.Constrained{Layer: nn.Dense{Units: 4, Activation: nn.Tanh}, Weight: nn.MaxNorm{Max: 1}},
		nn.Regularized{Layer: nn.Dense{Units: 3}, Weight: nn.L2(0.1)}, nn.WeightNorm{Layer: nn.Dense{Units: 2, NoBias: true}})
	return all
}
