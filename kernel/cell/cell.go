// Package cell knows the language of notebook cells: Go declarations and bare
// statements, with command lines (%cd, !ls, %% ...) between them. It turns a
// cell's text into a Cell and does nothing else: it starts no process, reads
// no file and resolves no name.
package cell

import (
	"fmt"
	"slices"
	"strings"
)

// A Cell is one parsed cell. Every position in it is a position in the text
// the user typed: lines and columns start at 1, columns count bytes.
type Cell struct {
	// Number is the cell's number in error positions ("cell[3]:5:1").
	Number int

	// Whole is set when the first line is a cell command (%%writefile, %%bash,
	// ...): the rest of the cell is its Body, and every field below is empty.
	Whole *Command

	// Commands are the line commands in the order they stand in the cell.
	// %%, %main, %exec, %args and %test are not among them: they describe the
	// cell (Main, MainBody, Args, Test). Nor are commands with a statement
	// behind them (%timeit f(x)): they are the By of that statement.
	Commands []Command

	// Decls are declarations of funcs, methods, types, constants and imports.
	// A "func main()" is one of them, and makes main run.
	Decls []Piece

	// Stmts are bare statements, among them "var x = ..." at the top of the
	// cell: the variables they make are variables of the session.
	Stmts []Piece

	// Main reports that the cell holds %%, %main or %exec. MainBody is then
	// the body of func main: statements and local declarations behind it.
	Main     bool
	MainLine int // line of the %%, %main or %exec; 0 without one
	MainBody []Piece

	// Args are the program arguments of the cell (os.Args[1:]).
	Args []string

	// Test is the cell's %test, or nil. Its Args are flags of go test; no flags
	// are not the same as an empty one (Args is nil, or holds "").
	Test *Command

	// Package is the name in the cell's package clause, which is otherwise
	// ignored, or "".
	Package string

	// Quiet reports that the last statement ends in a semicolon that the user
	// typed: its value is not to be shown.
	Quiet bool

	// Go is the cell's text with everything that is not Go (commands, the
	// package clause) replaced by blanks, so that positions stay what they were.
	Go string
}

// Kind tells what a Piece holds.
type Kind uint8

// The kinds of pieces.
const (
	Stmt   Kind = iota // a statement that is none of those below
	Import             // import declaration, possibly grouped
	Const              // const declaration, possibly grouped
	Type               // type declaration, possibly grouped
	Var                // var declaration, possibly grouped
	Func               // func declaration
	Method             // method declaration
)

// A Piece is one declaration or statement.
type Piece struct {
	Kind Kind
	// Text is the exact source, without a semicolon behind it.
	Text string
	// Line and Col say where Text starts in the cell.
	Line, Col int
	// Doc is the comment directly above a declaration, or "".
	Doc string
	// By is the command that runs this statement (%time, %timeit, %%timeit or
	// %prun), or nil. Statements that one command runs follow each other and
	// share the pointer. Those in the line of a %%timeit are its setup.
	By *Command
}

// A Command is a line that is not Go.
type Command struct {
	// Name is the command with its mark: "%cd", "%%writefile", "!" or "!*".
	Name string
	// Text is what follows the name, continued lines joined.
	Text string
	// Args is Text split at blanks; double quotes keep blanks together.
	Args []string
	// Body is the rest of the cell, for cell commands.
	Body string
	// Line is the command's first line in the cell.
	Line int
	// After reports that Go code stands above the command.
	After bool

	measures bool // statements stand behind it
}

// A SyntaxError says what is wrong with a cell's text, and where.
type SyntaxError struct {
	Line, Col int
	Msg       string
	// Incomplete reports that more text could make the cell right: something
	// opened is not closed.
	Incomplete bool
}

// Error returns "line:col: message".
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%d:%d: %s", e.Line, e.Col, e.Msg)
}

