// Package control holds the messages between the kernel and its worker: JSON
// values, one a line, over a socket that the worker inherits as ControlFD.
package control

import (
	"encoding/json"
	"time"
)

// ControlFD is the worker's end of the control connection.
const ControlFD = 3

// ExitDisconnected is the exit status of a worker that cannot write to the
// control connection.
const ExitDisconnected = 87

// MaxLine is the number of bytes of one message that the kernel reads. The
// worker says so in place of a longer one; code of cells may write anything.
const MaxLine = 64 << 20

// A Command goes from the kernel to the worker.
type Command struct {
	// Op is "ping" (give a sign of life), "open" (load a plugin), "run" (run
	// the cell loaded last), "interrupt", "vars", "inspect" (the parts of the
	// value at the path Args), "show" (its rich form), "chdir", "setenv",
	// "forget", "revert" (variables of these names are what they were before the
	// cell), "save" (the variables' values to the file Path), "restore"
	// (from it) or "went" (the event with this Seq was handled).
	Op   string   `json:"op"`
	Seq  int64    `json:"seq,omitempty"`
	Path string   `json:"path,omitempty"`
	Args []string `json:"args,omitempty"`
	Comm *Comm    `json:"comm,omitempty"`
}

// A Comm is a message of a comm, see package comms; the Op of its Command or
// Event is "comm".
type Comm struct {
	Op     string          `json:"op"`
	ID     string          `json:"id,omitempty"`
	Target string          `json:"target,omitempty"`
	Data   json.RawMessage `json:"data,omitempty"`
}

// An Event goes from the worker to the kernel.
type Event struct {
	// Op is "ready", "began" (with an "open" or "run"), "opened", "done",
	// "vars", "shown", "saved" or "ok" (answers), or "display", "panic" (in a
	// goroutine), "profile", "tested" or "piped" (the display pipe holds
	// something) at any time.
	Op string `json:"op"`
	// Seq asks for the command "went": what the worker puts out has three ways
	// to the kernel, and what waits for the answer cannot be overtaken by what
	// is put out next on another one.
	Seq int64 `json:"seq,omitempty"`
	// Error says why a command failed.
	Error string `json:"error,omitempty"`

	Data     map[string]any `json:"data,omitempty"`     // display, shown
	Metadata map[string]any `json:"metadata,omitempty"` // display, shown

	Failure *Failure   `json:"failure,omitempty"` // done, panic, opened (a package that panicked)
	Made    int        `json:"made,omitempty"`    // done: how many statements that make variables have run
	Vars    []Variable `json:"vars,omitempty"`

	Profile []byte `json:"profile,omitempty"` // profile: pprof's format
	Options string `json:"options,omitempty"` // profile: those of its %prun
	Test    *Test  `json:"test,omitempty"`    // tested

	Saved *Saved `json:"saved,omitempty"`
	Comm  *Comm  `json:"comm,omitempty"`
}

// Saved tells what became of variables that were saved or restored.
type Saved struct {
	Done    []string
	Skipped []Skipped
	Types   []Type   // of what interfaces hold
	Globals []string // "path.Name": variables of packages that values are
	Apart   []string // variables, or pairs, whose shared memory is that of each when they are restored
}

// Skipped is a variable that could not be saved or restored, and why.
type Skipped struct{ Name, Why string }

// A Type is Go source, the packages in it by an alias.
type Type struct {
	Key, Text string
	Paths     map[string]string // alias to import path
}

// A Test is the outcome of a test or example, or of a benchmark that did not
// pass.
type Test struct {
	Name    string
	Outcome string // "pass", "fail" or "skip"
	Seconds float64
}

// A Failure is how a cell (or a goroutine of it) ended, other than well.
type Failure struct {
	// Kind is "panic", "error" or "cancelled" (an error nobody looked at, the
	// latter of a cancelled context), "interrupted",
	// "blocked" (interrupted, its goroutine left behind) or "exit".
	Kind    string
	Type    string // Go type of the panic value or error
	Message string
	Frames  []Frame // nearest first; frames outside cells included
	Code    int     // exit
	Cause   *Failure
}

// A Frame is one line of a stack.
type Frame struct {
	Func string
	File string
	Line int
	Go   bool `json:",omitempty"` // the go statement that started the goroutine
}

// A Variable is a session variable as %who shows it.
type Variable struct {
	Name, Type, Value string
	Size              int64  // bytes, with what it refers to
	Children          int    // fields or elements (inspect)
	Shape             string // "3×4" or a length, "" for what has none
}

// ListenFor is how long an interrupted cell that listens to its context may
// take to end in good order.
const ListenFor = 50 * time.Millisecond

// BlockedAfter is how long an interrupted cell may take to unwind.
const BlockedAfter = 300 * time.Millisecond

// DeferredFor is how long the functions that an interrupted cell has deferred
// may run, unless a second interrupt ends them.
const DeferredFor = 10 * time.Second
