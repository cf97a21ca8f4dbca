// Package flame shows a CPU profile of a cell: what took the time, as tables of
// functions and of the layers of networks, and as a flame graph that needs no
// script.
package flame

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/pprof/profile"

	"modelbook/internal/flamegraph"
	"modelbook/internal/place"
	"modelbook/kernel/source/gen"
)

// A Profile is a CPU profile, cut down to what the user's code did.
type Profile struct {
	Root      *flamegraph.Node // its children are the outermost functions
	Functions []Function
	Layers    []Layer // of the networks that were trained, see package train's labels
	Samples   int64
	Total     time.Duration
}

// A Function is the time of a function over all its callers.
type Function struct {
	Name      string
	Kind      int
	Flat, Cum time.Duration // in itself, and with what it called
}

// The kinds of code.
const (
	Cell    = iota // of a cell
	Package        // of a package
	Runtime        // Go's own: garbage collection, scheduling, maps, ...
	Network        // no function, but a layer of a network, or a pass through it
)

// outside is the node of what no cell called.
const outside = "outside of cells (garbage collection, scheduling)"

// Parse reads a profile in pprof's format.
func Parse(data []byte) (*Profile, error) {
	raw, err := profile.ParseData(data)
	if err != nil {
		return nil, fmt.Errorf("reading the profile: %w", err)
	}
	value := slices.IndexFunc(raw.SampleType, func(t *profile.ValueType) bool { return t.Unit == "nanoseconds" })
	count := slices.IndexFunc(raw.SampleType, func(t *profile.ValueType) bool { return t.Unit == "count" })
	if value < 0 || count < 0 {
		return nil, fmt.Errorf("reading the profile: it holds no times")
	}
	p := &Profile{Root: &flamegraph.Node{}}
	functions := map[string]*Function{}
	trained := callers(raw, value)
	for _, s := range raw.Sample {
		spent := time.Duration(s.Value[value])
		p.Samples += s.Value[count]
		p.Total += spent
		stack := stackOf(s)
		shown := stack
		if pass := labelled(s, passLabel); pass != "" {
			stack, shown = p.layered(s, pass, spent, stack, trained)
		}
		at := p.Root
		at.Time += spent
		for _, f := range shown {
			at = at.Child(f.name, f.kind)
			at.Time += spent
		}
		seen := map[string]bool{}
		for i, f := range stack {
			fn := functions[f.name]
			if fn == nil {
				fn = &Function{Name: f.name, Kind: f.kind}
				functions[f.name] = fn
			}
			if !seen[f.name] { // recursion counts once
				seen[f.name] = true
				fn.Cum += spent
			}
			if i == len(stack)-1 {
				fn.Flat += spent
			}
		}
	}
	for _, f := range functions {
		p.Functions = append(p.Functions, *f)
	}
	slices.SortFunc(p.Functions, func(a, b Function) int {
		if a.Flat != b.Flat {
			return int(b.Flat - a.Flat)
		}
		if a.Cum != b.Cum {
			return int(b.Cum - a.Cum)
		}
		return strings.Compare(a.Name, b.Name)
	})
	p.Root.Sort()
	p.sortLayers()
	return p, nil
}

var majorVersion = regexp.MustCompile(`^v[0-9]+\.`)

type frame struct {
	name string
	kind int
}

// stackOf is the stack of a sample, outermost first, from the first function
// of a cell on.
func stackOf(s *profile.Sample) []frame {
	var stack []frame
	started := false
	for _, l := range slices.Backward(s.Location) {
		for _, line := range slices.Backward(l.Line) {
			if line.Function == nil {
				continue
			}
			f := named(line.Function)
			started = started || f.kind == Cell
			if started && f.name != "" {
				stack = append(stack, f)
			}
		}
	}
	if started {
		return stack
	}
	return append([]frame{{outside, Runtime}}, runtimeStack(s)...)
}

// runtimeStack is what a sample has of Go's runtime.
func runtimeStack(s *profile.Sample) []frame {
	var stack []frame
	for _, l := range slices.Backward(s.Location) {
		for _, line := range slices.Backward(l.Line) {
			if line.Function == nil {
				continue
			}
			if f := named(line.Function); f.kind == Runtime && f.name != "" {
				stack = append(stack, f)
			}
		}
	}
	return stack
}

// workerSources is in the names of the worker's own files: its package is main,
// too.
const workerSources = "/modelbook-worker/"

// named gives a function the name that its user knows: without the package of
// the cells, and without the path of other packages.
func named(f *profile.Function) frame {
	cell, inCell := place.Cell(f.Filename)
	name, own := strings.CutPrefix(f.Name, "main.")
	own = own && !strings.Contains(f.Filename, workerSources)
	name = gen.Inlined(name)
	switch {
	case own && inCell && name == "main": // the statements
		return frame{place.File(cell), Cell}
	case own && inCell && strings.HasPrefix(name, "main.func"):
		return frame{place.File(cell) + " func literal", Cell}
	case own && gen.IsGenerated(name):
		return frame{"", Cell} // generated
	case own, inCell:
		return frame{name, Cell}
	}
	name = f.Name
	if strings.HasPrefix(name, "runtime.asyncPreempt") {
		return frame{"", Runtime} // the sample hit the signal that stops the function
	}
	if strings.HasPrefix(name, "runtime.") || strings.HasPrefix(name, "runtime/") || strings.HasPrefix(name, "internal/runtime/") {
		return frame{name, Runtime}
	}
	if strings.HasPrefix(name, "modelbook/kernel/worker/") || strings.HasPrefix(name, "main.") {
		return frame{"", Package}
	}
	generic := strings.IndexByte(name, '[')
	if generic < 0 {
		generic = len(name)
	}
	path := name[:generic]
	last := strings.LastIndexByte(path, '/')
	if majorVersion.MatchString(path[last+1:]) { // math/rand/v2.N is rand/v2.N
		last = strings.LastIndexByte(path[:last], '/')
	}
	return frame{name[last+1:], Package}
}
