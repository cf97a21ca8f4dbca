package compile

import (
	"fmt"
	"slices"
	"strings"
)

// Flags are those of go build that apply to cells.
type Flags struct {
	Compiler []string // for cells
	Module   []string // of the go command, for packages that cells import
}

// compilerFlags are the flags of -gcflags that may be set for a cell alone.
var compilerFlags = []string{"-B", "-L", "-N", "-S", "-d", "-e", "-l", "-live", "-m", "-wb"}

// valued are the flags of go build that take a value in the next word.
var valued = []string{"-gcflags", "-tags", "-mod", "-covermode", "-coverpkg", "-ldflags", "-asmflags", "-gccgoflags", "-p", "-o", "-buildmode", "-modfile", "-overlay", "-pgo", "-pkgdir", "-toolexec", "-C"}

// refused are flags that cannot apply to cells, with the reason.
var refused = map[string]string{
	"-race": "the race detector needs a process that was built with it, and the one that runs the cells was not; %test -race runs tests with it",
	"-msan": "it needs a process that was built with it", "-asan": "it needs a process that was built with it",
	"-ldflags": "cells are linked into a running process, with its flags",
}

// ParseFlags reads flags of go build. The notes name those that have no effect.
func ParseFlags(flags []string) (f Flags, notes []string, err error) {
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
					return Flags{}, nil, fmt.Errorf("-gcflags: %s is not for cells; flags of the compiler that are: %s", c, strings.Join(compilerFlags, " "))
				}
				f.Compiler = append(f.Compiler, c)
			}
		case "-tags", "-mod":
			f.Module = append(f.Module, name+"="+value)
		case "-cover", "-covermode", "-coverpkg":
			if len(notes) == 0 || !strings.HasPrefix(notes[len(notes)-1], "-cover") {
				notes = append(notes, "-cover has no effect: the coverage of cells is not counted")
			}
		case "-v", "-x", "-a", "-trimpath", "-buildvcs", "-p":
			notes = append(notes, name+" has no effect on cells")
		default:
			why := refused[name]
			if why == "" {
				why = "the flags for cells are -gcflags, -tags and -mod"
			}
			return Flags{}, nil, fmt.Errorf("%s does not work with cells: %s", name, why)
		}
	}
	return f, notes, nil
}
