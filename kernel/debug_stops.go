package kernel

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"modelbook/internal/place"
	"modelbook/kernel/jupyter"
)

// A front end names the text of a cell by a path made of its hash, because a cell
// has no number before it runs, and finds the cell of a frame by that.
const (
	cellNameSeed   = 0xc70f6907
	cellNamePrefix = "modelbook-cell-"
	cellNameSuffix = ".go"
)

// cellPath is the path that stands for the text of a cell.
func cellPath(code string) string {
	return fmt.Sprintf("%s%d%s", cellNamePrefix, murmur2(code, cellNameSeed), cellNameSuffix)
}

// murmur2 is MurmurHash2 of 32 bits, which JupyterLab names cells with
// (Austin Appleby, https://github.com/aappleby/smhasher).
func murmur2(text string, seed uint32) uint32 {
	const m = 0x5bd1e995
	h := seed ^ uint32(len(text))
	for ; len(text) >= 4; text = text[4:] {
		k := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
		k *= m
		k ^= k >> 24
		k *= m
		h = h*m ^ k
	}
	for i := len(text) - 1; i >= 0; i-- {
		h ^= uint32(text[i]) << (8 * i)
	}
	if len(text) > 0 {
		h *= m
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}

// sources are the cells that breakpoints and frames may be in.
type sources struct {
	text  map[string]string // by path
	cells map[string][]int  // numbers of the cells that were executed with a text
	paths map[int]string    // the text of a cell
	lines map[string][]int  // breakpoints
}

// executed notes the text of a cell.
func (s *sources) executed(cell int, code string) (path string) {
	if s.paths == nil {
		s.paths, s.cells = map[int]string{}, map[string][]int{}
	}
	path = s.dumped(code)
	s.paths[cell] = path
	s.cells[path] = append(s.cells[path], cell)
	return path
}

func (s *sources) dumped(code string) (path string) {
	if s.text == nil {
		s.text = map[string]string{}
	}
	path = cellPath(code)
	s.text[path] = code
	return path
}

// set sets the breakpoints of a cell and returns where they are: a line without
// code stands for the next one that has some.
func (s *sources) set(path string, lines []int) []int {
	if s.lines == nil {
		s.lines = map[string][]int{}
	}
	var moved []int
	for _, line := range lines {
		if line = codeLine(s.text[path], line); !slices.Contains(moved, line) {
			moved = append(moved, line)
		}
	}
	s.lines[path] = moved
	if len(moved) == 0 {
		delete(s.lines, path)
	}
	return moved
}

// clear takes away all breakpoints.
func (s *sources) clear() { s.lines = nil }

func (s *sources) breakpoints() (all []jupyter.SourceBreakpoints) {
	var paths []string
	for path := range s.lines {
		paths = append(paths, path)
	}
	slices.Sort(paths)
	for _, path := range paths {
		all = append(all, jupyter.SourceBreakpoints{Source: path, Breakpoints: asBreakpoints(path, s.lines[path])})
	}
	return all
}

func asBreakpoints(path string, lines []int) (all []jupyter.Breakpoint) {
	for _, line := range lines {
		all = append(all, jupyter.Breakpoint{Verified: true, Line: line, Source: &jupyter.Source{Path: path}})
	}
	return all
}

// codeLine is the first line from a line on that may begin a statement: it is not
// blank, nor a comment, nor the end of a block, nor a command.
func codeLine(code string, line int) int {
	for i, text := range strings.Split(code, "\n") {
		text = strings.TrimSpace(text)
		if i+1 >= line && text != "" && !strings.HasPrefix(text, "//") && strings.Trim(text, "})];,") != "" && !strings.HasPrefix(text, "%") {
			return i + 1
		}
	}
	return line
}

// debugging prepares a cell that is about to be executed: whether it is compiled
// for the debugger, and its breakpoints. The worker may be another one than that
// of the latest cell, so it is told of the breakpoints of earlier cells again.
func (k *Kernel) debugging(cell int, code string) (on bool, lines []int) {
	d := &k.debugger
	d.mu.Lock()
	path := d.sources.executed(cell, code)
	on, lines = d.started, d.sources.lines[path]
	earlier := map[int][]int{}
	for path, lines := range d.sources.lines {
		for _, cell := range d.sources.cells[path] {
			earlier[cell] = lines
		}
	}
	d.mu.Unlock()
	if !on {
		return false, nil
	}
	e, err := k.debuggable()
	if err == nil {
		err = e.Debug(announcer{k})
	}
	for cell, lines := range earlier {
		if err == nil {
			err = e.SetBreakpoints(cell, lines)
		}
	}
	if err != nil {
		k.log.Printf("debugger: %v", err)
	}
	return err == nil, lines
}

func (k *Kernel) dumpCell(a jupyter.DebugArguments) (jupyter.DebugBody, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	return jupyter.DumpedCell{SourcePath: k.debugger.sources.dumped(a.Code)}, nil
}

func (k *Kernel) setBreakpoints(a jupyter.DebugArguments) (jupyter.DebugBody, error) {
	var lines []int
	for _, b := range a.Breakpoints {
		lines = append(lines, b.Line)
	}
	d := &k.debugger
	d.mu.Lock()
	lines = d.sources.set(a.Source.Path, lines)
	cells := slices.Clone(d.sources.cells[a.Source.Path])
	started := d.started
	d.mu.Unlock()
	if e, err := k.debuggable(); err == nil && started {
		for _, cell := range cells { // functions of these run on
			if err := e.SetBreakpoints(cell, lines); err != nil {
				return nil, err
			}
		}
	}
	return jupyter.Breakpoints{Breakpoints: asBreakpoints(a.Source.Path, lines)}, nil
}

func (k *Kernel) sourceText(a jupyter.DebugArguments) (jupyter.DebugBody, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	text, ok := k.debugger.sources.text[a.Source.Path]
	if !ok {
		return nil, errors.New("source unavailable")
	}
	return jupyter.SourceText{Content: text, MIMEType: "text/x-go"}, nil
}

func (k *Kernel) threads(jupyter.DebugArguments) (jupyter.DebugBody, error) {
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	if !k.debugger.stopped {
		return jupyter.Threads{}, nil
	}
	return jupyter.Threads{Threads: []jupyter.Thread{{ID: thread, Name: "goroutine"}}}, nil
}

// stackTrace lists the frames. The identifier of a frame is its number from 1 on.
func (k *Kernel) stackTrace(jupyter.DebugArguments) (jupyter.DebugBody, error) {
	e, err := k.debuggable()
	if err != nil {
		return nil, err
	}
	frames, err := e.Frames()
	if err != nil {
		return nil, err
	}
	k.debugger.mu.Lock()
	defer k.debugger.mu.Unlock()
	trace := jupyter.StackTrace{Total: len(frames)}
	for i, f := range frames {
		cell := place.File(f.Cell)
		name := f.Func
		if name == "" {
			name = cell
		}
		trace.Frames = append(trace.Frames, jupyter.StackFrame{ID: i + 1, Name: name, Line: f.Line, Column: 1,
			Source: jupyter.Source{Name: cell, Path: k.debugger.sources.paths[f.Cell]}})
	}
	return trace, nil
}

// resumes returns a command that lets the stopped goroutine go on.
func resumes(step string) func(*Kernel, jupyter.DebugArguments) (jupyter.DebugBody, error) {
	return func(k *Kernel, _ jupyter.DebugArguments) (jupyter.DebugBody, error) {
		e, err := k.debuggable()
		if err != nil {
			return nil, err
		}
		return jupyter.Continued{All: true}, e.Resume(step)
	}
}

func (k *Kernel) pause(jupyter.DebugArguments) (jupyter.DebugBody, error) {
	e, err := k.debuggable()
	if err != nil {
		return nil, err
	}
	return jupyter.NoBody{}, e.Pause()
}
