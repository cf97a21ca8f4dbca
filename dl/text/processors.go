package text

// PostProcessor adds special tokens to what the model made. The types of this package that are one:
// [TemplateProcessing], [BertProcessing], [RobertaProcessing], [ByteLevel] and [PostProcessors].
type PostProcessor interface {
	// process takes the encodings of one text or two, and the texts.
	process(parts []Encoding, texts []string, special bool) []Encoding
	// adds is the number of special tokens that it adds.
	adds(pair bool) int
}

// PostProcessors are post-processors that follow one another (Sequence in a tokenizer.json).
type PostProcessors []PostProcessor

func (ps PostProcessors) process(parts []Encoding, texts []string, special bool) []Encoding {
	for _, p := range ps {
		parts = p.process(parts, texts, special)
	}
	return parts
}

func (ps PostProcessors) adds(pair bool) int {
	n := 0
	for _, p := range ps {
		n += p.adds(pair)
	}
	return n
}

// SpecialToken is a token and its id.
type SpecialToken struct {
	Token string
	ID    int
}

// surround puts special tokens before and after an encoding and what overflows of it.
func (e *Encoding) surround(before, after []SpecialToken, kind int) {
	for i := range e.Overflow {
		e.Overflow[i].surround(before, after, kind)
	}
	overflow := e.Overflow
	e.Overflow = nil
	var all Encoding
	for _, t := range before {
		all.append(t.ID, t.Token, kind, 1)
	}
	all.join(*e)
	for _, t := range after {
		all.append(t.ID, t.Token, kind, 1)
	}
	all.Overflow = overflow
	*e = all
}

// BertProcessing makes [CLS] A [SEP], and of a pair [CLS] A [SEP] B [SEP] with B and its end of type 1.
type BertProcessing struct{ Sep, Cls SpecialToken }

func (b BertProcessing) adds(pair bool) int {
	if pair {
		return 3
	}
	return 2
}

func (b BertProcessing) process(parts []Encoding, _ []string, special bool) []Encoding {
	if !special {
		return parts
	}
	for i := range parts {
		before := []SpecialToken{b.Cls}
		if i > 0 {
			before = nil
		}
		parts[i].surround(before, []SpecialToken{b.Sep}, i)
	}
	return parts
}

// RobertaProcessing makes <s> A </s>, and of a pair <s> A </s></s> B </s>, all of type 0. It takes white space at the
// ends of tokens out of their offsets, as [ByteLevel] does.
type RobertaProcessing struct {
	Sep, Cls      SpecialToken
	KeepOffsets   bool // trim_offsets is false
	NoPrefixSpace bool // add_prefix_space is false
}

func (r RobertaProcessing) adds(pair bool) int {
	if pair {
		return 4
	}
	return 2
}

func (r RobertaProcessing) process(parts []Encoding, texts []string, special bool) []Encoding {
	for i := range parts {
		if !r.KeepOffsets {
			trimOffsets(&parts[i], texts, !r.NoPrefixSpace)
		}
		parts[i].setTypes(0)
		for j := range parts[i].Overflow {
			parts[i].Overflow[j].setTypes(0)
		}
	}
	if !special {
		return parts
	}
	for i := range parts {
		before := []SpecialToken{r.Cls}
		if i > 0 {
			before = []SpecialToken{r.Sep}
		}
		parts[i].surround(before, []SpecialToken{r.Sep}, 0)
	}
	return parts
}

// TemplateProcessing puts the texts and special tokens together as templates say.
type TemplateProcessing struct {
	Single, Pair []TemplatePart
	// Special is the tokens that each special part of a template stands for.
	Special map[string][]SpecialToken
}

// TemplatePart is a text or a special token of a template.
type TemplatePart struct {
	Special string // the name of the special tokens; empty: a text
	Second  bool   // the second text of a pair
	Type    int    // the type of its tokens
}

func (t TemplateProcessing) adds(pair bool) int {
	template, n := t.Single, 0
	if pair {
		template = t.Pair
	}
	for _, p := range template {
		if p.Special != "" {
			n += len(t.Special[p.Special])
		}
	}
	return n
}

func (t TemplateProcessing) process(parts []Encoding, _ []string, special bool) []Encoding {
	template := t.Single
	if len(parts) == 2 {
		template = t.Pair
	}
	var all []Encoding
	for _, p := range template {
		switch {
		case p.Special == "":
			i := 0
			if p.Second {
				i = 1
			}
			if i >= len(parts) {
				continue
			}
			e := parts[i].slice(0, parts[i].Len())
			e.Overflow = parts[i].Overflow
			e.setTypes(p.Type)
			e.setSequence(i)
			all = append(all, e)
		case special:
			var e Encoding
			for _, s := range t.Special[p.Special] {
				e.append(s.ID, s.Token, p.Type, 1)
			}
			all = append(all, e)
		}
	}
	return all
}
