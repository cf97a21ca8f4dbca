package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

// runner loads and runs one cell at a time.
type runner struct {
	conn     *connection
	cells    []*rt.Cell
	runs     []*run                // all: goroutines refer to them, unseen by the collector
	flags    map[string]*flag.Flag // registered by earlier cells
	cancel   context.CancelFunc    // of the running cell's context
	before   map[string]any        // the session's variables before the cell was loaded
	measures measures
	order    *order
	debugger *debugger

	mu      sync.Mutex
	running *run // nil between cells
	raised  *control.Failure
	stop    chan struct{} // closed by an interrupt of the running cell
	stopped bool
	again   chan struct{}    // takes interrupts after the first one
	wrong   chan struct{}    // closed when the running cell must not go on,
	why     *control.Failure // because of this
}

func newRunner(conn *connection) *runner {
	r := &runner{conn: conn, flags: map[string]*flag.Flag{}, cancel: func() {}, order: &order{conn: conn}, debugger: newDebugger(conn)}
	r.setHooks()
	return r
}

// serve carries out a request and answers it.
func (r *runner) serve(q request) {
	if answer := r.debugger.serve(q.what); answer != nil {
		r.conn.reply(q, answer)
		return
	}
	switch c := q.what.(type) {
	case control.Ping:
		r.conn.reply(q, control.OK{})
	case control.Open:
		r.conn.reply(q, control.Began{Run: c.Run})
		r.conn.reply(q, r.open(c))
	case control.Run:
		r.conn.reply(q, control.Began{Run: c.Run})
		go func() { r.conn.reply(q, r.run()) }()
	case control.Interrupt:
		r.interrupt(c.Run)
	case control.SendComm:
		if rt.Comm != nil {
			rt.Comm(rt.CommMessage{Op: string(c.Op), ID: c.ID, Target: c.Target, Data: c.Data, Buffers: c.Buffers})
		}
	case control.ListVariables:
		r.conn.reply(q, control.VariableList{Variables: r.variables()})
	case control.Inspect:
		vars, err := r.inspect(c.Path)
		r.conn.reply(q, or(control.VariableList{Variables: vars}, err))
	case control.Show:
		data, metadata, err := r.show(sessionVariable, c.Path)
		r.conn.reply(q, or(control.Shown{Bundle: control.Bundle{Data: data, Metadata: metadata}}, err))
	case control.InspectFrame:
		vars, err := r.inspectFrame(c.Frame, c.Path)
		r.conn.reply(q, or(control.VariableList{Variables: vars}, err))
	case control.ShowLocal:
		data, metadata, err := r.show(r.debugger.root(c.Frame), c.Path)
		r.conn.reply(q, or(control.Shown{Bundle: control.Bundle{Data: data, Metadata: metadata}}, err))
	case control.Forget:
		forget(c.Names)
		r.conn.reply(q, control.OK{})
	case control.Revert:
		rt.Revert(c.Names, r.before)
		r.conn.reply(q, control.OK{})
	case control.Save:
		saved, err := save(c.Path)
		r.conn.reply(q, or(saved, err))
	case control.Restore:
		saved, err := restore(c.Path)
		r.conn.reply(q, or(saved, err))
	case control.Chdir:
		r.conn.reply(q, or(control.OK{}, os.Chdir(c.Dir)))
	case control.Setenv:
		r.conn.reply(q, or(control.OK{}, os.Setenv(c.Key, c.Value)))
	}
}

// or is the reply to a request: what it asked for, or why there is none.
func or(r control.Reply, err error) control.Reply {
	if err != nil {
		return control.Failed{Reason: err.Error()}
	}
	return r
}

// forget drops variables. Their storage stays as long as the process, so it is
// emptied: the collector gets what it referred to.
func forget(names []string) {
	for _, name := range names {
		if p := rt.Vars[name]; p != nil {
			empty(reflect.ValueOf(p).Elem())
		}
		delete(rt.Vars, name)
	}
}

