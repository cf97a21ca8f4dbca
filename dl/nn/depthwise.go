package nn

import (
	"cmp"
	"fmt"

	"modelbook/dl"
)

// DepthwiseConv1D slides filters over sequences, each over one channel: x [N, L, C], Weight [Kernel, C, Multiplier],
// Bias [C*Multiplier], output [N, OL, C*Multiplier]. See [DepthwiseConv2D].
type DepthwiseConv1D struct {
	Kernel     int
	Stride     int     // zero: 1
	Padding    Padding // with zeros: Valid (none, the zero value), Same, Causal, or Pad1D(places)
	Dilation   int     // zero: 1
	Multiplier int     // filters for each channel; zero: 1
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: GlorotUniform
	BiasInit   Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// DepthwiseConv2D slides filters over images, each over one channel: x [N, H, W, C], Weight [KH, KW, C, Multiplier] (the
// layout of Keras), Bias [C*Multiplier], output [N, OH, OW, C*Multiplier], where the filters of a channel lie beside each
// other. PyTorch's is a Conv2d with as many groups as channels. The spread of the first weights counts the KH*KW values
// that a filter sees, as PyTorch does (Keras counts C times as many).
type DepthwiseConv2D struct {
	Kernel     [2]int  // height and width
	Stride     [2]int  // zero: 1, 1
	Padding    Padding // with zeros: Valid (none, the zero value), Same, or Pad2D(rows, columns)
	Dilation   [2]int  // zero: 1, 1
	Multiplier int     // filters for each channel, Keras's depth_multiplier; zero: 1
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: GlorotUniform
	BiasInit   Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// SeparableConv1D is a [DepthwiseConv1D] without bias, followed by a [Conv1D] with a kernel of 1. See [SeparableConv2D].
type SeparableConv1D struct {
	Filters    int
	Kernel     int
	Stride     int     // zero: 1
	Padding    Padding // with zeros: Valid (none, the zero value), Same, Causal, or Pad1D(places)
	Dilation   int     // zero: 1
	Multiplier int     // filters for each channel in the first; zero: 1
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // of both; nil: GlorotUniform
	BiasInit   Initializer `json:"-"` // nil: Zeros

	DepthWeight *Parameter `json:"-"` // [Kernel, C, Multiplier], set by Build
	PointWeight *Parameter `json:"-"` // [1, C*Multiplier, Filters], set by Build
	Bias        *Parameter `json:"-"` // [Filters], set by Build
}

// SeparableConv2D is a [DepthwiseConv2D] without bias, followed by a [Conv2D] with a kernel of 1, 1 that mixes the
// channels, with nothing between: x [N, H, W, C], output [N, OH, OW, Filters]. It stands for a Conv2D with far fewer
// parameters (Chollet, 2017: Xception). MobileNets have BatchNorm and ReLU between the two: write these as layers.
type SeparableConv2D struct {
	Filters    int
	Kernel     [2]int  // height and width
	Stride     [2]int  // zero: 1, 1
	Padding    Padding // with zeros: Valid (none, the zero value), Same, or Pad2D(rows, columns)
	Dilation   [2]int  // zero: 1, 1
	Multiplier int     // filters for each channel in the first; zero: 1
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // of both; nil: GlorotUniform
	BiasInit   Initializer `json:"-"` // nil: Zeros

	DepthWeight *Parameter `json:"-"` // [KH, KW, C, Multiplier], set by Build
	PointWeight *Parameter `json:"-"` // [1, 1, C*Multiplier, Filters], set by Build
	Bias        *Parameter `json:"-"` // [Filters], set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c DepthwiseConv1D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation, c.Multiplier = cmp.Or(c.Stride, 1), cmp.Or(c.Dilation, 1), cmp.Or(c.Multiplier, 1)
	s := &sliding{field: "Kernel", size: []int{c.Kernel}, stride: []int{c.Stride}, dilation: []int{c.Dilation}, padding: c.Padding}
	places, err := s.over(in)
	if err != nil {
		return nil, nil, err
	}
	if c.Weight, err = depthwiseWeight("weight", s.size, in, c.Multiplier, c.WeightInit, b); err != nil {
		return nil, nil, err
	}
	filters := in[1] * c.Multiplier
	if c.Bias = nil; !c.NoBias {
		c.Bias = b.Parameter("bias", c.BiasInit, Zeros, c.Kernel, filters, filters)
	}
	return &c, append(places, filters), nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c DepthwiseConv2D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation, c.Multiplier = cmp.Or(c.Stride, [2]int{1, 1}), cmp.Or(c.Dilation, [2]int{1, 1}), cmp.Or(c.Multiplier, 1)
	s := &sliding{field: "Kernel", size: c.Kernel[:], stride: c.Stride[:], dilation: c.Dilation[:], padding: c.Padding}
	places, err := s.over(in)
	if err != nil {
		return nil, nil, err
	}
	if c.Weight, err = depthwiseWeight("weight", s.size, in, c.Multiplier, c.WeightInit, b); err != nil {
		return nil, nil, err
	}
	filters := in[2] * c.Multiplier
	if c.Bias = nil; !c.NoBias {
		c.Bias = b.Parameter("bias", c.BiasInit, Zeros, c.Kernel[0]*c.Kernel[1], filters, filters)
	}
	return &c, append(places, filters), nil
}

// depthwiseWeight makes weights [kernel, channels, multiplier].
func depthwiseWeight(name string, kernel []int, in dl.Shape, multiplier int, init Initializer, b *Builder) (*Parameter, error) {
	channels := in[len(in)-1]
	if multiplier < 1 {
		return nil, fmt.Errorf("Multiplier is %d; it is the number of filters for each channel", multiplier)
	}
	shape := append(append(dl.Shape{}, kernel...), channels, multiplier)
	if err := checkShape(shape); err != nil {
		return nil, err
	}
	taps := dl.Shape(kernel).Size()
	return b.Parameter(name, init, GlorotUniform, taps, taps*multiplier, shape...), nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c SeparableConv1D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation, c.Multiplier = cmp.Or(c.Stride, 1), cmp.Or(c.Dilation, 1), cmp.Or(c.Multiplier, 1)
	s := &sliding{field: "Kernel", size: []int{c.Kernel}, stride: []int{c.Stride}, dilation: []int{c.Dilation}, padding: c.Padding}
	places, err := s.over(in)
	if err != nil {
		return nil, nil, err
	}
	p := separable{c.Filters, c.Multiplier, c.NoBias, c.WeightInit, c.BiasInit}
	if c.DepthWeight, c.PointWeight, c.Bias, err = p.parameters(s.size, in, b); err != nil {
		return nil, nil, err
	}
	return &c, append(places, c.Filters), nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c SeparableConv2D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation, c.Multiplier = cmp.Or(c.Stride, [2]int{1, 1}), cmp.Or(c.Dilation, [2]int{1, 1}), cmp.Or(c.Multiplier, 1)
	s := &sliding{field: "Kernel", size: c.Kernel[:], stride: c.Stride[:], dilation: c.Dilation[:], padding: c.Padding}
	places, err := s.over(in)
	if err != nil {
		return nil, nil, err
	}
	p := separable{c.Filters, c.Multiplier, c.NoBias, c.WeightInit, c.BiasInit}
	if c.DepthWeight, c.PointWeight, c.Bias, err = p.parameters(s.size, in, b); err != nil {
		return nil, nil, err
	}
	return &c, append(places, c.Filters), nil
}

// separable is what the parameters of a separable convolution are made by.
type separable struct {
	filters, multiplier  int
	noBias               bool
	weightInit, biasInit Initializer
}

func (s separable) parameters(kernel []int, in dl.Shape, b *Builder) (depth, point, bias *Parameter, err error) {
	if s.filters < 1 {
		return nil, nil, nil, fmt.Errorf("Filters is %d; give the number of filters", s.filters)
	}
	if depth, err = depthwiseWeight("depth_weight", kernel, in, s.multiplier, s.weightInit, b); err != nil {
		return nil, nil, nil, err
	}
	middle := in[len(in)-1] * s.multiplier
	shape := dl.Shape{1, 1, middle, s.filters}[2-len(kernel):]
	if err := checkShape(shape); err != nil {
		return nil, nil, nil, err
	}
	point = b.Parameter("point_weight", s.weightInit, GlorotUniform, middle, s.filters, shape...)
	if !s.noBias {
		bias = b.Parameter("bias", s.biasInit, Zeros, middle, s.filters, s.filters)
	}
	return depth, point, bias, nil
}

// Forward computes the outputs for a batch.
func (c *DepthwiseConv1D) Forward(x *dl.Tensor) *dl.Tensor {
	return headed(c.Activation, x, c.convolve)
}

// Forward computes the outputs for a batch.
func (c *DepthwiseConv2D) Forward(x *dl.Tensor) *dl.Tensor {
	return headed(c.Activation, x, c.convolve)
}

// Forward computes the outputs for a batch.
func (c *SeparableConv1D) Forward(x *dl.Tensor) *dl.Tensor {
	return headed(c.Activation, x, c.convolve)
}

// Forward computes the outputs for a batch.
func (c *SeparableConv2D) Forward(x *dl.Tensor) *dl.Tensor {
	return headed(c.Activation, x, c.convolve)
}

func (c *DepthwiseConv1D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	w := c.Weight.tensor("nn.DepthwiseConv1D")
	s := w.Shape()
	return dl.Conv1D(x, w.Reshape(s[0], 1, s[1]*s[2]), c.Bias.optional(),
		dl.Conv1DOptions{Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation, Groups: s[1], Fuse: act})
}

func (c *DepthwiseConv2D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	w := c.Weight.tensor("nn.DepthwiseConv2D")
	s := w.Shape()
	return dl.Conv2D(x, w.Reshape(s[0], s[1], 1, s[2]*s[3]), c.Bias.optional(),
		dl.ConvOptions{Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation, Groups: s[2], Fuse: act})
}

func (c *SeparableConv1D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	d := DepthwiseConv1D{Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation, Weight: c.DepthWeight}
	return dl.Conv1D(d.convolve(x, dl.NoFusion), c.PointWeight.tensor("nn.SeparableConv1D"), c.Bias.optional(), dl.Conv1DOptions{Fuse: act})
}

func (c *SeparableConv2D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	d := DepthwiseConv2D{Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation, Weight: c.DepthWeight}
	return dl.Conv2D(d.convolve(x, dl.NoFusion), c.PointWeight.tensor("nn.SeparableConv2D"), c.Bias.optional(), dl.ConvOptions{Fuse: act})
}

// Head is the activation with which the layer ends: see [Headed].
func (c *DepthwiseConv1D) Head() Activation { return c.Activation }

// Head is the activation with which the layer ends: see [Headed].
func (c *DepthwiseConv2D) Head() Activation { return c.Activation }

// Head is the activation with which the layer ends: see [Headed].
func (c *SeparableConv1D) Head() Activation { return c.Activation }

// Head is the activation with which the layer ends: see [Headed].
func (c *SeparableConv2D) Head() Activation { return c.Activation }

// Logits computes the outputs without that activation: see [Headed].
func (c *DepthwiseConv1D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Logits computes the outputs without that activation: see [Headed].
func (c *DepthwiseConv2D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Logits computes the outputs without that activation: see [Headed].
func (c *SeparableConv1D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Logits computes the outputs without that activation: see [Headed].
func (c *SeparableConv2D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Parameters returns the parameters of the layer.
func (c *DepthwiseConv1D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

// Parameters returns the parameters of the layer.
func (c *DepthwiseConv2D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

// Parameters returns the parameters of the layer.
func (c *SeparableConv1D) Parameters() []*Parameter {
	return present(c.DepthWeight, c.PointWeight, c.Bias)
}

// Parameters returns the parameters of the layer.
func (c *SeparableConv2D) Parameters() []*Parameter {
	return present(c.DepthWeight, c.PointWeight, c.Bias)
}

func (c *DepthwiseConv1D) detail() string {
	return windowOf(c.Padding, 1, []int{c.Kernel}, []int{c.Stride}, []int{1}, []int{c.Dilation})
}

func (c *DepthwiseConv2D) detail() string {
	return windowOf(c.Padding, 1, c.Kernel[:], c.Stride[:], []int{1, 1}, c.Dilation[:])
}

func (c *SeparableConv1D) detail() string {
	return windowOf(c.Padding, 1, []int{c.Kernel}, []int{c.Stride}, []int{1}, []int{c.Dilation})
}

func (c *SeparableConv2D) detail() string {
	return windowOf(c.Padding, 1, c.Kernel[:], c.Stride[:], []int{1, 1}, c.Dilation[:])
}
