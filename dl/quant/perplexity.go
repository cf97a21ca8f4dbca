package quant

import (
	"context"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// PerplexityOptions say how [Perplexity] measures.
type PerplexityOptions struct {
	Formats []dl.BlockFormat // nil: Q8_0 and Q4_0
	// Window is the number of tokens that a model sees at once, from the beginning of each window on; 0: 256, or the
	// model's context if that is less.
	Window int
}

// Perplexity measures a decoder of float32 on a text, and the same with quantized weights, and returns what it found side
// by side. The model stays as it is. (For perplexities of one model alone there is metric.Perplexity.)
func Perplexity(ctx context.Context, m lm.Decoder, tokens []int, o PerplexityOptions) (Report, error) {
	if o.Window == 0 {
		o.Window = min(256, m.Context())
	}
	if o.Window < 2 || o.Window > m.Context() {
		return Report{}, fmt.Errorf("quant.Perplexity: a Window of %d tokens; from 2 to the model's %d", o.Window, m.Context())
	}
	if len(tokens) < 2 {
		return Report{}, fmt.Errorf("quant.Perplexity: %d tokens; there must be two, of which the first predicts the other", len(tokens))
	}
	for i, id := range tokens {
		if id < 0 || id >= m.Vocabulary() {
			return Report{}, fmt.Errorf("quant.Perplexity: token %d is %d; the vocabulary has 0 to %d", i, id, m.Vocabulary()-1)
		}
	}
	if o.Formats == nil {
		o.Formats = []dl.BlockFormat{dl.Q8_0, dl.Q4_0}
	}
	r := Report{Measure: "perplexity"}
	add := func(weights string, size int64) error {
		v, err := perplexity(ctx, m, tokens, o)
		r.Rows = append(r.Rows, Row{weights, size, v})
		return err
	}
	floats := parameterBytes(m)
	if err := add("float32", floats); err != nil {
		return Report{}, err
	}
	for _, f := range o.Formats {
		q, err := quantize(m, Options{Format: f})
		if err != nil {
			return Report{}, err
		}
		undo := q.use()
		err = add(f.String(), floats+q.more())
		undo()
		if err != nil {
			return Report{}, err
		}
	}
	return r, nil
}

// perplexity is e to the mean of -log p of all tokens but the first of each window.
func perplexity(ctx context.Context, m lm.Decoder, tokens []int, o PerplexityOptions) (float64, error) {
	sum, n := 0.0, 0
	for len(tokens) > 1 {
		if err := ctx.Err(); err != nil {
			return 0, err
		}
		window := tokens[:min(o.Window, len(tokens))]
		tokens = tokens[len(window):]
		if len(window) < 2 {
			break
		}
		if err := dl.Try(func() {
			dl.NoGrad(func() {
				ids := make([]int32, len(window)-1)
				for i := range ids {
					ids[i] = int32(window[i])
				}
				logits := m.Forward(dl.Of(ids, 1, len(ids))).Contiguous().Float32s()
				for i, v := 0, m.Vocabulary(); i < len(ids); i++ {
					sum -= logProbability(logits[i*v:(i+1)*v], window[i+1])
				}
			})
		}); err != nil {
			return 0, err
		}
		n += len(window) - 1
	}
	return math.Exp(sum / float64(n)), nil
}

// logProbability is that of a class, by logits.
func logProbability(logits []float32, class int) float64 {
	most := math.Inf(-1)
	for _, v := range logits {
		most = max(most, float64(v))
	}
	sum := 0.0
	for _, v := range logits {
		sum += math.Exp(float64(v) - most)
	}
	return float64(logits[class]) - most - math.Log(sum)
}

// parameterBytes is the memory of a module's parameters, each counted once.
func parameterBytes(m nn.Module) (n int64) {
	seen := map[*nn.Parameter]bool{}
	for _, p := range m.Parameters() {
		if !seen[p] {
			seen[p] = true
			n += int64(p.Value.Size() * p.Value.DType().Bytes())
		}
	}
	return n
}
