package nn

import (
	"cmp"
	"fmt"

	"modelbook/dl"
)

// MaxPool2D keeps the largest value of every window, channel by channel.
type MaxPool2D struct {
	Size    [2]int  // zero: 2, 2
	Stride  [2]int  // zero: Size
	Padding Padding // Valid, Same (no row or column is left out), or Pad2D of at most half a window; no part of a window
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p MaxPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Size = cmp.Or(p.Size, [2]int{2, 2})
	p.Stride = cmp.Or(p.Stride, p.Size)
	s := &sliding{field: "Size", size: p.Size[:], stride: p.Stride[:], dilation: []int{1, 1}, padding: p.Padding}
	places, err := s.over(in)
	if err != nil {
		return nil, nil, err
	}
	for i := range places {
		if before, _ := p.Padding.Along(i, in[i], p.Size[i], p.Stride[i]); p.Padding != Same && 2*before > p.Size[i] {
			return nil, nil, fmt.Errorf("Padding %v is more than half of the Size %v", p.Padding, p.Size)
		}
	}
	return &p, append(places, in[2]), nil
}

// Forward computes the outputs for a batch.
func (p *MaxPool2D) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.MaxPool2D(x, dl.PoolOptions{Size: p.Size, Stride: p.Stride, Padding: p.Padding})
}

// Parameters returns the parameters of the layer.
func (p *MaxPool2D) Parameters() []*Parameter { return nil }

// AvgPool2D takes the mean of every window, channel by channel.
type AvgPool2D struct {
	Size    [2]int  // zero: 2, 2
	Stride  [2]int  // zero: Size
	Padding Padding // Valid, Same (no row or column is left out), or Pad2D of at most half a window
	// CountIncludePad counts the padding as zeros, as PyTorch does unless told
	// otherwise; Keras counts only what lies inside the image.
	CountIncludePad bool `json:",omitempty"`
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p AvgPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	m, out, err := MaxPool2D{Size: p.Size, Stride: p.Stride, Padding: p.Padding}.Build(in, nil)
	if err != nil {
		return nil, nil, err
	}
	built := m.(*MaxPool2D)
	p.Size, p.Stride = built.Size, built.Stride
	return &p, out, nil
}

// Forward computes the outputs for a batch.
func (p *AvgPool2D) Forward(x *dl.Tensor) *dl.Tensor { return dl.AvgPool2D(x, dl.PoolOptions(*p)) }

// Parameters returns the parameters of the layer.
func (p *AvgPool2D) Parameters() []*Parameter { return nil }
