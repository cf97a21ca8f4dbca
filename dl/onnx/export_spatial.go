package onnx

import "modelbook/dl/nn"

// spatial writes layers for sequences, images and volumes with channels, and returns nil for others.
func (g *graph) spatial(m nn.Module, x *value) (*value, error) {
	for _, kind := range []func(g *graph, m nn.Module, x *value) (*value, error){(*graph).convolution, (*graph).pooling, (*graph).resizing} {
		if y, err := kind(g, m, x); y != nil || err != nil {
			return y, err
		}
	}
	return nil, nil
}

// convolution writes convolutions, and returns nil for other layers.
func (g *graph) convolution(m nn.Module, x *value) (*value, error) {
	switch m := m.(type) {
	case *nn.Conv1D:
		w := window{size: []int{m.Kernel}, stride: []int{m.Stride}, dilation: []int{m.Dilation}, padding: m.Padding}
		return g.conv(x, w, filters{g.weight(m.Weight, outFirst), m.Bias, m.Filters, m.Groups, m.Activation})
	case *nn.Conv2D:
		w := window{size: m.Kernel[:], stride: m.Stride[:], dilation: m.Dilation[:], padding: m.Padding}
		return g.conv(x, w, filters{g.weight(m.Weight, outFirst), m.Bias, m.Filters, m.Groups, m.Activation})
	case *nn.Conv3D:
		w := window{size: m.Kernel[:], stride: m.Stride[:], dilation: m.Dilation[:], padding: m.Padding}
		return g.conv(x, w, filters{g.weight(m.Weight, outFirst), m.Bias, m.Filters, m.Groups, m.Activation})
	case *nn.ConvTranspose1D:
		w := window{size: []int{m.Kernel}, stride: []int{m.Stride}, dilation: []int{m.Dilation}, padding: m.Padding}
		return g.convTranspose(x, w, []int{m.OutputPadding}, filters{g.weight(m.Weight, outFirst), m.Bias, m.Filters, m.Groups, m.Activation})
	case *nn.ConvTranspose2D:
		w := window{size: m.Kernel[:], stride: m.Stride[:], dilation: m.Dilation[:], padding: m.Padding}
		return g.convTranspose(x, w, m.OutputPadding[:], filters{g.weight(m.Weight, outFirst), m.Bias, m.Filters, m.Groups, m.Activation})
	case *nn.ConvTranspose3D:
		w := window{size: m.Kernel[:], stride: m.Stride[:], dilation: m.Dilation[:], padding: m.Padding}
		return g.convTranspose(x, w, m.OutputPadding[:], filters{g.weight(m.Weight, outFirst), m.Bias, m.Filters, m.Groups, m.Activation})
	case *nn.DepthwiseConv1D:
		w := window{size: []int{m.Kernel}, stride: []int{m.Stride}, dilation: []int{m.Dilation}, padding: m.Padding}
		channels := x.shape[1]
		return g.conv(x, w, filters{g.weight(m.Weight, depthFirst), m.Bias, channels * m.Multiplier, channels, m.Activation})
	case *nn.DepthwiseConv2D:
		w := window{size: m.Kernel[:], stride: m.Stride[:], dilation: m.Dilation[:], padding: m.Padding}
		channels := x.shape[2]
		return g.conv(x, w, filters{g.weight(m.Weight, depthFirst), m.Bias, channels * m.Multiplier, channels, m.Activation})
	case *nn.SeparableConv1D:
		w := window{size: []int{m.Kernel}, stride: []int{m.Stride}, dilation: []int{m.Dilation}, padding: m.Padding}
		return g.separable(x, w, m.DepthWeight, m.PointWeight, m.Bias, m.Activation)
	case *nn.SeparableConv2D:
		w := window{size: m.Kernel[:], stride: m.Stride[:], dilation: m.Dilation[:], padding: m.Padding}
		return g.separable(x, w, m.DepthWeight, m.PointWeight, m.Bias, m.Activation)
	}
	return nil, nil
}

