package output

import (
	"fmt"
	"strings"
)

// A Display is something shown: MIME type to data. Text types hold a string,
// JSON types any value that encoding/json accepts, binary types a base64 string.
type Display struct {
	Data     map[string]any
	Metadata map[string]any
	// ID identifies the display, or is "" for an output that is never updated.
	ID string
	// Update reports that the output with this ID is to be replaced in place.
	Update bool
}

// Sink receives what a running cell puts out. Its methods may be called from
// several goroutines.
type Sink interface {
	// Stream receives text of "stdout" or "stderr", whole characters of it.
	Stream(name, text string)
	// Display shows or updates rich output (display_data, update_display_data).
	Display(Display)
	// Result shows the value of the cell's last expression (execute_result).
	Result(Display)
	// Clear clears the cell's output; with wait, when the next output arrives.
	Clear(wait bool)
	// Input asks the user for one line, without its newline. It returns an
	// error when the front end cannot ask.
	Input(prompt string, password bool) (string, error)
}

// NextInput is implemented by the sink of a front end in which one cell can
// set the text of another: of the cell below, or with replace its own.
type NextInput interface {
	NextInput(text string, replace bool)
}

// Error is what went wrong in a cell, reported to its author.
type Error struct {
	Name      string   // kind of error: "CompileError", "Panic", "Interrupted", "ExitError", the error's Go type
	Value     string   // the message, one line where possible
	Traceback []string // lines to show, with ANSI colours; position, source line and caret among them
}

// Error returns the error's name and message.
func (e *Error) Error() string {
	if e.Value == "" {
		return e.Name
	}
	return strings.TrimSpace(e.Name + ": " + e.Value)
}

// Note writes a remark of the kernel, which is not the cell's own output.
func Note(out Sink, format string, args ...any) {
	out.Stream("stderr", "note: "+fmt.Sprintf(format, args...)+"\n")
}
