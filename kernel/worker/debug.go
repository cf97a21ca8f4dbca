package worker

import "modelbook/kernel/worker/control"

// Debug switches the debugger on or off.
func (w *Worker) Debug(on bool) error { return w.ok(control.Debug{On: on}) }

// SetBreakpoints sets the breakpoints of a cell, in place of those it had.
func (w *Worker) SetBreakpoints(cell int, lines []int) error {
	return w.ok(control.SetBreakpoints{Cell: cell, Lines: lines})
}

// Resume lets the stopped goroutine go on.
func (w *Worker) Resume(step control.Step) error { return w.ok(control.Resume{Step: step}) }

// Pause stops the next goroutine that comes to a line compiled for the debugger.
func (w *Worker) Pause() error { return w.ok(control.Pause{}) }

// Frames are the calls of the stopped goroutine, the innermost first.
func (w *Worker) Frames() ([]control.CellFrame, error) {
	r, err := do[control.FrameList](w, control.ListFrames{})
	return r.Frames, err
}

// InspectFrame lists the variables of a frame of the stopped goroutine, or the
// parts of one.
func (w *Worker) InspectFrame(frame int, path []string) ([]control.Variable, error) {
	r, err := do[control.VariableList](w, control.InspectFrame{Frame: frame, Path: path})
	return r.Variables, err
}

// ShowLocal makes the rich form of a variable of a frame.
func (w *Worker) ShowLocal(frame int, path []string) (control.Bundle, error) {
	r, err := do[control.Shown](w, control.ShowLocal{Frame: frame, Path: path})
	return r.Bundle, err
}