// pooling writes pools, and returns nil for other layers.
func (g *graph) pooling(m nn.Module, x *value) (*value, error) {
	switch m := m.(type) {
	case *nn.MaxPool1D:
		return g.pool("MaxPool", x, window{size: []int{m.Size}, stride: []int{m.Stride}, padding: m.Padding, ceil: m.Ceil}), nil
	case *nn.AvgPool1D:
		return g.average(x, window{size: []int{m.Size}, stride: []int{m.Stride}, padding: m.Padding, ceil: m.Ceil}, m.CountIncludePad), nil
	case *nn.GlobalAvgPool1D:
		return g.global("GlobalAveragePool", x, m.KeepDims), nil
	case *nn.GlobalMaxPool1D:
		return g.global("GlobalMaxPool", x, m.KeepDims), nil
	case *nn.AdaptiveAvgPool1D:
		return g.adaptiveMean(x, []int{m.Size}), nil
	case *nn.AdaptiveMaxPool1D:
		return g.adaptiveMax(x, []int{m.Size}), nil
	case *nn.LPPool1D:
		return g.normPool(x, window{size: []int{m.Size}, stride: []int{m.Stride}, padding: m.Padding}, m.Norm), nil
	case *nn.MaxPool2D:
		return g.pool("MaxPool", x, window{size: m.Size[:], stride: m.Stride[:], padding: m.Padding, ceil: m.Ceil}), nil
	case *nn.AvgPool2D:
		return g.average(x, window{size: m.Size[:], stride: m.Stride[:], padding: m.Padding, ceil: m.Ceil}, m.CountIncludePad), nil
	case *nn.GlobalAvgPool2D:
		return g.global("GlobalAveragePool", x, m.KeepDims), nil
	case *nn.GlobalMaxPool2D:
		return g.global("GlobalMaxPool", x, m.KeepDims), nil
	case *nn.AdaptiveAvgPool2D:
		return g.adaptiveMean(x, m.Size[:]), nil
	case *nn.AdaptiveMaxPool2D:
		return g.adaptiveMax(x, m.Size[:]), nil
	case *nn.LPPool2D:
		return g.normPool(x, window{size: m.Size[:], stride: m.Stride[:], padding: m.Padding}, m.Norm), nil
	case *nn.MaxPool3D:
		return g.pool("MaxPool", x, window{size: m.Size[:], stride: m.Stride[:], padding: m.Padding, ceil: m.Ceil}), nil
	case *nn.AvgPool3D:
		return g.average(x, window{size: m.Size[:], stride: m.Stride[:], padding: m.Padding, ceil: m.Ceil}, m.CountIncludePad), nil
	case *nn.GlobalAvgPool3D:
		return g.global("GlobalAveragePool", x, m.KeepDims), nil
	case *nn.GlobalMaxPool3D:
		return g.global("GlobalMaxPool", x, m.KeepDims), nil
	case *nn.AdaptiveAvgPool3D:
		return g.adaptiveMean(x, m.Size[:]), nil
	case *nn.AdaptiveMaxPool3D:
		return g.adaptiveMax(x, m.Size[:]), nil
	}
	return nil, nil
}

// resizing writes layers that change the size of images, and returns nil for others.
func (g *graph) resizing(m nn.Module, x *value) (*value, error) {
	switch m := m.(type) {
	case *nn.Upsample1D:
		return g.resize(x, []int{m.Scale}, []int{m.Size}, m.Mode, m.AlignCorners), nil
	case *nn.ZeroPad1D:
		return g.surround(x, [][2]int{m.Padding}, "constant"), nil
	case *nn.ReflectionPad1D:
		return g.surround(x, [][2]int{m.Padding}, "reflect"), nil
	case *nn.ReplicationPad1D:
		return g.surround(x, [][2]int{m.Padding}, "edge"), nil
	case *nn.Crop1D:
		return g.crop(x, [][2]int{m.Cropping}), nil
	case *nn.Upsample2D:
		return g.resize(x, m.Scale[:], m.Size[:], m.Mode, m.AlignCorners), nil
	case *nn.ZeroPad2D:
		return g.surround(x, m.Padding[:], "constant"), nil
	case *nn.ReflectionPad2D:
		return g.surround(x, m.Padding[:], "reflect"), nil
	case *nn.ReplicationPad2D:
		return g.surround(x, m.Padding[:], "edge"), nil
	case *nn.Crop2D:
		return g.crop(x, m.Cropping[:]), nil
	case *nn.Upsample3D:
		return g.resize(x, m.Scale[:], m.Size[:], m.Mode, m.AlignCorners), nil
	case *nn.ZeroPad3D:
		return g.surround(x, m.Padding[:], "constant"), nil
	case *nn.ReflectionPad3D:
		return g.surround(x, m.Padding[:], "reflect"), nil
	case *nn.ReplicationPad3D:
		return g.surround(x, m.Padding[:], "edge"), nil
	case *nn.Crop3D:
		return g.crop(x, m.Cropping[:]), nil
	case *nn.PixelShuffle:
		return g.pixelShuffle(x, m.Factor), nil
	case *nn.PixelUnshuffle:
		return g.pixelUnshuffle(x, m.Factor), nil
	case *nn.ChannelShuffle:
		return g.channelShuffle(x, m.Groups), nil
	}
	return nil, nil
}
