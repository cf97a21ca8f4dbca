package text

import (
	"unicode"
	"unicode/utf8"
)

// PreTokenizer splits a text into the parts that the model takes one by one. The types of this package that are one:
// [ByteLevel], [BertPreTokenizer], [Metaspace], [Whitespace], [WhitespaceSplit], [Punctuation], [Digits], [Split],
// [CharDelimiterSplit], [FixedLength] and [PreTokenizers], which does several one after the other.
type PreTokenizer interface{ split([]piece) []piece }

// PreTokenizers are pre-tokenizers that follow one another (Sequence in a tokenizer.json).
type PreTokenizers []PreTokenizer

func (ps PreTokenizers) split(in []piece) []piece {
	for _, p := range ps {
		in = p.split(in)
	}
	return in
}

// splitEach splits each piece at what a pattern matches.
func splitEach(in []piece, at Pattern, b Behavior) []piece {
	out := make([]piece, 0, len(in)*4)
	for _, p := range in {
		out = p.split(out, at.find(p.text), b)
	}
	return out
}

// Split splits at what a pattern matches, or with Invert at what lies between.
type Split struct {
	Pattern  Pattern
	Behavior Behavior
	Invert   bool
}

func (s Split) split(in []piece) []piece {
	if !s.Invert {
		return splitEach(in, s.Pattern, s.Behavior)
	}
	return splitEach(in, inverted{s.Pattern}, s.Behavior)
}

type inverted struct{ Pattern }

func (i inverted) find(s string) []match {
	ms := i.Pattern.find(s)
	for j := range ms {
		ms[j].is = !ms[j].is
	}
	return ms
}

// BertPreTokenizer splits at white space and around punctuation.
type BertPreTokenizer struct{}

func (BertPreTokenizer) split(in []piece) []piece {
	out := make([]piece, 0, len(in)*4)
	for _, p := range in {
		start := 0
		for i, r := range p.text {
			punctuation := isPunctuation(r)
			if !punctuation && !unicode.IsSpace(r) {
				continue
			}
			size := utf8.RuneLen(r)
			if start < i {
				out = append(out, p.slice(start, i))
			}
			start = i + size
			if punctuation {
				out = append(out, p.slice(i, start))
			}
		}
		if start < len(p.text) {
			out = append(out, p.slice(start, len(p.text)))
		}
	}
	return out
}

// Whitespace splits into words (\w+) and runs of what is neither that nor white space.
type Whitespace struct{}

func (Whitespace) split(in []piece) []piece {
	kind := func(r rune) int {
		switch {
		case isWord(r):
			return letter
		case unicode.IsSpace(r):
			return space
		}
		return other
	}
	out := make([]piece, 0, len(in)*4)
	for _, p := range in {
		start, before := 0, space
		for i, r := range p.text {
			k := kind(r)
			if k != before {
				if before != space {
					out = append(out, p.slice(start, i))
				}
				start, before = i, k
			}
		}
		if before != space {
			out = append(out, p.slice(start, len(p.text)))
		}
	}
	return out
}

// WhitespaceSplit splits at white space.
type WhitespaceSplit struct{}

func (WhitespaceSplit) split(in []piece) []piece {
	return splitEach(in, letterPattern(unicode.IsSpace), Removed)
}

// Punctuation splits around punctuation.
type Punctuation struct{ Behavior Behavior }

func (s Punctuation) split(in []piece) []piece {
	return splitEach(in, letterPattern(isPunctuation), s.Behavior)
}

// Digits splits numbers from the rest, each digit for itself if Individual is set.
type Digits struct{ Individual bool }

func (d Digits) split(in []piece) []piece {
	if d.Individual {
		return splitEach(in, letterPattern(unicode.IsNumber), Isolated)
	}
	return splitEach(in, letterPattern(unicode.IsNumber), Contiguous)
}

// CharDelimiterSplit splits at a letter, which is left out.
type CharDelimiterSplit struct{ Delimiter rune }

func (s CharDelimiterSplit) split(in []piece) []piece {
	return splitEach(in, letterPattern(func(r rune) bool { return r == s.Delimiter }), Removed)
}

// FixedLength splits into parts of Length letters.
type FixedLength struct{ Length int }

func (f FixedLength) split(in []piece) []piece {
	length := max(1, f.Length)
	out := make([]piece, 0, len(in))
	for _, p := range in {
		start, letters := 0, 0
		for i := range p.text {
			if letters == length {
				out = append(out, p.slice(start, i))
				start, letters = i, 0
			}
			letters++
		}
		if start < len(p.text) {
			out = append(out, p.slice(start, len(p.text)))
		}
	}
	return out
}
