package engine

import (
	"sync"

	"modelbook/kernel/worker"
	"modelbook/kernel/worker/control"
)

// A Debugger is told when a goroutine of a cell stops and when it goes on.
type Debugger interface {
	Stopped(reason string)
	Resumed()
}

// debugging says whom to tell of stops.
type debugging struct {
	mu   sync.Mutex
	told Debugger // nil while the debugger is off
}

func (d *debugging) tell(told Debugger) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = told
}

func (d *debugging) who() Debugger {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.told
}

// A stopHandler tells of stops and leaves all else to the handler in it.
type stopHandler struct {
	worker.Handler
	debugging *debugging
}

func (h stopHandler) Event(e control.Event) {
	switch e := e.(type) {
	case control.Stopped:
		if d := h.debugging.who(); d != nil {
			d.Stopped(string(e.Reason))
		}
	case control.Resumed:
		if d := h.debugging.who(); d != nil {
			d.Resumed()
		}
	default:
		h.Handler.Event(e)
	}
}

// A CellFrame is a call of the stopped goroutine.
type CellFrame = control.CellFrame

// alive is the worker, running or not.
func (e *Engine) alive() (*worker.Worker, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.worker == nil {
		return nil, errNoWorker
	}
	return e.worker, nil
}

// Debug switches the debugger on, and says whom to tell, or off (nil). Only cells
// that are executed with Request.Debug stop.
func (e *Engine) Debug(d Debugger) error {
	e.debug.tell(d)
	w, err := e.alive()
	if err != nil {
		return err
	}
	return w.Debug(d != nil)
}

// SetBreakpoints sets the breakpoints of a cell, by its number.
func (e *Engine) SetBreakpoints(cell int, lines []int) error {
	w, err := e.alive()
	if err != nil {
		return err
	}
	return w.SetBreakpoints(cell, lines)
}

// Resume lets the stopped goroutine go on: "continue", "next", "in" or "out".
func (e *Engine) Resume(step string) error {
	w, err := e.alive()
	if err != nil {
		return err
	}
	return w.Resume(control.Step(step))
}

// Pause stops the next goroutine that comes to a line compiled for the debugger.
func (e *Engine) Pause() error {
	w, err := e.alive()
	if err != nil {
		return err
	}
	return w.Pause()
}

// Frames are the calls of the stopped goroutine, the innermost first.
func (e *Engine) Frames() ([]CellFrame, error) {
	w, err := e.alive()
	if err != nil {
		return nil, err
	}
	return w.Frames()
}

// InspectFrame is Inspect for the variables of a frame of the stopped goroutine.
func (e *Engine) InspectFrame(frame int, path ...string) ([]Part, error) {
	w, err := e.alive()
	if err != nil {
		return nil, err
	}
	vars, err := w.InspectFrame(frame, path)
	if err != nil {
		return nil, err
	}
	parts := []Part{}
	for _, v := range vars {
		parts = append(parts, partOf(v))
	}
	return parts, nil
}

// RichLocal is Rich for a variable of a frame.
func (e *Engine) RichLocal(frame int, path ...string) (Display, error) {
	w, err := e.alive()
	if err != nil {
		return Display{}, err
	}
	b, err := w.ShowLocal(frame, path)
	return Display{Data: b.Data, Metadata: b.Metadata}, err
}
