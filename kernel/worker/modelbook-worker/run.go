package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

// runner loads and runs one cell at a time.
type runner struct {
	conn     *connection
	cells    []*rt.Cell
	flags    map[string]*flag.Flag // registered by earlier cells
	cancel   context.CancelFunc    // of the running cell's context
	measures measures
	order    *order

	mu      sync.Mutex
	current *rt.Cell
	raised  *control.Failure
	stop    chan struct{} // closed by an interrupt of the running cell
	stopped bool
	wrong   chan struct{}    // closed when the running cell must not go on,
	why     *control.Failure // because of this
}

func newRunner(conn *connection) *runner {
	r := &runner{conn: conn, flags: map[string]*flag.Flag{}, cancel: func() {}, order: &order{conn: conn}}
	r.setHooks()
	return r
}

func (r *runner) command(c control.Command) {
	switch c.Op {
	case "ping":
		r.answer(nil)
	case "open":
		r.conn.send(control.Event{Op: "began"})
		r.open(c)
	case "comm":
		if rt.Comm != nil && c.Comm != nil {
			rt.Comm(c.Comm.Op, c.Comm.ID, c.Comm.Target, c.Comm.Data)
		}
	case "run":
		r.conn.send(control.Event{Op: "began"})
		go r.run()
	case "interrupt":
		r.interrupt()
	case "vars":
		r.conn.send(control.Event{Op: "vars", Vars: variables()})
	case "inspect":
		vars, err := r.inspect(c.Args)
		r.conn.send(control.Event{Op: "vars", Vars: vars, Error: message(err)})
	case "show":
		data, metadata, err := r.show(c.Args)
		r.conn.send(control.Event{Op: "shown", Data: data, Metadata: metadata, Error: message(err)})
	case "forget":
		for _, name := range c.Args {
			if p := rt.Vars[name]; p != nil {
				// The storage stays as long as the process: empty it, so
				// that the collector gets what it referred to.
				reflect.ValueOf(p).Elem().SetZero()
			}
			delete(rt.Vars, name)
		}
		r.conn.send(control.Event{Op: "ok"})
	case "save":
		r.save(c.Path)
	case "restore":
		r.restore(c.Path)
	case "chdir":
		r.answer(os.Chdir(c.Path))
	case "setenv":
		r.answer(os.Setenv(c.Args[0], c.Args[1]))
	case "unsetenv":
		r.answer(os.Unsetenv(c.Args[0]))
	default:
		r.answer(fmt.Errorf("unknown command %q", c.Op))
	}
}

func (r *runner) answer(err error) {
	r.conn.send(control.Event{Op: "ok", Error: message(err)})
}

// message is an error's text, "" for none.
func message(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// open loads a plugin. Its own initializers only register the cell; those of
// packages that come with it run, too.
func (r *runner) open(c control.Command) {
	ctx, cancel := context.WithCancel(context.Background())
	rt.Context = ctx
	rt.Loaded = nil
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
		return openPlugin(c.Path)
	}()
	if err == nil && failure == nil && rt.Loaded == nil {
		err = fmt.Errorf("the plugin registered no cell")
	}
	if err != nil || failure != nil {
		cancel()
		r.conn.send(control.Event{Op: "opened", Error: message(err), Failure: failure})
		return
	}
	os.Args = append([]string{"cell"}, c.Args...)
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ContinueOnError)
	r.mu.Lock()
	r.current, r.raised, r.stopped, r.stop = rt.Loaded, nil, false, make(chan struct{})
	r.wrong, r.why = make(chan struct{}), nil
	r.cancel = cancel
	r.cells = append(r.cells, rt.Loaded)
	r.mu.Unlock()
	r.conn.send(control.Event{Op: "opened"})
}

// run runs the cell loaded last and tells how it ended.
func (r *runner) run() {
	cell, stop, wrong := r.current, r.stop, r.wrong
	done := make(chan *control.Failure, 1)
	id := make(chan string, 1)
	ended := make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	go watch(r.stopFor, ended)
	go func() {
		id <- goroutineID()
		failure := &control.Failure{Kind: "panic", Type: "runtime.Goexit", Message: "runtime.Goexit called"}
		defer func() {
			if v := recover(); v != nil {
				failure = describe(v)
			}
			end()
			done <- failure
		}()
		cell.Body()
		failure = nil
	}()
	var failure *control.Failure
	select {
	case failure = <-done:
	case <-stop:
		failure = r.unwind(cell, <-id, done)
	case <-wrong:
		select {
		case failure = <-done:
		case <-stop:
			failure = r.unwind(cell, <-id, done)
		case <-time.After(unwinding):
			failure = r.unwind(cell, <-id, done)
		}
	}
	end() // also when the cell is left behind
	r.endMeasures()
	for _, f := range rt.AfterCell {
		f()
	}
	flag.CommandLine.VisitAll(func(f *flag.Flag) { r.flags[f.Name] = f })
	r.mu.Lock()
	raised, stopped, why := r.raised, r.stopped, r.why
	r.current = nil
	r.mu.Unlock()
	if why != nil && (failure == nil || failure.Kind == "interrupted" || failure.Kind == "blocked") {
		if failure != nil && len(why.Frames) == 0 {
			why.Frames = failure.Frames
		}
		failure = why
	}
	if stopped && raised != nil && raised.Kind == "cancelled" {
		raised.Kind, raised.Message = "interrupted", "the cell was interrupted ("+raised.Message+")"
	}
	switch {
	case failure == nil:
		failure = raised
	case raised != nil && failure.Kind == "panic":
		raised.Cause = failure // the ignored error is the better explanation
		failure = raised
	}
	r.conn.send(control.Event{Op: "done", Failure: failure})
}

