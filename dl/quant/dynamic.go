package quant

import (
	"fmt"

	"modelbook/dl"
	"modelbook/dl/lm"
	"modelbook/dl/nn"
)

// Options say how a language model is quantized.
type Options struct {
	Format dl.BlockFormat // of the weights; the zero value is Q8_0
	// Skip says of a matrix, by its name as in [lm.Projections], or "head" for a tied one, that it stays as it is. nil: none
	// does but those whose rows have no whole blocks of 32.
	Skip func(name string) bool
}

// Dynamic replaces the matrices of a language model by quantized ones, in place, and gives up their float32 weights, which
// [lm.StateDict] then has no more: it is PyTorch's quantize_dynamic. A head that is tied to the table of tokens gets
// weights of its own, while the table stays for the tokens that are read. Embeddings and norms stay as they are.
func Dynamic(m lm.Model, o Options) error {
	q, err := quantize(m, o)
	if err != nil {
		return err
	}
	q.use()
	for _, r := range q {
		if l, ok := r.was.(*lm.Linear); ok {
			l.Weight.Value = dl.Zeros(0)
		}
	}
	return nil
}

// A replacement is a quantized matrix, and what stands in its place; nil for a tied head.
type replacement struct {
	at  *lm.Projection
	was lm.Projection
	now *Linear
}

type replacements []replacement

// quantize makes the quantized matrices of a model, which stays as it is.
func quantize(m lm.Model, o Options) (all replacements, err error) {
	skips := func(name string, in int) bool { return in%32 != 0 || o.Skip != nil && o.Skip(name) }
	for _, slot := range lm.Projections(m) {
		l, ok := (*slot.At).(*lm.Linear)
		if !ok {
			return nil, fmt.Errorf("quant: %T stands in the place of %s; a model is quantized from its own weights", *slot.At, slot.Name)
		}
		if in, _ := l.Sizes(); skips(slot.Name, in) {
			continue
		}
		q, err := FromLinear(l, o.Format)
		if err != nil {
			return nil, fmt.Errorf("quant: %s: %w", slot.Name, err)
		}
		all = append(all, replacement{slot.At, l, q})
	}
	if head, table := tied(m); head != nil && !skips("head", table.Value.Dim(1)) {
		q, err := New(table.Value, nil, o.Format)
		if err != nil {
			return nil, fmt.Errorf("quant: the head: %w", err)
		}
		all = append(all, replacement{head, nil, q})
	}
	return all, nil
}

// use puts the quantized matrices in their places, until undo.
func (q replacements) use() (undo func()) {
	for _, r := range q {
		*r.at = r.now
	}
	return func() {
		for _, r := range q {
			*r.at = r.was
		}
	}
}

// more is by how many bytes the parameters are more than those of float32; it is negative.
func (q replacements) more() (n int64) {
	for _, r := range q {
		n += int64(len(r.now.Weight.Blocks))
		if l, ok := r.was.(*lm.Linear); ok {
			n -= int64(l.Weight.Value.Size() * l.Weight.Value.DType().Bytes())
		}
	}
	return n
}

// tied is where the head of a decoder goes that is tied to its table of tokens, if it is of floats, and that table; nil where none is.
func tied(m lm.Model) (head *lm.Projection, table *nn.Parameter) {
	switch m := m.(type) {
	case *lm.GPT2:
		if m.Head == nil && m.Tokens == nil {
			return &m.Head, m.WTE
		}
	case *lm.Llama:
		if m.Head == nil && m.Tokens == nil {
			return &m.Head, m.EmbedTokens
		}
	}
	return nil, nil
}
