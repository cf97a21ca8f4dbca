package nn

import (
	"fmt"

	"modelbook/dl"
)

// SimpleRNN is one or more simple recurrent layers (Elman, 1990; PyTorch's nn.RNN) over sequences x [N, T, D]: see
// [dl.RNN]. Its output is the last step's [N, Units], as Keras's, or with ReturnSequences that of all steps
// [N, T, Units], as PyTorch's; Bidirectional makes 2*Units. Defaults are Keras's but for Dropout, which is PyTorch's.
// Layers in front that mark padding ([Masking], [Embedding] with MaskZero) are taken into account, see [Masker].
type SimpleRNN struct {
	Units            int
	Activation       Activation  `json:",omitempty"` // Identity: Tanh, as in Keras and PyTorch; or ReLU
	Layers           int         `json:",omitempty"` // 0: 1; one on the outputs of the other (PyTorch's num_layers)
	ReturnSequences  bool        `json:",omitempty"` // the outputs of all steps
	GoBackwards      bool        `json:",omitempty"` // from the last step to the first; the outputs stand in that order, as in Keras
	Bidirectional    bool        `json:",omitempty"` // a second direction, whose outputs stand beside those of the first
	Stateful         bool        `json:",omitempty"` // each batch goes on where the last one ended; see ResetState
	Dropout          float64     `json:",omitempty"` // rate on the outputs of each layer but the last, as in PyTorch
	RecurrentDropout float64     `json:",omitempty"` // rate on the state that the products see, the same part at all steps (Keras's recurrent_dropout); takes steps one by one
	NoBias           bool        `json:",omitempty"`
	WeightInit       Initializer `json:"-"` // nil: GlorotUniform, as in Keras (PyTorch: uniform in ±1/sqrt(Units), all)
	RecurrentInit    Initializer `json:"-"` // nil: Orthogonal, as in Keras
	BiasInit         Initializer `json:"-"` // nil: Zeros

	Weights []RecurrentWeights `json:"-"` // set by Build: of each layer, its forward direction and its backward one

	chained
}

func (l *SimpleRNN) settings() stack {
	s := stack{name: "nn.SimpleRNN", kind: simpleCells, units: l.Units, layers: max(l.Layers, 1), sequences: l.ReturnSequences,
		backwards: l.GoBackwards, bidirectional: l.Bidirectional, relu: l.Activation == ReLU, noBias: l.NoBias, dropout: l.Dropout, recurrentDropout: l.RecurrentDropout,
		weight: l.WeightInit, recurrent: l.RecurrentInit, bias: l.BiasInit, byDefault: Zeros}
	if l.Layers < 0 {
		s.layers = l.Layers
	}
	return s
}

func (l *SimpleRNN) checkActivation() error {
	if l.Activation != Identity && l.Activation != Tanh && l.Activation != ReLU {
		return fmt.Errorf("Activation is %v; it must be Tanh (or left out) or ReLU", l.Activation)
	}
	return nil
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l SimpleRNN) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := l.checkActivation(); err != nil {
		return nil, nil, err
	}
	s := l.settings()
	weights, out, err := s.build(in, b)
	if err != nil {
		return nil, nil, err
	}
	s.weights = weights
	l.Weights, l.chained = weights, chained{stack: s, rand: b.source()}
	return &l, out, nil
}

// Forward computes the outputs for a batch.
func (l *SimpleRNN) Forward(x *dl.Tensor) *dl.Tensor { return l.ForwardMasked(x, nil) }

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which steps count: see [Masker].
func (l *SimpleRNN) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	return l.forward(l.Stateful, x, SequenceOptions{Mask: mask})
}

// Sequence computes the outputs of all steps, [N, T, Units] or 2*Units, and the state after the last one.
func (l *SimpleRNN) Sequence(x *dl.Tensor, o SequenceOptions) (y *dl.Tensor, end RecurrentState) {
	return l.sequenceOf(x, o)
}

// Parameters returns the parameters of the layer.
func (l *SimpleRNN) Parameters() []*Parameter { return listed(l.Weights) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (l *SimpleRNN) AnySize() bool { return true }

func (l *SimpleRNN) detail() string { return l.describe() }

func (l *SimpleRNN) inUse() (Module, bool) {
	c := *l
	c.chained = chained{stack: l.stack}
	return &c, !l.Stateful
}
