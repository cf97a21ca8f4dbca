package text

import "modelbook/dl"

// known is the words of the model's vocabulary, for a tokenizer that has a model: a literal may lack one.
func (t *Tokenizer) known(op string) *vocabulary {
	if t.Model == nil {
		dl.PanicValue(op, "the tokenizer has no Model: Load reads a whole tokenizer, TrainBPE makes one")
	}
	v := t.Model.vocabulary()
	if v == nil {
		dl.PanicValue(op, "the Model is a zero %T: NewBPE, NewWordPiece, NewUnigram and NewWordLevel make one of a vocabulary", t.Model)
	}
	return v
}

// check refuses a tokenizer of whose parts one is missing or means nothing, before goroutines work with it.
func (t *Tokenizer) check(op string) {
	t.known(op)
	if t.Normalizer != nil {
		checkPart(op, t.Normalizer)
	}
	if t.PreTokenizer != nil {
		checkPart(op, t.PreTokenizer)
	}
	if t.PostProcessor != nil {
		checkPart(op, t.PostProcessor)
	}
	if c := t.Truncation; c != nil && (c.Max < 0 || c.Stride < 0 || c.Which < LongestFirst || c.Which > OnlySecond) {
		dl.PanicValue(op, "Truncation is %+v: Max and Stride are not negative, and Which is LongestFirst, OnlyFirst or OnlySecond", *c)
	}
	if p := t.Padding; p != nil && (p.Length < 0 || p.Multiple < 0 || p.Length > maxPadded || p.Multiple > maxPadded) {
		dl.PanicValue(op, "Padding has the Length %d and the Multiple %d: both are from 0 to %d", p.Length, p.Multiple, maxPadded)
	}
}

// maxPadded is the number of tokens above which a text is not padded: something else is meant.
const maxPadded = 1 << 24

// checkDecoder is check for what makes text of tokens.
func (t *Tokenizer) checkDecoder(op string) {
	t.known(op)
	if t.Decoder != nil {
		checkPart(op, t.Decoder)
	}
}

// checkPart refuses a part of a tokenizer, or a part of a part, that is nil or means nothing.
func checkPart(op string, part any) {
	switch p := part.(type) {
	case nil:
		dl.PanicValue(op, "a part of the tokenizer is nil: of a list of parts, or the Pattern of a Split or Replace")
	case Normalizers:
		for _, part := range p {
			checkPart(op, part)
		}
	case PreTokenizers:
		for _, part := range p {
			checkPart(op, part)
		}
	case PostProcessors:
		for _, part := range p {
			checkPart(op, part)
		}
	case Decoders:
		for _, part := range p {
			checkPart(op, part)
		}
	case Replace:
		checkPart(op, p.Pattern)
	case Split:
		checkPart(op, p.Pattern)
		p.Behavior.check(op)
	case Punctuation:
		p.Behavior.check(op)
	case Metaspace:
		if p.Prepend < PrependAlways || p.Prepend > PrependNever {
			dl.PanicValue(op, "Metaspace.Prepend is %d: there are PrependAlways, PrependFirst and PrependNever", p.Prepend)
		}
	case *Regex:
		if p == nil || p.code == nil {
			dl.PanicValue(op, "a Regex is made by CompileRegex; this one is empty")
		}
	case *Precompiled:
		if p == nil {
			dl.PanicValue(op, "a *Precompiled is nil: NewPrecompiled makes one")
		}
	case FixedLength:
		if p.Length < 0 {
			dl.PanicValue(op, "FixedLength.Length is %d: it is a number of letters", p.Length)
		}
	}
}

func (b Behavior) check(op string) {
	if b < Isolated || b > Contiguous {
		dl.PanicValue(op, "there is no Behavior %d: there are Isolated, Removed, MergedWithPrevious, MergedWithNext and Contiguous", int(b))
	}
}
