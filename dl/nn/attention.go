package nn

import (
	"fmt"

	"modelbook/dl"
)

// MultiHeadAttention lets every position of a sequence look at the others (Vaswani et al., 2017): queries, keys and
// values are linear in x [N, T, D], each head attends with D/Heads of their channels, and the output [N, T, D] is
// linear in what the heads found. Causal hides the positions that come later.
type MultiHeadAttention struct {
	Heads      int
	Causal     bool
	NoBias     bool
	WeightInit Initializer `json:"-"` // nil: GlorotUniform of D inputs and D outputs, for each of the four matrices
	BiasInit   Initializer `json:"-"` // nil: Zeros

	Weight    *Parameter `json:"-"` // set by Build: of queries, keys and values, side by side [D, 3*D]
	Bias      *Parameter `json:"-"` // set by Build: [3*D]
	OutWeight *Parameter `json:"-"` // set by Build: [D, D]
	OutBias   *Parameter `json:"-"` // set by Build: [D]
}

// Build makes the layer for inputs of a shape: see [Layer].
func (a MultiHeadAttention) Build(in dl.Shape, b *Builder) (Module, dl.Shape, error) {
	if err := sequence(in); err != nil {
		return nil, nil, err
	}
	d := in[1]
	if a.Heads < 1 || d%a.Heads != 0 {
		return nil, nil, fmt.Errorf("Heads is %d; it must divide the %d channels of %v", a.Heads, d, in)
	}
	if err := checkShape(dl.Shape{d, 3 * d}); err != nil {
		return nil, nil, err
	}
	a.Weight = b.Parameter("weight", a.WeightInit, GlorotUniform, d, d, d, 3*d)
	a.OutWeight = b.Parameter("out_weight", a.WeightInit, GlorotUniform, d, d, d, d)
	if a.Bias, a.OutBias = nil, nil; !a.NoBias {
		a.Bias = b.Parameter("bias", a.BiasInit, Zeros, d, d, 3*d)
		a.OutBias = b.Parameter("out_bias", a.BiasInit, Zeros, d, d, d)
	}
	return &a, in, nil
}

// Forward computes the outputs for a batch.
func (a *MultiHeadAttention) Forward(x *dl.Tensor) *dl.Tensor {
	y := dl.SelfAttention(affine("nn.MultiHeadAttention", x, a.Weight, a.Bias, dl.NoFusion),
		dl.AttentionOptions{Heads: a.Heads, Causal: a.Causal})
	return affine("nn.MultiHeadAttention", y, a.OutWeight, a.OutBias, dl.NoFusion)
}

// Parameters returns the parameters of the layer.
func (a *MultiHeadAttention) Parameters() []*Parameter {
	return present(a.Weight, a.Bias, a.OutWeight, a.OutBias)
}

func (a *MultiHeadAttention) detail() string { return heads(a.Heads, a.Causal) }

// heads is what a summary tells of an attention.
func heads(n int, causal bool) string {
	if causal {
		return fmt.Sprintf("%d heads, causal", n)
	}
	return fmt.Sprintf("%d heads", n)
}
