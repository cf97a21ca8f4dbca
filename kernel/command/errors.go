package command

import (
	"fmt"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/nearest"
	"modelbook/kernel/output"
)

// elsewhere says what to use in place of commands of GoNB and IPython that are
// not here.
var elsewhere = map[string]string{
	"%conda":      "cells download the modules that they import; !*go get path@version picks a version",
	"%debug":      "JupyterLab's debugger (the bug icon) stops cells at breakpoints",
	"%gui":        "plots need no setting",
	"%magic":      "%help lists the commands",
	"%matplotlib": "plots need no setting",
	"%pdoc":       "%doc name shows documentation",
	"%pinfo":      "%doc name shows documentation",
	"%pinfo2":     "%doc -src name shows documentation and source",
	"%pip":        "cells download the modules that they import; !*go get path@version picks a version",
	"%psource":    "%doc -src name shows documentation and source",
	"%quickref":   "%help lists the commands",
	"%reload_ext": "%restart loads packages again",
	"%set_env":    "%env NAME=value sets a variable",
	"%%gx":        "it is a command of GoNB that modelbook does not have",
	"%%python":    "%%script python3 runs a cell of Python",
	"%%python3":   "%%script python3 runs a cell of Python",
}

// unknown is the error for a command that does not exist. It suggests one that
// may have been meant, with as many % if there is one.
func (r *Run) unknown(cmd cell.Command) error {
	if text := elsewhere[cmd.Name]; text != "" {
		return r.fail(cmd, "UnknownCommand", "there is no %s: %s", cmd.Name, text)
	}
	mark := cmd.Name[:len(cmd.Name)-len(strings.TrimLeft(cmd.Name, "%"))]
	var same, other []string // names without %, of commands with as many % and of the others
	for _, name := range Names() {
		switch bare := strings.TrimLeft(name, "%"); {
		case strings.HasPrefix(bare, "!") || bare == "":
		case mark+bare == name:
			same = append(same, bare)
		default:
			other = append(other, bare)
		}
	}
	bare := cmd.Name[len(mark):]
	meant := mark
	best := nearest.Names(bare, same)
	if slices.Contains(other, bare) || best == nil {
		meant = map[string]string{"%": "%%", "%%": "%"}[mark]
		if best = nearest.Names(bare, other); slices.Contains(other, bare) {
			best = []string{bare}
		}
	}
	hint := ""
	if best != nil {
		hint = " Did you mean " + meant + best[0] + "?"
	}
	return r.fail(cmd, "UnknownCommand", "there is no command %s.%s %%help lists the commands", cmd.Name, hint)
}

// fail makes the error of a command, with its place in the cell.
func (r *Run) fail(cmd cell.Command, name, format string, args ...any) *output.Error {
	e := &output.Error{Name: name, Value: fmt.Sprintf(format, args...)}
	e.Traceback = []string{fmt.Sprintf("\x1b[32mcell[%d]:%d\x1b[0m: \x1b[31m%s\x1b[0m: %s", r.cell.Number, cmd.Line, e.Name, e.Value)}
	if i := cmd.Line - 1; i >= 0 && i < len(r.source) {
		e.Traceback = append(e.Traceback, "    "+strings.TrimSuffix(r.source[i], "\r"), "    \x1b[31m^\x1b[0m")
	}
	return e
}

// usage is the error for a command with wrong arguments.
func (r *Run) usage(c Call) error {
	form, hint := c.Name, ""
	if entry := Lookup(c.Name); entry != nil {
		if entry.Usage != "" {
			form += " " + entry.Usage
		}
		if hint = entry.Hint; hint != "" {
			hint = " (" + hint + ")"
		}
	}
	return r.fail(c.Command, "UsageError", "usage: %s%s", form, hint)
}

func (r *Run) interrupted(cmd cell.Command) error {
	return r.fail(cmd, "Interrupted", "%s was interrupted", cmd.Name)
}
