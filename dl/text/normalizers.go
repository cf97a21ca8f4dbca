package text

import (
	"strings"
	"unicode"
)

// Normalizer changes a text before it is split. The types of this package that are one: [NFC], [NFD], [NFKC], [NFKD],
// [Lowercase], [StripAccents], [Strip], [Replace], [Prepend], [Nmt], [BertNormalizer], [ByteLevelNormalizer],
// [Precompiled] and [Normalizers], which does several one after the other.
type Normalizer interface{ normalize(*piece) }

// Normalizers are normalizers that follow one another (Sequence in a tokenizer.json).
type Normalizers []Normalizer

func (ns Normalizers) normalize(p *piece) {
	for _, n := range ns {
		n.normalize(p)
	}
}

// Lowercase makes small letters.
type Lowercase struct{}

func (Lowercase) normalize(p *piece) {
	if !strings.ContainsRune(p.text, 'İ') {
		p.mapLetters(unicode.ToLower)
		return
	}
	changes := make([]change, 0, len(p.text))
	for _, r := range p.text {
		if r == 'İ' { // the one letter whose small form is two
			changes = append(changes, change{'i', 0}, change{'\u0307', 1})
		} else {
			changes = append(changes, change{unicode.ToLower(r), 0})
		}
	}
	p.apply(changes, 0)
}

// StripAccents leaves out all combining marks: é becomes e when [NFD] came before.
type StripAccents struct{}

func (StripAccents) normalize(p *piece) { p.filter(func(r rune) bool { return !isMark(r) }) }

// Strip leaves out white space at the beginning and at the end, unless told to keep it there.
type Strip struct{ KeepLeft, KeepRight bool }

func (s Strip) normalize(p *piece) {
	text := p.text
	if !s.KeepLeft {
		text = strings.TrimLeftFunc(text, unicode.IsSpace)
	}
	start := len(p.text) - len(text)
	if !s.KeepRight {
		text = strings.TrimRightFunc(text, unicode.IsSpace)
	}
	if len(text) == len(p.text) {
		return
	}
	if !p.noPlaces {
		p.from = p.spans()[start : start+len(text)]
	}
	p.text = text
}

// Replace puts Content in the place of each occurrence of Text or of the regular expression Regex. It is a [Decoder]
// too, which does the same to each token.
type Replace struct {
	Pattern Pattern
	Content string
}

func (r Replace) normalize(p *piece) { p.replace(r.Pattern.find(p.text), r.Content) }

// Prepend puts Text before a text that is not empty.
type Prepend struct{ Text string }

func (r Prepend) normalize(p *piece) { p.prepend(r.Text) }

// Nmt leaves out control characters and makes spaces of other white space, as Google's machine translation did.
type Nmt struct{}

func (Nmt) normalize(p *piece) {
	p.filter(func(r rune) bool {
		return !(r >= 0x01 && r <= 0x08 || r == 0x0B || r >= 0x0E && r <= 0x1F || r == 0x7F || r == 0x8F || r == 0x9F)
	})
	p.mapLetters(func(r rune) rune {
		switch {
		case r == '\t', r == '\n', r == '\f', r == '\r', r == 0x1680, r >= 0x200B && r <= 0x200F, r == 0x2028, r == 0x2029,
			r == 0x2581, r == 0xFEFF, r == 0xFFFD:
			return ' '
		}
		return r
	})
}

// ByteLevelNormalizer makes a letter of each byte, as the pre-tokenizer [ByteLevel] does, before the text is split.
type ByteLevelNormalizer struct{}

func (ByteLevelNormalizer) normalize(p *piece) { p.toByteLetters() }
