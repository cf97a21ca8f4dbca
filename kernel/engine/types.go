// Package engine runs cells: it takes a cell's text through kernel/cell,
// kernel/session, kernel/build and kernel/worker, and hands what the cell
// printed and showed to a Sink. It knows nothing of Jupyter's wire protocol,
// so a notebook server (kernel) and the notebook runner (kernel/notebook)
// drive it in the same way.
package engine

import "strings"

// Request is one cell to execute.
type Request struct {
	// Code is the cell's text, cell language and all.
	Code string
	// Cell is the number shown in error positions ("cell[3]:5:1"): the
	// execution count of the front end.
	Cell int
	// Silent suppresses the display of the last expression.
	Silent bool

	restored bool     // declarations of a saved session, of which nothing runs
	args     []string // program arguments, for a file that %run runs
}

// A Display is something shown: MIME type to data. Text types hold a string,
// JSON types any value encoding/json accepts, binary types a base64 string.
type Display struct {
	Data     map[string]any
	Metadata map[string]any
	// ID is the display identifier, or "" for an output never updated.
	ID string
	// Update reports that the output with this ID is to be replaced in place.
	Update bool
}

// Sink receives what a running cell puts out. Its methods may be called from
// several goroutines, and outputs of goroutines that outlive their cell go to
// the sink of the latest cell.
type Sink interface {
	// Stream receives text of "stdout" or "stderr".
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

// CellError is what went wrong in a cell, told to its author.
type CellError struct {
	Name      string   // kind of error: "CompileError", "Panic", "Interrupted", "ExitError", the error's Go type
	Value     string   // the message, one line where possible
	Traceback []string // lines to show, ANSI-coloured; position, source line and caret among them
}

// Error returns the error's name and message.
func (e *CellError) Error() string {
	if e.Value == "" {
		return e.Name
	}
	return strings.TrimSpace(e.Name + ": " + e.Value)
}
