package nn

import (
	"math"

	"modelbook/dl"
)

// GlobalAvgPool1D takes the mean of each channel of whole sequences [N, L, C]: [N, C] (Keras: GlobalAveragePooling1D; PyTorch: AdaptiveAvgPool1d of size 1).
// Steps that a layer in front marks as padding are left out, as in Keras: see [Masker]. The other global pools take all.
type GlobalAvgPool1D struct {
	KeepDims bool `json:",omitempty"` // keeps axes of size 1: [N, 1, C]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p GlobalAvgPool1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := global(in, 1, p.KeepDims)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *GlobalAvgPool1D) Forward(x *dl.Tensor) *dl.Tensor {
	return overWhole("nn.GlobalAvgPool1D", x, 1, p.KeepDims, false)
}

// ForwardMasked is Forward of sequences of which a mask, bools [N, L], tells which steps count: see [Masker]. The mean of
// no steps is 0.
func (p *GlobalAvgPool1D) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	if mask == nil {
		return p.Forward(x)
	}
	checkAxes("nn.GlobalAvgPool1D", x, 1)
	checkMask("nn.GlobalAvgPool1D.ForwardMasked", x, mask)
	steps := mask.To(x.DType()).Sum(1).Clip(1, math.Inf(1)).Unsqueeze(-1)
	y := x.MaskedFill(mask.Unsqueeze(-1).Not(), 0).Sum(1).Div(steps)
	if p.KeepDims {
		y = y.Unsqueeze(1)
	}
	return y
}

// Parameters returns the parameters of the layer.
func (p *GlobalAvgPool1D) Parameters() []*Parameter { return nil }

// GlobalAvgPool2D takes the mean of each channel of whole images [N, H, W, C]: [N, C] (Keras: GlobalAveragePooling2D; PyTorch: AdaptiveAvgPool2d of size 1).
type GlobalAvgPool2D struct {
	KeepDims bool `json:",omitempty"` // keeps axes of size 1: [N, 1, 1, C]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p GlobalAvgPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := global(in, 2, p.KeepDims)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *GlobalAvgPool2D) Forward(x *dl.Tensor) *dl.Tensor {
	return overWhole("nn.GlobalAvgPool2D", x, 2, p.KeepDims, false)
}

// Parameters returns the parameters of the layer.
func (p *GlobalAvgPool2D) Parameters() []*Parameter { return nil }

// GlobalAvgPool3D takes the mean of each channel of whole volumes [N, D, H, W, C]: [N, C] (Keras: GlobalAveragePooling3D; PyTorch: AdaptiveAvgPool3d of size 1).
type GlobalAvgPool3D struct {
	KeepDims bool `json:",omitempty"` // keeps axes of size 1: [N, 1, 1, 1, C]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p GlobalAvgPool3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := global(in, 3, p.KeepDims)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *GlobalAvgPool3D) Forward(x *dl.Tensor) *dl.Tensor {
	return overWhole("nn.GlobalAvgPool3D", x, 3, p.KeepDims, false)
}

// Parameters returns the parameters of the layer.
func (p *GlobalAvgPool3D) Parameters() []*Parameter { return nil }

// GlobalMaxPool1D keeps the largest value of each channel of whole sequences [N, L, C]: [N, C] (Keras: GlobalMaxPooling1D; PyTorch: AdaptiveMaxPool1d of size 1).
type GlobalMaxPool1D struct {
	KeepDims bool `json:",omitempty"` // keeps axes of size 1: [N, 1, C]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p GlobalMaxPool1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := global(in, 1, p.KeepDims)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *GlobalMaxPool1D) Forward(x *dl.Tensor) *dl.Tensor {
	return overWhole("nn.GlobalMaxPool1D", x, 1, p.KeepDims, true)
}

// Parameters returns the parameters of the layer.
func (p *GlobalMaxPool1D) Parameters() []*Parameter { return nil }

// GlobalMaxPool2D keeps the largest value of each channel of whole images [N, H, W, C]: [N, C] (Keras: GlobalMaxPooling2D; PyTorch: AdaptiveMaxPool2d of size 1).
type GlobalMaxPool2D struct {
	KeepDims bool `json:",omitempty"` // keeps axes of size 1: [N, 1, 1, C]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p GlobalMaxPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := global(in, 2, p.KeepDims)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *GlobalMaxPool2D) Forward(x *dl.Tensor) *dl.Tensor {
	return overWhole("nn.GlobalMaxPool2D", x, 2, p.KeepDims, true)
}

// Parameters returns the parameters of the layer.
func (p *GlobalMaxPool2D) Parameters() []*Parameter { return nil }

// GlobalMaxPool3D keeps the largest value of each channel of whole volumes [N, D, H, W, C]: [N, C] (Keras: GlobalMaxPooling3D; PyTorch: AdaptiveMaxPool3d of size 1).
type GlobalMaxPool3D struct {
	KeepDims bool `json:",omitempty"` // keeps axes of size 1: [N, 1, 1, 1, C]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p GlobalMaxPool3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := global(in, 3, p.KeepDims)
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *GlobalMaxPool3D) Forward(x *dl.Tensor) *dl.Tensor {
	return overWhole("nn.GlobalMaxPool3D", x, 3, p.KeepDims, true)
}

// Parameters returns the parameters of the layer.
func (p *GlobalMaxPool3D) Parameters() []*Parameter { return nil }

// global is the shape of what remains of a sample.
func global(in dl.Shape, axes int, keep bool) (dl.Shape, error) {
	if err := isSample(in, axes); err != nil {
		return nil, err
	}
	out := dl.Shape{}
	for range axes {
		if keep {
			out = append(out, 1)
		}
	}
	return append(out, in[axes]), nil
}

// overWhole takes the means, or the largest elements, over the axes of samples.
func overWhole(layer string, x *dl.Tensor, axes int, keep, largest bool) *dl.Tensor {
	checkAxes(layer, x, axes)
	over := [...]int{1, 2, 3}
	var y *dl.Tensor
	if largest {
		y = x.Max(over[:axes]...)
	} else {
		y = x.Mean(over[:axes]...)
	}
	for range axes {
		if keep {
			y = y.Unsqueeze(1)
		}
	}
	return y
}
