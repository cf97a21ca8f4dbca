package notebook

import "strings"

// A page is text as a terminal shows it, after carriage returns and backspaces
// have moved back and later text has replaced earlier text. Notebooks store
// streams in this form.
type page struct {
	done   strings.Builder // finished lines
	line   []rune          // the last line
	cursor int             // where the next character goes
	escape []rune          // an escape sequence that has begun
}

// write adds text.
func (p *page) write(text string) {
	for _, r := range text {
		p.put(r)
	}
}

func (p *page) put(r rune) {
	if len(p.escape) > 0 || r == '\x1b' {
		p.escapeWith(r)
		return
	}
	switch r {
	case '\n':
		p.done.WriteString(string(p.line))
		p.done.WriteByte('\n')
		p.line, p.cursor = p.line[:0], 0
	case '\r':
		p.cursor = 0
	case '\b':
		p.cursor = max(0, p.cursor-1)
	default:
		if p.cursor < len(p.line) {
			p.line[p.cursor] = r
		} else {
			p.line = append(p.line, r)
		}
		p.cursor++
	}
}

// escapeWith collects an escape sequence. Those that erase parts of the line are
// carried out; the others, mostly colours, are kept in the text.
func (p *page) escapeWith(r rune) {
	p.escape = append(p.escape, r)
	n := len(p.escape)
	switch {
	case n == 1, n == 2 && r == '[', n > 2 && (r < '@' || r > '~') && n < 32:
		return // it goes on
	}
	switch string(p.escape) {
	case "\x1b[K", "\x1b[0K":
		p.line = p.line[:p.cursor]
	case "\x1b[2K":
		p.line, p.cursor = p.line[:0], 0
	default:
		p.line = append(p.line[:p.cursor], append([]rune(string(p.escape)), p.line[min(p.cursor, len(p.line)):]...)...)
		p.cursor += n
	}
	p.escape = p.escape[:0]
}

// String is the whole text.
func (p *page) String() string {
	return p.done.String() + string(p.line) + string(p.escape)
}
