package text

import (
	"sync"
	"unicode"
)

// The kinds of letters that the patterns of byte-level tokenizers tell apart.
const (
	other = iota
	letter
	number
	space
)

// kindOf is the kind of a letter: a letter (\p{L}), a number (\p{N}), white space (\s) or none of them.
func kindOf(r rune) uint8 {
	if r < 0x80 {
		return asciiKinds[r]
	}
	if r < 0x10000 {
		return kinds()[r]
	}
	return findKind(r)
}

func findKind(r rune) uint8 {
	switch {
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r):
		return space
	}
	return other
}

var asciiKinds = func() (kinds [0x80]uint8) {
	for r := range kinds {
		kinds[r] = findKind(rune(r))
	}
	return kinds
}()

// kinds is the kinds of the letters of 16 bits, made when a text first has one outside ASCII.
var kinds = sync.OnceValue(func() *[0x10000]uint8 {
	table := new([0x10000]uint8)
	for r := range table {
		table[r] = findKind(rune(r))
	}
	return table
})

// isWord says whether a letter belongs to a word, as for the pre-tokenizer Whitespace and for added tokens: letters,
// marks, decimal digits, connectors and joiners.
func isWord(r rune) bool {
	if r < 0x80 {
		return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r == '_'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Other_Alphabetic, unicode.Pc,
		unicode.Join_Control)
}

// isRegexWord says whether \w matches a letter in a [Regex]: there ², ³, ¹, ¼, ½ and ¾ do, and joiners do not.
func isRegexWord(r rune) bool {
	switch r {
	case '²', '³', '¹', '¼', '½', '¾':
		return true
	case 0x200C, 0x200D:
		return false
	}
	return isWord(r)
}

// isPunctuation says whether a letter is punctuation: of ASCII all signs, of the others those of category P.
func isPunctuation(r rune) bool {
	if r < 0x80 {
		return r >= '!' && r <= '/' || r >= ':' && r <= '@' || r >= '[' && r <= '`' || r >= '{' && r <= '~'
	}
	return unicode.IsPunct(r)
}
