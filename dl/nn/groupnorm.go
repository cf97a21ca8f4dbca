package nn

import (
	"fmt"

	"modelbook/dl"
)

func init() {
	addKinds(map[string]kind{"GroupNorm": kindOf[GroupNorm](), "InstanceNorm": kindOf[InstanceNorm](), "RMSNorm": kindOf[RMSNorm]()})
}

// GroupNorm brings, in each sample [..., C], groups of channels that follow each other to mean 0 and variance 1 over all
// places, then scales each channel by Gamma and shifts it by Beta (Wu and He, 2018). It does the same in training and in
// inference, and does not depend on the size of the batch.
type GroupNorm struct {
	Groups  int     // 0: 32, as in Keras (PyTorch has no default); it must divide the channels
	Epsilon float64 // added to the variance; 0: 1e-3, as in Keras (PyTorch has 1e-5)

	Gamma *Parameter `json:"-"` // set by Build, begins as 1
	Beta  *Parameter `json:"-"` // set by Build, begins as 0
}

// Build makes the layer for inputs of a shape: see [Layer].
func (n GroupNorm) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if n.Groups == 0 {
		n.Groups = 32
	}
	if n.Epsilon == 0 {
		n.Epsilon = 1e-3
	}
	c, err := normalised(in, n.Epsilon)
	if err != nil {
		return nil, nil, err
	}
	if n.Groups < 1 || c%n.Groups != 0 {
		return nil, nil, fmt.Errorf("Groups is %d; it must divide the %d channels of %v", n.Groups, c, in)
	}
	n.Gamma = b.Parameter("gamma", nil, Ones, c, c, c)
	n.Beta = b.Parameter("beta", nil, Zeros, c, c, c)
	return &n, in, nil
}

// normalised returns the number of channels, the last axis, of inputs of a shape.
func normalised(in dl.Shape, epsilon float64) (channels int, err error) {
	if !isEpsilon(epsilon) {
		return 0, fmt.Errorf("Epsilon %v must lie above 0, and be finite", epsilon)
	}
	if len(in) == 0 {
		return 0, fmt.Errorf("the input has no axis to normalise")
	}
	return in[len(in)-1], nil
}

// Forward computes the outputs for a batch.
func (n *GroupNorm) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.GroupNorm(x, n.Gamma.tensor("nn.GroupNorm"), n.Beta.tensor("nn.GroupNorm"), n.Groups, n.Epsilon)
}

// Parameters returns the parameters of the layer.
func (n *GroupNorm) Parameters() []*Parameter { return present(n.Gamma, n.Beta) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (n *GroupNorm) AnySize() bool  { return true }
func (n *GroupNorm) detail() string { return fmt.Sprintf("%d groups", n.Groups) }

// InstanceNorm brings each channel of each sample [..., C] to mean 0 and variance 1 over all places (Ulyanov, Vedaldi and
// Lempitsky, 2016): PyTorch's InstanceNorm1d, 2d and 3d without running statistics. It does the same in training and in
// inference.
type InstanceNorm struct {
	Affine  bool    // scale each channel by Gamma and shift it by Beta; PyTorch's default is not to
	Epsilon float64 // added to the variance; 0: 1e-5, as in PyTorch

	Gamma *Parameter `json:"-"` // set by Build if Affine, begins as 1
	Beta  *Parameter `json:"-"` // set by Build if Affine, begins as 0
}

// Build makes the layer for inputs of a shape: see [Layer].
func (n InstanceNorm) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if n.Epsilon == 0 {
		n.Epsilon = 1e-5
	}
	c, err := normalised(in, n.Epsilon)
	if err != nil {
		return nil, nil, err
	}
	if volume(in) == c {
		return nil, nil, fmt.Errorf("a sample %v has one value for each channel, which is its own mean; an image [height, width, channels] is needed", in)
	}
	if n.Gamma, n.Beta = nil, nil; n.Affine {
		n.Gamma = b.Parameter("gamma", nil, Ones, c, c, c)
		n.Beta = b.Parameter("beta", nil, Zeros, c, c, c)
	}
	return &n, in, nil
}

// Forward computes the outputs for a batch.
func (n *InstanceNorm) Forward(x *dl.Tensor) *dl.Tensor {
	if x.Rank() < 3 {
		dl.PanicShape("nn.InstanceNorm.Forward", "the input must be [N, ..., C] with places in between", x)
	}
	if x.Dim(-1) == 0 {
		return x
	}
	return dl.GroupNorm(x, n.Gamma.optional(), n.Beta.optional(), x.Dim(-1), n.Epsilon)
}

// Parameters returns the parameters of the layer.
func (n *InstanceNorm) Parameters() []*Parameter { return present(n.Gamma, n.Beta) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (n *InstanceNorm) AnySize() bool { return true }

// RMSNorm divides every row, the last axis, by the root of the mean of its squares, then scales it by Gamma (Zhang and
// Sennrich, 2019): the normalisation of Llama and its relatives. It does the same in training and in inference.
type RMSNorm struct {
	Epsilon float64 // added to the mean of squares; 0: 1e-6, as in Keras (PyTorch has 1.2e-7)

	Gamma *Parameter `json:"-"` // set by Build, begins as 1
}

// Build makes the layer for inputs of a shape: see [Layer].
func (n RMSNorm) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if n.Epsilon == 0 {
		n.Epsilon = 1e-6
	}
	c, err := normalised(in, n.Epsilon)
	if err != nil {
		return nil, nil, err
	}
	n.Gamma = b.Parameter("gamma", nil, Ones, c, c, c)
	return &n, in, nil
}

// Forward computes the outputs for a batch.
func (n *RMSNorm) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.RMSNorm(x, n.Gamma.tensor("nn.RMSNorm"), n.Epsilon)
}

// Parameters returns the parameters of the layer.
func (n *RMSNorm) Parameters() []*Parameter { return present(n.Gamma) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (n *RMSNorm) AnySize() bool { return true }
