package jupyter

// DebugRequest is a request of the Debug Adapter Protocol, with the arguments
// that are looked at.
type DebugRequest struct {
	Seq       int            `json:"seq"`
	Command   string         `json:"command"`
	Arguments DebugArguments `json:"arguments"`
}

// DebugArguments are the arguments of all commands together.
type DebugArguments struct {
	Reference   int              `json:"variablesReference"` // of variables
	Start       int              `json:"start"`
	Count       int              `json:"count"`
	Variable    string           `json:"variableName"` // of richInspectVariables
	FrameID     int              `json:"frameId"`
	Code        string           `json:"code"`       // of dumpCell
	Source      Source           `json:"source"`     // of setBreakpoints and source
	Expression  string           `json:"expression"` // of evaluate
	Breakpoints List[Breakpoint] `json:"breakpoints"`
}

// Source names the code that breakpoints and frames are in.
type Source struct {
	Name string `json:"name,omitempty"`
	Path string `json:"path"`
}

// A Breakpoint is a line to stop at.
type Breakpoint struct {
	Verified bool    `json:"verified"`
	Line     int     `json:"line"`
	Source   *Source `json:"source,omitempty"`
}

// DebugReply is a response of the Debug Adapter Protocol.
type DebugReply struct {
	isReply
	Type       string    `json:"type"` // "response"
	Seq        int       `json:"seq"`
	RequestSeq int       `json:"request_seq"`
	Command    string    `json:"command"`
	Success    bool      `json:"success"`
	Message    string    `json:"message,omitempty"` // why not
	Body       DebugBody `json:"body"`
}

// A DebugBody is what a command returns.
type DebugBody interface{ debugBody() }

type isDebugBody struct{}

func (isDebugBody) debugBody() {}

// NoBody is the body of commands that return nothing.
type NoBody struct{ isDebugBody }

// DebugInfo is the state of the debugger.
type DebugInfo struct {
	isDebugBody
	IsStarted      bool                    `json:"isStarted"`
	RichRendering  bool                    `json:"richRendering"`
	CopyToGlobals  bool                    `json:"copyToGlobals"`
	Breakpoints    List[SourceBreakpoints] `json:"breakpoints"`
	StoppedThreads List[int]               `json:"stoppedThreads"`
	ExceptionPaths List[nothing]           `json:"exceptionPaths"`
	// How a front end names a cell that it wants to set breakpoints in.
	HashMethod    string `json:"hashMethod"`
	HashSeed      int64  `json:"hashSeed"`
	TmpFilePrefix string `json:"tmpFilePrefix"`
	TmpFileSuffix string `json:"tmpFileSuffix"`
}

// SourceBreakpoints are the breakpoints of one cell.
type SourceBreakpoints struct {
	Source      string           `json:"source"` // the path
	Breakpoints List[Breakpoint] `json:"breakpoints"`
}

// nothing is an element of a list that is always empty here.
type nothing struct{}

// DebugCapabilities answers initialize.
type DebugCapabilities struct {
	isDebugBody
	Filters           List[nothing] `json:"exceptionBreakpointFilters"`
	ConfigurationDone bool          `json:"supportsConfigurationDoneRequest"`
}

// DumpedCell answers dumpCell: the file in which breakpoints would be set.
type DumpedCell struct {
	isDebugBody
	SourcePath string `json:"sourcePath"`
}

// Variables lists variables, or parts of one.
type Variables struct {
	isDebugBody
	Variables List[Variable] `json:"variables"`
}

// A Variable is one of Variables. Its parts are asked for by its reference,
// which is zero when it has none.
type Variable struct {
	Name         string `json:"name"`
	Value        string `json:"value"`
	Type         string `json:"type"`
	EvaluateName string `json:"evaluateName,omitempty"`
	Reference    int    `json:"variablesReference"`
	Parts        int    `json:"namedVariables,omitempty"`
}

// RichVariable is a variable in its rich form.
type RichVariable struct {
	isDebugBody
	Value
}

// Breakpoints answers setBreakpoints.
type Breakpoints struct {
	isDebugBody
	Breakpoints List[Breakpoint] `json:"breakpoints"`
}

// Threads answers threads: the goroutine that is stopped.
type Threads struct {
	isDebugBody
	Threads List[Thread] `json:"threads"`
}

// A Thread is one of Threads.
type Thread struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

// StackTrace answers stackTrace.
type StackTrace struct {
	isDebugBody
	Frames List[StackFrame] `json:"stackFrames"`
	Total  int              `json:"totalFrames"`
}

// A StackFrame is a call, the innermost first.
type StackFrame struct {
	ID     int    `json:"id"`
	Name   string `json:"name"`
	Source Source `json:"source"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// Scopes answers scopes.
type Scopes struct {
	isDebugBody
	Scopes List[Scope] `json:"scopes"`
}

// A Scope holds variables, which are asked for by its reference.
type Scope struct {
	Name      string `json:"name"`
	Reference int    `json:"variablesReference"`
	Expensive bool   `json:"expensive"`
}

// Evaluation answers evaluate.
type Evaluation struct {
	isDebugBody
	Result    string `json:"result"`
	Type      string `json:"type"`
	Reference int    `json:"variablesReference"`
}

// SourceText answers source.
type SourceText struct {
	isDebugBody
	Content  string `json:"content"`
	MIMEType string `json:"mimeType"`
}

// Continued answers continue.
type Continued struct {
	isDebugBody
	All bool `json:"allThreadsContinued"`
}

// DebugEvent is an event of the Debug Adapter Protocol.
type DebugEvent struct {
	Type  string `json:"type"` // "event"
	Seq   int    `json:"seq"`
	Event string `json:"event"`
	Body  any    `json:"body"` // StoppedBody or ContinuedBody
}

// MessageType is the type of messages that hold events.
func (DebugEvent) MessageType() string { return "debug_event" }

// StoppedBody is the body of the event "stopped".
type StoppedBody struct {
	Reason   string `json:"reason"` // "breakpoint", "step" or "pause"
	ThreadID int    `json:"threadId"`
	All      bool   `json:"allThreadsStopped"`
}

// ContinuedBody is the body of the event "continued".
type ContinuedBody struct {
	ThreadID int  `json:"threadId"`
	All      bool `json:"allThreadsContinued"`
}

// Modules answers modules: none is listed.
type Modules struct {
	isDebugBody
	Modules List[nothing] `json:"modules"`
	Total   int           `json:"totalModules"`
}
