package nn

import (
	"fmt"

	"modelbook/dl"
)

// Activation is a function applied to each value (Softmax: to each row). It can be the Activation of a layer, or a
// layer by itself.
type Activation uint8

const (
	Identity  Activation = iota // the value itself: "linear" in files and in Keras
	ReLU                        // max(0, x)
	Sigmoid                     // 1/(1+exp(-x))
	Tanh                        // hyperbolic tangent
	Softmax                     // exp(x)/sum(exp(x)) over the last axis: probabilities
	GELU                        // x times the normal distribution function of x
	LeakyReLU                   // x, or 0.01 x where x is negative (PyTorch's slope; Keras has 0.3)
)

var activations = [...]string{"linear", "relu", "sigmoid", "tanh", "softmax", "gelu", "leaky_relu"}

// Apply computes the activation.
func (a Activation) Apply(x *dl.Tensor) *dl.Tensor {
	switch a {
	case Identity:
		return x
	case ReLU:
		return x.ReLU()
	case Sigmoid:
		return x.Sigmoid()
	case Tanh:
		return x.Tanh()
	case Softmax:
		return x.Softmax(-1)
	case GELU:
		return x.GELU()
	case LeakyReLU:
		return x.LeakyReLU(0.01)
	}
	panic("nn: there is no " + a.String())
}

// fused splits an activation into the part that dl computes in the same pass as the layer, and what is left to apply.
func (a Activation) fused() (dl.Fusion, Activation) {
	switch a {
	case ReLU:
		return dl.FuseReLU, Identity
	case GELU:
		return dl.FuseGELU, Identity
	}
	return dl.NoFusion, a
}

// String is for messages and tables.
func (a Activation) String() string {
	if int(a) < len(activations) {
		return activations[a]
	}
	return fmt.Sprintf("activation %d", uint8(a))
}

// MarshalText gives the name under which an activation is saved.
func (a Activation) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText reads the name under which an activation was saved.
func (a *Activation) UnmarshalText(name []byte) error {
	for i, known := range activations {
		if known == string(name) {
			*a = Activation(i)
			return nil
		}
	}
	return fmt.Errorf("unknown activation %q; known are %v", name, activations)
}

// Build makes the activation a layer.
func (a Activation) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if int(a) >= len(activations) {
		return nil, nil, fmt.Errorf("there is no %v", a)
	}
	return &ActivationLayer{Activation: a}, in, nil
}

// ActivationLayer is an activation as a layer of its own.
type ActivationLayer struct{ Activation Activation }

// Forward computes the outputs for a batch.
func (l *ActivationLayer) Forward(x *dl.Tensor) *dl.Tensor { return l.Activation.Apply(x) }

// Parameters returns the parameters of the layer.
func (l *ActivationLayer) Parameters() []*Parameter { return nil }

// Head is the activation, Logits its input: see [Headed].
func (l *ActivationLayer) Head() Activation { return l.Activation }

// Logits computes the outputs without that activation: see [Headed].
func (l *ActivationLayer) Logits(x *dl.Tensor) *dl.Tensor { return x }
