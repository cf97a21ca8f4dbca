package text

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Pattern is what [Split] splits at and [Replace] replaces: a [Literal] or a [Regex].
type Pattern interface{ find(s string) []match }

// match is a part of a text that a pattern matches, or that lies between such parts.
type match struct {
	start, end int
	is         bool
}

// Literal is a text that is looked for as it is.
type Literal string

func (l Literal) find(s string) []match {
	var ms []match
	at := 0
	for l != "" {
		i := strings.Index(s[at:], string(l))
		if i < 0 {
			break
		}
		if i > 0 {
			ms = append(ms, match{at, at + i, false})
		}
		ms = append(ms, match{at + i, at + i + len(l), true})
		at += i + len(l)
	}
	if at < len(s) {
		ms = append(ms, match{at, len(s), false})
	}
	return ms
}

// Regex is a regular expression of the kind that tokenizers use: Unicode classes, greedy, lazy and possessive
// repetitions, (?i:...), lookahead. Unlike Go's regexp it knows lookahead, and \s, \w and \d mean all of Unicode.
type Regex struct {
	source string
	scan   scanner // of a well-known pattern
	code   []instruction
}

// CompileRegex reads a regular expression. What it does not know is an error that names it.
func CompileRegex(pattern string) (*Regex, error) {
	re := &Regex{source: pattern, scan: scanners[pattern]}
	code, err := compile(pattern)
	if err != nil {
		return nil, fmt.Errorf("the regular expression %s: %w", short(pattern), err)
	}
	re.code = code
	return re, nil
}

// String is the expression as it was written.
func (re *Regex) String() string { return re.source }

func (re *Regex) find(s string) []match {
	ms := make([]match, 0, 1+len(s)/4)
	if re.scan != nil {
		for at := 0; at < len(s); {
			end := re.scan(s, at)
			ms = append(ms, match{at, end, true})
			at = end
		}
		return ms
	}
	m := matcher{code: re.code, text: s}
	last := 0 // the end of the last match
	for at := 0; at <= len(s); {
		end, ok := m.match(at)
		if !ok || end == at && at == last && at > 0 {
			if at == len(s) {
				break
			}
			_, size := utf8.DecodeRuneInString(s[at:])
			at += size
			continue
		}
		if at > last {
			ms = append(ms, match{last, at, false})
		}
		ms = append(ms, match{at, end, true})
		last = end
		if end > at {
			at = end
			continue
		}
		if at == len(s) {
			break
		}
		_, size := utf8.DecodeRuneInString(s[at:])
		at += size
	}
	if last < len(s) {
		ms = append(ms, match{last, len(s), false})
	}
	return ms
}

// letters is the pattern of single letters that a function chooses.
type letterPattern func(rune) bool

func (is letterPattern) find(s string) []match {
	var ms []match
	last := 0
	for i, r := range s {
		if !is(r) {
			continue
		}
		if i > last {
			ms = append(ms, match{last, i, false})
		}
		last = i + utf8.RuneLen(r)
		ms = append(ms, match{i, last, true})
	}
	if last < len(s) {
		ms = append(ms, match{last, len(s), false})
	}
	return ms
}

// short is a text cut for a message.
func short(s string) string {
	if utf8.RuneCountInString(s) > 60 {
		s = string([]rune(s)[:60]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
