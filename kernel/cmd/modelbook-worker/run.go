package main

import (
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

// runner loads cells, one after the other, and runs them, several at the same
// time.
type runner struct {
	conn     *connection
	order    *order
	stdin    stdin
	debugger *debugger

	mu     sync.Mutex
	cells  []*rt.Cell
	runs   []*run                // all: the runtime's references from goroutines are invisible to the collector
	active []*run                // those that were opened and have not ended, in this order
	flags  map[string]*flag.Flag // registered by earlier cells
	unused []any                 // pointers to forgotten variables that are not empty yet
}

func newRunner(conn *connection) *runner {
	r := &runner{conn: conn, flags: map[string]*flag.Flag{}, order: &order{conn: conn}, debugger: newDebugger(conn)}
	r.setHooks()
	return r
}

// find returns the active run with a number, or nil.
func (r *runner) find(id control.RunID) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, run := range r.active {
		if run.id == id {
			return run
		}
	}
	return nil
}

// current is the active run that the calling goroutine belongs to. For others
// it is the one that was opened last, or nil.
func (r *runner) current() *run {
	mine := ofGoroutine()
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.Contains(r.active, mine) {
		return mine
	}
	return r.latest()
}

// end takes a run from the active ones.
func (r *runner) end(ended *run) {
	r.active = slices.DeleteFunc(r.active, func(other *run) bool { return other == ended })
}

// latest is the active run that was opened last, or nil.
func (r *runner) latest() *run {
	if n := len(r.active); n > 0 {
		return r.active[n-1]
	}
	return nil
}

// open loads a plugin. Its own initializers only register the cell; those of
// packages that come with it run, too.
func (r *runner) open(c control.Open, apart bool) control.Reply {
	ctx, cancel := context.WithCancel(context.Background())
	rt.Context = ctx
	before := maps.Clone(rt.Vars)
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
		return openPlugin(c.Plugin)
	}()
	if err == nil && failure == nil && rt.Loaded == nil {
		err = fmt.Errorf("the plugin registered no cell")
	}
	if err != nil || failure != nil {
		cancel()
		return or(control.Opened{Failure: failure}, err)
	}
	if args := append([]string{"cell"}, c.Args...); !slices.Equal(args, os.Args) { // others may read them
		os.Args = args
	}
	run := newRun(c.Run, rt.Loaded, cancel)
	run.apart.Store(apart)
	for name, p := range rt.Vars {
		if before[name] != p {
			run.replaced[name] = before[name]
		}
	}
	r.mu.Lock()
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ContinueOnError)
	r.runs = append(r.runs, run)
	if len(r.active) == 0 {
		r.stdin.rest.Store(0) // the kernel empties the input before a cell that runs alone
	}
	r.active = append(r.active, run)
	r.cells = append(r.cells, rt.Loaded)
	r.mu.Unlock()
	return control.Opened{}
}

// run runs a cell that was loaded and tells how it ended.
func (r *runner) run(run *run) control.Reply {
	done := make(chan *control.Failure, 1)
	entered := make(chan bool)
	ended := make(chan struct{})
	end := sync.OnceFunc(func() { close(ended) })
	go r.watch(run, ended)
	go func() {
		run.enter()
		close(entered)
		failure := &control.Failure{Kind: control.Panicked, Type: "runtime.Goexit", Message: "runtime.Goexit called"}
		defer func() {
			if v := recover(); v != nil {
				failure = describe(v)
				if failure.Kind == control.Panicked {
					r.draw(run, v)
				}
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
	case <-run.stop:
		failure = r.unwind(run, done)
	case <-run.wrong:
		select {
		case failure = <-done:
		case <-run.exited:
			failure = r.leave(run, done)
		case <-run.stop:
			failure = r.unwind(run, done)
		case <-time.After(unwinding):
			failure = r.unwind(run, done)
		}
	}
	end() // also when the cell is left behind
	r.endMeasures(run)
	for _, f := range rt.AfterCell {
		f(run.cell)
	}
	r.mu.Lock()
	flag.CommandLine.VisitAll(func(f *flag.Flag) { r.flags[f.Name] = f })
	last := len(r.active) == 1
	r.mu.Unlock()
	if last { // else one that runs may have redirected it, and goes on
		if restored := r.restoreStreams(); restored != "" {
			fmt.Fprintf(os.Stderr, "note: %s\n", restored)
		}
	}
	r.mu.Lock()
	raised, interrupted, why := run.raised, run.stopped, run.why
	r.end(run)
	run.apart.Store(false)
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
