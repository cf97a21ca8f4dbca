package nn

import (
	"cmp"
	"fmt"

	"modelbook/dl"
)

// ConvTranspose1D is the transposed convolution of sequences (Keras: Conv1DTranspose): x [N, L, C], Weight [Kernel,
// Filters/Groups, C], Bias [Filters], output [N, OL, Filters]. See [ConvTranspose2D].
type ConvTranspose1D struct {
	Filters       int
	Kernel        int
	Stride        int     // zero: 1
	Padding       Padding // Valid (none, the zero value), Same, or Pad1D(places)
	OutputPadding int     // places more at the end
	Dilation      int     // zero: 1
	Groups        int     // of channels and filters; zero: 1
	Activation    Activation
	NoBias        bool
	WeightInit    Initializer `json:"-"` // nil: GlorotUniform (PyTorch: uniform)
	BiasInit      Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// ConvTranspose2D is the transposed convolution of images (Keras: Conv2DTranspose), which makes them larger: x [N, H, W,
// C], Weight [KH, KW, Filters/Groups, C], Bias [Filters], output [N, OH, OW, Filters]. It is what carries gradients back
// through a [Conv2D] of those settings. With a padding of p rows OH is (H-1)*stride-2*p+(KH-1)*dilation+1+OutputPadding,
// as in PyTorch; with Same it is H*stride, as in Keras, whose Valid gives at least H*stride, too: use OutputPadding where
// a stride is larger than the kernel.
type ConvTranspose2D struct {
	Filters       int
	Kernel        [2]int  // height and width
	Stride        [2]int  // zero: 1, 1
	Padding       Padding // Valid (none, the zero value), Same, or Pad2D(rows, columns), which are cut off
	OutputPadding [2]int  // rows and columns more below and right, fewer than Stride or Dilation
	Dilation      [2]int  // zero: 1, 1
	Groups        int     // of channels and filters; zero: 1
	Activation    Activation
	NoBias        bool
	WeightInit    Initializer `json:"-"` // nil: GlorotUniform (PyTorch: uniform)
	BiasInit      Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// ConvTranspose3D is the transposed convolution of volumes (Keras: Conv3DTranspose): x [N, D, H, W, C], Weight [KD, KH,
// KW, Filters/Groups, C], Bias [Filters], output [N, OD, OH, OW, Filters]. See [ConvTranspose2D].
type ConvTranspose3D struct {
	Filters       int
	Kernel        [3]int  // depth, height and width
	Stride        [3]int  // zero: 1, 1, 1
	Padding       Padding // Valid (none, the zero value), Same, or Pad3D(depth, rows, columns)
	OutputPadding [3]int
	Dilation      [3]int // zero: 1, 1, 1
	Groups        int    // of channels and filters; zero: 1
	Activation    Activation
	NoBias        bool
	WeightInit    Initializer `json:"-"` // nil: GlorotUniform (PyTorch: uniform)
	BiasInit      Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c ConvTranspose1D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation = cmp.Or(c.Stride, 1), cmp.Or(c.Dilation, 1)
	s := &sliding{field: "Kernel", size: []int{c.Kernel}, stride: []int{c.Stride}, dilation: []int{c.Dilation}, padding: c.Padding}
	sizes, err := s.grown(in, []int{c.OutputPadding})
	if err != nil {
		return nil, nil, err
	}
	f := filters{c.Filters, c.Groups, s.size, c.NoBias, c.WeightInit, c.BiasInit}
	if c.Weight, c.Bias, err = f.parameters(in, b, true); err != nil {
		return nil, nil, err
	}
	return &c, append(sizes, c.Filters), nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c ConvTranspose2D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation = cmp.Or(c.Stride, [2]int{1, 1}), cmp.Or(c.Dilation, [2]int{1, 1})
	s := &sliding{field: "Kernel", size: c.Kernel[:], stride: c.Stride[:], dilation: c.Dilation[:], padding: c.Padding}
	sizes, err := s.grown(in, c.OutputPadding[:])
	if err != nil {
		return nil, nil, err
	}
	f := filters{c.Filters, c.Groups, s.size, c.NoBias, c.WeightInit, c.BiasInit}
	if c.Weight, c.Bias, err = f.parameters(in, b, true); err != nil {
		return nil, nil, err
	}
	return &c, append(sizes, c.Filters), nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c ConvTranspose3D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation = cmp.Or(c.Stride, [3]int{1, 1, 1}), cmp.Or(c.Dilation, [3]int{1, 1, 1})
	s := &sliding{field: "Kernel", size: c.Kernel[:], stride: c.Stride[:], dilation: c.Dilation[:], padding: c.Padding}
	sizes, err := s.grown(in, c.OutputPadding[:])
	if err != nil {
		return nil, nil, err
	}
	f := filters{c.Filters, c.Groups, s.size, c.NoBias, c.WeightInit, c.BiasInit}
	if c.Weight, c.Bias, err = f.parameters(in, b, true); err != nil {
		return nil, nil, err
	}
	return &c, append(sizes, c.Filters), nil
}

// grown checks a transposed convolution and returns the sizes of its result.
func (s *sliding) grown(in dl.Shape, more []int) ([]int, error) {
	if err := s.check(in); err != nil {
		return nil, err
	}
	if s.padding == Causal {
		return nil, fmt.Errorf("a transposed convolution cannot be causal")
	}
	sizes := make([]int, len(s.size))
	for i := range sizes {
		if more[i] < 0 || more[i] >= max(s.stride[i], s.dilation[i]) {
			return nil, fmt.Errorf("OutputPadding %v must not be negative, and smaller than the Stride %v or the Dilation %v", plain(more), plain(s.stride), plain(s.dilation))
		}
		if in[i] > maxVolume/s.stride[i] {
			return nil, fmt.Errorf("the Stride %v is too large", plain(s.stride))
		}
		if s.padding == Same {
			if more[i] > 0 {
				return nil, fmt.Errorf("OutputPadding %v does not go with Padding: nn.Same, which makes the size a multiple of the Stride", plain(more))
			}
			sizes[i] = in[i] * s.stride[i]
			continue
		}
		before, _ := s.padding.Along(i, in[i], 1, 1)
		if sizes[i] = (in[i]-1)*s.stride[i] - 2*before + s.reach(i) + more[i]; sizes[i] < 1 {
			return nil, fmt.Errorf("the Padding %v leaves nothing of the output", s.padding)
		}
	}
	return sizes, nil
}

// Forward computes the outputs for a batch.
func (c *ConvTranspose1D) Forward(x *dl.Tensor) *dl.Tensor {
	return headed(c.Activation, x, c.convolve)
}

// Forward computes the outputs for a batch.
func (c *ConvTranspose2D) Forward(x *dl.Tensor) *dl.Tensor {
	return headed(c.Activation, x, c.convolve)
}

// Forward computes the outputs for a batch.
func (c *ConvTranspose3D) Forward(x *dl.Tensor) *dl.Tensor {
	return headed(c.Activation, x, c.convolve)
}

func (c *ConvTranspose1D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	return dl.ConvTranspose1D(x, c.Weight.tensor("nn.ConvTranspose1D"), c.Bias.optional(), dl.Conv1DOptions{Stride: c.Stride, Padding: c.Padding,
		Dilation: c.Dilation, Groups: c.Groups, OutputPadding: c.OutputPadding, Fuse: act})
}

func (c *ConvTranspose2D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	return dl.ConvTranspose2D(x, c.Weight.tensor("nn.ConvTranspose2D"), c.Bias.optional(), dl.ConvOptions{Stride: c.Stride, Padding: c.Padding,
		Dilation: c.Dilation, Groups: c.Groups, OutputPadding: c.OutputPadding, Fuse: act})
}

func (c *ConvTranspose3D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	return dl.ConvTranspose3D(x, c.Weight.tensor("nn.ConvTranspose3D"), c.Bias.optional(), dl.Conv3DOptions{Stride: c.Stride, Padding: c.Padding,
		Dilation: c.Dilation, Groups: c.Groups, OutputPadding: c.OutputPadding, Fuse: act})
}

// Head is the activation with which the layer ends: see [Headed].
func (c *ConvTranspose1D) Head() Activation { return c.Activation }

// Head is the activation with which the layer ends: see [Headed].
func (c *ConvTranspose2D) Head() Activation { return c.Activation }

// Head is the activation with which the layer ends: see [Headed].
func (c *ConvTranspose3D) Head() Activation { return c.Activation }

// Logits computes the outputs without that activation: see [Headed].
func (c *ConvTranspose1D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Logits computes the outputs without that activation: see [Headed].
func (c *ConvTranspose2D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Logits computes the outputs without that activation: see [Headed].
func (c *ConvTranspose3D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Parameters returns the parameters of the layer.
func (c *ConvTranspose1D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

// Parameters returns the parameters of the layer.
func (c *ConvTranspose2D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

// Parameters returns the parameters of the layer.
func (c *ConvTranspose3D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

func (c *ConvTranspose1D) detail() string {
	return windowOf(c.Padding, c.Groups, []int{c.Kernel}, []int{c.Stride}, []int{1}, []int{c.Dilation})
}

func (c *ConvTranspose2D) detail() string {
	return windowOf(c.Padding, c.Groups, c.Kernel[:], c.Stride[:], []int{1, 1}, c.Dilation[:])
}

func (c *ConvTranspose3D) detail() string {
	return windowOf(c.Padding, c.Groups, c.Kernel[:], c.Stride[:], []int{1, 1, 1}, c.Dilation[:])
}
