// Package command holds the commands of cells: the lines that begin with % or
// !, and the cells that begin with %%.
//
// A new command is one entry of the table in list.go: its name, arguments, help
// and function. %help, completion, inspection, the check of arguments and the
// suggestions for a mistyped name read that table. The function goes to the
// file of its concern; what it needs of the engine is in one of the interfaces
// of host.go. Commands that describe how a cell runs (%%, %args, %test, and
// those with a statement behind them) are known to the parser of cells too
// (package cell).
//
// The package imports cell, output, mpi, table and nearest. It knows neither the
// engine nor the session, so that its tests run without a worker.
package command

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"modelbook/kernel/cell"
	"modelbook/kernel/output"
)

// A Command is one entry of the table of commands.
type Command struct {
	Name    string   // with its mark: "%cd", "%%bash", "!"
	Aliases []string // other names, with their marks
	// Usage is what the command takes: flags and operands as in "[-a] path",
	// see package usage.
	Usage string
	// Options are further flags that are completed, of commands whose usage does
	// not list them.
	Options []string
	// Hint is what the error about wrong arguments adds, or "".
	Hint string
	// Help is the command's line in %help, and More what %help adds when it is
	// asked for this command alone, or "". Both are Markdown.
	Help, More string
	Group      Group
	// Run runs the command. It is nil for commands that only the parser of
	// cells knows.
	Run func(*Run, Call) error

	mime string // of a command that shows the rest of its cell
}

// A Call is a command in a cell. Its Args are the operands alone.
type Call struct {
	cell.Command
	// Flags holds the flags among the arguments, with their values.
	Flags map[string]string

	all []string // arguments, with flags
}

// Has reports whether a flag was given.
func (c Call) Has(flag string) bool {
	_, ok := c.Flags[flag]
	return ok
}

// Set is the commands of one session, with what they keep from cell to cell.
type Set struct {
	wasmDir string // the folder from which programs for the browser are served, or ""
}

// New makes the commands of a session.
func New() *Set { return &Set{} }

// Close removes what the commands have left for the browser.
func (s *Set) Close() { s.removeWasm() }

// A Run is the commands of one cell. It tells the engine how the cell's Go
// code is to run.
type Run struct {
	Host
	set    *Set
	ctx    context.Context
	cell   *cell.Cell
	source []string // lines of the cell, for error messages
	out    *Output
	// inputs says that the next shell command may ask the user for lines, and
	// password that they are hidden.
	inputs, password bool
	watch            stopwatch
	tests            *testRun // of a %test, or nil

	// Measured are the commands that measure the whole cell, in order.
	Measured []Measure
	// Instead, if set, is called in place of running the Go code in the worker.
	Instead func(context.Context) error
	// After, if set, is called when the Go code has run well. It runs the tests
	// of the cell, which the worker does not run then.
	After func(context.Context) error
}

// Run runs the commands of a cell, in order, before its Go code and wherever in
// the cell they stand. The first command that fails ends the cell. The caller
// must call End at the cell's end, whatever the outcome. host is the engine as
// this cell sees it.
func (s *Set) Run(ctx context.Context, host Host, c *cell.Cell, source string, out *Output) (*Run, error) {
	r := &Run{Host: host, set: s, ctx: ctx, cell: c, source: strings.Split(source, "\n"), out: out}
	r.watch.start = time.Now()
	if c.Whole != nil {
		return r, r.run(*c.Whole)
	}
	for _, cmd := range c.Commands {
		if err := r.run(cmd); err != nil {
			return r, err
		}
		if ctx.Err() != nil {
			return r, r.interrupted(cmd)
		}
	}
	if c.Test != nil && needsProgram(c.Test.Args) {
		r.After = r.testProgram
	}
	return r, nil
}

// run finds a command in the table, reads its arguments and calls it.
func (r *Run) run(cmd cell.Command) error {
	entry := Lookup(cmd.Name)
	if entry == nil || entry.Run == nil {
		return r.unknown(cmd)
	}
	call := Call{Command: cmd, all: cmd.Args}
	if entry.Usage != textOnly {
		form := usages[entry.Name]
		var ok bool
		if call.Flags, call.Args, ok = form.Split(cmd.Args); !ok {
			return r.usage(call)
		}
	}
	return entry.Run(r, call)
}

func (r *Run) printf(format string, args ...any) {
	r.out.Stream("stdout", fmt.Sprintf(format, args...))
}

func (r *Run) warnf(format string, args ...any) {
	r.out.Stream("stderr", fmt.Sprintf(format, args...))
}

func (r *Run) display(data map[string]any) { r.out.Display(output.Display{Data: data}) }

// path makes a path of an argument: $NAME is expanded, ~ is the home folder,
// and a relative path starts at the working directory of cells.
func (r *Run) path(name string) string {
	name = os.Expand(name, r.getenv)
	if name == "~" || strings.HasPrefix(name, "~/") {
		if home := r.getenv("HOME"); home != "" {
			name = home + name[1:]
		}
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.Dir(), name)
	}
	return filepath.Clean(name)
}

// getenv returns the value of a variable in the cells' environment.
func (r *Run) getenv(key string) string {
	value := ""
	for _, entry := range r.Environ() {
		if v, ok := strings.CutPrefix(entry, key+"="); ok {
			value = v // the last one counts
		}
	}
	return value
}
