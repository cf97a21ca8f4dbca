package text

import (
	"slices"
)

// Encoding is the tokens of a text. All slices have an element for each token.
type Encoding struct {
	IDs     []int
	Types   []int    // the number of the text, 0 or 1, of a pair as the model wants it (token_type_ids)
	Mask    []int    // 1: a token, 0: padding (attention_mask)
	Special []bool   // added by the post-processor or as padding
	Tokens  []string // as the vocabulary has them
	// Offsets are the ranges of bytes in the original text, as in text[o[0]:o[1]]. Tokens that do not come from it have
	// 0, 0. A token that is a part of a letter has the range of the whole letter.
	Offsets [][2]int
	// Words is the number of the part that the pre-tokenizer made in which the token is; -1: in none.
	Words []int
	// Sequences is which of a pair's texts the token is from; -1: from none.
	Sequences []int
	// Overflow is what [Truncation] cut off, in encodings of their own.
	Overflow []Encoding
}

// Len is the number of tokens.
func (e *Encoding) Len() int { return len(e.IDs) }

// slice is a copy of the tokens from a to b.
func (e *Encoding) slice(a, b int) Encoding {
	return Encoding{
		IDs: slices.Clone(e.IDs[a:b]), Types: slices.Clone(e.Types[a:b]), Mask: slices.Clone(e.Mask[a:b]),
		Special: slices.Clone(e.Special[a:b]), Tokens: slices.Clone(e.Tokens[a:b]), Offsets: slices.Clone(e.Offsets[a:b]),
		Words: slices.Clone(e.Words[a:b]), Sequences: slices.Clone(e.Sequences[a:b]),
	}
}

// append adds a token that is not from the text.
func (e *Encoding) append(id int, token string, kind, mask int) {
	e.IDs, e.Types, e.Mask = append(e.IDs, id), append(e.Types, kind), append(e.Mask, mask)
	e.Special, e.Tokens, e.Offsets = append(e.Special, true), append(e.Tokens, token), append(e.Offsets, [2]int{})
	e.Words, e.Sequences = append(e.Words, -1), append(e.Sequences, -1)
}

// join appends another encoding. What overflows of one is combined with the other.
func (e *Encoding) join(o Encoding) {
	var overflow []Encoding
	combine := func(a, b Encoding) {
		a = a.slice(0, a.Len())
		b.Overflow = nil
		a.join(b)
		overflow = append(overflow, a)
	}
	for _, mine := range e.Overflow {
		combine(mine, o)
		for _, others := range o.Overflow {
			combine(mine, others)
		}
	}
	for _, others := range o.Overflow {
		combine(*e, others)
	}
	e.IDs, e.Types, e.Mask = append(e.IDs, o.IDs...), append(e.Types, o.Types...), append(e.Mask, o.Mask...)
	e.Special, e.Tokens = append(e.Special, o.Special...), append(e.Tokens, o.Tokens...)
	e.Offsets, e.Words = append(e.Offsets, o.Offsets...), append(e.Words, o.Words...)
	e.Sequences = append(e.Sequences, o.Sequences...)
	e.Overflow = overflow
}

func (e *Encoding) setTypes(kind int) {
	for i := range e.Types {
		e.Types[i] = kind
	}
}

func (e *Encoding) setSequence(n int) {
	for i := range e.Sequences {
		e.Sequences[i] = n
	}
	for i := range e.Overflow {
		e.Overflow[i].setSequence(n)
	}
}

// Truncation cuts texts with more tokens than a model takes. What is cut off is in [Encoding.Overflow].
type Truncation struct {
	Max    int      // tokens, special ones included
	Stride int      // how many tokens the next part repeats of the one before
	Which  Strategy // of a pair
	Left   bool     // cuts at the beginning
}

// Strategy says which text of a pair is cut.
type Strategy int

const (
	LongestFirst Strategy = iota
	OnlyFirst
	OnlySecond
)

var strategies = [...]string{"LongestFirst", "OnlyFirst", "OnlySecond"}

// cut leaves most tokens in the encoding, and the others in its overflow.
func (e *Encoding) cut(most, stride int, left bool) {
	n := e.Len()
	if most >= n {
		return
	}
	if most <= 0 {
		all := *e
		*e = Encoding{Overflow: append(all.Overflow, all)}
		return
	}
	step := most - min(stride, most-1)
	var parts []Encoding
	if left {
		for end := n; end > 0; end -= step {
			parts = append(parts, e.slice(max(0, end-most), end))
			if end <= most {
				break
			}
		}
	} else {
		for start := 0; start < n; start += step {
			parts = append(parts, e.slice(start, min(n, start+most)))
			if start+most >= n {
				break
			}
		}
	}
	*e = parts[0]
	e.Overflow = parts[1:]
}

// apply cuts one or two encodings to most tokens in all. A text that would have to be cut to nothing is left as it is.
func (t *Truncation) apply(parts []Encoding, most int) {
	total := 0
	for i := range parts {
		total += parts[i].Len()
	}
	cut := func(i, n int) { parts[i].cut(n, t.Stride, t.Left) }
	switch {
	case most <= 0:
		for i := range parts {
			cut(i, 0)
		}
	case total <= most:
	case t.Which == LongestFirst && len(parts) == 2:
		n1, n2 := parts[0].Len(), parts[1].Len()
		swap := n1 > n2
		if swap {
			n1, n2 = n2, n1
		}
		if n1 > most {
			n2 = n1
		} else {
			n2 = max(n1, most-n1)
		}
		if n1+n2 > most {
			n1 = most / 2
			n2 = n1 + most%2
		}
		if swap {
			n1, n2 = n2, n1
		}
		cut(0, n1)
		cut(1, n2)
	case t.Which == LongestFirst:
		cut(0, most)
	default:
		i := 0
		if t.Which == OnlySecond {
			i = len(parts) - 1
		}
		if left := parts[i].Len() - (total - most); left > 0 {
			cut(i, left)
		}
	}
}

// Padding makes the encodings of a batch equally long.
type Padding struct {
	Length   int    // 0: as long as the longest
	Multiple int    // rounds the length up to a multiple; 0: does not
	ID       int    // the padding token
	Type     int    // its type
	Token    string // its text
	Left     bool   // before the tokens, as models that generate want it
}

func (p *Padding) apply(batch []Encoding) {
	length := p.Length
	if length == 0 {
		for i := range batch {
			length = max(length, batch[i].Len())
		}
	}
	if p.Multiple > 0 {
		length = (length + p.Multiple - 1) / p.Multiple * p.Multiple
	}
	for i := range batch {
		p.fill(&batch[i], length)
	}
}

func (p *Padding) fill(e *Encoding, length int) {
	for i := range e.Overflow {
		p.fill(&e.Overflow[i], length)
	}
	missing := length - e.Len()
	if missing <= 0 {
		return
	}
	var pad Encoding
	for range missing {
		pad.append(p.ID, p.Token, p.Type, 0)
	}
	overflow := e.Overflow
	e.Overflow = nil
	if p.Left {
		pad.join(*e)
		*e = pad
	} else {
		e.join(pad)
	}
	e.Overflow = overflow
}
