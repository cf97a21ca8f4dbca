package nn

import (
	"fmt"

	"modelbook/dl"
)

// AdaptiveAvgPool1D averages sequences [N, L, C] over windows that give an output of the given Size, whatever the size
// of the input (PyTorch: AdaptiveAvgPool1d): see [dl.AdaptiveAvgPool].
type AdaptiveAvgPool1D struct {
	Size int // of the output; 0: as many as there are, PyTorch's None
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AdaptiveAvgPool1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := adapted(in, []int{p.Size})
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *AdaptiveAvgPool1D) Forward(x *dl.Tensor) *dl.Tensor {
	sizes := sizesOf("nn.AdaptiveAvgPool1D", x, []int{p.Size})
	return dl.AdaptiveAvgPool(x, sizes[:1]...)
}

// Parameters returns the parameters of the layer.
func (p *AdaptiveAvgPool1D) Parameters() []*Parameter { return nil }
func (p *AdaptiveAvgPool1D) detail() string           { return times([]int{p.Size}) }

// AdaptiveAvgPool2D averages images [N, H, W, C] over windows that give an output of the given Size, whatever the size
// of the input (PyTorch: AdaptiveAvgPool2d): see [dl.AdaptiveAvgPool].
type AdaptiveAvgPool2D struct {
	Size [2]int // of the output; where it is 0, as many as there are, PyTorch's None
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AdaptiveAvgPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := adapted(in, p.Size[:])
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *AdaptiveAvgPool2D) Forward(x *dl.Tensor) *dl.Tensor {
	sizes := sizesOf("nn.AdaptiveAvgPool2D", x, p.Size[:])
	return dl.AdaptiveAvgPool(x, sizes[:2]...)
}

// Parameters returns the parameters of the layer.
func (p *AdaptiveAvgPool2D) Parameters() []*Parameter { return nil }
func (p *AdaptiveAvgPool2D) detail() string           { return times(p.Size[:]) }

// AdaptiveAvgPool3D averages volumes [N, D, H, W, C] over windows that give an output of the given Size, whatever the
// size of the input (PyTorch: AdaptiveAvgPool3d): see [dl.AdaptiveAvgPool].
type AdaptiveAvgPool3D struct {
	Size [3]int // of the output; where it is 0, as many as there are, PyTorch's None
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AdaptiveAvgPool3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := adapted(in, p.Size[:])
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *AdaptiveAvgPool3D) Forward(x *dl.Tensor) *dl.Tensor {
	sizes := sizesOf("nn.AdaptiveAvgPool3D", x, p.Size[:])
	return dl.AdaptiveAvgPool(x, sizes[:3]...)
}

// Parameters returns the parameters of the layer.
func (p *AdaptiveAvgPool3D) Parameters() []*Parameter { return nil }
func (p *AdaptiveAvgPool3D) detail() string           { return times(p.Size[:]) }

// AdaptiveMaxPool1D keeps the largest values of sequences [N, L, C] over windows that give an output of the given Size,
// whatever the size of the input (PyTorch: AdaptiveMaxPool1d): see [dl.AdaptiveMaxPool].
type AdaptiveMaxPool1D struct {
	Size int // of the output; 0: as many as there are, PyTorch's None
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AdaptiveMaxPool1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := adapted(in, []int{p.Size})
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *AdaptiveMaxPool1D) Forward(x *dl.Tensor) *dl.Tensor {
	sizes := sizesOf("nn.AdaptiveMaxPool1D", x, []int{p.Size})
	return dl.AdaptiveMaxPool(x, sizes[:1]...)
}

// Parameters returns the parameters of the layer.
func (p *AdaptiveMaxPool1D) Parameters() []*Parameter { return nil }
func (p *AdaptiveMaxPool1D) detail() string           { return times([]int{p.Size}) }

// AdaptiveMaxPool2D keeps the largest values of images [N, H, W, C] over windows that give an output of the given Size,
// whatever the size of the input (PyTorch: AdaptiveMaxPool2d): see [dl.AdaptiveMaxPool].
type AdaptiveMaxPool2D struct {
	Size [2]int // of the output; where it is 0, as many as there are, PyTorch's None
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AdaptiveMaxPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := adapted(in, p.Size[:])
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *AdaptiveMaxPool2D) Forward(x *dl.Tensor) *dl.Tensor {
	sizes := sizesOf("nn.AdaptiveMaxPool2D", x, p.Size[:])
	return dl.AdaptiveMaxPool(x, sizes[:2]...)
}

// Parameters returns the parameters of the layer.
func (p *AdaptiveMaxPool2D) Parameters() []*Parameter { return nil }
func (p *AdaptiveMaxPool2D) detail() string           { return times(p.Size[:]) }

// AdaptiveMaxPool3D keeps the largest values of volumes [N, D, H, W, C] over windows that give an output of the given
// Size, whatever the size of the input (PyTorch: AdaptiveMaxPool3d): see [dl.AdaptiveMaxPool].
type AdaptiveMaxPool3D struct {
	Size [3]int // of the output; where it is 0, as many as there are, PyTorch's None
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AdaptiveMaxPool3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	out, err := adapted(in, p.Size[:])
	return &p, out, err
}

// Forward computes the outputs for a batch.
func (p *AdaptiveMaxPool3D) Forward(x *dl.Tensor) *dl.Tensor {
	sizes := sizesOf("nn.AdaptiveMaxPool3D", x, p.Size[:])
	return dl.AdaptiveMaxPool(x, sizes[:3]...)
}

// Parameters returns the parameters of the layer.
func (p *AdaptiveMaxPool3D) Parameters() []*Parameter { return nil }
func (p *AdaptiveMaxPool3D) detail() string           { return times(p.Size[:]) }

// adapted is the shape of a sample of other sizes, of which those that are 0 stay as they are.
func adapted(in dl.Shape, sizes []int) (dl.Shape, error) {
	if err := isSample(in, len(sizes)); err != nil {
		return nil, err
	}
	out := append(dl.Shape{}, in...)
	for i, n := range sizes {
		if n < 0 || n > maxVolume || n > 0 && in[i] < 1 {
			return nil, fmt.Errorf("the Size %v is impossible for the input %v", plain(sizes), in)
		}
		if n > 0 {
			out[i] = n
		}
	}
	return out, nil
}

// sizesOf are the sizes that the samples of a batch get.
func sizesOf(layer string, x *dl.Tensor, sizes []int) (out [3]int) {
	checkAxes(layer, x, len(sizes))
	for i, n := range sizes {
		if out[i] = n; n == 0 {
			out[i] = x.Dim(i + 1)
		}
	}
	return out
}

// checkAxes refuses what is no batch of samples with a number of axes beside the channels.
func checkAxes(layer string, x *dl.Tensor, axes int) {
	if x.Rank() != axes+2 {
		dl.PanicValue(layer+".Forward", "the input %v is not a batch of %s", x.Shape(), kindsOfInput[axes][2:])
	}
}
