package cell

import (
	"errors"
	"strings"
)

// A Draft is the text of a cell that is being written.
type Draft struct {
	// Whole is the cell command on the first line, or nil. With one, there is
	// nothing else.
	Whole *Command
	// Go is the cell's Go with all commands replaced by blanks, so that positions
	// stay what they were.
	Go string
	// MainLine is the line of the %% or %main, 0 without one: the statements
	// behind it are local to main.
	MainLine int
}

// ParseDraft separates the text of a cell that is being written. Unlike Parse,
// it takes any text.
func ParseDraft(code string) Draft {
	if whole := cellCommand(code); whole != nil {
		return Draft{Whole: whole}
	}
	text := code
	for {
		commands, goText, err := separate(text)
		var syntax *SyntaxError
		if errors.As(err, &syntax) {
			text = withoutLine(text, syntax.Line) // a mark without a name yet
			continue
		}
		d := Draft{Go: goText}
		for _, cmd := range commands {
			if d.MainLine == 0 && (cmd.Name == "%%" || cmd.Name == "%main" || cmd.Name == "%exec") {
				d.MainLine = cmd.Line
			}
		}
		return d
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
