package engine

import (
	"fmt"
	"net/url"
	"path"
	"strings"

	"modelbook/internal/place"
	"modelbook/kernel/worker/control"
)

// goroutinePanic tells of a goroutine's panic, on stderr, or of its os.Exit.
func (s *sources) goroutinePanic(f *control.Failure) string {
	if f.Kind == control.Exited && len(f.Frames) == 0 {
		return "note: " + s.named(f.Message) + "\n"
	}
	frames, finalizer := belowFinalizer(f.Frames)
	told := s.failure(f).Traceback
	if len(s.frames(frames)) == 0 {
		told = append(told, s.packageFrames(frames)...)
	}
	if finalizer {
		return "a finalizer or cleanup panicked; the session goes on\n" + strings.Join(told, "\n") + "\n"
	}
	who := "a goroutine"
	if n := len(frames); n > 0 && frames[n-1].Go {
		told = append(told, s.started(frames[n-1]))
		if p := packageOf(frames); p != "" {
			who += " that package " + p + " started"
		}
	}
	return who + " ended in a panic; the session goes on (if the cell waits for it, interrupt the cell)\n" + strings.Join(told, "\n") + "\n"
}

// belowFinalizer cuts a stack where the runtime called a finalizer or cleanup.
func belowFinalizer(frames []control.Frame) (below []control.Frame, finalizer bool) {
	for i, f := range frames {
		if f.Func == "runtime.modelbookFinalizer" || f.Func == "runtime.modelbookCleanup" {
			return frames[:i], true
		}
	}
	return frames, false
}

// packageFrames shows the stack of a goroutine none of whose frames are in
// cells, by name, file and line.
func (s *sources) packageFrames(frames []control.Frame) (text []string) {
	for _, f := range frames {
		if f.Go || strings.HasPrefix(f.Func, "runtime.") {
			continue
		}
		if len(text) == shownFrames {
			return append(text, "    ...")
		}
		text = append(text, dim+fmt.Sprintf("in %s (%s:%d)", f.Func, f.File, f.Line)+plain)
	}
	return text
}

// started names the go statement that a goroutine began with.
func (s *sources) started(f control.Frame) string {
	if _, ok := place.Cell(f.File); ok {
		return strings.Join(s.frames([]control.Frame{{Func: f.Func, File: f.File, Line: f.Line}}), "\n")
	}
	return dim + fmt.Sprintf("started by %s (%s:%d)", f.Func, f.File, f.Line) + plain
}

// packageOf is the import path of the function that the goroutine began with,
// "" for one of a cell.
func packageOf(frames []control.Frame) string {
	first := ""
	for _, f := range frames {
		if !f.Go && f.Func != "runtime.goexit" && f.Func != "" {
			first = f.Func
		}
	}
	if strings.HasPrefix(first, "main.") {
		return ""
	}
	dir, name := path.Split(first) // "example.test/", "boom.Start.func1"
	name, _, _ = strings.Cut(name, ".")
	if plain, err := url.PathUnescape(name); err == nil { // "yaml%2ev3"
		name = plain
	}
	return dir + name
}
