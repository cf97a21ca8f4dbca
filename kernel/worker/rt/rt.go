// Package rt is the part of the worker that compiled cells call. Every cell
// links it, so it imports next to nothing: what needs more is a variable that
// the worker process fills in before the first cell is loaded.
package rt

import (
	"sync/atomic"
	"unsafe"
)

// A Cell is one loaded cell. Its code asks it at loop heads and function
// entries whether to go on. The flags only say that there may be somebody who
// must not: who that is, Halt knows.
type Cell struct {
	stop   uint32 // for code that anybody may run: functions
	body   uint32 // for the statements, which run once
	Number int
	// Body runs the statements of the cell.
	Body func()
	// LeftBehind reports that the cell was interrupted while it was blocked.
	LeftBehind bool

	made int32
}

// Made says that the first n of the statements that make variables have run.
func (c *Cell) Made(n int32) { atomic.StoreInt32(&c.made, n) }

// HasMade is how many of the statements that make variables have run.
func (c *Cell) HasMade() int { return int(atomic.LoadInt32(&c.made)) }

// Loaded is the cell registered last.
var Loaded *Cell

// Vars holds a pointer to every session variable. It keeps the linker from
// pruning variables that a cell only declares, and serves inspection.
var Vars = map[string]any{}

// Load registers a cell; the initializer of its plugin calls it.
func Load(c *Cell, number int, body func()) {
	c.Number, c.Body = number, body
	Loaded = c
}

// Var registers a session variable by the pointer to it.
func Var(name string, pointer any) { Vars[name] = pointer }

// Globals holds the values that exported variables of packages, "path.Name",
// begin with. A saved session names them.
var Globals = map[string]any{}

// A Global is a variable of a package, by the pointer to it. Lists of these are
// data to the compiler: a package may have ten thousand variables.
type Global struct {
	Name    string
	Pointer any
}

// AddGlobals registers variables by the values that they have then: the worker
// sets it.
var AddGlobals func(all []Global)

// Types holds, under names, nil pointers to types that a saved session needs.
var Types = map[string]any{}

// Type registers a type by a nil pointer to it.
func Type(name string, pointer any) { Types[name] = pointer }

// Keep keeps the linker from pruning a variable that is being replaced, or a
// type of which earlier cells made values.
//
// It is not inlined: of several stores in a row the compiler keeps the last one.
//
//go:noinline
func Keep(pointer any) { kept = pointer }

var kept any

// A CommMessage is a message of a comm: "open", "msg" or "close", and from cells
// "handle" or "unhandle" (a target). Data and Metadata are JSON.
type CommMessage struct {
	Op, ID, Target string
	Data, Metadata []byte
	Buffers        [][]byte // bytes beside the data
}

// Comm takes messages of comms: package comm sets it. SendComm sends them; it is
// nil outside a notebook.
var Comm, SendComm func(m CommMessage)

// AfterCell are called when a cell has ended; packages that cells link add to it.
var AfterCell []func(c *Cell)

// Interrupted is the panic value that unwinds the code of a stopped cell. Level
// says by which interrupt: functions that are called because of it may run on.
type Interrupted struct {
	Cell  int
	Level uint32
}

// Error describes the interrupt.
func (Interrupted) Error() string { return "the cell was interrupted" }

// ExitRequest is the panic value of os.Exit where a goroutine cannot be ended
// without one: in the initialization of packages and below C.
type ExitRequest struct{ Code int }

// Error describes the exit.
func (ExitRequest) Error() string { return "the cell asked to exit" }

// Check ends a goroutine that runs code of the cell for a run that was stopped,
// with a panic. Other goroutines go on.
func (c *Cell) Check() {
	if atomic.LoadUint32(&c.stop) != 0 {
		c.halt()
	}
}

//go:noinline
func (c *Cell) halt() { Halt() }

// CheckBody is Check for the statements of the cell. It panics itself: for a
// function that might return, the compiler must be ready to go on behind it, and
// that makes short loops slower.
func (c *Cell) CheckBody() {
	if atomic.LoadUint32(&c.body) != 0 {
		c.Interrupt()
	}
}

// Interrupt is the panic of CheckBody. To the compiler, code that calls it is out
// of the way of other code, as what is below Stopped is to be.
func (c *Cell) Interrupt() { c.halt(); panic(Interrupted{Cell: c.Number}) }

// Stopped reports whether the next CheckBody will panic.
func (c *Cell) Stopped() bool { return atomic.LoadUint32(&c.body) != 0 }

// Stop makes functions of the cell ask Halt at their next checks, or no more.
func (c *Cell) Stop(on bool) { atomic.StoreUint32(&c.stop, word(on)) }

