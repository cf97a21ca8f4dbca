package nn

import "modelbook/dl"

// GRU is one or more layers of gated recurrent units (Cho et al., 2014) over sequences x [N, T, D]: see [dl.GRU]. Its
// output is the last step's [N, Units], as Keras's, or with ReturnSequences that of all steps [N, T, Units], as
// PyTorch's; Bidirectional makes 2*Units. Defaults are Keras's but for Dropout, which is PyTorch's. Layers in front
// that mark padding ([Masking], [Embedding] with MaskZero) are taken into account, see [Masker].
type GRU struct {
	Units            int
	Layers           int     `json:",omitempty"` // 0: 1; one on the outputs of the other (PyTorch's num_layers)
	ReturnSequences  bool    `json:",omitempty"` // the outputs of all steps
	GoBackwards      bool    `json:",omitempty"` // from the last step to the first; the outputs stand in that order, as in Keras
	Bidirectional    bool    `json:",omitempty"` // a second direction, whose outputs stand beside those of the first
	Stateful         bool    `json:",omitempty"` // each batch goes on where the last one ended; see ResetState
	Dropout          float64 `json:",omitempty"` // rate on the outputs of each layer but the last, as in PyTorch
	RecurrentDropout float64 `json:",omitempty"` // rate on the state that the products see, the same part at all steps (Keras's recurrent_dropout); takes steps one by one
	NoBias           bool    `json:",omitempty"`
	// ResetBefore applies the reset gate to the state before it is multiplied, as the paper and Keras's reset_after=False
	// do. PyTorch, and Keras unless told otherwise, apply it to the product.
	ResetBefore   bool        `json:",omitempty"`
	WeightInit    Initializer `json:"-"` // nil: GlorotUniform, as in Keras (PyTorch: uniform in ±1/sqrt(Units), all)
	RecurrentInit Initializer `json:"-"` // nil: Orthogonal, as in Keras
	BiasInit      Initializer `json:"-"` // nil: Zeros; of both biases

	Weights []RecurrentWeights `json:"-"` // set by Build: of each layer, its forward direction and its backward one

	chained
}

func (l *GRU) settings() stack {
	s := stack{name: "nn.GRU", kind: gruCells, units: l.Units, layers: max(l.Layers, 1), sequences: l.ReturnSequences, backwards: l.GoBackwards,
		bidirectional: l.Bidirectional, resetBefore: l.ResetBefore, noBias: l.NoBias, dropout: l.Dropout, recurrentDropout: l.RecurrentDropout, weight: l.WeightInit,
		recurrent: l.RecurrentInit, bias: l.BiasInit, byDefault: Zeros}
	if l.Layers < 0 {
		s.layers = l.Layers
	}
	return s
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l GRU) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
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
func (l *GRU) Forward(x *dl.Tensor) *dl.Tensor { return l.ForwardMasked(x, nil) }

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which steps count: see [Masker].
func (l *GRU) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	return l.forward(l.Stateful, x, SequenceOptions{Mask: mask})
}

// Sequence computes the outputs of all steps, [N, T, Units] or 2*Units, and the state after the last one.
func (l *GRU) Sequence(x *dl.Tensor, o SequenceOptions) (y *dl.Tensor, end RecurrentState) {
	return l.sequenceOf(x, o)
}

// Parameters returns the parameters of the layer.
func (l *GRU) Parameters() []*Parameter { return listed(l.Weights) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (l *GRU) AnySize() bool { return true }

func (l *GRU) detail() string { return l.describe() }

func (l *GRU) inUse() (Module, bool) {
	c := *l
	c.chained = chained{stack: l.stack}
	return &c, !l.Stateful
}
