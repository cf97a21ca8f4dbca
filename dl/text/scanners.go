package text

import (
	"strings"
	"unicode/utf8"
)

// scanner finds where the word ends that begins at byte at of s, at < len(s). Such scanners stand for the regular
// expressions of well-known tokenizers, whose matches follow one another without gaps.
type scanner func(s string, at int) int

// The patterns that have a scanner: GPT-2's; that of GPT-4, Llama 3 and others; Qwen 2's.
const (
	gpt2Pattern   = `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`
	llama3Pattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}` +
		`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
	qwen2Pattern = `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}` +
		`| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`
)

// scanners are the scanners by their patterns.
var scanners = map[string]scanner{
	gpt2Pattern:   scanGPT2,
	llama3Pattern: func(s string, at int) int { return scanGPT4(s, at, 3) },
	qwen2Pattern:  func(s string, at int) int { return scanGPT4(s, at, 1) },
}

func scanGPT2(s string, at int) int {
	c := s[at]
	if c == '\'' {
		if n := contraction(s[at:]); n > 0 {
			return at + n
		}
	}
	i := at
	if c == ' ' {
		if i++; i == len(s) {
			return i
		}
	}
	k, size := kindAt(s, i)
	if k == space {
		return endOfSpace(s, at)
	}
	return endOfKind(s, i+size, k)
}

// contraction is the length of the 's, 't, 're, 've, 'm, 'll or 'd that s begins with, or 0.
func contraction(s string) int {
	if len(s) < 2 {
		return 0
	}
	switch s[1] {
	case 's', 't', 'm', 'd':
		return 2
	case 'r', 'v':
		if len(s) > 2 && s[2] == 'e' {
			return 3
		}
	case 'l':
		if len(s) > 2 && s[2] == 'l' {
			return 3
		}
	}
	return 0
}

func scanGPT4(s string, at, digits int) int {
	k, size := kindAt(s, at)
	c := s[at]
	if c == '\'' {
		if n := contractionAnyCase(s[at:]); n > 0 {
			return at + n
		}
	}
	next := at + size
	switch k {
	case letter:
		return endOfKind(s, next, letter)
	case number:
		for range digits - 1 {
			if next == len(s) {
				break
			}
			k, size := kindAt(s, next)
			if k != number {
				break
			}
			next += size
		}
		return next
	}
	var nextKind uint8 = space
	nextSize := 0
	if next < len(s) {
		nextKind, nextSize = kindAt(s, next)
	}
	switch {
	case nextKind == letter && c != '\r' && c != '\n':
		return endOfKind(s, next+nextSize, letter)
	case k == other:
		return endOfLines(s, endOfKind(s, next, other))
	case c == ' ' && nextKind == other:
		return endOfLines(s, endOfKind(s, next+nextSize, other))
	}
	// White space: up to its last line end if it has one.
	end, line := at, -1
	for end < len(s) {
		k, size := kindAt(s, end)
		if k != space {
			break
		}
		end += size
		if s[end-1] == '\n' || s[end-1] == '\r' {
			line = end
		}
	}
	if line >= 0 {
		return line
	}
	return endOfSpace(s, at)
}

func contractionAnyCase(s string) int {
	if strings.HasPrefix(s[1:], "ſ") { // the long s, whose capital is S
		return 1 + len("ſ")
	}
	if len(s) > 3 {
		s = s[:3]
	}
	var lower [3]byte
	for i := range len(s) {
		lower[i] = s[i]
		if c := s[i]; c >= 'A' && c <= 'Z' {
			lower[i] = c + 'a' - 'A'
		}
	}
	return contraction(string(lower[:len(s)]))
}

func kindAt(s string, at int) (kind uint8, size int) {
	if c := s[at]; c < utf8.RuneSelf {
		return asciiKinds[c], 1
	}
	r, size := utf8.DecodeRuneInString(s[at:])
	return kindOf(r), size
}

func endOfKind(s string, at int, kind uint8) int {
	for at < len(s) {
		k, size := kindAt(s, at)
		if k != kind {
			break
		}
		at += size
	}
	return at
}

func endOfLines(s string, at int) int {
	for at < len(s) && (s[at] == '\n' || s[at] == '\r') {
		at++
	}
	return at
}

// endOfSpace is the end of white space at a byte of s: the last letter of white space before a word is left to the word,
// unless it is the only one.
func endOfSpace(s string, at int) int {
	end, last := at, at
	for end < len(s) {
		k, size := kindAt(s, end)
		if k != space {
			break
		}
		last = end
		end += size
	}
	if end < len(s) && last > at {
		return last
	}
	return end
}