// StopBody stops the statements of the cell at their next check.
func (c *Cell) StopBody() { atomic.StoreUint32(&c.body, word(true)) }

func word(on bool) uint32 {
	if on {
		return 1
	}
	return 0
}

// Recover ends a goroutine of a cell that panicked, and reports it.
func (c *Cell) Recover() {
	if v := recover(); v != nil {
		Panicked(c, v)
	}
}

// A Place is a line of a cell.
type Place struct {
	Cell *Cell
	Line int
}

// Line names a line of the cell.
func (c *Cell) Line(line int) Place { return Place{c, line} }

// Raise remembers an error that the cell assigned and did not look at.
func (p Place) Raise(err error) {
	if err != nil {
		Raised(p.Cell, p.Line, err)
	}
}

// Display shows the values of a last expression, but not those of a cell that
// was left behind: they would appear in a later one.
func (c *Cell) Display(values ...any) {
	c.Check()
	Display(values...)
}

// Show displays the values of a last expression that ends in an error: all
// but the error, or the error is raised.
func (p Place) Show(values ...any) {
	p.Cell.Check()
	last := len(values) - 1
	err, _ := values[last].(error)
	if err == nil && last > 0 {
		Display(values[:last]...)
	}
	p.Raise(err)
}

// RaiseLast raises a final error and shows nothing.
func (p Place) RaiseLast(values ...any) {
	err, _ := values[len(values)-1].(error)
	p.Raise(err)
}

// A Constant is the value of a constant that no type of its kind can hold.
type Constant string

// String returns the value as text.
func (c Constant) String() string { return string(c) }

// Discard evaluates a last expression that is not shown.
func Discard(values ...any) {}

// A Timer lets the statements of a %timeit say when the loop begins and ends.
type Timer struct{ Start, Stop func() }

// Zero sets a variable to its zero value, without a copy of that value.
func Zero[T any](p *T) { clear(unsafe.Slice(p, 1)) }

// ZeroPlain is Zero for a large variable without pointers.
func ZeroPlain[T any](p *T) { Clear(unsafe.Slice((*byte)(unsafe.Pointer(p)), unsafe.Sizeof(*p))) }

// The worker fills these in.
var (
	// Display shows the values of a last expression.
	Display = func(values ...any) {}
	// Bundle is what Display would show, by MIME type; nothing outside a notebook.
	Bundle = func(values ...any) (data, metadata map[string]any) { return nil, nil }
	// Capture returns a function that calls f and hands what f prints to write, in
	// place of the cell's output: see package capture.
	Capture = func(write func(fd int, text []byte)) (do func(f func())) { return func(f func()) { f() } }
	// Current is the cell that the calling goroutine works for.
	Current = func() *Cell { return Loaded }
	// Clear makes the memory of a large variable zero.
	Clear = func(b []byte) { clear(b) }
	// Piping is called before the display pipe is written to.
	Piping = func() {}
	// Raised takes an error that nobody looked at.
	Raised = func(c *Cell, line int, err error) {}
	// Panicked takes the panic value of a goroutine, while it unwinds.
	Panicked = func(c *Cell, value any) {}
	// Context is the context.Context of the cell being loaded.
	Context any
	// Halt does not return where the goroutine that calls it belongs to a run of
	// a cell that was stopped.
	Halt = func() {}
	// Exit stands for os.Exit in cells,
	Exit = func(code int) { panic(ExitRequest{code}) }
	// Fatal, Fatalf and Fatalln for those of package log,
	Fatal   func(v ...any)
	Fatalf  func(format string, v ...any)
	Fatalln func(v ...any)
	// LoggerFatal and so on for the methods of a *log.Logger,
	LoggerFatal   func(logger any) func(v ...any)
	LoggerFatalf  func(logger any) func(format string, v ...any)
	LoggerFatalln func(logger any) func(v ...any)
	// and ParseFlags for flag.Parse.
	ParseFlags func()
	// Timeit tells how long a loop takes (%timeit): f runs it n times. 0 loops
	// or runs leave the number to Timeit.
	Timeit = func(loops, runs int, quiet bool, f func(n int, t *Timer)) {}
	// TimeBegin and TimeEnd enclose what %time tells the time of. The end of
	// the cell is an end, too, and so is the display of its last expression.
	TimeBegin, TimeEnd = func() {}, func() {}
	// ProfileBegin and ProfileEnd enclose what %prun, with these options, makes
	// a profile of.
	ProfileBegin, ProfileEnd = func(options string) {}, func() {}
	// Tested takes the outcome ("pass", "fail" or "skip") of a test, benchmark
	// or example.
	Tested = func(name, outcome string, seconds float64) {}
)

// Kept is what the worker holds for cells and does not use itself.
var Kept any