// open loads a plugin. Its own initializers only register the cell; those of
// packages that come with it run, too.
func (r *runner) open(c control.Open) control.Reply {
	ctx, cancel := context.WithCancel(context.Background())
	rt.Context = ctx
	rt.Loaded, r.before = nil, maps.Clone(rt.Vars)
	if reopen() {
		fmt.Fprintln(os.Stderr, "note: a standard stream was closed; it is open again")
	}
	var failure *control.Failure
	err := func() error {
		defer func() {
			if v := recover(); v != nil { // a package panicked in its initialization
				failure = describe(v)
			}
		}()
		return openPlugin(c.Plugin)
	}()
	if err == nil && failure == nil && rt.Loaded == nil {
		err = fmt.Errorf("the plugin registered no cell")
	}
	if err != nil || failure != nil {
		cancel()
		return or(control.Opened{Failure: failure}, err)
	}
	os.Args = append([]string{"cell"}, c.Args...)
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ContinueOnError)
	r.mu.Lock()
	run := newRun(c.Run, rt.Loaded)
	r.runs = append(r.runs, run)
	r.running, r.raised, r.stopped, r.stop = run, nil, false, make(chan struct{})
	r.wrong, r.why, r.again = make(chan struct{}), nil, make(chan struct{}, 1)
	r.cancel = cancel
	r.cells = append(r.cells, rt.Loaded)
	r.mu.Unlock()
	return control.Opened{}
}

// run runs the cell loaded last and tells how it ended.
func (r *runner) run() control.Reply {
	run, stop, wrong := r.running, r.stop, r.wrong
	done := make(chan *control.Failure, 1)
	entered := make(chan bool)
	ended := make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	go watch(r.stopFor, ended)
	go func() {
		run.enter()
		close(entered)
		failure := &control.Failure{Kind: control.Panicked, Type: "runtime.Goexit", Message: "runtime.Goexit called"}
		defer func() {
			if v := recover(); v != nil {
				failure = describe(v)
			}
			end()
			done <- failure
		}()
		run.cell.Body()
		failure = nil
	}()
	<-entered
	var failure *control.Failure
	select {
	case failure = <-done:
	case <-run.exited:
		failure = r.leave(run, done)
	case <-stop:
		failure = r.unwind(run, done)
	case <-wrong:
		select {
		case failure = <-done:
		case <-run.exited:
			failure = r.leave(run, done)
		case <-stop:
			failure = r.unwind(run, done)
		case <-time.After(unwinding):
			failure = r.unwind(run, done)
		}
	}
	end() // also when the cell is left behind
	r.endMeasures()
	for _, f := range rt.AfterCell {
		f()
	}
	flag.CommandLine.VisitAll(func(f *flag.Flag) { r.flags[f.Name] = f })
	if restored := r.restoreStreams(); restored != "" {
		fmt.Fprintf(os.Stderr, "note: %s\n", restored)
	}
	r.mu.Lock()
	raised, interrupted, why := r.raised, r.stopped, r.why
	r.running = nil
	with := 0
	if atomic.LoadUint32(&run.level) != goesOn {
		with = r.settle(run) + int(run.ended.Load())
	}
	r.mu.Unlock()
	if with > 0 && failure != nil && failure.Kind == control.Interrupted {
		failure.Message += fmt.Sprintf(", and with it %d goroutine(s) that it had started", with)
	}
	if why != nil && (failure == nil || failure.Kind == control.Interrupted || failure.Kind == control.Blocked) {
		if failure != nil && len(why.Frames) == 0 {
			why.Frames = failure.Frames
		}
		failure = why
	}
	if interrupted && raised != nil && raised.Kind == control.Cancelled {
		raised.Kind, raised.Message = control.Interrupted, "the cell was interrupted ("+raised.Message+")"
	}
	switch {
	case failure == nil:
		failure = raised
	case raised != nil && failure.Kind == control.Panicked:
		raised.Cause = failure // the ignored error is the better explanation
		failure = raised
	}
	return control.Done{Failure: failure, Made: run.cell.HasMade()}
}

// unwinding is how long a cell that must not go on may take to end by itself:
// a deep stack takes its time.
const unwinding = 3 * time.Second

// stopFor makes the running cell end, and fail for that reason. It reports
// whether there is one.
func (r *runner) stopFor(why *control.Failure) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == nil {
		return false
	}
	if r.why == nil {
		r.why = why
		r.stopRun(r.running, stopped)
		r.cancel()
		close(r.wrong)
	}
	return true
}

// interrupt asks a run to end: its context is cancelled, and a
// moment later, for those who listen to it, its code panics at the next check.
// A further interrupt is for the deferred function that runs by then.
func (r *runner) interrupt(id control.RunID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.running == nil || id != 0 && r.running.id != id:
	case !r.stopped:
		r.stopped = true
		r.cancel()
		close(r.stop)
	default:
		select {
		case r.again <- struct{}{}:
		default:
		}
	}
}

// patience is how often the deferred functions of an interrupted cell are
// interrupted, too.
const patience = 2

