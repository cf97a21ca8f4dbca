package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"maps"
	"os"

	"modelbook/internal/place"
	"modelbook/kernel/worker/capture"
	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/display"
	"modelbook/kernel/worker/rt"
)

// setHooks sets the functions that cells call through package rt.
func (r *runner) setHooks() {
	rt.Display = func(values ...any) {
		run := r.current()
		r.endMeasures(run)
		data, metadata := display.Values(values...)
		r.conn.handled(control.Display{Run: run.number(), Bundle: control.Bundle{Data: data, Metadata: metadata}})
	}
	rt.Current = func() *rt.Cell {
		if run := r.current(); run != nil {
			return run.cell
		}
		return rt.Loaded
	}
	rt.Bundle = display.Values
	rt.Capture = capture.New
	rt.Clear = clearLarge
	rt.Piping = r.displaying
	rt.SendComm = func(m rt.CommMessage) {
		r.conn.event(control.CommSent{Comm: control.Comm{Op: control.CommOp(m.Op), ID: m.ID, Target: m.Target, Data: m.Data, Metadata: m.Metadata, Buffers: m.Buffers}})
	}
	rt.Raised = func(c *rt.Cell, line int, err error) {
		raised := &control.Failure{Kind: control.Raised, Type: fmt.Sprintf("%T", err), Message: text(err),
			Frames: []control.Frame{{File: place.File(c.Number), Line: line}}}
		if errors.Is(err, context.Canceled) {
			raised.Kind = control.Cancelled
		}
		var first *run
		r.mu.Lock()
		for _, run := range r.active {
			if run.cell == c && run.raised == nil {
				run.raised, first = raised, run
			}
		}
		r.mu.Unlock()
		if first != nil {
			r.draw(first, err)
		}
	}
	rt.Panicked = func(c *rt.Cell, v any) {
		if r.interrupted(v) {
			return
		}
		r.conn.event(control.GoroutinePanicked{Run: ofGoroutine().number(), Failure: describe(v)})
	}
	rt.Halt, rt.Exit = halt, r.exit
	fatal := func() { r.exit(1) }
	rt.Fatal = func(v ...any) { log.Output(2, fmt.Sprint(v...)); fatal() }
	rt.Fatalf = func(format string, v ...any) { log.Output(2, fmt.Sprintf(format, v...)); fatal() }
	rt.Fatalln = func(v ...any) { log.Output(2, fmt.Sprintln(v...)); fatal() }
	rt.LoggerFatal = func(l any) func(...any) {
		return func(v ...any) { l.(*log.Logger).Output(2, fmt.Sprint(v...)); fatal() }
	}
	rt.LoggerFatalf = func(l any) func(string, ...any) {
		return func(format string, v ...any) { l.(*log.Logger).Output(2, fmt.Sprintf(format, v...)); fatal() }
	}
	rt.LoggerFatalln = func(l any) func(...any) {
		return func(v ...any) { l.(*log.Logger).Output(2, fmt.Sprintln(v...)); fatal() }
	}
	rt.ParseFlags = r.parseFlags
	rt.Timeit = timeit
	rt.TimeBegin, rt.TimeEnd = r.timeBegin, r.timeEnd
	rt.ProfileBegin, rt.ProfileEnd = r.profileBegin, r.profileEnd
	rt.Tested = func(name, outcome string, seconds float64) {
		r.conn.event(control.Tested{Run: r.current().number(), Test: control.Test{Name: name, Outcome: outcome, Seconds: seconds}})
	}
}

// parseFlags is flag.Parse for cells: flags that earlier cells registered are
// known, and a cell that runs again may register its own again.
func (r *runner) parseFlags() {
	r.mu.Lock()
	flags := maps.Clone(r.flags)
	r.mu.Unlock()
	for name, f := range flags {
		if flag.CommandLine.Lookup(name) == nil {
			flag.CommandLine.Var(f.Value, name, f.Usage)
		}
	}
	if err := flag.CommandLine.Parse(os.Args[1:]); err != nil {
		if err == flag.ErrHelp {
			r.exit(0)
		}
		r.exit(2)
	}
}
