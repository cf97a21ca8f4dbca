package dl

// Convolutions: see testdata/operations_conv.py.
func init() {
	conv1 := func(o Conv1DOptions) op {
		return func(x []*Tensor) []*Tensor { return []*Tensor{Conv1D(x[0], x[1], third(x), o)} }
	}
	conv2 := func(o ConvOptions) op {
		return func(x []*Tensor) []*Tensor { return []*Tensor{Conv2D(x[0], x[1], third(x), o)} }
	}
	conv3 := func(o Conv3DOptions) op {
		return func(x []*Tensor) []*Tensor { return []*Tensor{Conv3D(x[0], x[1], third(x), o)} }
	}
	transpose1 := func(o Conv1DOptions) op {
		return func(x []*Tensor) []*Tensor { return []*Tensor{ConvTranspose1D(x[0], x[1], third(x), o)} }
	}
	transpose2 := func(o ConvOptions) op {
		return func(x []*Tensor) []*Tensor { return []*Tensor{ConvTranspose2D(x[0], x[1], third(x), o)} }
	}
	transpose3 := func(o Conv3DOptions) op {
		return func(x []*Tensor) []*Tensor { return []*Tensor{ConvTranspose3D(x[0], x[1], third(x), o)} }
	}
	type pair = [2]int
	type triple = [3]int
	for name, f := range map[string]op{
		"Conv1D":                             conv1(Conv1DOptions{Stride: 2, Padding: Pad1D(1)}),
		"Conv1D dilated, groups":             conv1(Conv1DOptions{Stride: 2, Dilation: 3, Groups: 2}),
		"Conv1D depthwise":                   conv1(Conv1DOptions{Padding: Pad1D(2), Dilation: 2, Groups: 3}),
		"Conv1D depthwise, two filters each": conv1(Conv1DOptions{Groups: 2}),
		"Conv1D causal":                      conv1(Conv1DOptions{Stride: 2, Dilation: 2, Padding: Causal}),
		"Conv2D dilated":                     conv2(ConvOptions{Dilation: pair{2, 1}, Padding: Pad2D(1, 2), Stride: pair{1, 2}}),
		"Conv2D groups":                      conv2(ConvOptions{Groups: 2, Padding: Pad2D(1, 1)}),
		"Conv2D depthwise":                   conv2(ConvOptions{Groups: 3, Padding: Pad2D(1, 1), Stride: pair{2, 2}}),
		"Conv2D depthwise, dilated":          conv2(ConvOptions{Groups: 2, Padding: Pad2D(1, 2), Dilation: pair{2, 2}}),
		"Conv2D 1x1":                         conv2(ConvOptions{}),
		"Conv3D":                             conv3(Conv3DOptions{Stride: triple{2, 1, 1}, Padding: Pad3D(1, 0, 1)}),
		"Conv3D dilated, groups":             conv3(Conv3DOptions{Dilation: triple{2, 1, 2}, Groups: 2}),
		"Conv3D flat":                        conv3(Conv3DOptions{}),

		"ConvTranspose1D":                 transpose1(Conv1DOptions{Stride: 2, Padding: Pad1D(1), OutputPadding: 1}),
		"ConvTranspose1D groups, dilated": transpose1(Conv1DOptions{Dilation: 3, Groups: 2, OutputPadding: 2}),
		"ConvTranspose2D":                 transpose2(ConvOptions{Stride: pair{2, 3}, Padding: Pad2D(1, 0), OutputPadding: pair{1, 2}}),
		"ConvTranspose2D depthwise":       transpose2(ConvOptions{Stride: pair{2, 2}, Padding: Pad2D(1, 1), Groups: 3}),
		"ConvTranspose2D groups":          transpose2(ConvOptions{Groups: 2, Dilation: pair{1, 2}}),
		"ConvTranspose2D same":            transpose2(ConvOptions{Stride: pair{2, 2}, Padding: Same}),
		"ConvTranspose3D":                 transpose3(Conv3DOptions{Stride: triple{2, 1, 2}, Padding: Pad3D(1, 1, 0), OutputPadding: triple{1, 0, 1}}),
		"ConvTranspose3D groups, dilated": transpose3(Conv3DOptions{Dilation: triple{3, 1, 2}, Groups: 2}),
	} {
		operations["dl."+name] = f
	}
}

// third is the third operand, the bias, if there is one.
func third(x []*Tensor) *Tensor {
	if len(x) < 3 {
		return nil
	}
	return x[2]
}
