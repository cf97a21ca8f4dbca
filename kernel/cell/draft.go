package cell

import (
	"errors"
	"strings"
)

// Draft separates the text of a cell that is being written. Unlike Parse it
// takes any text: whole is the cell command on its first line, or nil, and
// goText is the cell's Go with all commands replaced by blanks, so that
// positions stay what they were.
func Draft(code string) (whole *Command, goText string) {
	if whole = cellCommand(code); whole != nil {
		return whole, ""
	}
	text := code
	for {
		_, goText, err := separate(text)
		var syntax *SyntaxError
		if !errors.As(err, &syntax) {
			return nil, goText
		}
		text = withoutLine(text, syntax.Line) // a mark and no name yet
	}
}

// BelowCommand is the text below a cell command behind which Go follows
// (%%timeit, %%capture); ok is false when the cell does not begin with one.
func BelowCommand(code string) (below string, ok bool) {
	for {
		line, rest, more := strings.Cut(code, "\n")
		if strings.TrimSpace(line) != "" {
			cmd := newCommand(strings.TrimPrefix(strings.TrimSuffix(line, "\r"), Prefix), 1)
			return rest, goCells[cmd.Name]
		}
		if !more {
			return "", false
		}
		code = rest
	}
}

// withoutLine replaces a line by blanks.
func withoutLine(text string, line int) string {
	start := 0
	for ; line > 1; line-- {
		start += strings.IndexByte(text[start:], '\n') + 1
	}
	b := []byte(text)
	blank(b[start : start+lineEnd(text[start:])])
	return string(b)
}
