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
	Reference int    `json:"variablesReference"` // of variables
	Start     int    `json:"start"`
	Count     int    `json:"count"`
	Variable  string `json:"variableName"` // of richInspectVariables
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
	IsStarted      bool          `json:"isStarted"`
	RichRendering  bool          `json:"richRendering"`
	CopyToGlobals  bool          `json:"copyToGlobals"`
	Breakpoints    List[nothing] `json:"breakpoints"`
	StoppedThreads List[nothing] `json:"stoppedThreads"`
	ExceptionPaths List[nothing] `json:"exceptionPaths"`
	// How a front end names a cell that it wants to set breakpoints in.
	HashMethod    string `json:"hashMethod"`
	HashSeed      int64  `json:"hashSeed"`
	TmpFilePrefix string `json:"tmpFilePrefix"`
	TmpFileSuffix string `json:"tmpFileSuffix"`
}

// nothing is an element of a list that is always empty here, because there are
// no breakpoints.
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

// Breakpoints answers setBreakpoints: none was set.
type Breakpoints struct {
	isDebugBody
	Breakpoints List[nothing] `json:"breakpoints"`
}

// Threads answers threads: none has stopped.
type Threads struct {
	isDebugBody
	Threads List[nothing] `json:"threads"`
}

// StackTrace answers stackTrace: there is none.
type StackTrace struct {
	isDebugBody
	Frames List[nothing] `json:"stackFrames"`
	Total  int           `json:"totalFrames"`
}

// Scopes answers scopes: there are none.
type Scopes struct {
	isDebugBody
	Scopes List[nothing] `json:"scopes"`
}

// Modules answers modules: none is listed.
type Modules struct {
	isDebugBody
	Modules List[nothing] `json:"modules"`
	Total   int           `json:"totalModules"`
}
