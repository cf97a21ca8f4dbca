package text

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"modelbook/dl"
)

// Tokenizer makes the numbers of tokens of texts, and texts of the numbers. [Load] reads one, [TrainBPE] makes one, and a
// literal with a [Model] and other parts is one too. Any number of goroutines may use a tokenizer that nobody changes.
//
// A text goes through its parts in this order: added tokens are found, the rest is normalized, split by the
// pre-tokenizer and given to the model part by part; then it is cut, gets its special tokens, and is padded. Bytes of a
// text that are not UTF-8 are read as U+FFFD.
type Tokenizer struct {
	Model         Model
	Normalizer    Normalizer    // nil: none
	PreTokenizer  PreTokenizer  // nil: the model gets the whole text
	PostProcessor PostProcessor // nil: adds nothing
	Decoder       Decoder       // nil: tokens are joined by spaces
	Truncation    *Truncation   // nil: texts are not cut
	Padding       *Padding      // nil: batches are not padded

	// NoSpecialInText reads a special token that stands in a text, say one that a user typed, as any other text.
	NoSpecialInText bool

	added *addedTokens
	plain bool
}

// Plain is the same tokenizer without the special tokens that the post-processor adds.
func (t *Tokenizer) Plain() *Tokenizer {
	plain := *t
	plain.plain = true
	return &plain
}

// Add adds a token and returns its number: that of the vocabulary if it has the token, otherwise the next one. The
// normalizer must be set before, and nobody else may use the tokenizer meanwhile.
func (t *Tokenizer) Add(token AddedToken) int {
	const op = "text.Tokenizer.Add"
	if token.Text == "" {
		dl.PanicValue(op, "the Text of the token is empty; it is what stands in a text")
	}
	if !utf8.ValidString(token.Text) {
		dl.PanicValue(op, "the Text %q is not UTF-8, and stands in no text", token.Text)
	}
	t.check(op)
	id, ok := t.ID(token.Text)
	if !ok {
		id = t.end()
	}
	t.add(token, id)
	return id
}

func (t *Tokenizer) add(token AddedToken, id int) {
	if t.added == nil {
		t.added = &addedTokens{byText: map[string]int{}, byID: map[int]AddedToken{}}
	} else if old := t.added; old.byText != nil { // other copies of the tokenizer keep theirs
		t.added = &addedTokens{byText: map[string]int{}, byID: map[int]AddedToken{}, order: slices.Clone(old.order)}
		for _, id := range old.order {
			t.added.byID[id] = old.byID[id]
			t.added.byText[old.byID[id].Text] = id
		}
	}
	if _, ok := t.added.byID[id]; !ok {
		t.added.order = append(t.added.order, id)
	}
	t.added.byText[token.Text], t.added.byID[id] = id, token
	t.added.build(t.Normalizer)
}

// end is the number after the largest that is in use.
func (t *Tokenizer) end() int {
	v := t.known("text.Tokenizer.Add")
	end := len(v.tokens)
	for id := range v.far {
		end = max(end, int(id)+1)
	}
	if t.added != nil {
		for _, id := range t.added.order {
			end = max(end, id+1)
		}
	}
	return end
}

// Size is the number of tokens with the added ones: one more than the largest number where there are no gaps.
func (t *Tokenizer) Size() int {
	v := t.known("text.Tokenizer.Size")
	n := len(v.ids)
	if t.added != nil {
		for text := range t.added.byText {
			if _, ok := v.ids[text]; !ok {
				n++
			}
		}
	}
	return n
}

// ID is the number of a token.
func (t *Tokenizer) ID(token string) (id int, ok bool) {
	if t.added != nil {
		if id, ok := t.added.byText[token]; ok {
			return id, true
		}
	}
	number, ok := t.known("text.Tokenizer.ID").ids[token]
	return int(number), ok
}

// Token is the token of a number, as the vocabulary writes it: ByteLevel's letters are not bytes yet (see Decode).
func (t *Tokenizer) Token(id int) (token string, ok bool) {
	if t.added != nil {
		if a, ok := t.added.byID[id]; ok {
			return a.Text, true
		}
	}
	return t.known("text.Tokenizer.Token").token(id)
}

// Special says whether a number is that of a special token.
func (t *Tokenizer) Special(id int) bool { return t.added != nil && t.added.byID[id].Special }

// Added are the added tokens by number.
func (t *Tokenizer) Added() map[int]AddedToken {
	all := map[int]AddedToken{}
	if t.added != nil {
		for _, id := range t.added.order {
			all[id] = t.added.byID[id]
		}
	}
	return all
}

