package nn

import (
	"cmp"
	"fmt"

	"modelbook/dl"
)

// MaxPool1D keeps the largest value of every window of sequences [N, L, C], channel by channel.
type MaxPool1D struct {
	Size    int     // zero: 2
	Stride  int     // zero: Size
	Padding Padding // Valid, Same (nothing is left out), or Pad1D of at most half a window; no part of a window
	// Ceil lets a last window reach over the end rather than leave something out: PyTorch's ceil_mode.
	Ceil bool `json:",omitempty"`
}

// MaxPool2D keeps the largest value of every window of images [N, H, W, C], channel by channel.
type MaxPool2D struct {
	Size    [2]int  // zero: 2, 2
	Stride  [2]int  // zero: Size
	Padding Padding // Valid, Same (nothing is left out), or Pad2D of at most half a window; no part of a window
	// Ceil lets a last window reach over the end rather than leave something out: PyTorch's ceil_mode.
	Ceil bool `json:",omitempty"`
}

// MaxPool3D keeps the largest value of every window of volumes [N, D, H, W, C], channel by channel.
type MaxPool3D struct {
	Size    [3]int  // zero: 2, 2, 2
	Stride  [3]int  // zero: Size
	Padding Padding // Valid, Same (nothing is left out), or Pad3D of at most half a window; no part of a window
	// Ceil lets a last window reach over the end rather than leave something out: PyTorch's ceil_mode.
	Ceil bool `json:",omitempty"`
}

// AvgPool1D takes the mean of every window of sequences [N, L, C], channel by channel.
type AvgPool1D struct {
	Size    int     // zero: 2
	Stride  int     // zero: Size
	Padding Padding // Valid, Same (nothing is left out), or Pad1D of at most half a window
	// CountIncludePad counts the padding as zeros, as PyTorch does unless told
	// otherwise; Keras counts only what lies inside.
	CountIncludePad bool `json:",omitempty"`
	// Ceil lets a last window reach over the end rather than leave something out: PyTorch's ceil_mode.
	Ceil bool `json:",omitempty"`
}

// AvgPool2D takes the mean of every window of images [N, H, W, C], channel by channel.
type AvgPool2D struct {
	Size    [2]int  // zero: 2, 2
	Stride  [2]int  // zero: Size
	Padding Padding // Valid, Same (nothing is left out), or Pad2D of at most half a window
	// CountIncludePad counts the padding as zeros, as PyTorch does unless told
	// otherwise; Keras counts only what lies inside.
	CountIncludePad bool `json:",omitempty"`
	// Ceil lets a last window reach over the end rather than leave something out: PyTorch's ceil_mode.
	Ceil bool `json:",omitempty"`
}

// AvgPool3D takes the mean of every window of volumes [N, D, H, W, C], channel by channel.
type AvgPool3D struct {
	Size    [3]int  // zero: 2, 2, 2
	Stride  [3]int  // zero: Size
	Padding Padding // Valid, Same (nothing is left out), or Pad3D of at most half a window
	// CountIncludePad counts the padding as zeros, as PyTorch does unless told
	// otherwise; Keras counts only what lies inside.
	CountIncludePad bool `json:",omitempty"`
	// Ceil lets a last window reach over the end rather than leave something out: PyTorch's ceil_mode.
	Ceil bool `json:",omitempty"`
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p MaxPool1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Size = cmp.Or(p.Size, 2)
	p.Stride = cmp.Or(p.Stride, p.Size)
	out, err := pooled(in, []int{p.Size}, []int{p.Stride}, p.Padding, p.Ceil)
	return &p, out, err
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p MaxPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Size = cmp.Or(p.Size, [2]int{2, 2})
	p.Stride = cmp.Or(p.Stride, p.Size)
	out, err := pooled(in, p.Size[:], p.Stride[:], p.Padding, p.Ceil)
	return &p, out, err
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p MaxPool3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Size = cmp.Or(p.Size, [3]int{2, 2, 2})
	p.Stride = cmp.Or(p.Stride, p.Size)
	out, err := pooled(in, p.Size[:], p.Stride[:], p.Padding, p.Ceil)
	return &p, out, err
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AvgPool1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Size = cmp.Or(p.Size, 2)
	p.Stride = cmp.Or(p.Stride, p.Size)
	out, err := pooled(in, []int{p.Size}, []int{p.Stride}, p.Padding, p.Ceil)
	return &p, out, err
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AvgPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Size = cmp.Or(p.Size, [2]int{2, 2})
	p.Stride = cmp.Or(p.Stride, p.Size)
	out, err := pooled(in, p.Size[:], p.Stride[:], p.Padding, p.Ceil)
	return &p, out, err
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AvgPool3D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Size = cmp.Or(p.Size, [3]int{2, 2, 2})
	p.Stride = cmp.Or(p.Stride, p.Size)
	out, err := pooled(in, p.Size[:], p.Stride[:], p.Padding, p.Ceil)
	return &p, out, err
}

