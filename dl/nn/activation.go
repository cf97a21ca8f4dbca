package nn

import (
	"fmt"
	"math"
	"strconv"

	"modelbook/dl"
)

// Activation is a function applied to each value (Softmax, Softmin and LogSoftmax: to each row). It can be the
// Activation of a layer, or a layer by itself; [ActivationLayer] has one with another parameter.
type Activation uint8

const (
	Identity    Activation = iota // the value itself: "linear" in files and in Keras
	ReLU                          // max(0, x)
	Sigmoid                       // 1/(1+exp(-x))
	Tanh                          // hyperbolic tangent
	Softmax                       // exp(x)/sum(exp(x)) over the last axis: probabilities
	GELU                          // x times the normal distribution function of x
	LeakyReLU                     // x, or 0.01 x where x is negative (PyTorch's slope; Keras has 0.3)
	GELUTanh                      // GELU's approximation with tanh, as in GPT-2 and BERT
	SiLU                          // x times sigmoid(x), also called swish
	Mish                          // x times tanh(softplus(x))
	ELU                           // x, or exp(x)-1 where x is negative
	SELU                          // 1.0507 times ELU with the alpha 1.6733: for weights that begin as LeCunNormal
	CELU                          // ELU with a parameter that keeps it smooth
	Softplus                      // log(1+exp(x))
	Softsign                      // x/(1+|x|)
	ReLU6                         // x limited to 0..6
	HardSwish                     // x times x/6+1/2 limited to 0..1: SiLU made of straight pieces
	HardSigmoid                   // x/6+1/2 limited to 0..1
	HardTanh                      // x limited to -1..1
	LogSigmoid                    // log(sigmoid(x))
	LogSoftmax                    // log(softmax(x)) over the last axis
	Softmin                       // softmax(-x) over the last axis
	TanhShrink                    // x - tanh(x)
	SoftShrink                    // x brought nearer to 0 by 0.5, or to it
	HardShrink                    // 0 from -0.5 to 0.5, x elsewhere
	Exponential                   // exp(x)
)

// An activationRow says of an activation what it is called in files, and how it is computed. Those with a parameter
// have its default.
type activationRow struct {
	name      string
	apply     func(x *dl.Tensor) *dl.Tensor
	alpha     float64
	withAlpha func(x *dl.Tensor, alpha float64) *dl.Tensor
}

var activations = [...]activationRow{
	Identity:    {name: "linear", apply: func(x *dl.Tensor) *dl.Tensor { return x }},
	ReLU:        {name: "relu", apply: (*dl.Tensor).ReLU},
	Sigmoid:     {name: "sigmoid", apply: (*dl.Tensor).Sigmoid},
	Tanh:        {name: "tanh", apply: (*dl.Tensor).Tanh},
	Softmax:     {name: "softmax", apply: func(x *dl.Tensor) *dl.Tensor { return x.Softmax(-1) }},
	GELU:        {name: "gelu", apply: (*dl.Tensor).GELU},
	LeakyReLU:   {name: "leaky_relu", alpha: 0.01, withAlpha: (*dl.Tensor).LeakyReLU},
	GELUTanh:    {name: "gelu_tanh", apply: (*dl.Tensor).GELUTanh},
	SiLU:        {name: "silu", apply: (*dl.Tensor).SiLU},
	Mish:        {name: "mish", apply: (*dl.Tensor).Mish},
	ELU:         {name: "elu", alpha: 1, withAlpha: (*dl.Tensor).ELU},
	SELU:        {name: "selu", apply: (*dl.Tensor).SELU},
	CELU:        {name: "celu", alpha: 1, withAlpha: (*dl.Tensor).CELU},
	Softplus:    {name: "softplus", apply: (*dl.Tensor).Softplus},
	Softsign:    {name: "softsign", apply: (*dl.Tensor).Softsign},
	ReLU6:       {name: "relu6", apply: (*dl.Tensor).ReLU6},
	HardSwish:   {name: "hard_swish", apply: (*dl.Tensor).HardSwish},
	HardSigmoid: {name: "hard_sigmoid", apply: (*dl.Tensor).HardSigmoid},
	HardTanh:    {name: "hard_tanh", alpha: 1, withAlpha: func(x *dl.Tensor, limit float64) *dl.Tensor { return x.HardTanh(-limit, limit) }},
	LogSigmoid:  {name: "log_sigmoid", apply: (*dl.Tensor).LogSigmoid},
	LogSoftmax:  {name: "log_softmax", apply: func(x *dl.Tensor) *dl.Tensor { return x.LogSoftmax(-1) }},
	Softmin:     {name: "softmin", apply: func(x *dl.Tensor) *dl.Tensor { return x.Softmin(-1) }},
	TanhShrink:  {name: "tanh_shrink", apply: (*dl.Tensor).TanhShrink},
	SoftShrink:  {name: "soft_shrink", alpha: 0.5, withAlpha: (*dl.Tensor).SoftShrink},
	HardShrink:  {name: "hard_shrink", alpha: 0.5, withAlpha: (*dl.Tensor).HardShrink},
	Exponential: {name: "exponential", apply: (*dl.Tensor).Exp},
}

