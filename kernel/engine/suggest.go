package engine

import (
	"regexp"
	"strings"

	"modelbook/kernel/session"
)

// unknownName matches what the type checker says of a name that is not there
// and nothing else: it tells itself when capitals are wrong.
var unknownName = regexp.MustCompile(`^(undefined: [\pL\d_.]+|unknown field [^,]*|.* undefined \(type .* has no field or method [\pL\d_]+\))$`)

// suggest adds to complaints about unknown names what may have been meant.
func (e *Engine) suggest(r Request, messages []session.Message) []session.Message {
	for i, m := range messages[:min(len(messages), shownMessages)] {
		if m.Cell == r.Cell && unknownName.MatchString(m.Text) {
			messages[i].Text += meant(e.completer.Suggest(r.Code, m.Line, m.Col), "")
		}
	}
	return messages
}

// meant asks whether one of the names was meant.
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
