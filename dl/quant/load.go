package quant

import (
	"fmt"

	"modelbook/dl/gguf"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// LoadGGUF is [lm.LoadGGUF] that computes with the blocks of matrices of Q8_0 and Q4_0, and those of a tied head, where they
// lie in the file, which stays mapped: nothing of them is converted or copied, and pages that are not used take no memory.
// Matrices of other types become float32.
func LoadGGUF(path string) (lm.Decoder, *gguf.File, error) {
	m, f, err := lm.LoadGGUF(path, lm.GGUFOptions{Projection: func(name string, w gguf.Tensor, bias *nn.Parameter) (lm.Projection, error) {
		if w.Type != gguf.Q8_0 && w.Type != gguf.Q4_0 {
			return nil, nil
		}
		return FromGGUF(w, bias)
	}})
	if err != nil {
		return nil, nil, err
	}
	if head, _ := tied(m); head != nil {
		if w, ok := f.Tensor("token_embd.weight"); ok && (w.Type == gguf.Q8_0 || w.Type == gguf.Q4_0) {
			l, err := FromGGUF(w, nil)
			if err != nil {
				f.Close()
				return nil, nil, fmt.Errorf("%s: %w", path, err)
			}
			*head = l
		}
	}
	return m, f, nil
}
