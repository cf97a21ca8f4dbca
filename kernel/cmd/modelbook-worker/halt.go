package main

import (
	"context"
	"maps"
	"regexp"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"unsafe" // for go:linkname, too

	"modelbook/internal/place"
	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

// The runtime, as the installation compiles it (kernel/toolchain/hook), knows which
// run of a cell each goroutine belongs to. Elsewhere these are nil.
var (
	//go:linkname goroutineRun runtime.modelbookRun
	goroutineRun func() unsafe.Pointer
	//go:linkname enterRun runtime.modelbookEnter
	enterRun func(run unsafe.Pointer)
	//go:linkname eachGoroutine runtime.modelbookEach
	eachGoroutine func(f func(goroutine uint64, run unsafe.Pointer) (stays bool))
	//go:linkname panickingWith runtime.modelbookPanicking
	panickingWith func(such func(value any) bool) bool
	//go:linkname endGoroutine runtime.modelbookEnd
	endGoroutine func()
)

// A run is one execution of a cell: the goroutine that runs its statements, and
// those that it starts, also through packages. An interrupt ends the goroutines of
// a run, in whatever code they are; other runs can use the same code meanwhile.
type run struct {
	level    uint32 // one of those below; the first field, because the runtime reads it
	id       control.RunID
	cell     *rt.Cell
	cancel   context.CancelFunc // of the cell's context
	replaced map[string]any     // session variables that it gave another storage, by name: the one before, or nil
	measures measures
	output                    // how its output is told from that of others
	main     string           // the goroutine that runs the statements
	hit      atomic.Bool      // it panics because of the stop
	hitAt    atomic.Uint32    // the level by which it last did
	ended    atomic.Int32     // goroutines, that one aside, that did
	stop     chan struct{}    // closed by an interrupt
	stopped  bool             // there was one
	again    chan struct{}    // takes interrupts after the first one
	wrong    chan struct{}    // closed when it must not go on
	why      *control.Failure // because of this
	raised   *control.Failure // an error that nobody looked at
	exited   chan struct{}
	code     int             // of the exit
	frames   []control.Frame // where it was
	gone     chan struct{}   // closed when an exit has ended the goroutine main
	started  []process
}

// Levels of a run: how often it was interrupted, or that it has exited.
const (
	goesOn   = 0
	stopped  = 1       // it panics at its next check, and once more with each further interrupt
	finished = 1 << 20 // it ends at its next check, and nothing deferred is called
)

func newRun(id control.RunID, c *rt.Cell, cancel context.CancelFunc) *run {
	return &run{id: id, cell: c, cancel: cancel, replaced: map[string]any{}, stop: make(chan struct{}), again: make(chan struct{}, 1),
		wrong: make(chan struct{}), exited: make(chan struct{}), gone: make(chan struct{})}
}

// enter makes the calling goroutine the one that runs the statements. Access to an
// invalid address is a panic in it, and does not end the process.
func (r *run) enter() {
	r.main = goroutineID()
	debug.SetPanicOnFault(true)
	if enterRun != nil {
		enterRun(unsafe.Pointer(r))
	}
}

// number identifies a run, 0 none.
func (r *run) number() control.RunID {
	if r == nil {
		return 0
	}
	return r.id
}

// interrupted reports whether the run was stopped or has exited. That of what
// belongs to no run never was.
func (r *run) interrupted() bool {
	return r != nil && atomic.LoadUint32(&r.level) != goesOn
}

// ofGoroutine is the run that the calling goroutine belongs to, or nil.
func ofGoroutine() *run {
	if goroutineRun == nil {
		return nil
	}
	return (*run)(goroutineRun())
}

// halt is called at the checks of cells whose flag is set. It returns when the
// calling goroutine may go on.
func halt() {
	if goroutineRun == nil { // then only the flags tell who is stopped
		panic(rt.Interrupted{})
	}
	r := ofGoroutine()
	if r == nil {
		return
	}
	level := atomic.LoadUint32(&r.level)
	isMain := func() bool { return r.main == goroutineID() }
	switch {
	case level == goesOn:
		return
	case level == finished:
		if isMain() {
			close(r.gone)
		}
		endGoroutine()
	// Its deferred functions run because of this same interrupt.
	case panickingWith(func(v any) bool { i, ok := v.(rt.Interrupted); return ok && i.Level >= level }):
		return
	// Its code has recovered from that and panics by itself: its deferred
	// functions run because of that.
	case isMain() && r.hitAt.Load() >= level && panickingWith(func(v any) bool { return !isInterrupt(v) }):
		return
	}
	if isMain() {
		r.hit.Store(true)
		r.hitAt.Store(level)
	}
	panic(rt.Interrupted{Cell: r.cell.Number, Level: level})
}

func isInterrupt(v any) bool {
	_, ok := v.(rt.Interrupted)
	return ok
}

// stopRun stops a run, or raises its level. Its goroutines that are not in code of
// a cell at the moment, as those of a server that waits for requests, belong to no
// run from then on: what they call later is called on behalf of others.
func (r *runner) stopRun(run *run, level uint32) {
	if atomic.LoadUint32(&run.level) == goesOn {
		stacks := goroutineStacks()
		if eachGoroutine != nil {
			eachGoroutine(func(goroutine uint64, of unsafe.Pointer) bool {
				id := strconv.FormatUint(goroutine, 10)
				return of != unsafe.Pointer(run) || id == run.main || len(cellsIn(stacks[id])) > 0
			})
		}
	}
	atomic.StoreUint32(&run.level, max(level, atomic.LoadUint32(&run.level)))
	run.cell.StopBody()
	for _, c := range r.cells {
		c.Stop(true)
	}
}

// settle clears the flags that a stopped run has set, except for cells whose code
// goroutines of stopped runs are still in: those end when they wake up. While
// another run is about to end, all flags stay. It returns the number of
// goroutines that belong to this run, its main one aside.
func (r *runner) settle(of *run) (left int) {
	stacks := goroutineStacks()
	flagged := map[int]bool{}
	if eachGoroutine != nil {
		eachGoroutine(func(goroutine uint64, at unsafe.Pointer) bool {
			id, its := strconv.FormatUint(goroutine, 10), (*run)(at)
			// A coroutine (iter.Pull) belongs to the goroutine that resumes it next.
			if atomic.LoadUint32(&its.level) != goesOn && !strings.HasPrefix(stacks[id], "[coroutine") {
				cells := cellsIn(stacks[id])
				maps.Copy(flagged, cells)
				if its == of && id != of.main && len(cells) > 0 {
					left++
				}
			}
			return true
		})
	}
	ending := slices.ContainsFunc(r.active, func(run *run) bool { return atomic.LoadUint32(&run.level) != goesOn })
	for _, c := range r.cells {
		c.Stop(ending || flagged[c.Number] || goroutineRun == nil && c.LeftBehind)
	}
	return left
}

// goroutineStacks are the stacks of all goroutines as text, by number.
func goroutineStacks() map[string]string {
	b := make([]byte, 1<<20)
	for len(b) < 1<<26 {
		n := runtime.Stack(b, true)
		if n < len(b) {
			b = b[:n]
			break
		}
		b = make([]byte, 2*len(b))
	}
	stacks := map[string]string{}
	for stack := range strings.SplitSeq(string(b), "\n\n") {
		id, rest, _ := strings.Cut(strings.TrimPrefix(stack, "goroutine "), " ")
		stacks[id] = rest
	}
	return stacks
}

// cellsIn are the numbers of the cells that have functions on a stack.
func cellsIn(stack string) map[int]bool {
	cells := map[int]bool{}
	stack, _, _ = strings.Cut(stack, "\ncreated by ")
	for line := range strings.Lines(stack) {
		if file, _, ok := strings.Cut(line, "]:"); ok && strings.HasPrefix(line, "\t") {
			if number, ok := place.Cell(strings.TrimPrefix(file, "\t") + "]"); ok {
				cells[number] = true
			}
		}
	}
	return cells
}

// goroutineID is the number of the calling goroutine in stack traces.
func goroutineID() string {
	var b [64]byte
	f := strings.Fields(string(b[:runtime.Stack(b[:], false)]))
	if len(f) < 2 {
		return "?"
	}
	return f[1]
}

// elided is how a stack says that it has more frames than are shown.
var elided = regexp.MustCompile(`\n\.\.\.(?:additional frames elided|(\d+) frames elided)\.\.\.`)

// deepest is the active run with the goroutine whose calls are nested deepest,
// or nil when no stack is deep.
func (r *runner) deepest() (deep *run) {
	stacks := goroutineStacks()
	r.mu.Lock()
	defer r.mu.Unlock()
	most := 0
	if len(r.active) > 1 && eachGoroutine != nil {
		eachGoroutine(func(goroutine uint64, of unsafe.Pointer) bool {
			if m := elided.FindStringSubmatch(stacks[strconv.FormatUint(goroutine, 10)]); m != nil {
				if n, _ := strconv.Atoi(m[1]); n >= most && slices.Contains(r.active, (*run)(of)) {
					most, deep = n, (*run)(of)
				}
			}
			return true
		})
	}
	return deep
}

// isRunning reports whether a goroutine runs or is ready to run.
func isRunning(goroutine string) bool {
	state := strings.TrimPrefix(goroutineStacks()[goroutine], "[")
	return strings.HasPrefix(state, "running") || strings.HasPrefix(state, "runnable")
}
