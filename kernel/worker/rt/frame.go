package rt

// A Frame is a call of a function that was compiled for the debugger. Cells are
// compiled so only while a front end has its debugger switched on.
type Frame struct {
	Cell   int    // the number of the cell that declares the function
	Func   string // as the user names it; "" for the statements of the cell
	Line   int    // where it is
	Thread any    // of the debugger: what the goroutine is to it

	locals func() []Local
}

// A Local is a variable of a frame, by the pointer to it.
type Local struct {
	Name    string
	Pointer any
}

// Enter begins a call of a function that a cell declares; Leave ends it.
func Enter(cell int, function string) *Frame {
	f := &Frame{Cell: cell, Func: function}
	FrameEntered(f)
	return f
}

// Leave ends the call, also when it panics.
func (f *Frame) Leave() { FrameLeft(f) }

// At says that the statement at a line is next, and how to find the variables
// that are in scope there. It returns when the debugger lets the goroutine go on.
func (f *Frame) At(line int, locals func() []Local) {
	f.Line, f.locals = line, locals
	FrameAt(f)
}

// Locals are the variables in scope where the frame is, inner scopes first.
func (f *Frame) Locals() []Local {
	if f.locals == nil {
		return nil
	}
	return f.locals()
}

// The debugger of the worker sets these.
var (
	FrameEntered = func(f *Frame) {}
	FrameLeft    = func(f *Frame) {}
	FrameAt      = func(f *Frame) {}
)
