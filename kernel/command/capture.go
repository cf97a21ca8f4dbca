package command

import (
	"errors"
	"fmt"
	"go/token"
	"os"
	"strings"
	"sync"
	"sync/atomic"

	"modelbook/kernel/output"
)

// An Output is the sink of one cell: what the cell puts out goes to the front
// end, and where %capture, %%capture and %test want it.
type Output struct {
	output.Sink             // of the front end, with marks that clear it
	frontEnd    output.Sink // as it was given

	mu       sync.Mutex
	file     *os.File  // of %capture
	failed   error     // of writing to file
	variable string    // of %%capture, or ""
	hidden   *captured // of %%capture, whose cell shows nothing
	lines    func(text string)

	asking atomic.Int32 // questions to the user without an answer
}

// NewOutput makes the sink of a cell that a front end shows.
func NewOutput(frontEnd output.Sink) *Output {
	return &Output{Sink: &output.Clearing{Sink: frontEnd}, frontEnd: frontEnd}
}

// captured is what the variable of a %%capture is to hold.
type captured struct {
	stdout, stderr strings.Builder // text comes in small pieces
	displays       []map[string]string
}

// CapturedType is the type of that variable.
const CapturedType = "struct { Stdout, Stderr string; Displays []map[string]string }"

// maxCaptured bounds the text in the variable: it goes through the compiler.
const maxCaptured = 8 << 20

// richest are the types that %capture writes a display in, best first.
var richest = []string{"text/markdown", "text/html", "text/latex", "text/plain", "image/svg+xml"}

// Input asks the user for a line.
func (o *Output) Input(prompt string, password bool) (string, error) {
	o.asking.Add(1)
	defer o.asking.Add(-1)
	return o.Sink.Input(prompt, password)
}

// Asking reports whether the user has been asked something and not answered.
func (o *Output) Asking() bool { return o.asking.Load() > 0 }

// Stream takes text of the cell's stdout or stderr.
func (o *Output) Stream(name, text string) {
	o.mu.Lock()
	h, lines := o.hidden, o.lines
	if h != nil {
		to := &h.stdout
		if name == "stderr" {
			to = &h.stderr
		}
		to.WriteString(text[:min(len(text), max(0, maxCaptured-to.Len()))])
	}
	o.write(text)
	o.mu.Unlock()
	if lines != nil && name == "stdout" {
		lines(text)
	}
	if h == nil {
		o.Sink.Stream(name, text)
	}
}

// Display takes rich output of the cell.
func (o *Output) Display(d output.Display) {
	if !o.keep(d, richest) {
		o.Sink.Display(d)
	}
}

// Result takes the value of the cell's last expression.
func (o *Output) Result(d output.Display) {
	if !o.keep(d, []string{"text/plain"}) {
		o.Sink.Result(d)
	}
}

// keep writes a display to the file of %capture, in the first of some types
// that it has. It reports whether the display is hidden.
func (o *Output) keep(d output.Display, types []string) (hidden bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, mime := range types {
		if text, ok := d.Data[mime].(string); ok {
			if mime == "text/plain" && !strings.HasSuffix(text, "\n") {
				text += "\n"
			}
			o.write(text)
			break
		}
	}
	if o.hidden == nil {
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
	o.hidden.displays = append(o.hidden.displays, data)
	return true
}

func (o *Output) write(text string) {
	if o.file != nil && o.failed == nil {
		_, o.failed = o.file.WriteString(text)
	}
}

// listen hands the text that the cell prints to f, too.
func (o *Output) listen(f func(text string)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.lines = f
}

// End ends what is captured. The code that it returns, if any, makes the
// variable of a %%capture.
func (o *Output) End() (code string, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.file != nil {
		name := o.file.Name()
		if err = errors.Join(o.failed, o.file.Close()); err != nil {
			err = fmt.Errorf("%%capture: %s is not complete: %w", name, err)
		}
		o.file = nil
	}
	if h := o.hidden; h != nil && o.variable != "" {
		code = fmt.Sprintf("%s := %s{%q, %q, %#v}", o.variable, CapturedType, h.stdout.String(), h.stderr.String(), h.displays)
	}
	o.hidden = nil
	return code, err
}

// captureFile copies what the cell puts out to a file.
func (r *Run) captureFile(c Call) error {
	f, err := os.OpenFile(r.path(c.Args[0]), writeFlags(c), 0o644)
	if err != nil {
		return r.fail(c.Command, "PathError", "%v", err)
	}
	r.out.mu.Lock()
	defer r.out.mu.Unlock()
	if r.out.captures() {
		f.Close()
		return r.capturedAlready(c)
	}
	r.out.file = f
	return nil
}

// captureVariable hides what the cell puts out, and keeps it for a variable.
func (r *Run) captureVariable(c Call) error {
	if len(c.Args) == 1 && !token.IsIdentifier(c.Args[0]) {
		return r.usage(c)
	}
	r.out.mu.Lock()
	defer r.out.mu.Unlock()
	if r.out.captures() {
		return r.capturedAlready(c)
	}
	if len(c.Args) == 1 {
		r.out.variable = c.Args[0]
	}
	r.out.hidden = &captured{}
	return nil
}

func (o *Output) captures() bool { return o.file != nil || o.hidden != nil }

func (r *Run) capturedAlready(c Call) error {
	return r.fail(c.Command, "UsageError", "the output of this cell is captured already")
}
