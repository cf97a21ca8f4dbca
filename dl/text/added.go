package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// AddedToken is a token that is looked for in a text before it is split, such as <|endoftext|> or [MASK].
type AddedToken struct {
	Text       string
	Special    bool // [Tokenizer.Decode] leaves it out
	SingleWord bool // only where it is not a part of a word
	StripLeft  bool // takes the white space before it
	StripRight bool // takes the white space after it
	Normalized bool // is looked for in the normalized text, itself normalized
}

// addedTokens are the added tokens of a tokenizer.
type addedTokens struct {
	byText map[string]int
	byID   map[int]AddedToken
	order  []int // the ids in the order in which they came
	raw    *trie // of those that are looked for in the text as it is; nil: none
	normal *trie // of those that are looked for in the normalized text
}

func (a *addedTokens) build(n Normalizer) {
	a.raw, a.normal = nil, nil
	for _, id := range a.order {
		t := a.byID[id]
		if !t.Normalized {
			if a.raw == nil {
				a.raw = newTrie(16)
			}
			a.raw.insert(t.Text, int32(id))
			continue
		}
		if a.normal == nil {
			a.normal = newTrie(16)
		}
		p := piece{text: t.Text}
		if n != nil {
			n.normalize(&p)
		}
		a.normal.insert(p.text, int32(id))
	}
}

// section is a part of a text: an added token, or what lies between them, where id is -1.
type section struct {
	piece
	id int
}

// find splits a text at the added tokens of a trie.
func (a *addedTokens) find(p piece, in *trie, noSpecial bool, to []section) []section {
	if in == nil {
		return append(to, section{p, -1})
	}
	s, last := p.text, 0
	for at := 0; at < len(s); {
		if in.first[s[at]] == 0 {
			at++
			continue
		}
		id, end := in.longest(s, at)
		if id < 0 {
			at++
			continue
		}
		start, t := at, a.byID[int(id)]
		at = end
		if noSpecial && t.Special || t.SingleWord && !standsAlone(s, start, end) {
			continue
		}
		if t.StripLeft {
			start = max(last, len(strings.TrimRightFunc(s[:start], unicode.IsSpace)))
		}
		if t.StripRight {
			end = len(s) - len(strings.TrimLeftFunc(s[end:], unicode.IsSpace))
		}
		if last < start {
			to = append(to, section{p.slice(last, start), -1})
		}
		if start < end {
			to = append(to, section{p.slice(start, end), int(id)})
		}
		last = end
		at = max(at, end)
	}
	if last < len(s) {
		to = append(to, section{p.slice(last, len(s)), -1})
	}
	return to
}

func standsAlone(s string, start, end int) bool {
	before, n := utf8.DecodeLastRuneInString(s[:start])
	after, m := utf8.DecodeRuneInString(s[end:])
	return (n == 0 || !isWord(before)) && (m == 0 || !isWord(after))
}