// Parse splits a cell into commands, declarations and statements. The pieces
// are cut where Go's lexer ends a statement; whether each one is right Go is
// for the compiler to say. An error is always a *SyntaxError.
func Parse(code string, number int) (*Cell, error) {
	c := &Cell{Number: number}
	if whole := cellCommand(code); whole != nil {
		c.Whole = whole
		return c, nil
	}
	lines, goText, err := separate(code)
	if err != nil {
		return nil, err
	}
	c.Go = goText
	var measures []*Command
	for _, cmd := range lines {
		if cmd.measures {
			measures = append(measures, &cmd)
			continue
		}
		if err := c.describe(cmd); err != nil {
			return nil, err
		}
	}
	if err := c.split(); err != nil {
		return nil, err
	}
	for _, cmd := range measures {
		if err := c.measure(cmd); err != nil {
			return nil, err
		}
	}
	return c, c.refuseEmbed()
}

// refuseEmbed refuses //go:embed: which files it means is the go command's to
// find out, and a cell's compiler would leave the variable empty in silence.
func (c *Cell) refuseEmbed() error {
	for _, p := range slices.Concat(c.Decls, c.Stmts, c.MainBody) {
		for line := range strings.Lines(p.Doc) {
			if p.Kind == Var && strings.HasPrefix(line, "//go:embed ") {
				return &SyntaxError{Line: p.Line, Col: p.Col, Msg: "cells cannot embed files: read the file with os.ReadFile, " +
					"or put the //go:embed into a package of its own"}
			}
		}
	}
	return nil
}

// measure gives a command that has a statement behind it that statement, and
// %%timeit all statements of the cell.
func (c *Cell) measure(cmd *Command) error {
	wrong := func(format string, args ...any) error {
		return &SyntaxError{Line: cmd.Line, Col: 1, Msg: cmd.Name + fmt.Sprintf(format, args...)}
	}
	whole := cmd.Name == "%%timeit"
	if whole && cmd.After {
		return wrong(" takes the rest of the cell: it can only appear at the start of the cell")
	}
	if whole && c.Main {
		return wrong(" and %%%% do not go together: %%%%timeit runs all statements of its cell itself")
	}
	for _, p := range c.Decls {
		if p.Line == cmd.Line {
			return wrong(" runs statements, and this is a declaration")
		}
	}
	found := false
	for _, pieces := range [][]Piece{c.Stmts, c.MainBody} {
		for i := range pieces {
			if p := &pieces[i]; whole || p.Line == cmd.Line {
				p.By = cmd
				found = found || !whole || p.Line != cmd.Line
			}
		}
	}
	switch {
	case found:
		return nil
	case whole:
		return wrong(": there is no statement below it")
	}
	return wrong(" must start a statement: the one above it goes on here")
}

// describe takes in one line command: those that say how the cell runs become
// fields of the cell, the others stay commands.
func (c *Cell) describe(cmd Command) error {
	switch cmd.Name {
	case "%args":
		c.Args = cmd.Args
		return nil
	case "%test":
		if c.Test != nil {
			return &SyntaxError{Line: cmd.Line, Col: 1, Msg: fmt.Sprintf("%%test is already in line %d", c.Test.Line)}
		}
		c.Test = &cmd
		return nil
	case "%%", "%main", "%exec":
		if c.Main {
			return &SyntaxError{Line: cmd.Line, Col: 1,
				Msg: fmt.Sprintf("%s: main is already begun in line %d", cmd.Name, c.MainLine)}
		}
		c.Main, c.MainLine = true, cmd.Line
		args := cmd.Args
		if cmd.Name == "%exec" {
			if len(args) == 0 {
				return &SyntaxError{Line: cmd.Line, Col: 1, Msg: "%exec needs the name of a function: %exec name [args...]"}
			}
			c.MainBody = []Piece{{Text: args[0] + "()", Line: cmd.Line, Col: 1}}
			args = args[1:]
		}
		if len(args) > 0 {
			c.Args = args
		}
		return nil
	}
	if len(cmd.Name) > 2 && cmd.Name[:2] == "%%" && (cmd.After || !goCells[cmd.Name]) {
		return &SyntaxError{Line: cmd.Line, Col: 1,
			Msg: cmd.Name + " takes the rest of the cell: it can only appear at the start of the cell"}
	}
	c.Commands = append(c.Commands, cmd)
	return nil
}
