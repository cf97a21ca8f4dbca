package toolchain

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"modelbook/internal/place"
)

// A CompileError is what the compiler said about a cell in which the type check
// had found no errors.
type CompileError struct {
	Messages []Message
	Output   string
}

// A Message is one complaint of the compiler.
type Message struct {
	Cell, Line, Col int
	Text            string
}

// Error returns the compiler's words.
func (e *CompileError) Error() string { return strings.TrimSpace(e.Output) }

var position = regexp.MustCompile(`(?m)^(?:[^\n\[]*/)?cell\[(\d+)\]:(\d+):(\d+): (.*)$`)

// Messages lists the complaints about cells in the output of the compiler.
func Messages(out string) []Message {
	var all []Message
	for _, m := range position.FindAllStringSubmatch(out, -1) {
		cell, _ := strconv.Atoi(m[1])
		line, _ := strconv.Atoi(m[2])
		col, _ := strconv.Atoi(m[3])
		all = append(all, Message{cell, line, col, m[4]})
	}
	return all
}

// Remarks returns the lines that the compiler printed about the code of cells
// (-gcflags=-m). Lines about code that is generated for a cell are left out.
func Remarks(out string) []string {
	var lines []string
	for line := range strings.Lines(out) {
		if at, _, _ := strings.Cut(line, ": "); place.Index(at) >= 0 {
			lines = append(lines, strings.TrimRight(line[place.Index(at):], "\n"))
		} else if strings.HasPrefix(line, "\t") { // of -S
			lines = append(lines, strings.TrimRight(line, "\n"))
		}
	}
	return lines
}

// LacksDomain reports whether the go command printed that an import path is neither
// of the standard library nor of a module, because it does not begin with a domain.
func LacksDomain(out, path string) bool {
	return strings.Contains(out, fmt.Sprintf("%q: missing dot in first path element", path))
}

// undefinedSymbol matches what linkers print about a symbol that nothing defines.
var undefinedSymbol = regexp.MustCompile("(?:undefined (?:symbol:?|reference to) [`'\"]?|relocation target )([^\\s`'\"]+)")

// LinkError explains why a cell cannot be linked, if the linker's output is
// understood: nearly always a package that it imports refers, with go:linkname,
// to an unexported name of another package.
func LinkError(out string) error {
	if m := undefinedSymbol.FindStringSubmatch(out); m != nil {
		return fmt.Errorf("the cell cannot be linked: a package that it imports refers to %s (go:linkname), which cells cannot", m[1])
	}
	return nil
}

// tooNew matches what go get prints when a module requires another in a newer
// version than the one that it was asked to keep: both modules and versions.
var tooNew = regexp.MustCompile(`(?m)^go: ([^@\s]+)@(?:upgrade \()?(v[^\s)]+)\)?.* requires ([^@\s]+)@(\S+), not`)

// A Conflict is the reason why go get cannot keep the version of a module:
// Module, in Version, requires Needs in a newer one.
type Conflict struct{ Module, Version, Needs, NeedsVersion string }

// FindConflict finds the conflict that go get printed; ok is false if there is
// none.
func FindConflict(printed string) (c Conflict, ok bool) {
	m := tooNew.FindStringSubmatch(printed)
	if m == nil {
		return c, false
	}
	return Conflict{m[1], m[2], m[3], m[4]}, true
}

// LacksModule reports whether go build printed that a module must be added with
// go get.
func LacksModule(printed string) bool { return strings.Contains(printed, "; to add") }

var unusedVariable = regexp.MustCompile(`^(?:\./)?([^:/\s]+\.go):(\d+):(\d+): declared and not used: (\S+)$`)

// An Unused is a variable that go build says is not used.
type Unused struct {
	File string
	Line int
	Name string
}

// UnusedVariables lists the variables of a folder's files that go build printed
// are not used.
func UnusedVariables(printed string) []Unused {
	var all []Unused
	for line := range strings.Lines(printed) {
		if m := unusedVariable.FindStringSubmatch(strings.TrimSpace(line)); m != nil {
			n, _ := strconv.Atoi(m[2])
			all = append(all, Unused{m[1], n, m[4]})
		}
	}
	return all
}
