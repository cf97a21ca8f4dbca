package nn

import (
	"fmt"

	"modelbook/dl"
)

// Embedding looks up a vector for each token: x [N, ...] of integers 0..Vocabulary-1, output [N, ..., Units].
type Embedding struct {
	Vocabulary int
	Units      int
	WeightInit Initializer `json:"-"` // nil: Uniform{}, in ±0.05, as in Keras (PyTorch: Normal with deviation 1)

	Weight *Parameter `json:"-"` // set by Build: [Vocabulary, Units]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (e Embedding) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if e.Vocabulary < 1 || e.Units < 1 {
		return nil, nil, fmt.Errorf("Vocabulary is %d and Units %d; give the number of tokens and of values for each", e.Vocabulary, e.Units)
	}
	if err := checkShape(dl.Shape{e.Vocabulary, e.Units}); err != nil {
		return nil, nil, err
	}
	e.Weight = b.Parameter("weight", e.WeightInit, Uniform{}, e.Vocabulary, e.Units, e.Vocabulary, e.Units)
	return &e, append(in[:len(in):len(in)], e.Units), nil
}

// Forward computes the outputs for a batch.
func (e *Embedding) Forward(x *dl.Tensor) *dl.Tensor {
	return dl.Embedding(e.Weight.tensor("nn.Embedding"), x)
}

// Parameters returns the parameters of the layer.
func (e *Embedding) Parameters() []*Parameter { return present(e.Weight) }

// PositionalEmbedding adds a learned vector to each position of a sequence: x [N, T, D], Weight [T, D]. Sequences may
// be shorter than those it was built for.
type PositionalEmbedding struct {
	WeightInit Initializer `json:"-"` // nil: Uniform{}, in ±0.05 (PyTorch's nn.Embedding: Normal with deviation 1)

	Weight *Parameter `json:"-"` // set by Build
}

// Build makes the layer for inputs of a shape: see [Layer].
func (e PositionalEmbedding) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	e.Weight = b.Parameter("weight", e.WeightInit, Uniform{}, in[0], in[1], in[0], in[1])
	return &e, in, nil
}

// Forward computes the outputs for a batch.
func (e *PositionalEmbedding) Forward(x *dl.Tensor) *dl.Tensor {
	w := e.Weight.tensor("nn.PositionalEmbedding")
	if x.Rank() != 3 || x.Dim(1) > w.Dim(0) {
		dl.PanicShape("nn.PositionalEmbedding.Forward", fmt.Sprintf("sequences [N, T, D] of at most %d positions are needed", w.Dim(0)), x, w)
	}
	if t := x.Dim(1); t < w.Dim(0) {
		w = w.Slice(0, 0, t)
	}
	return x.Add(w)
}

// Parameters returns the parameters of the layer.
func (e *PositionalEmbedding) Parameters() []*Parameter { return present(e.Weight) }

// sequence says whether samples of a shape are sequences of vectors.
func sequence(in dl.Shape) error {
	if len(in) != 2 {
		return fmt.Errorf("the input %v is not a sequence of vectors [T, D]; nn.Embedding makes one of tokens", in)
	}
	return nil
}
