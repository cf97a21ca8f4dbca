package lm

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// PerplexityOptions say how a long text is cut into pieces that a model can read.
type PerplexityOptions struct {
	Context int // tokens that the model reads at once; 0: the model's, at most 1024
	// Stride is by how many tokens the next piece begins later; 0: Context. With a smaller one each token is told with at
	// least Context-Stride tokens before it, which takes longer and says better what the model can do.
	Stride int
	Batch  int // pieces at once; 0: 1
}

// Perplexity is e to the mean cross-entropy of the tokens of a text, each but the first told once, from those before it in
// its piece: as many tokens would be equally probable. It is measured as transformers' documentation does. A model that is
// being trained is switched to use meanwhile.
func Perplexity(ctx context.Context, m Decoder, tokens []int, o PerplexityOptions) (float64, error) {
	if ctx == nil || m == nil {
		return 0, errors.New("lm.Perplexity: the context or the model is nil")
	}
	size := cmp.Or(o.Context, min(m.Context(), 1024))
	stride, batch := cmp.Or(o.Stride, size), cmp.Or(o.Batch, 1)
	switch {
	case len(tokens) < 2:
		return 0, errors.New("lm.Perplexity: a text of at least two tokens is needed")
	case size < 1 || size > m.Context():
		return 0, fmt.Errorf("lm.Perplexity: Context is %d; the model has %d positions", size, m.Context())
	case stride < 1 || stride > size:
		return 0, fmt.Errorf("lm.Perplexity: Stride is %d; it is from 1 to Context, %d", stride, size)
	case batch < 1:
		return 0, fmt.Errorf("lm.Perplexity: Batch is %d; it is at least 1", batch)
	}
	for i, id := range tokens {
		if id < 0 || id >= m.Vocabulary() {
			return 0, fmt.Errorf("lm.Perplexity: token %d is %d; the vocabulary has 0 to %d", i, id, m.Vocabulary()-1)
		}
	}
	_, done := nn.InUse(m)
	defer done()
	arena := dl.NewArena()
	size = min(size, len(tokens)-1)
	sum, count := 0.0, 0
	var x, y []int32
	flush := func() error {
		if len(x) == 0 {
			return nil
		}
		n := 0
		for _, v := range y {
			if v >= 0 {
				n++
			}
		}
		in, out := dl.Of(x, len(x)/size, size), dl.Of(y, len(y)/size, size)
		err := dl.Try(func() {
			arena.Run(func() {
				dl.NoGrad(func() { sum += Loss(m, in, out, LossOptions{Rows: 128}).Item() * float64(n) })
			})
		})
		count += n
		x, y = x[:0:0], y[:0:0]
		return err
	}
	told := 0 // the last token with a probability
	for begin := 0; told < len(tokens)-1; begin += stride {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		begin = min(begin, len(tokens)-1-size) // the last piece is as long as the others, and tells less
		for j := range size {
			target := int32(Ignored)
			if at := begin + j + 1; at > told {
				target = int32(tokens[at])
			}
			x, y = append(x, int32(tokens[begin+j])), append(y, target)
		}
		told = begin + size
		if len(x) == batch*size || told == len(tokens)-1 {
			if err := flush(); err != nil {
				return 0, err
			}
		}
	}
	return math.Exp(sum / float64(count)), nil
}
