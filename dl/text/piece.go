package text

import (
	"strings"
	"unicode/utf8"
)

// piece is a part of a text on its way to the model: what normalizers and pre-tokenizers made of it, and where each of
// its bytes comes from.
type piece struct {
	text string
	from []span // for each byte of text, the letter of the original it stands for; nil: text has the original's letters
	base int    // where the piece begins in the original

	noPlaces bool // nobody asks where the bytes come from: from stays nil
}

// span is a range of bytes of the original text.
type span struct{ start, end int }

// slice is the part of the piece from byte a to byte b of its text, which are at letters' ends and not equal.
func (p piece) slice(a, b int) piece {
	if p.from == nil {
		return piece{text: p.text[a:b], base: p.base + a, noPlaces: p.noPlaces}
	}
	return piece{text: p.text[a:b], from: p.from[a:b], base: p.from[a].start}
}

// rebase sets where the piece begins after a normalizer left out its first letters.
func (p *piece) rebase() {
	if len(p.from) > 0 {
		p.base = p.from[0].start
	}
}

// original is the range of bytes of the original that text[a:b] stands for. A token may be a part of a letter; its range
// is the whole letter.
func (p piece) original(a, b int) (start, end int) {
	switch {
	case a >= b || b > len(p.text):
		return p.base + a, p.base + b
	case p.from != nil:
		return p.from[a].start, p.from[b-1].end
	}
	for a > 0 && !utf8.RuneStart(p.text[a]) {
		a--
	}
	for b < len(p.text) && !utf8.RuneStart(p.text[b]) {
		b++
	}
	return p.base + a, p.base + b
}

// spans is where each byte comes from, written out.
func (p piece) spans() []span {
	if p.from != nil || p.noPlaces {
		return p.from
	}
	from := make([]span, len(p.text))
	for i := 0; i < len(p.text); {
		_, size := utf8.DecodeRuneInString(p.text[i:])
		for j := range size {
			from[i+j] = span{p.base + i, p.base + i + size}
		}
		i += size
	}
	return from
}

// change is a letter of a changed text: change 0 puts it in the place of the next letter of the text before, 1 inserts it
// after what came before, and -n puts it in the place of the next letter and leaves out the n after that.
type change struct {
	letter rune
	change int
}

// apply makes the text of the changes; skip letters at the beginning are left out.
func (p *piece) apply(changes []change, skip int) {
	from, old := p.spans(), p.text
	at := 0
	next := func() {
		if at < len(old) {
			_, size := utf8.DecodeRuneInString(old[at:])
			at += size
		}
	}
	for range skip {
		next()
	}
	if p.noPlaces {
		p.text = textOf(changes)
		return
	}
	text, spans := make([]byte, 0, len(old)+8), make([]span, 0, len(old)+8)
	for _, c := range changes {
		place := span{p.base, p.base}
		if c.change <= 0 {
			if at < len(from) {
				place = from[at]
			} else if len(from) > 0 {
				place = from[len(from)-1]
			}
			for range 1 - c.change {
				next()
			}
		} else if at > 0 {
			place = from[at-1]
		}
		before := len(text)
		text = utf8.AppendRune(text, c.letter)
		for range len(text) - before {
			spans = append(spans, place)
		}
	}
	p.text, p.from = string(text), spans
}

func textOf(changes []change) string {
	text := make([]byte, 0, len(changes)+8)
	for _, c := range changes {
		text = utf8.AppendRune(text, c.letter)
	}
	return string(text)
}

// filter leaves out the letters that keep refuses.
func (p *piece) filter(keep func(rune) bool) {
	all := true
	for _, r := range p.text {
		if !keep(r) {
			all = false
			break
		}
	}
	if all {
		return
	}
	if p.noPlaces {
		p.text = strings.Map(func(r rune) rune {
			if keep(r) {
				return r
			}
			return -1
		}, p.text)
		return
	}
	from, text, spans := p.spans(), make([]byte, 0, len(p.text)), make([]span, 0, len(p.text))
	for i, r := range p.text {
		if keep(r) {
			size := utf8.RuneLen(r)
			text, spans = append(text, p.text[i:i+size]...), append(spans, from[i:i+size]...)
		}
	}
	p.text, p.from = string(text), spans
}

// mapLetters puts a letter in the place of each.
func (p *piece) mapLetters(to func(rune) rune) {
	var changes []change
	for i, r := range p.text {
		if t := to(r); t != r && changes == nil {
			changes = make([]change, 0, len(p.text))
			for _, before := range p.text[:i] {
				changes = append(changes, change{before, 0})
			}
		}
		if changes != nil {
			changes = append(changes, change{to(r), 0})
		}
	}
	if changes != nil {
		p.apply(changes, 0)
	}
}

// prepend puts s before the text, as a part of its first letter. An empty text stays empty.
func (p *piece) prepend(s string) {
	if p.text == "" || s == "" {
		return
	}
	if p.noPlaces {
		p.text = s + p.text
		return
	}
	from := p.spans()
	_, size := utf8.DecodeRuneInString(p.text)
	spans := make([]span, 0, len(s)+len(from))
	for range len(s) + size {
		spans = append(spans, from[0])
	}
	p.text, p.from = s+p.text, append(spans, from[size:]...)
}

// replace puts content in the place of each match; it stands for the last letter of what was matched.
func (p *piece) replace(matches []match, content string) {
	found := false
	for _, m := range matches {
		found = found || m.is
	}
	if !found {
		return
	}
	if p.noPlaces {
		text := make([]byte, 0, len(p.text)+len(matches)*len(content))
		for _, m := range matches {
			if m.is {
				text = append(text, content...)
			} else {
				text = append(text, p.text[m.start:m.end]...)
			}
		}
		p.text = string(text)
		return
	}
	from := p.spans()
	room := len(p.text) + len(matches)*len(content)/2
	text, spans := make([]byte, 0, room), make([]span, 0, room)
	for _, m := range matches {
		if !m.is {
			text, spans = append(text, p.text[m.start:m.end]...), append(spans, from[m.start:m.end]...)
			continue
		}
		place := span{p.base, p.base}
		if m.end > 0 {
			place = from[m.end-1]
		}
		text = append(text, content...)
		for range len(content) {
			spans = append(spans, place)
		}
	}
	p.text, p.from = string(text), spans
}
