package text

import (
	"strings"
)

// Prepending says where [Metaspace] puts its sign before a text that does not begin with one.
type Prepending int

// Before each part that stands between added tokens, only before one that begins the text, or nowhere.
const (
	PrependAlways Prepending = iota
	PrependFirst
	PrependNever
)

var prependings = [...]string{"always", "first", "never"}

// Metaspace writes spaces as a sign and splits before it, as SentencePiece does. As a [Decoder] it turns the signs into
// spaces again, and leaves out that at the beginning.
type Metaspace struct {
	Sign    rune // 0: ▁
	Prepend Prepending
	Whole   bool // does not split
}

func (m Metaspace) sign() rune {
	if m.Sign == 0 {
		return '▁'
	}
	return m.Sign
}

func (m Metaspace) split(in []piece) []piece {
	out := make([]piece, 0, len(in)*4)
	sign := m.sign()
	for _, p := range in {
		p.replace(Literal(" ").find(p.text), string(sign))
		if !strings.HasPrefix(p.text, string(sign)) && (m.Prepend == PrependAlways || m.Prepend == PrependFirst && p.base == 0) {
			p.prepend(string(sign))
		}
		if m.Whole {
			if p.text != "" {
				out = append(out, p)
			}
			continue
		}
		out = p.split(out, letterPattern(func(r rune) bool { return r == sign }).find(p.text), MergedWithNext)
	}
	return out
}

func (m Metaspace) decode(tokens []string) []string {
	sign := string(m.sign())
	for i, t := range tokens {
		to := " "
		if i == 0 && m.Prepend != PrependNever {
			to = ""
		}
		tokens[i] = strings.ReplaceAll(t, sign, to)
	}
	return tokens
}
