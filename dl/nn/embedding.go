package nn

import (
	"fmt"

	"modelbook/dl"
)

// Embedding looks up a vector for each token: x [N, ...] of integers 0..Vocabulary-1, output [N, ..., Units]. In a
// training step the gradient of a large table is kept by rows: optim.SGD, Adagrad and Adam with Lazy touch only those
// of tokens that occurred.
type Embedding struct {
	Vocabulary int
	Units      int
	// Padding are tokens that stand for no token, such as []int{0}: their vectors begin as 0 and are not trained
	// (PyTorch's padding_idx).
	Padding []int `json:",omitempty"`
	// MaskZero marks the places of token 0 as padding for the layers behind, as in Keras: see [Masker].
	MaskZero bool `json:",omitempty"`
	// MaxNorm is the largest norm of a vector: those that are longer are shortened when they are looked up, as in
	// PyTorch, in the table itself while no other goroutine uses it. 0: any.
	MaxNorm    float64     `json:",omitempty"`
	NormType   float64     `json:",omitempty"` // the p of that norm; 0: 2
	WeightInit Initializer `json:"-"`          // nil: Uniform{}, in ±0.05, as in Keras (PyTorch: Normal with deviation 1)

	Weight *Parameter `json:"-"` // set by Build: [Vocabulary, Units]

	lookup
}

// Build makes the layer for inputs of a shape: see [Layer].
func (e Embedding) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	var err error
	if e.Weight, e.lookup, err = buildLookup(e.Vocabulary, e.Units, e.Padding, e.MaxNorm, e.NormType, e.WeightInit, b); err != nil {
		return nil, nil, err
	}
	return &e, append(in[:len(in):len(in)], e.Units), nil
}

// Forward computes the outputs for a batch.
func (e *Embedding) Forward(x *dl.Tensor) *dl.Tensor {
	return e.lookUp(e.Weight.tensor("nn.Embedding"), x)
}

// Mask tells which tokens count: see [Masker].
func (e *Embedding) Mask(x *dl.Tensor) *dl.Tensor {
	if !e.MaskZero || x.Rank() != 2 || x.DType().IsFloat() {
		return nil
	}
	return x.Ne(e.zero)
}

// Parameters returns the parameters of the layer.
func (e *Embedding) Parameters() []*Parameter { return present(e.Weight) }

func (e *Embedding) takesTokens() {}

func (e *Embedding) inUse() (Module, bool) {
	c := *e
	c.shared = true
	return &c, true
}

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
		return fmt.Errorf("the input %v is not a sequence of vectors [T, D]; nn.Embedding makes one of tokens, and ReturnSequences a recurrent layer's outputs", in)
	}
	return nil
}
