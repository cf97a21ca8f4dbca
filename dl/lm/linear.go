package lm

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// A Projection is one of the matrices of a model: a [*Linear], or what stands in its place, such as one with low-rank
// additions or quantized weights. It takes [..., In] and returns [..., Out].
type Projection = nn.Forwarder

// Linear is y = x W^T + b with the weight as Hugging Face's files have it, [Out, In], or with InFirst [In, Out] as GPT-2's
// Conv1D. (nn.Dense has [in, out], and would need a copy of a mapped weight.) A weight of half precision is converted as
// it is used.
type Linear struct {
	Weight  *nn.Parameter
	Bias    *nn.Parameter // nil: none
	InFirst bool
}

// Sizes are the numbers of channels of inputs and outputs.
func (l *Linear) Sizes() (in, out int) {
	const op = "lm.Linear"
	given(op, "Weight", l != nil && l.Weight != nil && l.Weight.Value != nil)
	s := l.Weight.Value.Shape()
	if len(s) != 2 {
		dl.PanicShape(op, "the weight is a matrix [Out, In], or with InFirst [In, Out]", l.Weight.Value)
	}
	if l.InFirst {
		return s[0], s[1]
	}
	return s[1], s[0]
}

// Forward computes the outputs [..., Out] for x [..., In].
func (l *Linear) Forward(x *dl.Tensor) *dl.Tensor {
	in, out := l.Sizes()
	if x.Rank() < 1 || x.Dim(x.Rank()-1) != in {
		dl.PanicShape("lm.Linear.Forward", fmt.Sprintf("the last axis has %d channels", in), x, l.Weight.Value)
	}
	whole := x
	if x.Rank() != 2 {
		x = x.Reshape(-1, in)
	}
	w, b := full(l.Weight.Value), (*dl.Tensor)(nil)
	if l.Bias != nil {
		b = full(l.Bias.Value)
	}
	var y *dl.Tensor
	if l.InFirst {
		y = dl.Affine(x, w, b, dl.NoFusion)
	} else if y = x.MatMul(w.T()); b != nil {
		y = y.Add(b)
	}
	switch whole.Rank() {
	case 2:
		return y
	case 3: // without taking memory for a shape
		return y.Reshape(whole.Dim(0), whole.Dim(1), out)
	}
	return y.Reshape(append(whole.Shape().Clone()[:whole.Rank()-1], out)...)
}

// Parameters returns weight and bias.
func (l *Linear) Parameters() []*nn.Parameter {
	if l.Bias == nil {
		return []*nn.Parameter{l.Weight}
	}
	return []*nn.Parameter{l.Weight, l.Bias}
}

// full is a tensor in a type that layers compute with.
func full(t *dl.Tensor) *dl.Tensor {
	if d := t.DType(); d == dl.Float16 || d == dl.BFloat16 {
		return t.To(dl.Float32)
	}
	return t
}

// A TokenTable stands in the place of a decoder's table of tokens, as one of quantized vectors does. As a Projection it is the
// tied head.
type TokenTable interface {
	Projection
	Sizes() (channels, vocabulary int)
	LookUp(tokens []int) *dl.Tensor // the vectors [tokens, channels], as float32
}

// tiedHead is the table of tokens as a projection.
func tiedHead(instead TokenTable, table *nn.Parameter) Projection {
	if instead != nil {
		return instead
	}
	return &Linear{Weight: table}
}

// lookUp are the vectors of tokens.
func lookUp(instead TokenTable, table *nn.Parameter, tokens *dl.Tensor) *dl.Tensor {
	if instead != nil {
		channels, vocabulary := instead.Sizes()
		return instead.LookUp(rowsOf(tokens, vocabulary)).Reshape(append(tokens.Shape().Clone(), channels)...)
	}
	t := table.Value
	if d := t.DType(); d != dl.Float16 && d != dl.BFloat16 {
		return dl.Embedding(t, tokens)
	}
	return t.Rows(rowsOf(tokens, t.Dim(0))).To(dl.Float32).Reshape(append(tokens.Shape().Clone(), t.Dim(1))...)
}

// rowsOf are tokens as the rows of a table of a vocabulary. It panics when one is not in it.
func rowsOf(tokens *dl.Tensor, vocabulary int) []int {
	at := dl.Values[int64](tokens.To(dl.Int64))
	rows := make([]int, len(at))
	for i, v := range at {
		if v < 0 || v >= int64(vocabulary) {
			dl.PanicShape("lm.Forward", fmt.Sprintf("token %d at place %d is not in 0..%d", v, i, vocabulary-1), tokens)
		}
		rows[i] = int(v)
	}
	return rows
}

// Norm is a LayerNorm, or without Bias an RMSNorm.
type Norm struct {
	Weight, Bias *nn.Parameter
	epsilon      float64
}

// Forward computes the outputs for rows of channels, the last axis.
func (n *Norm) Forward(x *dl.Tensor) *dl.Tensor {
	given("lm.Norm.Forward", "Weight", n != nil && n.Weight != nil)
	if n.Bias == nil {
		return dl.RMSNorm(x, full(n.Weight.Value), n.epsilon)
	}
	return dl.LayerNorm(x, full(n.Weight.Value), full(n.Bias.Value), n.epsilon)
}

// Parameters returns scale and shift.
func (n *Norm) Parameters() []*nn.Parameter {
	if n.Bias == nil {
		return []*nn.Parameter{n.Weight}
	}
	return []*nn.Parameter{n.Weight, n.Bias}
}

// activate is an activation by its name in config.json.
func activate(name string) (func(x *dl.Tensor) *dl.Tensor, error) {
	switch name {
	case "gelu_new", "gelu_pytorch_tanh", "gelu_fast":
		return (*dl.Tensor).GELUTanh, nil
	case "gelu", "gelu_python":
		return (*dl.Tensor).GELU, nil
	case "silu", "swish":
		return (*dl.Tensor).SiLU, nil
	case "relu":
		return (*dl.Tensor).ReLU, nil
	case "tanh":
		return (*dl.Tensor).Tanh, nil
	}
	return nil, fmt.Errorf("the activation %q is not known; there are gelu, gelu_new, gelu_pytorch_tanh, silu, relu and tanh", name)
}