// unwind waits for an interrupted cell to end. A blocked cell is left behind;
// its run stays stopped, so that it never goes on.
func (r *runner) unwind(run *run, done <-chan *control.Failure) *control.Failure {
	wait := func(d time.Duration) (*control.Failure, bool) {
		select {
		case f := <-done:
			if f == nil && atomic.LoadUint32(&run.level) != goesOn { // it had nothing more to do
				f = &control.Failure{Kind: control.Interrupted, Type: "Interrupted", Message: "the cell was interrupted"}
			}
			return f, true
		case <-run.exited: // in a deferred function
			return r.leave(run, done), true
		case <-r.again:
			return nil, false
		case <-time.After(d):
			return nil, false
		}
	}
	stop := func(level uint32) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.stopRun(run, level)
	}
	if f, ok := wait(control.ListenFor); ok {
		return f
	}
	stop(stopped)
	r.endChildren(run)
	f, ok := wait(control.BlockedAfter)
	for level := uint32(stopped + 1); !ok && run.hit.Load() && level <= stopped+patience; level++ {
		if f, ok = wait(control.DeferredFor); !ok {
			stop(level)
			f, ok = wait(control.BlockedAfter)
		}
	}
	if ok {
		return f
	}
	run.cell.LeftBehind = true
	message := "interrupted; the cell is blocked, its goroutine is left behind"
	if isRunning(run.main) {
		message = "interrupted, but a package that the cell called is still at work and goes on in the background; functions that take a context stop with it: pass them ctx"
	}
	return &control.Failure{Kind: control.Blocked, Type: "Interrupted", Message: message}
}

// leave waits for the goroutine of a cell that has exited to end, but not for
// long: what is blocked is left behind.
func (r *runner) leave(run *run, done <-chan *control.Failure) *control.Failure {
	r.cancel()
	select {
	case <-run.gone:
	case <-done: // at the same time
	case <-time.After(control.BlockedAfter):
		run.cell.LeftBehind = true
	}
	return &control.Failure{Kind: control.Exited, Type: "ExitError", Code: run.code, Frames: run.frames, Message: fmt.Sprintf("exit status %d", run.code)}
}

// describe turns a recovered panic value into a report. It must be called
// while the panicking stack is still there.
func describe(v any) *control.Failure {
	f := &control.Failure{Kind: control.Panicked, Type: fmt.Sprintf("%T", v), Frames: frames()}
	switch v := v.(type) {
	case rt.Interrupted:
		f.Kind, f.Type, f.Message = control.Interrupted, "Interrupted", "the cell was interrupted"
	case rt.ExitRequest:
		f.Kind, f.Type, f.Code = control.Exited, "ExitError", v.Code
		f.Message = fmt.Sprintf("exit status %d", v.Code)
	default:
		f.Message = text(v)
	}
	if _, ok := v.(*runtime.TypeAssertionError); ok && strings.Contains(f.Message, "(types from different scopes)") {
		f.Message += "\nThe type was redefined after this value was put into its interface; put it there again."
	}
	return f
}

// maxMessage is the number of bytes of a panic value's text that are told.
const maxMessage = 64 << 10

// text prints a panic value; a value whose Error or String method panics
// must not take the worker down.
func text(v any) (s string) {
	defer func() {
		if e := recover(); e != nil {
			s = fmt.Sprintf("%T (its text could not be made: %s)", v, plainly(e))
		}
		if n := len(s); n > maxMessage {
			s = fmt.Sprintf("%s... (%d bytes more)", strings.ToValidUTF8(s[:maxMessage], ""), n-maxMessage)
		}
	}()
	switch v := v.(type) {
	case error:
		return v.Error()
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(v)
}

// plainly prints what a method panicked with, which may be a value of the same
// sort.
func plainly(e any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("it panics with a %T", e)
		}
	}()
	return fmt.Sprint(e)
}

// frames lists the stack below the panic, or of the caller without one, nearest
// call first.
func frames() []control.Frame {
	pcs := make([]uintptr, 256)
	it := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	var all []control.Frame
	for {
		f, more := it.Next()
		if f.Function == "runtime.gopanic" {
			all = all[:0]
		} else {
			all = append(all, control.Frame{Func: f.Function, File: f.File, Line: f.Line})
		}
		if !more {
			break
		}
	}
	for len(all) > 0 && strings.HasPrefix(all[0].Func, "runtime.") {
		all = all[1:]
	}
	return all
}

func init() { debug.SetTraceback("single") }
