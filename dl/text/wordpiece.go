package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// WordPiece is BERT's model: of a word the longest beginning that is in the vocabulary is a token, then the longest of
// the rest with a prefix, and so on. A word that cannot be written so is one unknown token.
type WordPiece struct {
	vocab   *vocabulary
	options WordPieceOptions
	unknown int32
	inner   map[string]int32 // the tokens that continue a word, without their prefix
	longest int              // the length of the longest token in bytes
	cache   *wordCache
}

// WordPieceOptions is what a [WordPiece] is told besides its vocabulary.
type WordPieceOptions struct {
	Unknown    string // empty: [UNK]
	Prefix     string // of tokens that continue a word; empty: ##
	MaxLetters int    // words with more letters are unknown; 0: 100
}

// NewWordPiece makes a model of a vocabulary.
func NewWordPiece(vocabulary map[string]int, o WordPieceOptions) (*WordPiece, error) {
	if o.Unknown == "" {
		o.Unknown = "[UNK]"
	}
	if o.Prefix == "" {
		o.Prefix = "##"
	}
	if o.MaxLetters == 0 {
		o.MaxLetters = 100
	}
	if o.MaxLetters < 0 {
		return nil, fmt.Errorf("MaxLetters is %d; it is a number of letters, and 100 where it is 0", o.MaxLetters)
	}
	v, err := newVocabulary(vocabulary)
	if err != nil {
		return nil, err
	}
	m := &WordPiece{vocab: v, options: o, inner: map[string]int32{}, cache: newWordCache()}
	unknown, ok := v.ids[o.Unknown]
	if !ok {
		return nil, fmt.Errorf("the unknown token %s is not in the vocabulary", short(o.Unknown))
	}
	m.unknown = unknown
	for t, id := range v.ids {
		m.longest = max(m.longest, len(t))
		if rest, ok := strings.CutPrefix(t, o.Prefix); ok {
			m.inner[rest] = id
		}
	}
	return m, nil
}

func (m *WordPiece) vocabulary() *vocabulary { return m.vocab }

func (m *WordPiece) encode(word string, to []token) []token {
	return append(to, m.cache.tokens(word, m.encodeWord)...)
}

func (m *WordPiece) encodeWord(word string, to []token) []token {
	first := len(to)
	unknown := func() []token { return append(to[:first], token{m.unknown, 0, int32(len(word))}) }
	if len(word) > m.options.MaxLetters && utf8.RuneCountInString(word) > m.options.MaxLetters {
		return unknown()
	}
	for start := 0; start < len(word); {
		from := m.vocab.ids
		if start > 0 {
			from = m.inner
		}
		end := len(word)
		if end-start > m.longest {
			end = start + m.longest
			for !utf8.RuneStart(word[end]) {
				end--
			}
		}
		id, ok := int32(0), false
		for end > start {
			if id, ok = from[word[start:end]]; ok {
				break
			}
			_, size := utf8.DecodeLastRuneInString(word[start:end])
			end -= size
		}
		if !ok {
			return unknown()
		}
		to = append(to, token{id, int32(start), int32(end)})
		start = end
	}
	return to
}

// WordLevel is a model whose tokens are whole words.
type WordLevel struct {
	vocab   *vocabulary
	name    string
	unknown int32
}

// NewWordLevel makes a model of a vocabulary that has the unknown token.
func NewWordLevel(vocabulary map[string]int, unknown string) (*WordLevel, error) {
	v, err := newVocabulary(vocabulary)
	if err != nil {
		return nil, err
	}
	id, ok := v.ids[unknown]
	if !ok {
		return nil, fmt.Errorf("the unknown token %s is not in the vocabulary", short(unknown))
	}
	return &WordLevel{vocab: v, name: unknown, unknown: id}, nil
}

func (m *WordLevel) vocabulary() *vocabulary { return m.vocab }

func (m *WordLevel) encode(word string, to []token) []token {
	id, ok := m.vocab.ids[word]
	if !ok {
		id = m.unknown
	}
	return append(to, token{id, 0, int32(len(word))})
}
