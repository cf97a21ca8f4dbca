package complete

import (
	"go/scanner"
	"go/token"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Front ends count code points; Go and its tools count bytes.

// byteOffset is the offset of code point n of a text, at most its length.
func byteOffset(text string, n int) int {
	for i := range text {
		if n <= 0 {
			return i
		}
		n--
	}
	return len(text)
}

// codePoints is the number of code points before a byte offset.
func codePoints(text string, offset int) int {
	return utf8.RuneCountInString(text[:offset])
}

// identifier returns where the identifier that touches an offset starts and
// ends; both are the offset when there is none.
func identifier(text string, at int) (start, end int) {
	start, end = at, at
	for start > 0 {
		r, n := utf8.DecodeLastRuneInString(text[:start])
		if !isLetter(r) && !unicode.IsDigit(r) {
			break
		}
		start -= n
	}
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if !isLetter(r) && !unicode.IsDigit(r) {
			break
		}
		end += n
	}
	if start < end {
		if r, _ := utf8.DecodeRuneInString(text[start:]); !isLetter(r) { // a number
			return at, at
		}
	}
	return start, end
}

func isLetter(r rune) bool { return r == '_' || unicode.IsLetter(r) }

// lineStart is the offset at which the line of an offset starts.
func lineStart(text string, at int) int { return strings.LastIndexByte(text[:at], '\n') + 1 }

// lexeme is one token of Go text.
type lexeme struct {
	tok      token.Token
	lit      string
	from, to int
}

// lex returns the tokens of a text, comments included, whatever its errors.
func lex(text string) []lexeme {
	var all []lexeme
	var s scanner.Scanner
	file := token.NewFileSet().AddFile("", -1, len(text))
	s.Init(file, []byte(text), func(token.Position, string) {}, scanner.ScanComments)
	for {
		pos, tok, lit := s.Scan()
		if tok == token.EOF {
			return all
		}
		l := lexeme{tok: tok, lit: lit, from: file.Offset(pos)}
		switch {
		case tok == token.SEMICOLON && lit == "\n":
			l.to = l.from // also before a comment and at the end of the text
		case lit != "":
			l.to = min(l.from+len(lit), len(text)) // carriage returns are not in lit
		default:
			l.to = l.from + len(tok.String())
		}
		all = append(all, l)
	}
}

// around returns the string, rune or comment that an offset lies in, if any.
func around(toks []lexeme, text string, at int) (lexeme, bool) {
	for _, l := range toks {
		if l.from >= at {
			break
		}
		switch l.tok {
		case token.COMMENT:
			if at < l.to || at == l.to && (strings.HasPrefix(l.lit, "//") || !closes(l.lit, "*/")) {
				return l, true
			}
		case token.STRING, token.CHAR:
			if at < l.to || at == l.to && !closes(l.lit, l.lit[:1]) {
				return l, true
			}
		}
	}
	return lexeme{}, false
}

// closes reports whether a literal or comment is closed by its mark.
func closes(lit, mark string) bool {
	return len(lit) > len(mark) && strings.HasSuffix(lit, mark) && lit != "/*/" &&
		(mark != `"` && mark != "'" || !escapedEnd(lit))
}

// escapedEnd reports whether the last quote of a literal is escaped.
func escapedEnd(lit string) bool {
	n := 0
	for i := len(lit) - 2; i > 0 && lit[i] == '\\'; i-- {
		n++
	}
	return n%2 == 1
}
