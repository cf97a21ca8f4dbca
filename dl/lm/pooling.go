package lm

import (
	"math"

	"modelbook/dl"
)

// Pooling says how the states of a text's tokens become one vector.
type Pooling uint8

// The kinds of pooling.
const (
	MeanPooling Pooling = iota // the mean of the tokens that count, as sentence-transformers' models have it
	CLSPooling                 // the state of the first token
	LastPooling                // the state of the last token that counts, for decoders
)

// EmbedOptions are the details of [Embed].
type EmbedOptions struct {
	Pooling   Pooling
	Normalize bool // to length 1, so that products are cosines
}

// Embed computes a vector [N, channels] for each text of tokens [N, T], of which o.Lengths count, from the states of the
// model's last layer.
func Embed(m Model, tokens *dl.Tensor, o CallOptions, e EmbedOptions) *dl.Tensor {
	given("lm.Embed", "the model", m != nil)
	if o.Cache != nil || o.Last {
		dl.PanicValue("lm.Embed", "a Cache, and Last, are for what comes next; a text is embedded whole")
	}
	x := m.Hidden(tokens, CallOptions{Lengths: o.Lengths, Types: o.Types})
	n, t := x.Dim(0), x.Dim(1)
	var at []int
	var y *dl.Tensor
	switch e.Pooling {
	case MeanPooling:
		if o.Lengths == nil {
			y = x.Mean(1)
			break
		}
		weights := make([]float32, n*t)
		for i, length := range o.Lengths {
			for k := range length {
				weights[i*t+k] = 1 / float32(length)
			}
		}
		y = dl.Wrap(weights, n, 1, t).MatMul(x).Squeeze(1)
	case CLSPooling:
		y = x.Select(1, 0)
	case LastPooling:
		y = lastOf(x, o.Lengths, &at)
	default:
		dl.PanicValue("lm.Embed", "there is no pooling %d", e.Pooling)
	}
	if e.Normalize {
		y = y.Div(y.Norm(2, -1).Clip(1e-12, math.Inf(1)).Unsqueeze(-1))
	}
	return y
}