// Apply computes the activation.
func (a Activation) Apply(x *dl.Tensor) *dl.Tensor {
	if err := a.check(); err != nil {
		dl.PanicValue("nn.Activation.Apply", "%v", err)
	}
	return activations[a].with(x, 0)
}

// with computes an activation with a parameter, or with its default for 0.
func (r *activationRow) with(x *dl.Tensor, alpha float64) *dl.Tensor {
	if r.withAlpha == nil {
		return r.apply(x)
	}
	if alpha == 0 {
		alpha = r.alpha
	}
	return r.withAlpha(x, alpha)
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
		return activations[a].name
	}
	return fmt.Sprintf("activation %d", uint8(a))
}

// MarshalText gives the name under which an activation is saved.
func (a Activation) MarshalText() ([]byte, error) {
	if err := a.check(); err != nil {
		return nil, err
	}
	return []byte(a.String()), nil
}

// UnmarshalText reads the name under which an activation was saved.
func (a *Activation) UnmarshalText(name []byte) error {
	var known []string
	for i, row := range activations {
		if row.name == string(name) {
			*a = Activation(i)
			return nil
		}
		known = append(known, row.name)
	}
	return fmt.Errorf("unknown activation %q; known are %v", name, known)
}

// check says whether an activation is known.
func (a Activation) check() error {
	if int(a) >= len(activations) {
		return fmt.Errorf("there is no %v: use one of the constants, such as nn.ReLU", a)
	}
	return nil
}

// Build makes the activation a layer.
func (a Activation) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	return ActivationLayer{Activation: a}.Build(in, nil)
}

// ActivationLayer is an activation as a layer of its own.
type ActivationLayer struct {
	Activation Activation
	// Alpha is the parameter of LeakyReLU (the slope where x is negative), ELU, CELU, HardTanh (the limit), SoftShrink and
	// HardShrink (the distance from 0); 0: the constant's.
	Alpha float64 `json:",omitempty"`
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l ActivationLayer) Build(in dl.Shape, _ *Builder) (Module, dl.Shape, error) {
	if err := l.Activation.check(); err != nil {
		return nil, nil, err
	}
	switch {
	case l.Alpha != 0 && activations[l.Activation].withAlpha == nil:
		return nil, nil, fmt.Errorf("Alpha is %v, but %v has no parameter", l.Alpha, l.Activation)
	case math.IsNaN(l.Alpha) || math.IsInf(l.Alpha, 0):
		return nil, nil, fmt.Errorf("Alpha is %v; it is a finite number, or 0 for the constant's", l.Alpha)
	case l.Alpha < 0 && l.Activation != LeakyReLU:
		return nil, nil, fmt.Errorf("Alpha is %v; of %v it must be positive", l.Alpha, l.Activation)
	case len(in) == 0 && l.Activation.ofRows():
		return nil, nil, fmt.Errorf("the input has no axis for %v", l.Activation)
	}
	return &l, in, nil
}

// ofRows says whether an activation is one of rows.
func (a Activation) ofRows() bool { return a == Softmax || a == Softmin || a == LogSoftmax }

// Forward computes the outputs for a batch.
func (l *ActivationLayer) Forward(x *dl.Tensor) *dl.Tensor {
	if l.Alpha == 0 || l.Activation.check() != nil {
		return l.Activation.Apply(x)
	}
	return activations[l.Activation].with(x, l.Alpha)
}

// Parameters returns the parameters of the layer.
func (l *ActivationLayer) Parameters() []*Parameter { return nil }

// Head is the activation, Logits its input: see [Headed]. With an Alpha of its own the layer has no head.
func (l *ActivationLayer) Head() Activation {
	if l.Alpha != 0 {
		return Identity
	}
	return l.Activation
}

// Logits computes the outputs without that activation: see [Headed].
func (l *ActivationLayer) Logits(x *dl.Tensor) *dl.Tensor {
	if l.Alpha != 0 {
		return l.Forward(x)
	}
	return x
}

func (l *ActivationLayer) detail() string {
	if l.Alpha != 0 {
		return strconv.FormatFloat(l.Alpha, 'g', 4, 64)
	}
	return ""
}
