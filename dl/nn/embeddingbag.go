package nn

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// Bag is what an [EmbeddingBag] makes of the vectors of a bag.
type Bag uint8

const (
	MeanBag Bag = iota // their mean, as in PyTorch
	SumBag             // their sum
	MaxBag             // the largest of each value
)

// EmbeddingBag looks up a vector for each token of bags x [N, T], integers 0..Vocabulary-1, and makes one of the vectors
// of a bag: [N, Units]. Tokens of Padding are no part of a bag, so that bags may have different sizes; an empty one gives
// zeros. It is PyTorch's with a matrix of tokens.
type EmbeddingBag struct {
	Vocabulary int
	Units      int
	Mode       Bag         `json:",omitempty"` // MeanBag, SumBag or MaxBag
	Padding    []int       `json:",omitempty"` // tokens that fill up bags
	MaxNorm    float64     `json:",omitempty"` // see [Embedding]
	NormType   float64     `json:",omitempty"` // the p of that norm; 0: 2
	WeightInit Initializer `json:"-"`          // nil: Uniform{}, in ±0.05 (PyTorch: Normal with deviation 1)

	Weight *Parameter `json:"-"` // set by Build: [Vocabulary, Units]

	lookup
}

// Build makes the layer for inputs of a shape: see [Layer].
func (e EmbeddingBag) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if len(in) != 1 {
		return nil, nil, fmt.Errorf("the input %v is no bag of tokens [T]", in)
	}
	if e.Mode > MaxBag {
		return nil, nil, fmt.Errorf("Mode is %d; there are MeanBag, SumBag and MaxBag", e.Mode)
	}
	var err error
	if e.Weight, e.lookup, err = buildLookup(e.Vocabulary, e.Units, e.Padding, e.MaxNorm, e.NormType, e.WeightInit, b); err != nil {
		return nil, nil, err
	}
	return &e, dl.Shape{e.Units}, nil
}

// Forward computes the outputs for a batch.
func (e *EmbeddingBag) Forward(x *dl.Tensor) *dl.Tensor { return e.Weighted(x, nil) }

// Weighted is Forward with vectors multiplied by weights [N, T], as PyTorch's per_sample_weights: of a SumBag.
func (e *EmbeddingBag) Weighted(x, weights *dl.Tensor) *dl.Tensor {
	table := e.Weight.tensor("nn.EmbeddingBag")
	if x.Rank() != 2 {
		dl.PanicShape("nn.EmbeddingBag.Forward", "bags [N, T] of tokens are needed", x)
	}
	y := e.lookUp(table, x)
	if weights != nil {
		if e.Mode != SumBag || !weights.Shape().Equal(x.Shape()) {
			dl.PanicShape("nn.EmbeddingBag.Weighted", "a SumBag and a weight for each token are needed", x, weights)
		}
		y = y.Mul(weights.Unsqueeze(-1))
	}
	counts := e.counts(x)
	if counts == nil && x.Dim(1) > 0 {
		switch e.Mode {
		case SumBag:
			return y.Sum(1)
		case MaxBag:
			return y.Max(1)
		}
		return y.Mean(1)
	}
	if counts == nil { // bags without tokens
		return y.Sum(1)
	}
	there := counts.Unsqueeze(-1)
	if e.Mode == MaxBag {
		some := counts.Any(-1).Unsqueeze(-1)
		y = y.MaskedFill(there.Not(), math.Inf(-1)).Max(1)
		return y.MaskedFill(some.Not(), 0)
	}
	y = y.MaskedFill(there.Not(), 0).Sum(1)
	if e.Mode == SumBag {
		return y
	}
	return y.Div(counts.To(y.DType()).Sum(1).Clip(1, math.Inf(1)).Unsqueeze(-1))
}

// Parameters returns the parameters of the layer.
func (e *EmbeddingBag) Parameters() []*Parameter { return present(e.Weight) }

// AnySize says whether samples may have other sizes: see [AnySize].
func (e *EmbeddingBag) AnySize() bool { return true }

func (e *EmbeddingBag) takesTokens() {}

func (e *EmbeddingBag) inUse() (Module, bool) {
	c := *e
	c.shared = true
	return &c, true
}
