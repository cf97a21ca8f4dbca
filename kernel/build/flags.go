package build

import (
	"fmt"
	"slices"
	"strings"
)

// Flags are those of go build that cells heed.
type Flags struct {
	compile []string // of the compiler, for cells
	list    []string // of go list, for packages that cells import
}

// compilerFlags are the flags of -gcflags that work on a cell by itself.
var compilerFlags = []string{"-B", "-L", "-N", "-S", "-d", "-e", "-l", "-live", "-m", "-wb"}

// valued are the flags of go build that take a value in the next word.
var valued = []string{"-gcflags", "-tags", "-mod", "-covermode", "-coverpkg", "-ldflags", "-asmflags", "-gccgoflags", "-p", "-o", "-buildmode", "-modfile", "-overlay", "-pgo", "-pkgdir", "-toolexec", "-C"}

// refused are flags that a session cannot heed, with the reason.
var refused = map[string]string{
	"-race": "the race detector needs a process that was built with it, and the one that runs the cells was not; go test -race checks a package",
	"-msan": "it needs a process that was built with it", "-asan": "it needs a process that was built with it",
	"-ldflags": "cells are linked into a running process, with its flags",
}

// SetFlags makes flags of go build those of the cells to come. notes tell
// which of them have no effect. After an error the flags are what they were.
func (b *Builder) SetFlags(flags []string) (notes []string, err error) {
	var f Flags
	for i := 0; i < len(flags); i++ {
		name, value, has := strings.Cut(flags[i], "=")
		name = "-" + strings.TrimLeft(name, "-")
		if !has && slices.Contains(valued, name) && i+1 < len(flags) {
			i++
			value = flags[i]
		}
		switch name {
		case "-gcflags":
			if pattern, rest, ok := strings.Cut(value, "="); ok && !strings.HasPrefix(pattern, "-") {
				value = rest
				if pattern != "all" && pattern != "." && pattern != "./..." {
					notes = append(notes, fmt.Sprintf("-gcflags=%s=...: packages that are compiled already stay as they are; the flags go to the cells alone", pattern))
				}
			}
			for _, c := range strings.Fields(value) {
				if name, _, _ := strings.Cut(c, "="); !slices.Contains(compilerFlags, name) {
					return nil, fmt.Errorf("-gcflags: %s is not for cells; flags of the compiler that are: %s", c, strings.Join(compilerFlags, " "))
				}
				f.compile = append(f.compile, c)
			}
		case "-tags", "-mod":
			f.list = append(f.list, name+"="+value)
		case "-cover", "-covermode", "-coverpkg":
			if len(notes) == 0 || !strings.HasPrefix(notes[len(notes)-1], "-cover") {
				notes = append(notes, "-cover has no effect: the coverage of cells is not counted")
			}
		case "-v", "-x", "-a", "-trimpath", "-buildvcs", "-p":
			notes = append(notes, name+" has no effect on cells")
		default:
			why := refused[name]
			if why == "" {
				why = "flags that cells heed are -gcflags, -tags and -mod"
			}
			return nil, fmt.Errorf("%s does not work with cells: %s", name, why)
		}
	}
	b.flags = f
	return notes, nil
}

// Remarks is what the compiler said about the last cell, which it compiled
// (-gcflags=-m). Lines about code that the cell did not hold are left out.
func (b *Builder) Remarks() []string {
	var lines []string
	for line := range strings.Lines(b.said) {
		if i := strings.Index(line, "cell["); i >= 0 && (i == 0 || strings.HasSuffix(line[:i], "/")) {
			lines = append(lines, strings.TrimRight(line[i:], "\n"))
		} else if strings.HasPrefix(line, "\t") { // of -S
			lines = append(lines, strings.TrimRight(line, "\n"))
		}
	}
	return lines
}
