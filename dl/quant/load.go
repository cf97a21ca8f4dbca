package quant

import (
	"modelbook/dl"
	"modelbook/dl/gguf"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// LoadGGUF is [lm.LoadGGUF] that computes with the blocks of matrices of Q8_0 and Q4_0, and those of the table of tokens, where
// they lie in the file, which stays mapped: nothing of them is converted or copied, and pages that are not used take no
// memory. Matrices of other types become float32.
func LoadGGUF(path string) (lm.Decoder, *gguf.File, error) {
	return lm.LoadGGUF(path, lm.GGUFOptions{
		Projection: func(name string, w gguf.Tensor, bias *nn.Parameter) (lm.Projection, error) {
			if w.Type != gguf.Q8_0 && w.Type != gguf.Q4_0 {
				return nil, nil
			}
			return FromGGUF(w, bias)
		},
		Table: func(w gguf.Tensor) (lm.TokenTable, error) {
			if w.Type != gguf.Q8_0 && w.Type != gguf.Q4_0 {
				return nil, nil
			}
			l, err := FromGGUF(w, nil)
			if err != nil {
				return nil, err
			}
			return &Table{*l}, nil
		},
	})
}

// Table is a table of the vectors of tokens in blocks, in the place of the one of a decoder: see [lm.TokenTable].
type Table struct{ Linear }

// LookUp returns the vectors [tokens, channels] of tokens of the vocabulary, as float32.
func (t *Table) LookUp(tokens []int) *dl.Tensor {
	w := t.Weight
	size := w.Format.Bytes(w.In)
	found := dl.QuantizedMatrix{Format: w.Format, Out: len(tokens), In: w.In, Blocks: make([]byte, 0, len(tokens)*size)}
	for _, i := range tokens {
		found.Blocks = append(found.Blocks, w.Blocks[i*size:(i+1)*size]...)
	}
	return found.Dequantize()
}