// pooled is the shape of what a pool makes of a sample.
func pooled(in dl.Shape, size, stride []int, padding Padding, ceil bool) (dl.Shape, error) {
	s := &sliding{field: "Size", size: size, stride: stride, dilation: []int{1, 1, 1}[:len(size)], padding: padding}
	places, err := s.over(in)
	if err != nil {
		return nil, err
	}
	for i := range places {
		if before, _ := padding.Along(i, in[i], size[i], stride[i]); padding == Causal || padding != Same && 2*before > size[i] {
			return nil, fmt.Errorf("Padding %v is more than half of the Size %v", padding, plain(size))
		}
		if ceil {
			_, places[i] = padding.AlongUp(i, in[i], size[i], stride[i])
		}
	}
	return append(places, in[len(in)-1]), nil
}

// Forward computes the outputs for a batch.
func (p *MaxPool1D) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.MaxPool1D(x, dl.Pool1DOptions{Size: p.Size, Stride: p.Stride, Padding: p.Padding, Ceil: p.Ceil})
}

// Forward computes the outputs for a batch.
func (p *MaxPool2D) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.MaxPool2D(x, dl.PoolOptions{Size: p.Size, Stride: p.Stride, Padding: p.Padding, Ceil: p.Ceil})
}

// Forward computes the outputs for a batch.
func (p *MaxPool3D) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.MaxPool3D(x, dl.Pool3DOptions{Size: p.Size, Stride: p.Stride, Padding: p.Padding, Ceil: p.Ceil})
}

// Forward computes the outputs for a batch.
func (p *AvgPool1D) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.AvgPool1D(x, dl.Pool1DOptions(*p))
}

// Forward computes the outputs for a batch.
func (p *AvgPool2D) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.AvgPool2D(x, dl.PoolOptions(*p))
}

// Forward computes the outputs for a batch.
func (p *AvgPool3D) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.AvgPool3D(x, dl.Pool3DOptions(*p))
}

// Parameters returns the parameters of the layer.
func (p *MaxPool1D) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (p *MaxPool2D) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (p *MaxPool3D) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (p *AvgPool1D) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (p *AvgPool2D) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (p *AvgPool3D) Parameters() []*Parameter { return nil }

func (p *MaxPool1D) detail() string {
	return poolOf([]int{p.Size}, []int{p.Stride}, p.Padding, false, p.Ceil)
}

func (p *MaxPool2D) detail() string {
	return poolOf(p.Size[:], p.Stride[:], p.Padding, false, p.Ceil)
}

func (p *MaxPool3D) detail() string {
	return poolOf(p.Size[:], p.Stride[:], p.Padding, false, p.Ceil)
}

func (p *AvgPool1D) detail() string {
	return poolOf([]int{p.Size}, []int{p.Stride}, p.Padding, p.CountIncludePad, p.Ceil)
}

func (p *AvgPool2D) detail() string {
	return poolOf(p.Size[:], p.Stride[:], p.Padding, p.CountIncludePad, p.Ceil)
}

func (p *AvgPool3D) detail() string {
	return poolOf(p.Size[:], p.Stride[:], p.Padding, p.CountIncludePad, p.Ceil)
}

// poolOf describes a pool.
func poolOf(size, stride []int, padding Padding, count, ceil bool) string {
	text := windowOf(padding, 1, size, stride, size, []int{1})
	if count {
		text += ", which counts"
	}
	if ceil {
		text += ", rounded up"
	}
	return text
}
