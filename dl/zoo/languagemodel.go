package zoo

import (
	"cmp"
	"errors"
	"fmt"
	"math"

	"modelbook/dl"
	"modelbook/dl/nn"
)

// LanguageModel says at each place of a text what comes next, by layers of LSTM (Sundermeyer, Schlüter and Ney, "LSTM
// Neural Networks for Language Modeling", 2012; with dropout between the layers as Zaremba, Sutskever and Vinyals, 2014).
// It takes tokens [N, T]; the output are logits [N, T, Vocabulary]. Its targets are the tokens one place later.
type LanguageModel struct {
	Vocabulary int     // number of tokens; needed
	Length     int     // of the sequences; 0: 64. Others may be longer or shorter
	Embedding  int     // values for a token; 0: as many as Units
	Units      int     // of a layer; 0: 256
	Layers     int     // 0: 2
	Dropout    float64 // behind the embedding and each layer
}

// New builds the network.
func (l LanguageModel) New() (*nn.Model, error) {
	units := cmp.Or(l.Units, 256)
	layers := []nn.Layer{nn.Named("embedding", nn.Embedding{Vocabulary: l.Vocabulary, Units: cmp.Or(l.Embedding, units)})}
	drop := func() {
		if l.Dropout != 0 {
			layers = append(layers, nn.Dropout{Rate: l.Dropout})
		}
	}
	drop()
	layers = append(layers, nn.Named("lstm", nn.LSTM{Units: units, Layers: cmp.Or(l.Layers, 2), ReturnSequences: true, Dropout: l.Dropout}))
	drop()
	return sequential("LanguageModel", dl.Shape{cmp.Or(l.Length, 64)}, append(layers, nn.Named("head", nn.Dense{Units: l.Vocabulary}))...)
}

const mostTokens = 1 << 20 // that Generate adds

// Generate continues a text by n tokens, drawn from what a model says comes next: [N, T, Vocabulary] for [N, T], as
// [LanguageModel] and transformers do. Probabilities are those of the logits divided by the temperature: below 1 the
// likely ones become more likely, and with 0 it takes the likeliest.
func Generate(m *nn.Model, prompt []int, n int, temperature float64, r *dl.Rand) ([]int, error) {
	if len(prompt) == 0 || n < 0 || !(temperature >= 0) {
		return nil, fmt.Errorf("zoo.Generate: a prompt of %d tokens, %d more at a temperature of %v: at least one token, and nothing below 0", len(prompt), n, temperature)
	}
	switch {
	case m == nil:
		return nil, errors.New("zoo.Generate: the model is nil: make one by LanguageModel.New")
	case n > mostTokens:
		return nil, fmt.Errorf("zoo.Generate: %d tokens are too many; there are up to %d", n, mostTokens)
	}
	for i, token := range prompt {
		if token < 0 || token > math.MaxInt32 {
			return nil, fmt.Errorf("zoo.Generate: the prompt's token %d is %d; tokens are numbers from 0 on", i, token)
		}
	}
	if r == nil {
		r = dl.DefaultRand()
	}
	tokens := append([]int{}, prompt...)
	for range n {
		x := dl.New(dl.Int32, 1, len(tokens))
		for i, token := range tokens {
			x.Set(float64(token), 0, i)
		}
		var next int
		if err := dl.Try(func() {
			logits := m.Predict(x).Select(1, len(tokens)-1).Reshape(-1)
			next = int(logits.ArgMax(0).Item())
			if temperature > 0 {
				p, at := logits.MulScalar(1/temperature).Softmax(0), r.Float64()
				for i, v := range dl.Values[float64](p) {
					if next = i; at < v {
						break
					}
					at -= v
				}
			}
		}); err != nil {
			return nil, err
		}
		tokens = append(tokens, next)
	}
	return tokens, nil
}
