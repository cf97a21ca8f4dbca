package session

import (
	"fmt"
	"slices"
	"strings"
)

// tellGone keeps for later cells why names of the session are not there any
// more.
func (p *planner) tellGone() {
	for key, why := range p.dropped {
		for _, name := range p.namesOf(key) {
			p.st.gone[name] = droppedText(name, why)
		}
	}
	for name := range p.st.gone {
		if p.lifted[name] != nil || p.isDeclared(name) {
			delete(p.st.gone, name)
		}
	}
}

func droppedText(name, why string) string {
	return fmt.Sprintf("undefined: %s (dropped: %s)", name, why)
}

// namesOf are the names of a declaration or variable that was dropped.
func (p *planner) namesOf(key string) []string {
	if d := p.s.decls[key]; d != nil {
		return d.names
	}
	if name, ok := strings.CutPrefix(key, "var "); ok {
		return []string{name}
	}
	return nil
}

// explain says of undefined names what became of them, or that they are
// packages, and tells of each once.
func (p *planner) explain(errs *Error) {
	told := map[Message]bool{}
	var messages []Message
	for _, m := range errs.Messages {
		name, ok := strings.CutPrefix(m.Text, "undefined: ")
		if !ok {
			messages = append(messages, m)
			continue
		}
		once := Message{Cell: m.Cell, Line: m.Line, Text: name}
		if told[once] {
			continue
		}
		told[once] = true
		m.Text = p.undefined(name)
		messages = append(messages, m)
	}
	errs.Messages = messages
}

// undefined is the complaint about an undefined name.
func (p *planner) undefined(name string) string {
	for _, key := range sortedKeys(p.dropped) { // just now
		if slices.Contains(p.namesOf(key), name) {
			return droppedText(name, p.dropped[key])
		}
	}
	if why := p.st.gone[name]; why != "" {
		return why
	}
	known := p.s.known(name)
	switch {
	case p.cell.imports[name] != "" || slices.Contains(known, name):
		return "use of package " + name + " without selector"
	case len(known) > 0:
		return "undefined: " + name + " (package " + known[0] + " needs a selector)"
	}
	return "undefined: " + name
}
