package nn

import (
	"cmp"
	"fmt"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"Unfold": kindOf[Unfold](), "Fold": kindOf[Fold](), "LPPool1D": kindOf[LPPool1D](), "LPPool2D": kindOf[LPPool2D]()})
}

// Unfold makes rows of the windows of images [N, H, W, C], known as im2col: [N, OH*OW, KH*KW*C], see [dl.Unfold].
// PyTorch's nn.Unfold has channels first: [N, C*KH*KW, OH*OW].
type Unfold struct {
	Size     [2]int
	Stride   [2]int  // 0: 1, as in PyTorch
	Padding  Padding // Valid, Same, or Pad2D
	Dilation [2]int  // 0: 1
}

// Fold adds up windows, rows [N, OH*OW, KH*KW*C], to images [N, Height, Width, C], known as col2im: see [dl.Fold]. It is
// PyTorch's nn.Fold, whose layout is that of its Unfold.
type Fold struct {
	Height, Width int
	Size          [2]int
	Stride        [2]int  // 0: 1, as in PyTorch
	Padding       Padding // Valid, Same, or Pad2D
	Dilation      [2]int  // 0: 1
}

// windowPlaces are the numbers of windows along both axes of an image.
func windowPlaces(in dl.Shape, o dl.WindowOptions) ([]int, error) {
	o.Stride, o.Dilation = cmp.Or(o.Stride, [2]int{1, 1}), cmp.Or(o.Dilation, [2]int{1, 1})
	return (&sliding{field: "Size", size: o.Size[:], stride: o.Stride[:], dilation: o.Dilation[:], padding: o.Padding}).over(in)
}

func (u *Unfold) options() dl.WindowOptions { return dl.WindowOptions(*u) }

func (f *Fold) options() dl.WindowOptions {
	return dl.WindowOptions{Size: f.Size, Stride: f.Stride, Padding: f.Padding, Dilation: f.Dilation}
}

// Build makes the layer for inputs of a shape: see [Layer].
func (u Unfold) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	places, err := windowPlaces(in, u.options())
	if err != nil {
		return nil, nil, err
	}
	return &u, dl.Shape{places[0] * places[1], u.Size[0] * u.Size[1] * in[2]}, nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (f Fold) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if len(in) != 2 {
		return nil, nil, fmt.Errorf("the input %v is not of windows [number, values]", in)
	}
	if f.Height < 1 || f.Width < 1 {
		return nil, nil, fmt.Errorf("Height %d and Width %d of the images must be positive", f.Height, f.Width)
	}
	places, err := windowPlaces(dl.Shape{f.Height, f.Width, 1}, f.options())
	if err != nil {
		return nil, nil, err
	}
	taps := f.Size[0] * f.Size[1]
	if places[0]*places[1] != in[0] || in[1]%taps != 0 {
		return nil, nil, fmt.Errorf("images of %dx%d have %d windows of %d values for each channel, the input has %v", f.Height, f.Width, places[0]*places[1], taps, in)
	}
	return &f, dl.Shape{f.Height, f.Width, in[1] / taps}, nil
}

// Forward computes the outputs for a batch.
func (u *Unfold) Forward(x *dl.Tensor) *dl.Tensor { return dl.Unfold(x, u.options()) }

// Forward computes the outputs for a batch.
func (f *Fold) Forward(x *dl.Tensor) *dl.Tensor { return dl.Fold(x, f.Height, f.Width, f.options()) }

// Parameters returns the parameters of the layer.
func (u *Unfold) Parameters() []*Parameter { return nil }

// Parameters returns the parameters of the layer.
func (f *Fold) Parameters() []*Parameter { return nil }

func (u *Unfold) detail() string {
	return windowOf(u.Padding, 1, u.Size[:], ones(u.Stride), []int{1, 1}, ones(u.Dilation))
}

func (f *Fold) detail() string {
	return windowOf(f.Padding, 1, f.Size[:], ones(f.Stride), []int{1, 1}, ones(f.Dilation))
}

func ones(n [2]int) []int {
	n = cmp.Or(n, [2]int{1, 1})
	return n[:]
}
