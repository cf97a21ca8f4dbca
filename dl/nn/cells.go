package nn

import (
	"fmt"

	"modelbook/dl"
)

// A cell is one step of a recurrent layer.
type cell struct{ stack }

// buildCell makes a cell for inputs [D].
func buildCell(s stack, in dl.Shape, b *Builder) (cell, RecurrentWeights, dl.Shape, error) {
	s.layers = 1
	if len(in) != 1 {
		return cell{}, RecurrentWeights{}, nil, fmt.Errorf("the input %v is not a vector [D]; a cell takes one step, nn.LSTM, GRU and SimpleRNN take sequences", in)
	}
	weights, out, err := s.build(dl.Shape{1, in[0]}, b)
	if err != nil {
		return cell{}, RecurrentWeights{}, nil, err
	}
	s.weights = weights
	return cell{s}, weights[0], out, nil
}

// step is one step: x [N, D], and of the state [N, Units] each.
func (c *cell) step(x *dl.Tensor, state RecurrentState) RecurrentState {
	if len(c.weights) == 0 {
		dl.PanicValue("nn.LSTMCell, GRUCell or SimpleRNNCell.Forward", "the layer has no parameters yet: make it with nn.Build")
	}
	if x.Rank() != 2 {
		dl.PanicShape(c.name+".Forward", "a step [N, D] of sequences is needed", x)
	}
	_, h, own := c.one(x.Unsqueeze(0), c.weights[0], dl.RecurrentOptions{TimeMajor: true, Hidden: state.Hidden, Cell: state.Cell,
		ResetBefore: c.resetBefore, ReLU: c.relu}, nil)
	return RecurrentState{Hidden: h, Cell: own}
}

// LSTMCell is one step of an [LSTM], for loops of one's own: inputs x [N, D], states [N, Units].
type LSTMCell struct {
	Units          int
	NoBias         bool        `json:",omitempty"`
	ZeroForgetBias bool        `json:",omitempty"` // see [LSTM]
	WeightInit     Initializer `json:"-"`          // nil: GlorotUniform, as in Keras
	RecurrentInit  Initializer `json:"-"`          // nil: Orthogonal, as in Keras
	BiasInit       Initializer `json:"-"`          // nil: Zeros, and 1 for forget gates

	Weights RecurrentWeights `json:"-"` // set by Build

	cell
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l LSTMCell) Build(in dl.Shape, b *Builder) (_ Module, out dl.Shape, err error) {
	whole := LSTM{Units: l.Units, NoBias: l.NoBias, ZeroForgetBias: l.ZeroForgetBias, WeightInit: l.WeightInit, RecurrentInit: l.RecurrentInit, BiasInit: l.BiasInit}
	l.cell, l.Weights, out, err = buildCell(whole.settings(), in, b)
	l.name = "nn.LSTMCell"
	return &l, out, err
}

// Step computes the states after a step from those before it, zeros where there are none. The output is Hidden.
func (l *LSTMCell) Step(x *dl.Tensor, state RecurrentState) RecurrentState { return l.step(x, state) }

// Forward computes the outputs of a first step.
func (l *LSTMCell) Forward(x *dl.Tensor) *dl.Tensor { return l.step(x, RecurrentState{}).Hidden }

// Parameters returns the parameters of the layer.
func (l *LSTMCell) Parameters() []*Parameter { return listed([]RecurrentWeights{l.Weights}) }

// GRUCell is one step of a [GRU], for loops of one's own: inputs x [N, D], states [N, Units].
type GRUCell struct {
	Units         int
	NoBias        bool        `json:",omitempty"`
	ResetBefore   bool        `json:",omitempty"` // see [GRU]
	WeightInit    Initializer `json:"-"`          // nil: GlorotUniform, as in Keras
	RecurrentInit Initializer `json:"-"`          // nil: Orthogonal, as in Keras
	BiasInit      Initializer `json:"-"`          // nil: Zeros; of both biases

	Weights RecurrentWeights `json:"-"` // set by Build

	cell
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l GRUCell) Build(in dl.Shape, b *Builder) (_ Module, out dl.Shape, err error) {
	whole := GRU{Units: l.Units, NoBias: l.NoBias, ResetBefore: l.ResetBefore, WeightInit: l.WeightInit, RecurrentInit: l.RecurrentInit, BiasInit: l.BiasInit}
	l.cell, l.Weights, out, err = buildCell(whole.settings(), in, b)
	l.name = "nn.GRUCell"
	return &l, out, err
}

// Step computes the state after a step from that before it, zeros where there is none. The output is Hidden.
func (l *GRUCell) Step(x *dl.Tensor, state RecurrentState) RecurrentState { return l.step(x, state) }

// Forward computes the outputs of a first step.
func (l *GRUCell) Forward(x *dl.Tensor) *dl.Tensor { return l.step(x, RecurrentState{}).Hidden }

// Parameters returns the parameters of the layer.
func (l *GRUCell) Parameters() []*Parameter { return listed([]RecurrentWeights{l.Weights}) }

// SimpleRNNCell is one step of a [SimpleRNN] (PyTorch's nn.RNNCell), for loops of one's own: inputs x [N, D], states
// [N, Units].
type SimpleRNNCell struct {
	Units         int
	Activation    Activation  `json:",omitempty"` // Identity: Tanh, as in Keras and PyTorch; or ReLU
	NoBias        bool        `json:",omitempty"`
	WeightInit    Initializer `json:"-"` // nil: GlorotUniform, as in Keras
	RecurrentInit Initializer `json:"-"` // nil: Orthogonal, as in Keras
	BiasInit      Initializer `json:"-"` // nil: Zeros

	Weights RecurrentWeights `json:"-"` // set by Build

	cell
}

// Build makes the layer for inputs of a shape: see [Layer].
func (l SimpleRNNCell) Build(in dl.Shape, b *Builder) (_ Module, out dl.Shape, err error) {
	whole := SimpleRNN{Units: l.Units, Activation: l.Activation, NoBias: l.NoBias, WeightInit: l.WeightInit, RecurrentInit: l.RecurrentInit, BiasInit: l.BiasInit}
	if err := whole.checkActivation(); err != nil {
		return nil, nil, err
	}
	l.cell, l.Weights, out, err = buildCell(whole.settings(), in, b)
	l.name = "nn.SimpleRNNCell"
	return &l, out, err
}

// Step computes the state after a step from that before it, zeros where there is none. The output is Hidden.
func (l *SimpleRNNCell) Step(x *dl.Tensor, state RecurrentState) RecurrentState {
	return l.step(x, state)
}

// Forward computes the outputs of a first step.
func (l *SimpleRNNCell) Forward(x *dl.Tensor) *dl.Tensor { return l.step(x, RecurrentState{}).Hidden }

// Parameters returns the parameters of the layer.
func (l *SimpleRNNCell) Parameters() []*Parameter { return listed([]RecurrentWeights{l.Weights}) }