// Encode makes tokens of a text.
func (t *Tokenizer) Encode(text string) Encoding {
	t.check("text.Tokenizer.Encode")
	return t.finish([]string{text})
}

// EncodePair makes tokens of two texts that a model reads together, such as a question and a passage.
func (t *Tokenizer) EncodePair(first, second string) Encoding {
	t.check("text.Tokenizer.EncodePair")
	return t.finish([]string{first, second})
}

// EncodeBatch makes tokens of many texts, on all processors.
func (t *Tokenizer) EncodeBatch(texts []string) []Encoding {
	t.check("text.Tokenizer.EncodeBatch")
	return t.batch(len(texts), func(i int) Encoding { return t.assemble(texts[i : i+1]) })
}

// EncodePairs makes tokens of many pairs of texts, on all processors.
func (t *Tokenizer) EncodePairs(pairs [][2]string) []Encoding {
	t.check("text.Tokenizer.EncodePairs")
	return t.batch(len(pairs), func(i int) Encoding { return t.assemble(pairs[i][:]) })
}

func (t *Tokenizer) batch(n int, encode func(int) Encoding) []Encoding {
	out := make([]Encoding, n)
	parallel(n, func(i int) { out[i] = encode(i) })
	if t.Padding != nil {
		t.Padding.apply(out)
	}
	return out
}

// parallel calls a function for 0 to n-1 on all processors.
func parallel(n int, do func(int)) {
	workers := min(n, runtime.GOMAXPROCS(0))
	var group sync.WaitGroup
	var mu sync.Mutex
	next := 0
	for range workers {
		group.Go(func() {
			for {
				mu.Lock()
				i := next
				next++
				mu.Unlock()
				if i >= n {
					return
				}
				do(i)
			}
		})
	}
	group.Wait()
}

func (t *Tokenizer) finish(texts []string) Encoding {
	e := t.assemble(texts)
	if t.Padding != nil {
		one := []Encoding{e}
		t.Padding.apply(one)
		e = one[0]
	}
	return e
}

// assemble encodes one text or two, cuts them, adds special tokens and joins them.
func (t *Tokenizer) assemble(texts []string) Encoding {
	parts := make([]Encoding, len(texts))
	for i := range texts {
		parts[i] = t.encode(texts[i])
		parts[i].setTypes(i)
		parts[i].setSequence(i)
	}
	if t.Truncation != nil {
		most := t.Truncation.Max
		if t.PostProcessor != nil && !t.plain {
			most -= t.PostProcessor.adds(len(texts) == 2)
		}
		t.Truncation.apply(parts, most)
	}
	if t.PostProcessor != nil {
		parts = t.PostProcessor.process(parts, texts, !t.plain)
	}
	if len(parts) == 0 {
		return Encoding{}
	}
	e := parts[0]
	for _, p := range parts[1:] {
		e.join(p)
	}
	return e
}

// sections finds the added tokens of a text and normalizes the rest, with noPlaces without keeping where it comes from.
func (t *Tokenizer) sections(text string, noPlaces bool) []section {
	p := piece{text: text, noPlaces: noPlaces}
	if !utf8.ValidString(text) {
		p = fromBroken(text)
		if p.noPlaces = noPlaces; noPlaces {
			p.from = nil
		}
	}
	if t.added == nil {
		if t.Normalizer != nil {
			t.Normalizer.normalize(&p)
		}
		p.rebase()
		return []section{{p, -1}}
	}
	all := t.added.find(p, t.added.raw, t.NoSpecialInText, nil)
	if t.Normalizer == nil && t.added.normal == nil {
		return all
	}
	var out []section
	for _, s := range all {
		if s.id >= 0 {
			out = append(out, s)
			continue
		}
		if t.Normalizer != nil {
			t.Normalizer.normalize(&s.piece)
		}
		s.rebase()
		out = t.added.find(s.piece, t.added.normal, t.NoSpecialInText, out)
	}
	return out
}

// fromBroken is a text with U+FFFD in the place of each byte that is not UTF-8.
func fromBroken(text string) piece {
	var p piece
	var b strings.Builder
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		before := b.Len()
		b.WriteRune(r)
		for range b.Len() - before {
			p.from = append(p.from, span{i, i + size})
		}
		i += size
	}
	p.text = b.String()
	return p
}

