package nn

import (
	"cmp"
	"fmt"

	"modelbook/dl"
)

// Conv1D slides filters over sequences: x [N, L, C], Weight [Kernel, C/Groups, Filters], Bias [Filters], output [N, OL,
// Filters]. See [Conv2D].
type Conv1D struct {
	Filters    int
	Kernel     int
	Stride     int     // zero: 1
	Padding    Padding // with zeros: Valid (none, the zero value), Same, Causal, or Pad1D(places)
	Dilation   int     // from a tap to the next; zero: 1
	Groups     int     // of channels and filters; zero: 1
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: GlorotUniform (PyTorch: uniform in ±1/sqrt(Kernel*C/Groups))
	BiasInit   Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// Conv2D slides filters over images: x [N, H, W, C], Weight [KH, KW, C/Groups, Filters], Bias [Filters], output
// [N, OH, OW, Filters]. With a padding of p rows OH is (H+2*p-(KH-1)*dilation-1)/stride+1, with Same it is H/stride,
// rounded up.
type Conv2D struct {
	Filters    int
	Kernel     [2]int  // height and width
	Stride     [2]int  // zero: 1, 1
	Padding    Padding // with zeros: Valid (none, the zero value), Same, or Pad2D(rows, columns)
	Dilation   [2]int  // from a tap to the next; zero: 1, 1
	Groups     int     // of channels and filters, which see the channels of their own group only; zero: 1
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: GlorotUniform (PyTorch: uniform in ±1/sqrt(KH*KW*C/Groups))
	BiasInit   Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// Conv3D slides filters over volumes: x [N, D, H, W, C], Weight [KD, KH, KW, C/Groups, Filters], Bias [Filters], output
// [N, OD, OH, OW, Filters]. See [Conv2D].
type Conv3D struct {
	Filters    int
	Kernel     [3]int  // depth, height and width
	Stride     [3]int  // zero: 1, 1, 1
	Padding    Padding // with zeros: Valid (none, the zero value), Same, or Pad3D(depth, rows, columns)
	Dilation   [3]int  // from a tap to the next; zero: 1, 1, 1
	Groups     int     // of channels and filters; zero: 1
	Activation Activation
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: GlorotUniform (PyTorch: uniform in ±1/sqrt(KD*KH*KW*C/Groups))
	BiasInit   Initializer `json:"-"` // nil: Zeros

	Weight *Parameter `json:"-"` // set by Build
	Bias   *Parameter `json:"-"` // set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c Conv1D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation = cmp.Or(c.Stride, 1), cmp.Or(c.Dilation, 1)
	places, err := (&sliding{field: "Kernel", size: []int{c.Kernel}, stride: []int{c.Stride}, dilation: []int{c.Dilation}, padding: c.Padding}).over(in)
	if err != nil {
		return nil, nil, err
	}
	f := filters{c.Filters, c.Groups, []int{c.Kernel}, c.NoBias, c.WeightInit, c.BiasInit}
	if c.Weight, c.Bias, err = f.parameters(in, b, false); err != nil {
		return nil, nil, err
	}
	return &c, append(places, c.Filters), nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c Conv2D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation = cmp.Or(c.Stride, [2]int{1, 1}), cmp.Or(c.Dilation, [2]int{1, 1})
	places, err := (&sliding{field: "Kernel", size: c.Kernel[:], stride: c.Stride[:], dilation: c.Dilation[:], padding: c.Padding}).over(in)
	if err != nil {
		return nil, nil, err
	}
	f := filters{c.Filters, c.Groups, c.Kernel[:], c.NoBias, c.WeightInit, c.BiasInit}
	if c.Weight, c.Bias, err = f.parameters(in, b, false); err != nil {
		return nil, nil, err
	}
	return &c, append(places, c.Filters), nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (c Conv3D) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := c.Activation.check(); err != nil {
		return nil, nil, err
	}
	c.Stride, c.Dilation = cmp.Or(c.Stride, [3]int{1, 1, 1}), cmp.Or(c.Dilation, [3]int{1, 1, 1})
	places, err := (&sliding{field: "Kernel", size: c.Kernel[:], stride: c.Stride[:], dilation: c.Dilation[:], padding: c.Padding}).over(in)
	if err != nil {
		return nil, nil, err
	}
	f := filters{c.Filters, c.Groups, c.Kernel[:], c.NoBias, c.WeightInit, c.BiasInit}
	if c.Weight, c.Bias, err = f.parameters(in, b, false); err != nil {
		return nil, nil, err
	}
	return &c, append(places, c.Filters), nil
}

// filters are what the parameters of a convolution are made by.
type filters struct {
	count, groups        int
	kernel               []int
	noBias               bool
	weightInit, biasInit Initializer
}

// parameters makes the weights, [kernel, channels/groups, filters], or [kernel, filters/groups, channels] of a transposed
// convolution, and the bias.
func (f filters) parameters(in dl.Shape, b *Builder, transposed bool) (weight, bias *Parameter, err error) {
	channels, groups := in[len(in)-1], cmp.Or(f.groups, 1)
	if f.count < 1 {
		return nil, nil, fmt.Errorf("Filters is %d; give the number of filters", f.count)
	}
	if groups < 1 || channels%groups != 0 || f.count%groups != 0 {
		return nil, nil, fmt.Errorf("%d channels and %d Filters cannot be divided into %d Groups", channels, f.count, f.groups)
	}
	shape := append(append(dl.Shape{}, f.kernel...), channels/groups, f.count)
	if transposed {
		shape = append(append(dl.Shape{}, f.kernel...), f.count/groups, channels)
	}
	if err := checkShape(shape); err != nil {
		return nil, nil, err
	}
	taps := dl.Shape(f.kernel).Size()
	fanIn, fanOut := taps*channels/groups, taps*f.count
	weight = b.Parameter("weight", f.weightInit, GlorotUniform, fanIn, fanOut, shape...)
	if !f.noBias {
		bias = b.Parameter("bias", f.biasInit, Zeros, fanIn, fanOut, f.count)
	}
	return weight, bias, nil
}

// Forward computes the outputs for a batch.
func (c *Conv1D) Forward(x *dl.Tensor) *dl.Tensor { return headed(c.Activation, x, c.convolve) }

// Forward computes the outputs for a batch.
func (c *Conv2D) Forward(x *dl.Tensor) *dl.Tensor { return headed(c.Activation, x, c.convolve) }

// Forward computes the outputs for a batch.
func (c *Conv3D) Forward(x *dl.Tensor) *dl.Tensor { return headed(c.Activation, x, c.convolve) }

// headed is what an operation makes of x, with an activation, which is fused into the operation where that can be.
func headed(a Activation, x *dl.Tensor, operation func(*dl.Tensor, dl.Fusion) *dl.Tensor) *dl.Tensor {
	fused, rest := a.fused()
	return rest.Apply(operation(x, fused))
}

func (c *Conv1D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	return dl.Conv1D(x, c.Weight.tensor("nn.Conv1D"), c.Bias.optional(),
		dl.Conv1DOptions{Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation, Groups: c.Groups, Fuse: act})
}

func (c *Conv2D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	return dl.Conv2D(x, c.Weight.tensor("nn.Conv2D"), c.Bias.optional(),
		dl.ConvOptions{Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation, Groups: c.Groups, Fuse: act})
}

func (c *Conv3D) convolve(x *dl.Tensor, act dl.Fusion) *dl.Tensor {
	return dl.Conv3D(x, c.Weight.tensor("nn.Conv3D"), c.Bias.optional(),
		dl.Conv3DOptions{Stride: c.Stride, Padding: c.Padding, Dilation: c.Dilation, Groups: c.Groups, Fuse: act})
}

// Head is the activation with which the layer ends: see [Headed].
func (c *Conv1D) Head() Activation { return c.Activation }

// Head is the activation with which the layer ends: see [Headed].
func (c *Conv2D) Head() Activation { return c.Activation }

// Head is the activation with which the layer ends: see [Headed].
func (c *Conv3D) Head() Activation { return c.Activation }

// Logits computes the outputs without that activation: see [Headed].
func (c *Conv1D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Logits computes the outputs without that activation: see [Headed].
func (c *Conv2D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Logits computes the outputs without that activation: see [Headed].
func (c *Conv3D) Logits(x *dl.Tensor) *dl.Tensor { return c.convolve(x, dl.NoFusion) }

// Parameters returns the parameters of the layer.
func (c *Conv1D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

// Parameters returns the parameters of the layer.
func (c *Conv2D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

// Parameters returns the parameters of the layer.
func (c *Conv3D) Parameters() []*Parameter { return present(c.Weight, c.Bias) }

func (c *Conv1D) detail() string {
	return windowOf(c.Padding, c.Groups, []int{c.Kernel}, []int{c.Stride}, []int{1}, []int{c.Dilation})
}

func (c *Conv2D) detail() string {
	return windowOf(c.Padding, c.Groups, c.Kernel[:], c.Stride[:], []int{1, 1}, c.Dilation[:])
}

func (c *Conv3D) detail() string {
	return windowOf(c.Padding, c.Groups, c.Kernel[:], c.Stride[:], []int{1, 1, 1}, c.Dilation[:])
}
