package engine

import (
	"fmt"
	"strings"

	"modelbook/kernel/cell"
)

// described are the commands that the parser takes in itself.
var described = []string{"%%", "%%timeit", "%args", "%exec", "%main", "%test"}

// elsewhere says what to do in place of commands that people know from GoNB
// and IPython.
var elsewhere = map[string]string{
	"%conda":      "cells fetch the modules that they import; !*go get path@version picks a version",
	"%debug":      "there is no debugger yet",
	"%gui":        "plots need no setting",
	"%magic":      "%help lists the commands",
	"%matplotlib": "plots need no setting",
	"%pip":        "cells fetch the modules that they import; !*go get path@version picks a version",
	"%quickref":   "%help lists the commands",
	"%reload_ext": "%restart loads packages anew",
	"%set_env":    "%env NAME=value sets a variable",
	"%%gx":        "it is a command of GoNB that modelbook does not have",
	"%%python":    "%%script python3 runs a cell of Python",
	"%%python3":   "%%script python3 runs a cell of Python",
}

// unknown tells which command the user may have meant.
func (r *commandRun) unknown(cmd cell.Command) error {
	if text := elsewhere[cmd.Name]; text != "" {
		return r.fail(cmd, "UnknownCommand", "there is no %s: %s", cmd.Name, text)
	}
	best, distance := "", 2+len(cmd.Name)
	for _, name := range commandNames() {
		d := 2 * editDistance(strings.TrimLeft(cmd.Name, "%"), strings.TrimLeft(name, "%"))
		if strings.HasPrefix(cmd.Name, "%%") != strings.HasPrefix(name, "%%") {
			d++ // of two that are as near, the one of the same kind
		}
		if d < distance && len(name) > 2 {
			best, distance = name, d
		}
	}
	if best != "" {
		best = " Did you mean " + best + "?"
	}
	return r.fail(cmd, "UnknownCommand", "there is no command %s.%s %%help lists the commands", cmd.Name, best)
}

// editDistance is the number of letters to insert, delete or exchange, or to
// swap with their neighbour, that lead from a to b.
func editDistance(a, b string) int {
	if len(a) > 64 {
		return len(a)
	}
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := 1
			if a[i-1] == b[j-1] {
				change = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

// fail makes the error of a command, with its place in the cell.
func (r *commandRun) fail(cmd cell.Command, name, format string, args ...any) *CellError {
	e := &CellError{Name: name, Value: fmt.Sprintf(format, args...)}
	e.Traceback = []string{fmt.Sprintf("\x1b[36mcell[%d]:%d\x1b[0m: \x1b[31m%s\x1b[0m: %s", r.cell.Number, cmd.Line, e.Name, e.Value)}
	if i := cmd.Line - 1; i >= 0 && i < len(r.source) {
		e.Traceback = append(e.Traceback, "    "+strings.TrimSuffix(r.source[i], "\r"), "    \x1b[31m^\x1b[0m")
	}
	return e
}

// usage is the error of a command with wrong arguments.
func (r *commandRun) usage(cmd cell.Command, form string) error {
	return r.fail(cmd, "UsageError", "usage: %s", form)
}

func (r *commandRun) interrupted(cmd cell.Command) error {
	return r.fail(cmd, "Interrupted", "%s was interrupted", cmd.Name)
}