// byteLevel is the pre-tokenizers before the last one, and the last one, if that is ByteLevel and the model can take
// bytes as they are.
func (t *Tokenizer) byteLevel() (before PreTokenizers, last ByteLevel, model *BPE) {
	m, ok := t.Model.(*BPE)
	if !ok || !m.all {
		return nil, last, nil
	}
	switch p := t.PreTokenizer.(type) {
	case ByteLevel:
		return nil, p, m
	case PreTokenizers:
		if len(p) > 0 {
			if last, ok := p[len(p)-1].(ByteLevel); ok {
				return p[:len(p)-1], last, m
			}
		}
	}
	return nil, last, nil
}

// words splits a section and calls a function with each part and its tokens, which must not be kept.
func (t *Tokenizer) words(p piece, do func(piece, []token)) {
	pieces := []piece{p}
	before, last, bytes := t.byteLevel()
	if bytes != nil {
		cache := bytes.byteCache()
		for _, w := range last.words(before.split(pieces)) {
			do(w, cache.tokens(w.text, bytes.encodeBytes))
		}
		return
	}
	if t.PreTokenizer != nil {
		pieces = t.PreTokenizer.split(pieces)
	}
	var tokens []token
	for _, w := range pieces {
		if w.text != "" {
			tokens = t.Model.encode(w.text, tokens[:0])
			do(w, tokens)
		}
	}
}

func (t *Tokenizer) encode(text string) Encoding {
	sections := t.sections(text, false)
	guess := len(text)/4 + 4
	e := Encoding{IDs: make([]int, 0, guess), Tokens: make([]string, 0, guess), Offsets: make([][2]int, 0, guess),
		Words: make([]int, 0, guess)}
	word := 0
	for _, s := range sections {
		if s.text == "" {
			continue
		}
		if s.id >= 0 {
			start, end := s.original(0, len(s.text))
			e.IDs, e.Tokens = append(e.IDs, s.id), append(e.Tokens, s.text)
			e.Offsets, e.Words = append(e.Offsets, [2]int{start, end}), append(e.Words, word)
			word++
			continue
		}
		t.words(s.piece, func(p piece, tokens []token) {
			for _, k := range tokens {
				start, end := p.original(int(k.start), int(k.end))
				name := t.name(p, k)
				e.IDs, e.Tokens = append(e.IDs, int(k.id)), append(e.Tokens, name)
				e.Offsets, e.Words = append(e.Offsets, [2]int{start, end}), append(e.Words, word)
			}
			word++
		})
	}
	n := len(e.IDs)
	e.Types, e.Mask, e.Sequences, e.Special = make([]int, n), make([]int, n), make([]int, n), make([]bool, n)
	for i := range e.Mask {
		e.Mask[i] = 1
	}
	return e
}

// name is what a token is called: the vocabulary's word for it, but the text itself where a Unigram does not know it.
func (t *Tokenizer) name(p piece, k token) string {
	if m, ok := t.Model.(*Unigram); ok && k.id == m.unknown {
		return p.text[k.start:k.end]
	}
	name, _ := t.Model.vocabulary().token(int(k.id))
	return name
}

// Decode makes text of the numbers of tokens and leaves out special ones. Numbers that no token has are left out too.
func (t *Tokenizer) Decode(ids []int) string {
	t.checkDecoder("text.Tokenizer.Decode")
	return t.decode(ids, true)
}

// DecodeAll makes text of the numbers of tokens, special ones too.
func (t *Tokenizer) DecodeAll(ids []int) string {
	t.checkDecoder("text.Tokenizer.DecodeAll")
	return t.decode(ids, false)
}

func (t *Tokenizer) decode(ids []int, skipSpecial bool) string {
	tokens := make([]string, 0, len(ids))
	for _, id := range ids {
		if token, ok := t.Token(id); ok && !(skipSpecial && t.Special(id)) {
			tokens = append(tokens, token)
		}
	}
	if len(tokens) == 0 {
		return ""
	}
	if t.Decoder == nil {
		return strings.Join(tokens, " ")
	}
	return strings.Join(t.Decoder.decode(tokens), "")
}

// String says what the tokenizer is made of.
func (t *Tokenizer) String() string {
	if t.Model == nil || t.Model.vocabulary() == nil {
		return "a tokenizer without a model"
	}
	model := strings.TrimPrefix(fmt.Sprintf("%T", t.Model), "*text.")
	return fmt.Sprintf("%s with %d tokens", model, t.Size())
}
