package control

// Ready says that the worker takes requests.
type Ready struct {
	isEvent
	Several bool // runs may be active at the same time
}

// Opening says that a run is opened while others are active: what the pipes of
// stdout and stderr hold from now on, and displays of no run, belong to it.
type Opening struct {
	isEvent
	Run RunID
}

// Printed is text of a run that is not the only one.
type Printed struct {
	isEvent
	Run    RunID
	Stream string // "stdout" or "stderr"
	Text   []byte // may begin or end within a character
}

// Reading says which run reads standard input from now on.
type Reading struct {
	isEvent
	Run RunID
}

// Display is the value of a cell's last expression.
type Display struct {
	isEvent
	Run RunID
	Bundle
}

// GoroutinePanicked tells of a panic that ended a goroutine and nothing else.
type GoroutinePanicked struct {
	isEvent
	Run     RunID // zero where no run is known
	Failure *Failure
}

// Profile is a profile of %prun, in pprof's format.
type Profile struct {
	isEvent
	Run     RunID
	Options string // of its %prun
	Data    []byte
}

// Tested is the outcome of a test or example, or of a benchmark that did not
// pass.
type Tested struct {
	isEvent
	Run RunID
	Test
}

// A Test is what became of one test.
type Test struct {
	Name    string
	Outcome string // "pass", "fail" or "skip", "" when only its output tells
	Seconds float64
}

// Piped says that what the display pipe holds now was written before anything
// else that the worker puts out.
type Piped struct {
	isEvent
	Run RunID // what is written to the pipe from now on is of this run; zero where that need not be told
}

// CommSent is a message of a comm that the program sends to the front ends.
type CommSent struct {
	isEvent
	Comm
}

// Undeliverable stands for an event that could not be sent, because it cannot
// be encoded or is too long.
type Undeliverable struct {
	isEvent
	Run    RunID
	What   string // the type of the event
	Reason string
}

// events are what the kernel receives unasked.
var events = typesOf(Ready{}, Opening{}, Printed{}, Reading{}, Display{}, GoroutinePanicked{}, Profile{}, Tested{}, Piped{}, CommSent{}, Undeliverable{}, Stopped{}, Resumed{})
