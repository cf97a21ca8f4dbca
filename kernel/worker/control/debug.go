package control

// Debug switches the debugger on or off: OK. Off lets stopped goroutines go on,
// and forgets the breakpoints.
type Debug struct {
	isRequest
	On bool
}

// SetBreakpoints sets the breakpoints of a cell, in place of those that it had:
// OK.
type SetBreakpoints struct {
	isRequest
	Cell  int
	Lines []int
}

// Resume lets the goroutine go on that is stopped: OK or Failed.
type Resume struct {
	isRequest
	Step Step
}

// Step says how far a stopped goroutine goes on.
type Step string

const (
	StepContinue Step = "continue" // to the next breakpoint
	StepNext     Step = "next"     // to the next line of this function, or of its caller
	StepIn       Step = "in"       // to the next line, also of a function that is called
	StepOut      Step = "out"      // to the next line of the caller
)

// Pause stops the next goroutine that comes to a line of a cell compiled for the
// debugger: OK.
type Pause struct{ isRequest }

// ListFrames asks for the calls of the stopped goroutine: FrameList or Failed.
type ListFrames struct{ isRequest }

// InspectFrame asks for the variables of a frame of the stopped goroutine,
// counted from 0, the innermost, or for the parts of one as Inspect does. The
// reply is VariableList or Failed.
type InspectFrame struct {
	isRequest
	Frame int
	Path  []string
}

// ShowLocal asks for the rich form of a variable of a frame: Shown or Failed.
type ShowLocal struct {
	isRequest
	Frame int
	Path  []string
}

// FrameList lists the calls of the stopped goroutine that were compiled for the
// debugger, the innermost first.
type FrameList struct {
	isReply
	Frames []CellFrame
}

// A CellFrame is a call of a function of a cell.
type CellFrame struct {
	Func       string // "" for the statements of the cell
	Cell, Line int
}

// Stopped says that a goroutine has stopped. Only one is stopped at a time: others
// that come to a breakpoint wait until it goes on.
type Stopped struct {
	isEvent
	Run    RunID
	Reason StopReason
}

// StopReason is why a goroutine has stopped.
type StopReason string

const (
	AtBreakpoint StopReason = "breakpoint"
	AfterStep    StopReason = "step"
	AfterPause   StopReason = "pause"
)

// Resumed says that the stopped goroutine goes on, or has ended.
type Resumed struct{ isEvent }
