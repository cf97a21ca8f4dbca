package control

// OK says that a request was carried out.
type OK struct{ isReply }

// Failed says why a request was not carried out. It may answer any request.
type Failed struct {
	isReply
	Reason string
}

// Began says that the worker has begun with a request that runs code of a
// cell. What was not begun can be tried again on another worker.
type Began struct{ isReply }

// Opened says that a plugin was loaded, or how a package failed that was
// initialized with it.
type Opened struct {
	isReply
	Failure *Failure `json:",omitempty"`
}

// Done says how a run ended: Failure is nil when it ended well.
type Done struct {
	isReply
	Failure *Failure `json:",omitempty"`
	Made    int      // how many of the statements that make variables have run
}

// VariableList lists variables, or parts of a value.
type VariableList struct {
	isReply
	Variables []Variable
}

// Shown is the rich form of a value.
type Shown struct {
	isReply
	Bundle
}

// Saved tells what became of variables that were saved or restored.
type Saved struct {
	isReply
	Done    []string
	Skipped []Skipped
	Types   []Type   // of what interfaces hold
	Globals []string // "path.Name": variables of packages that values are
	Apart   []string // variables, or pairs, that share memory now and will not when they are restored
}

// Skipped is a variable that could not be saved or restored, and why.
type Skipped struct{ Name, Why string }

// A Type is Go source, the packages in it by an alias.
type Type struct {
	Key, Text string
	Paths     map[string]string // alias to import path
}

// A Variable is a session variable as %who shows it.
type Variable struct {
	Name, Type, Value string
	Size              int64  // bytes, with what it refers to
	Children          int    // fields or elements (Inspect)
	Shape             string // "3×4" or a length, "" for what has none
}

// A Bundle is rich output: a value for each MIME type, as Jupyter has it.
type Bundle struct {
	Data     map[string]any `json:",omitempty"`
	Metadata map[string]any `json:",omitempty"`
}

// A Failure is how a run, or a goroutine of it, ended other than well.
type Failure struct {
	Kind    FailureKind
	Type    string // Go type of the panic value or error
	Message string
	Frames  []Frame  // nearest first; frames outside cells included
	Code    int      // exit status
	Cause   *Failure `json:",omitempty"`
}

// FailureKind is a kind of Failure.
type FailureKind string

const (
	Panicked    FailureKind = "panic"
	Raised      FailureKind = "error"       // an error nobody looked at
	Cancelled   FailureKind = "cancelled"   // the same, of a cancelled context
	Interrupted FailureKind = "interrupted" // and unwound
	Blocked     FailureKind = "blocked"     // interrupted, its goroutine left behind
	Exited      FailureKind = "exit"        // os.Exit
)

// A Frame is one line of a stack.
type Frame struct {
	Func string
	File string
	Line int
	Go   bool `json:",omitempty"` // the go statement that started the goroutine
}

// replies are what the kernel receives as answers.
var replies = typesOf(OK{}, Failed{}, Began{}, Opened{}, Done{}, VariableList{}, Shown{}, Saved{}, FrameList{})
