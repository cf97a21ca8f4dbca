package nn

import "modelbook/dl"

// LSTM is one or more layers of long short-term memory cells (Hochreiter and Schmidhuber, 1997) over sequences
// x [N, T, D]: see [dl.LSTM]. Its output is the last step's [N, Units], as Keras's, or with ReturnSequences that of all
// steps [N, T, Units], as PyTorch's; Bidirectional makes 2*Units. Defaults are Keras's but for Dropout, which is
// PyTorch's. Layers in front that mark padding ([Masking], [Embedding] with MaskZero) are taken into account, see [Masker].
type LSTM struct {
	Units            int
	Layers           int     `json:",omitempty"` // 0: 1; one on the outputs of the other (PyTorch's num_layers)
	ReturnSequences  bool    `json:",omitempty"` // the outputs of all steps
	GoBackwards      bool    `json:",omitempty"` // from the last step to the first; the outputs stand in that order, as in Keras
	Bidirectional    bool    `json:",omitempty"` // a second direction, whose outputs stand beside those of the first
	Stateful         bool    `json:",omitempty"` // each batch goes on where the last one ended; see ResetState
	Dropout          float64 `json:",omitempty"` // rate on the outputs of each layer but the last, as in PyTorch
	RecurrentDropout float64 `json:",omitempty"` // rate on the state that the products see, the same part at all steps (Keras's recurrent_dropout); takes steps one by one
	NoBias           bool    `json:",omitempty"`
	// ProjectionSize is the width of outputs and hidden states that are projections of the Units of each cell (PyTorch's
	// proj_size; Sak et al., 2014): Units then is the width of the cells alone. 0: no projection.
	ProjectionSize int `json:",omitempty"`
	// ZeroForgetBias begins with 0 as the bias of the forget gates, as PyTorch nearly does; Keras begins with 1.
	ZeroForgetBias bool        `json:",omitempty"`
	WeightInit     Initializer `json:"-"` // nil: GlorotUniform, as in Keras (PyTorch: uniform in ±1/sqrt(Units), all)
	RecurrentInit  Initializer `json:"-"` // nil: Orthogonal, as in Keras
	BiasInit       Initializer `json:"-"` // nil: Zeros, and 1 for forget gates

	Weights []RecurrentWeights `json:"-"` // set by Build: of each layer, its forward direction and its backward one

	chained
}

func (l *LSTM) settings() stack {
	s := stack{name: "nn.LSTM", kind: lstmCells, units: l.Units, layers: max(l.Layers, 1), sequences: l.ReturnSequences, backwards: l.GoBackwards,
		bidirectional: l.Bidirectional, noBias: l.NoBias, dropout: l.Dropout, recurrentDropout: l.RecurrentDropout, weight: l.WeightInit, recurrent: l.RecurrentInit,
		bias: l.BiasInit, byDefault: forgetBias(l.Units)}
	s.projection = l.ProjectionSize
	if l.ZeroForgetBias {
		s.byDefault = Zeros
	}
	if l.Layers < 0 {
		s.layers = l.Layers
	}
	return s
}

// forgetBias is 0, and 1 for the forget gates, which lie behind so many others.
type forgetBias int

// Fill sets the values: see [Initializer].
func (f forgetBias) Fill(values []float32, fanIn, fanOut int, r *dl.Rand) {
	for i := range values {
		values[i] = 0
		if i >= int(f) && i < 2*int(f) {
			values[i] = 1
		}
	}
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l LSTM) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
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
func (l *LSTM) Forward(x *dl.Tensor) *dl.Tensor { return l.ForwardMasked(x, nil) }

// ForwardMasked is Forward of sequences of which a mask, bools [N, T], tells which steps count: see [Masker].
func (l *LSTM) ForwardMasked(x, mask *dl.Tensor) *dl.Tensor {
	return l.forward(l.Stateful, x, SequenceOptions{Mask: mask})
}

// Sequence computes the outputs of all steps, [N, T, Units] or 2*Units, and the state after the last one.
func (l *LSTM) Sequence(x *dl.Tensor, o SequenceOptions) (y *dl.Tensor, end RecurrentState) {
	return l.sequenceOf(x, o)
}

// Parameters returns the parameters of the layer.
func (l *LSTM) Parameters() []*Parameter { return listed(l.Weights) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (l *LSTM) AnySize() bool { return true }

func (l *LSTM) detail() string { return l.describe() }

func (l *LSTM) inUse() (Module, bool) {
	c := *l
	c.chained = chained{stack: l.stack}
	return &c, !l.Stateful
}
