package data

import (
	"fmt"
	"math"

	"modelbook/dl"
)

// NextTokens is a text cut into samples for a language model: Size tokens as the input, and as the target the token that
// follows each of them, which is the same piece of text one token on. With a Stride of 1 a sample begins at every token
// (nanoGPT takes such ones at random); with a Stride of Size each token is an input once.
type NextTokens struct {
	Tokens []int
	Size   int // tokens of a sample
	Stride int // tokens from one sample to the next; 0: 1
}

func (n NextTokens) stride() int {
	const op = "data.NextTokens"
	if n.Size < 1 || n.Stride < 0 {
		dl.PanicValue(op, "samples of %d tokens, every %d: the size is 1 or more, the stride not negative", n.Size, n.Stride)
	}
	if len(n.Tokens) <= n.Size {
		dl.PanicValue(op, "a text of %d tokens is too short for samples of %d and the token that follows", len(n.Tokens), n.Size)
	}
	return max(n.Stride, 1)
}

// Len is the number of samples.
func (n NextTokens) Len() int { return (len(n.Tokens)-n.Size-1)/n.stride() + 1 }

// Spec describes a sample: int32 [Size], input and target.
func (n NextTokens) Spec() Spec {
	return Spec{X: dl.Shape{n.Size}, XType: dl.Int32, Y: dl.Shape{n.Size}, YType: dl.Int32}
}

// Read fills a batch: see [Dataset].
func (n NextTokens) Read(b Batch, samples []int) error {
	spec := n.Spec()
	if err := b.room(&spec, samples, n.Len()); err != nil {
		return err
	}
	stride, x, y := n.stride(), b.X.Int32s(), b.Y.Int32s()
	for row, i := range samples {
		piece := n.Tokens[i*stride:][:n.Size+1]
		for j, token := range piece {
			if token < 0 || token > math.MaxInt32 {
				return fmt.Errorf("data.NextTokens: the token %d at place %d is no int32 that is not negative", token, i*stride+j)
			}
		}
		for j := range n.Size {
			x[row*n.Size+j], y[row*n.Size+j] = int32(piece[j]), int32(piece[j+1])
		}
	}
	return nil
}
