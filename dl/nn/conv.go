package nn

import (
	"fmt"

	"modelbook/dl"
)

// Conv2D slides filters over images: x [N, H, W, C], Weight [KH, KW, C, Filters], Bias [Filters], output
// [N, OH, OW, Filters]. With a padding of p rows OH is (H+2*p-KH)/stride+1, with Same it is H/stride, rounded up.
type Conv2D struct {
	Filters    int
	Kernel     [2]int  // height and width
	Stride     [2]int  // zero: 1, 1
	Padding    Padding // with zeros: Valid (none, the zero value), Same, or Pad2D(rows, columns)
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: GlorotUniform (PyTorch: uniform in ±1/sqrt(KH*KW*C))
	BiasInit   Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c Conv2D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if c.Filters < 1 {
		return nil, nil, fmt.Errorf("Filters is %d; give the number of filters", c.Filters)
	}
	c.Stride = defaultTo(c.Stride, [2]int{1, 1})
	oh, ow, err := slide(in, "Kernel", c.Kernel, c.Stride, c.Padding)
	if err != nil {
		return nil, nil, err
	}
	kh, kw, channels := c.Kernel[0], c.Kernel[1], in[2]
	if err := checkShape(dl.Shape{kh, kw, channels, c.Filters}); err != nil {
		return nil, nil, err
	}
	fanIn, fanOut := kh*kw*channels, kh*kw*c.Filters
	c.Weight = b.Parameter("weight", c.WeightInit, GlorotUniform, fanIn, fanOut, kh, kw, channels, c.Filters)
	if c.Bias = nil; !c.NoBias {
		c.Bias = b.Parameter("bias", c.BiasInit, Zeros, fanIn, fanOut, c.Filters)
	}
	return &c, dl.Shape{oh, ow, c.Filters}, nil
}

// Forward computes the outputs for a batch.
func (c *Conv2D) Forward(x *dl.Tensor) *dl.Tensor {
	fused, rest := c.Activation.fused()
	return rest.Apply(c.convolve(x, fused))
}

// Head is the activation with which the layer ends: see [Headed].
func (c *Conv2D) Head() Activation { return c.Activation }

// Logits computes the outputs without that activation: see [Headed].
func (c *Conv2D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Parameters returns the parameters of the layer.
func (c *Conv2D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

func (c *Conv2D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	return dl.Conv2D(x, c.Weight.tensor("nn.Conv2D"), c.Bias.optional(), dl.ConvOptions{Stride: c.Stride, Padding: c.Padding, Fuse: act})
}

// Padding says what lies around images: Valid, Same, or Pad2D(rows, columns).
type Padding = dl.Padding

var (
	// Valid pads with nothing, as in Keras: the zero value.
	Valid = dl.Valid
	// Same pads so that a stride of 1 keeps the size, as in Keras.
	Same = dl.Same
)

// Pad2D pads with rows above and below and columns left and right, as PyTorch's padding does.
func Pad2D(rows, columns int) Padding { return dl.Pad2D(rows, columns) }

// slide checks a window that slides over images [H, W, C] and returns how many places it has down and across.
func slide(in dl.Shape, field string, size, stride [2]int, pad Padding) (oh, ow int, err error) {
	if len(in) != 3 {
		return 0, 0, fmt.Errorf("the input %v is not an image [height, width, channels]", in)
	}
	for i := range 2 {
		if size[i] < 1 || stride[i] < 1 {
			return 0, 0, fmt.Errorf("%s %v and Stride %v must be positive", field, size, stride)
		}
	}
	if max(size[0], size[1], stride[0], stride[1]) > maxVolume {
		return 0, 0, fmt.Errorf("%s %v and Stride %v are too large", field, size, stride)
	}
	before, places := pad.Around([2]int{in[0], in[1]}, size, stride)
	for i := range 2 {
		if before[i] < 0 || pad != Same && before[i] >= size[i] {
			return 0, 0, fmt.Errorf("Padding %v must not be negative, and smaller than the %s %v", pad, field, size)
		}
		if places[i] < 1 {
			return 0, 0, fmt.Errorf("the %s %v is larger than the input %v; use Padding: nn.Same or fewer reductions before", field, size, in)
		}
	}
	return places[0], places[1], nil
}

func defaultTo(v, byDefault [2]int) [2]int {
	if v == [2]int{} {
		return byDefault
	}
	return v
}

// MaxPool2D keeps the largest value of every window, channel by channel.
type MaxPool2D struct {
	Size    [2]int  // zero: 2, 2
	Stride  [2]int  // zero: Size
	Padding Padding // Valid, Same (no row or column is left out), or Pad2D of at most half a window; no part of a window
}

// Build makes the layer for inputs of a shape: see [Layer].
func (p MaxPool2D) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	p.Size = defaultTo(p.Size, [2]int{2, 2})
	p.Stride = defaultTo(p.Stride, p.Size)
	oh, ow, err := slide(in, "Size", p.Size, p.Stride, p.Padding)
	if err != nil {
		return nil, nil, err
	}
	if before, _ := p.Padding.Around([2]int{in[0], in[1]}, p.Size, p.Stride); p.Padding != Same && (2*before[0] > p.Size[0] || 2*before[1] > p.Size[1]) {
		return nil, nil, fmt.Errorf("Padding %v is more than half of the Size %v", p.Padding, p.Size)
	}
	return &p, dl.Shape{oh, ow, in[2]}, nil
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
