package engine

import (
	"strings"

	"modelbook/kernel/session"
	"modelbook/kernel/source"
)

// suggest adds to messages about unknown names the names that may have been
// meant, or the name here of what another library calls so.
func (e *Engine) suggest(r Request, messages []session.Message) []session.Message {
	for i, m := range messages[:min(len(messages), shownMessages)] {
		if m.Cell != r.Cell {
			continue
		}
		switch m.Problem {
		case source.UndefinedName, source.UnknownMember, source.UnknownExport:
			names, here := e.completer.Suggest(r.Code, m.Line, m.Col)
			if messages[i].Text += meant(names, ""); here != "" {
				messages[i].Text += " (" + here + ")"
			}
		case source.CalledType: // as classes are in Python
			if literal := e.completer.Literal(m.Name); literal != "" {
				messages[i].Text += " (a struct is made with braces: " + literal + ")"
			}
		}
	}
	return messages
}

// meant is the question whether one of the names was meant.
func meant(names []string, quote string) string {
	if len(names) == 0 {
		return ""
	}
	last := quote + names[len(names)-1] + quote
	if len(names) == 1 {
		return " (did you mean " + last + "?)"
	}
	return " (did you mean " + quote + strings.Join(names[:len(names)-1], quote+", "+quote) + quote + " or " + last + "?)"
}
