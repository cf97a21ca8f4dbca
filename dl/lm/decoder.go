package lm

import (
	"fmt"

	"modelbook/dl"
)

// CallOptions are what a model is told beside its tokens.
type CallOptions struct {
	// Lengths are the numbers of tokens of each sample: those behind are padding. nil: all count.
	Lengths []int
	// Cache holds keys and values of what came before; those of the tokens are appended. It is for decoders, inside of
	// dl.NoGrad.
	Cache *Cache
	// Last asks for the logits of each sample's last token only: [N, vocabulary].
	Last bool
	// Types are the token types of BERT, 0 or 1, in the shape of the tokens. nil: all 0.
	Types *dl.Tensor
}

// Decoder is a model that says what token comes next: [*GPT2] and [*Llama].
type Decoder interface {
	Model
	// Forward computes logits [N, T, vocabulary] for tokens [N, T] of an integer type.
	Forward(tokens *dl.Tensor) *dl.Tensor
	// Call does with what stands before, or for the last tokens only.
	Call(tokens *dl.Tensor, o CallOptions) *dl.Tensor
	// NewCache makes a cache for n samples of up to capacity positions.
	NewCache(n, capacity int) *Cache
	// Vocabulary is the number of tokens, Context the number of positions, End the tokens that end a text.
	Vocabulary() int
	Context() int
	End() []int

	head() Projection // computes logits of what Hidden returns
}

// checkTokens says by a panic what is wrong with the tokens of a call. A cache must be for so many layers, with keys of so many
// channels.
func checkTokens(op string, tokens *dl.Tensor, o CallOptions, positions, layers, channels int) {
	given(op, "the tensor of tokens", tokens != nil)
	if o.Types != nil {
		dl.PanicValue(op, "Types are for a BERT; this model has none")
	}
	if d := tokens.DType(); d.IsFloat() || d == dl.Bool {
		dl.PanicDType(op, "tokens are integers: use To(dl.Int32), or dl.Of([]int32{...}, 1, n)", tokens)
	}
	if tokens.Rank() != 2 || tokens.Dim(0) < 1 || tokens.Dim(1) < 1 {
		dl.PanicShape(op, "tokens [N, T] are needed, at least one of each sample", tokens)
	}
	n, t := tokens.Dim(0), tokens.Dim(1)
	if o.Lengths != nil {
		if len(o.Lengths) != n {
			dl.PanicValue(op, "there are %d lengths for %d samples", len(o.Lengths), n)
		}
		for i, length := range o.Lengths {
			if length < 1 || length > t {
				dl.PanicValue(op, "the length of sample %d is %d; it has %d tokens", i, length, t)
			}
		}
	}
	end := t
	if c := o.Cache; c != nil {
		c.begin(op, tokens, o.Lengths, layers, channels)
		for _, from := range c.lengths {
			end = max(end, from+t)
		}
	}
	if end > positions {
		dl.PanicShape(op, fmt.Sprintf("there would be %d positions; the model has %d", end, positions), tokens)
	}
}

// lastOf are the rows [N, D] of each sample's last token of x [N, T, D].
func lastOf(x *dl.Tensor, lengths []int, at *[]int) *dl.Tensor {
	n, t, d := x.Dim(0), x.Dim(1), x.Dim(2)
	if lengths == nil {
		return x.Select(1, t-1)
	}
	*at = (*at)[:0]
	for i, length := range lengths {
		*at = append(*at, i*t+length-1)
	}
	return x.Reshape(n*t, d).Rows(*at)
}

// incomplete panics because a layer, counted from 0, lacks a part.
func incomplete(op string, layer int) {
	dl.PanicValue(op, "layer %d of the model is nil or lacks a part: make models with New or a Load function", layer)
}

// checkpointed computes a block, again in Backward if asked for.
func checkpointed(on bool, x *dl.Tensor, block func(x *dl.Tensor) *dl.Tensor) *dl.Tensor {
	if !on {
		return block(x)
	}
	return dl.Checkpoint(func(xs ...*dl.Tensor) *dl.Tensor { return block(xs[0]) }, x)
}
