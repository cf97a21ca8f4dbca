// Package engine runs cells: it takes a cell's text through kernel/cell,
// kernel/session, kernel/module, kernel/compile and kernel/worker, and hands what
// the cell printed and showed to a Sink. It knows nothing of Jupyter's wire protocol,
// so a notebook server (kernel) and the notebook runner (kernel/notebook)
// drive it in the same way. It knows the commands of cells as a
// command.Set, whose Host it is (host.go).
package engine

import "modelbook/kernel/output"

// Request is one cell to execute.
type Request struct {
	// Code is the cell's text, cell language and all.
	Code string
	// Cell is the number shown in error positions ("cell[3]:5:1"): the
	// execution count of the front end.
	Cell int
	// Silent suppresses the display of the last expression.
	Silent bool
	// Debug compiles the cell, and the functions of cells that it calls, so that
	// they can stop, at first at these lines of the cell.
	Debug       bool
	Breakpoints []int

	restored bool     // declarations of a saved session, of which nothing runs
	args     []string // program arguments, for a file that %run runs
}

// What a cell puts out is defined in package output.
type (
	Display   = output.Display
	Sink      = output.Sink
	NextInput = output.NextInput
	CellError = output.Error
)
