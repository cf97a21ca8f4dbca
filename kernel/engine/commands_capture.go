package engine

import (
	"errors"
	"fmt"
	"go/token"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"modelbook/kernel/cell"
)

// cellSink is where a cell puts out to: the front end's sink, and what
// %capture and %test want of it.
type cellSink struct {
	Sink
	mu       sync.Mutex
	file     *os.File  // of %capture
	variable string    // of %%capture, whose cell shows nothing
	hidden   *captured // or nil
	failed   error     // of writing to file
	lines    func(text string)
	inLine   bool         // the last text of stdout ended within a line
	asking   atomic.Int32 // questions to the user that are open
}

// Input asks the user for a line.
func (s *cellSink) Input(prompt string, password bool) (string, error) {
	s.asking.Add(1)
	defer s.asking.Add(-1)
	return s.Sink.Input(prompt, password)
}

// captured is what the variable of a %%capture holds.
type captured struct {
	Stdout, Stderr string
	Displays       []map[string]string
}

// maxCaptured is the text that a variable can be given: it goes through the
// compiler.
const maxCaptured = 8 << 20

// richest are the types that %capture writes a display in, best first.
var richest = []string{"text/markdown", "text/html", "text/latex", "text/plain", "image/svg+xml"}

func (s *cellSink) Stream(name, text string) {
	s.mu.Lock()
	h, lines := s.hidden, s.lines
	if h != nil {
		to := &h.Stdout
		if name == "stderr" {
			to = &h.Stderr
		}
		*to += text[:min(len(text), max(0, maxCaptured-len(*to)))]
	}
	s.write(text)
	s.mu.Unlock()
	if lines != nil && name == "stdout" {
		lines(text)
	}
	if h == nil {
		s.show(name, text)
	}
}

func (s *cellSink) Display(d Display) {
	if !s.keep(d, richest) {
		s.Sink.Display(d)
	}
}

func (s *cellSink) Result(d Display) {
	if !s.keep(d, []string{"text/plain"}) {
		s.Sink.Result(d)
	}
}

// keep writes a display to the file, in the first type that it has. It
// reports whether the display is hidden.
func (s *cellSink) keep(d Display, types []string) (hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, mime := range types {
		if text, ok := d.Data[mime].(string); ok {
			if mime == "text/plain" && !strings.HasSuffix(text, "\n") {
				text += "\n"
			}
			s.write(text)
			break
		}
	}
	if s.hidden == nil {
		return false
	}
	data := map[string]string{}
	for mime, value := range d.Data {
		if text, ok := value.(string); ok {
			data[mime] = text
		} else {
			data[mime] = fmt.Sprint(value)
		}
	}
	s.hidden.Displays = append(s.hidden.Displays, data)
	return true
}

func (s *cellSink) write(text string) {
	if s.file != nil && s.failed == nil {
		_, s.failed = s.file.WriteString(text)
	}
}

// end ends what was captured. The code it returns makes the variable of a
// %%capture.
func (s *cellSink) end() (code string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.file != nil {
		name := s.file.Name()
		if err = errors.Join(s.failed, s.file.Close()); err != nil {
			err = fmt.Errorf("%%capture: %s is not complete: %w", name, err)
		}
		s.file = nil
	}
	if h := s.hidden; h != nil && s.variable != "" {
		code = fmt.Sprintf("%s := struct { Stdout, Stderr string; Displays []map[string]string }{%q, %q, %#v}", s.variable, h.Stdout, h.Stderr, h.Displays)
	}
	s.hidden = nil
	return code, err
}

// capture copies what the cell puts out to a file (%capture), or keeps it from
// being shown (%%capture) and puts it into a variable.
func (r *commandRun) capture(cmd cell.Command) error {
	sink, ok := r.out.(*cellSink)
	if !ok {
		return r.fail(cmd, "CaptureError", "nothing can be captured here")
	}
	sink.mu.Lock()
	defer sink.mu.Unlock()
	if sink.file != nil || sink.hidden != nil {
		return r.fail(cmd, "UsageError", "the output of this cell is captured already")
	}
	args := cmd.Args
	if cmd.Name == "%%capture" {
		if len(args) > 1 || len(args) == 1 && !token.IsIdentifier(args[0]) {
			return r.usage(cmd, "%%capture [variable] (%capture [-a] file copies the output to a file)")
		}
		if len(args) == 1 {
			sink.variable = args[0]
		}
		sink.hidden = &captured{}
		return nil
	}
	flags := os.O_WRONLY | os.O_CREATE | os.O_TRUNC
	if len(args) > 1 && args[0] == "-a" {
		args, flags = args[1:], os.O_WRONLY|os.O_CREATE|os.O_APPEND
	}
	if len(args) != 1 {
		return r.usage(cmd, "%capture [-a] file (%%capture variable keeps the output in a variable)")
	}
	f, err := os.OpenFile(r.path(os.Expand(args[0], r.getenv)), flags, 0o644)
	if err != nil {
		return r.fail(cmd, "PathError", "%v", err)
	}
	sink.file = f
	return nil
}
