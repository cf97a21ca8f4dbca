package kernel

import (
	"context"

	"modelbook/kernel/comms"
	"modelbook/kernel/engine"
)

// An Engine runs cells. *engine.Engine is one.
type Engine interface {
	// Execute runs a cell; several may run at the same time. Cancelling ctx
	// interrupts it; the values of the session survive. The error is nil or an
	// *engine.CellError.
	Execute(ctx context.Context, r engine.Request, out engine.Sink) error
	// Close ends the engine and the processes it started.
	Close() error
}

// An Insister is an engine that can be told that an interrupted cell takes too
// long to end.
type Insister interface{ Insist() }

// A Completeness says whether a text can be run as it is.
type Completeness struct {
	// Status is "complete", "incomplete", "invalid" or "unknown".
	Status string
	// Indent is what the next line should begin with when incomplete.
	Indent string
}

// Config describes a kernel.
type Config struct {
	// Start makes the engine. It is called once, in the background, so that
	// the kernel answers while the engine starts.
	Start func() (Engine, error)
	// IsComplete judges a text for consoles, or is nil.
	IsComplete func(code string) Completeness
	// Comms holds the targets that front ends may open comms to; nil for none.
	Comms *comms.Registry
	// Version is modelbook's version, GoVersion that of the Go toolchain.
	Version, GoVersion string
	// History is the file that keeps the inputs of all sessions, or "".
	History string
	// Warnings are shown with the first cell.
	Warnings []string
}