// unwinding is how long a cell that must not go on may take to end by itself:
// a deep stack takes its time.
const unwinding = 3 * time.Second

// stopFor makes the running cell end, and fail for that reason. It reports
// whether there is one.
func (r *runner) stopFor(why *control.Failure) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil {
		return false
	}
	if r.why == nil {
		r.why = why
		r.current.Stop(true)
		r.cancel()
		close(r.wrong)
	}
	return true
}

// interrupt asks the running cell to end: its context is cancelled, and a
// moment later, for those who listen to it, its code panics at the next check.
func (r *runner) interrupt() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.current == nil || r.stopped {
		return
	}
	r.stopped = true
	r.cancel()
	close(r.stop)
}

// unwind waits for an interrupted cell to end. Code of other cells may be what
// runs, a stored function for instance: when the cell is not blocked, all are
// stopped for a moment. A blocked cell is left behind; its flag stays, so that
// it never runs on.
func (r *runner) unwind(cell *rt.Cell, goroutine string, done <-chan *control.Failure) *control.Failure {
	wait := func(d time.Duration) (*control.Failure, bool) {
		select {
		case f := <-done:
			return f, true
		case <-time.After(d):
			return nil, false
		}
	}
	if f, ok := wait(control.ListenFor); ok {
		return f
	}
	cell.Stop(true)
	if f, ok := wait(control.BlockedAfter / 2); ok {
		return f
	}
	if runs(goroutine) {
		for _, c := range r.cells {
			c.Stop(true)
		}
		defer func() {
			for _, c := range r.cells {
				c.Stop(c == cell || c.LeftBehind)
			}
		}()
	}
	if f, ok := wait(control.BlockedAfter / 2); ok {
		return f
	}
	cell.LeftBehind = true
	message := "interrupted; the cell is blocked, its goroutine is left behind"
	if runs(goroutine) {
		message = "interrupted, but a package that the cell called is still at work and goes on in the background; functions that take a context stop with it: pass them ctx"
	}
	return &control.Failure{Kind: "blocked", Type: "Interrupted", Message: message}
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

// runs reports whether a goroutine runs, or would if it got a processor.
func runs(goroutine string) bool {
	b := make([]byte, 1<<20)
	for len(b) < 1<<26 {
		n := runtime.Stack(b, true)
		if n < len(b) {
			b = b[:n]
			break
		}
		b = make([]byte, 2*len(b))
	}
	_, state, _ := strings.Cut("\n"+string(b), "\ngoroutine "+goroutine+" [")
	return strings.HasPrefix(state, "running") || strings.HasPrefix(state, "runnable")
}

// versionMark stands in the names of types that were redefined.
const versionMark = "ʼ"

// describe turns a recovered panic value into a report. It must be called
// while the panicking stack is still there.
func describe(v any) *control.Failure {
	f := &control.Failure{Kind: "panic", Type: fmt.Sprintf("%T", v), Frames: frames()}
	switch v := v.(type) {
	case rt.Interrupted:
		f.Kind, f.Type, f.Message = "interrupted", "Interrupted", "the cell was interrupted"
	case rt.ExitRequest:
		f.Kind, f.Type, f.Code = "exit", "ExitError", v.Code
		f.Message = fmt.Sprintf("exit status %d", v.Code)
	default:
		f.Message = text(v)
	}
	if _, ok := v.(*runtime.TypeAssertionError); ok && strings.Contains(f.Message, versionMark) {
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

// frames lists the stack below the panic, nearest call first.
func frames() []control.Frame {
	pcs := make([]uintptr, 256)
	it := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	var all []control.Frame
	panicking := false
	for {
		f, more := it.Next()
		if panicking {
			all = append(all, control.Frame{Func: f.Function, File: f.File, Line: f.Line})
		}
		if f.Function == "runtime.gopanic" {
			panicking = true
			all = all[:0]
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
