package nn

import (
	"fmt"
	"math"

	"modelbook/dl"
)

func init() { addKinds(map[string]kind{"LocalResponseNorm": kindOf[LocalResponseNorm]()}) }

// LocalResponseNorm divides each value of samples [..., C] by what it and its neighbours among the channels of the same
// place amount to: the normalisation of AlexNet and GoogLeNet (Krizhevsky, Sutskever and Hinton, 2012). It has no
// parameters, and does the same in training and in inference. See [dl.LocalResponseNorm] for the formula.
type LocalResponseNorm struct {
	Size  int     // how many channels are neighbours, such as 5
	Alpha float64 // 0: 1e-4, as in PyTorch; it is divided by Size, which TensorFlow's is not
	Beta  float64 // the exponent; 0: 0.75
	K     float64 // added to the mean of squares; 0: 1
}

// Build makes the layer for inputs of a shape: see [Layer].
func (n LocalResponseNorm) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if n.Alpha == 0 {
		n.Alpha = 1e-4
	}
	if n.Beta == 0 {
		n.Beta = 0.75
	}
	if n.K == 0 {
		n.K = 1
	}
	if n.Size < 1 {
		return nil, nil, fmt.Errorf("Size is %d; give the number of neighbouring channels, such as 5", n.Size)
	}
	if !(n.Alpha > 0 && n.K > 0) || math.IsNaN(n.Beta) || math.IsInf(n.Alpha+n.Beta+n.K, 0) {
		return nil, nil, fmt.Errorf("Alpha %v and K %v must lie above 0, and with Beta %v be finite", n.Alpha, n.K, n.Beta)
	}
	if len(in) == 0 {
		return nil, nil, fmt.Errorf("the input has no axis of channels to normalise")
	}
	return &n, in, nil
}

// Forward computes the outputs for a batch.
func (n *LocalResponseNorm) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.LocalResponseNorm(x, n.Size, n.Alpha, n.Beta, n.K)
}

// Parameters returns the parameters of the layer.
func (n *LocalResponseNorm) Parameters() []*Parameter { return nil }

// AnySize says whether samples may have other sizes: see [AnySize].
func (n *LocalResponseNorm) AnySize() bool  { return true }
func (n *LocalResponseNorm) detail() string { return fmt.Sprintf("of %d", n.Size) }
