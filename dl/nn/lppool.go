package nn

import (
	"cmp"
	"fmt"

	"modelbook/dl"
)

// LPPool1D takes the norm of every window of sequences [N, L, C], channel by channel: the root of order Norm of the sum
// of the powers of the absolute values. A Norm of 1 is their sum, one that grows comes near to their largest. Where
// PyTorch's nn.LPPool1d has negative values and an odd order, it leaves the absolute values out.
type LPPool1D struct {
	Norm    float64 // 0: 2; PyTorch has no default
	Size    int     // 0: 2
	Stride  int     // 0: Size
	Padding Padding // with zeros, which add nothing: Valid, Same, or Pad1D
}

// LPPool2D takes the norm of every window of images [N, H, W, C], channel by channel: see [LPPool1D].
type LPPool2D struct {
	Norm    float64 // 0: 2; PyTorch has no default
	Size    [2]int  // zero: 2, 2
	Stride  [2]int  // zero: Size
	Padding Padding // with zeros, which add nothing: Valid, Same, or Pad2D
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p LPPool1D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Norm, p.Size = cmp.Or(p.Norm, 2), cmp.Or(p.Size, 2)
	p.Stride = cmp.Or(p.Stride, p.Size)
	out, err := normPooled(in, p.Norm, []int{p.Size}, []int{p.Stride}, p.Padding)
	return &p, out, err
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p LPPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Norm, p.Size = cmp.Or(p.Norm, 2), cmp.Or(p.Size, [2]int{2, 2})
	p.Stride = cmp.Or(p.Stride, p.Size)
	out, err := normPooled(in, p.Norm, p.Size[:], p.Stride[:], p.Padding)
	return &p, out, err
}

func normPooled(in dl.Shape, norm float64, size, stride []int, padding Padding) (dl.Shape, error) {
	if !(norm > 0) {
		return nil, fmt.Errorf("Norm is %v; it must be above 0", norm)
	}
	if padding == Causal {
		return nil, fmt.Errorf("Padding causal is not for pools: use Valid, Same or numbers")
	}
	places, err := (&sliding{field: "Size", size: size, stride: stride, dilation: []int{1, 1}[:len(size)], padding: padding}).over(in)
	if err != nil {
		return nil, err
	}
	return append(places, in[len(in)-1]), nil
}

// Forward computes the outputs for a batch.
func (p *LPPool1D) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() != 3 {
		dl.PanicShape("nn.LPPool1D.Forward", "sequences are [N, L, C]", x)
	}
	before, places := p.Padding.Along(0, x.Dim(1), p.Size, p.Stride)
	after := max(0, (places-1)*p.Stride+p.Size-x.Dim(1)-before)
	return x.Pad([]int{0, before, 0}, []int{0, after, 0}).Unfold(1, p.Size, p.Stride).Slice(1, 0, places).Norm(p.Norm, -1)
}

// Forward computes the outputs for a batch.
func (p *LPPool2D) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() != 4 {
		dl.PanicShape("nn.LPPool2D.Forward", "images are [N, H, W, C]", x)
	}
	windows := dl.Unfold(x, dl.WindowOptions{Size: p.Size, Stride: p.Stride, Padding: p.Padding})
	_, down := p.Padding.Along(0, x.Dim(1), p.Size[0], p.Stride[0])
	_, across := p.Padding.Along(1, x.Dim(2), p.Size[1], p.Stride[1])
	return windows.Reshape(x.Dim(0), down, across, p.Size[0]*p.Size[1], x.Dim(3)).Norm(p.Norm, 3)
}

// Parameters returns the parameters of the layer.
func (p *LPPool1D) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (p *LPPool2D) Parameters() []*Parameter { return nil }

func (p *LPPool1D) detail() string {
	return fmt.Sprintf("norm %v, %s", p.Norm, poolOf([]int{p.Size}, []int{p.Stride}, p.Padding, false, false))
}

func (p *LPPool2D) detail() string {
	return fmt.Sprintf("norm %v, %s", p.Norm, poolOf(p.Size[:], p.Stride[:], p.Padding, false, false))
}
