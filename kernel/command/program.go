package command

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/output"
)

// A Program is declarations of the session as a program of its own.
type Program struct {
	Files map[string]string // by name
	// Zero are variables of which no statement is known that makes them.
	Zero []string
	// Place is the position in a cell of a position in a file.
	Place func(file string, line, col int) (cell, cellLine, cellCol int, ok bool)
	// Name is what messages call a cell, and Lines is its text.
	Name  func(cell int) string
	Lines func(cell int) []string
}

// write writes the files into a new folder in dir.
func (p *Program) write(dir, prefix string) (folder string, err error) {
	if folder, err = os.MkdirTemp(dir, prefix); err != nil {
		return "", err
	}
	for name, text := range p.Files {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			return "", errors.Join(err, os.RemoveAll(folder))
		}
	}
	return folder, nil
}

// programFlags are the flags of go build that were set for cells and also count for
// their programs.
func (r *Run) programFlags(names ...string) []string {
	return slices.DeleteFunc(slices.Clone(r.GoFlags()), func(f string) bool {
		return !slices.ContainsFunc(names, func(name string) bool { return strings.HasPrefix(f, name) })
	})
}

// programFile matches a position in a file of the program, with its folder.
var programFile = regexp.MustCompile(`(?:[^\s:"']*/)?([dsv][\w\pL]*\.go):(\d+)(?::(\d+))?`)

// InCells replaces positions in files of the program by those in cells.
func (p *Program) InCells(text string) string {
	return programFile.ReplaceAllStringFunc(text, func(at string) string {
		g := programFile.FindStringSubmatch(at)
		line, _ := strconv.Atoi(g[2])
		col, _ := strconv.Atoi(g[3])
		cell, line, col, ok := p.Place(g[1], line, max(col, 1))
		if !ok {
			return at
		}
		at = fmt.Sprintf("%s:%d", p.Name(cell), line)
		if g[3] != "" {
			at += fmt.Sprintf(":%d", col)
		}
		return at
	})
}

// compileError is the error for declarations that do not compile as a program,
// of the lines of the compiler.
func compileError(lines []string) *output.Error {
	e := &output.Error{Name: "CompileError", Value: lines[0]}
	if n := len(lines) - 1; n > 0 {
		e.Value += fmt.Sprintf(" (and %d more lines)", n)
	}
	for _, line := range lines {
		e.Traceback = append(e.Traceback, "\x1b[31m"+line+"\x1b[0m")
	}
	return e
}
