package engine

import (
	"regexp"
	"strings"

	"modelbook/kernel/session"
)

// unknownName matches what the type checker says of a name that is not there
// and nothing else: it tells itself when capitals are wrong.
var unknownName = regexp.MustCompile(`^(undefined: [\pL\d_.]+|unknown field [^,]*|.* undefined \(type .* has no field or method [\pL\d_]+\))$`)

// called matches what the type checker says of a struct type that is called, as
// classes are in Python.
var called = regexp.MustCompile(`^(?:cannot convert .*\) to type|(?:too many arguments|missing argument) in conversion to) ([\pL\d_.]+)$`)

// suggest adds to complaints about unknown names what may have been meant, or
// what is called here what another library calls so.
func (e *Engine) suggest(r Request, messages []session.Message) []session.Message {
	for i, m := range messages[:min(len(messages), shownMessages)] {
		if m.Cell == r.Cell && unknownName.MatchString(m.Text) {
			names, here := e.completer.Suggest(r.Code, m.Line, m.Col)
			if messages[i].Text += meant(names, ""); here != "" {
				messages[i].Text += " (" + here + ")"
			}
		} else if c := called.FindStringSubmatch(m.Text); m.Cell == r.Cell && c != nil {
			if literal := e.completer.Literal(c[1]); literal != "" {
				messages[i].Text += " (a struct is made with braces: " + literal + ")"
			}
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
