package control

import "encoding/json"

// Ping asks for a sign of life: OK.
type Ping struct{ isRequest }

// Open loads a plugin, whose cell Run then starts with Args as os.Args[1:].
// The replies are Began, then Opened or Failed.
type Open struct {
	isRequest
	Run    RunID
	Plugin string
	Args   []string
}

// Run runs the cell that was loaded with this identifier. The replies are
// Began, then Done.
type Run struct {
	isRequest
	Run RunID
}

// Interrupt asks a run to end, or all runs (zero). A second one is for the functions that it has
// deferred. It has no reply.
type Interrupt struct {
	isRequest
	Run RunID
}

// ListVariables asks for the session's variables: VariableList.
type ListVariables struct{ isRequest }

// Inspect asks for the parts of the value at a path: the session's variables
// for an empty path, else a variable's name and the indexes of parts below it.
// The reply is VariableList or Failed.
type Inspect struct {
	isRequest
	Path []string
}

// Show asks for the rich form of the value at a path: Shown or Failed.
type Show struct {
	isRequest
	Path []string
}

// Forget drops variables: OK.
type Forget struct {
	isRequest
	Names []string
}

// Revert makes variables what they were before the cell of a run was loaded: OK.
type Revert struct {
	isRequest
	Run   RunID
	Names []string
}

// Save writes the values of the variables to a file: Saved or Failed.
type Save struct {
	isRequest
	Path string
}

// Restore sets variables from a file that Save wrote: Saved or Failed.
type Restore struct {
	isRequest
	Path string
}

// Chdir changes the working directory of cells: OK or Failed.
type Chdir struct {
	isRequest
	Dir string
}

// Setenv sets an environment variable of cells: OK or Failed.
type Setenv struct {
	isRequest
	Key, Value string
}

// SendComm hands a message of a front end to the program. It has no reply.
type SendComm struct {
	isRequest
	Comm
}

// Handled says that the event of this number was handled: see Conn.Send. It
// has no reply.
type Handled struct{ isRequest }

// A Comm is a message of a comm; see packages comms and worker/comm.
type Comm struct {
	Op       CommOp
	ID       string          `json:",omitempty"`
	Target   string          `json:",omitempty"`
	Data     json.RawMessage `json:",omitempty"`
	Metadata json.RawMessage `json:",omitempty"` // of CommOpen
	Buffers  [][]byte        `json:",omitempty"` // bytes beside the data
}

// CommOp is what a Comm does.
type CommOp string

const (
	CommOpen     CommOp = "open"
	CommMessage  CommOp = "msg"
	CommClose    CommOp = "close"
	CommHandle   CommOp = "handle"   // from the program: it takes comms to the target
	CommUnhandle CommOp = "unhandle" // from the program: no more
	CommPrint    CommOp = "print"    // from the program: the text Data for the stream Target, of what a message had called
)

// requests are what the worker receives.
var requests = typesOf(Ping{}, Open{}, Run{}, Interrupt{}, ListVariables{}, Inspect{}, Show{}, Forget{}, Revert{},
	Save{}, Restore{}, Chdir{}, Setenv{}, SendComm{}, Handled{},
	Debug{}, SetBreakpoints{}, Resume{}, Pause{}, ListFrames{}, InspectFrame{}, ShowLocal{})
