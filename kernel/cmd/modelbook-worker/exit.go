package main

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	_ "unsafe" // for go:linkname

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

// exitHook is called by os.Exit. It is in package os as the installation
// compiles it (kernel/toolchain/hook); elsewhere nothing calls it.
//
//go:linkname exitHook os.modelbookExit
var exitHook func(code int)

// exit takes the place of os.Exit, and does not return. It ends the cell that this
// goroutine belongs to as it would end a program: no further statement runs, no
// deferred function is called, and recover does not see it. Only the process goes
// on, because it holds the session.
func (r *runner) exit(code int) {
	run := ofGoroutine()
	// In the initialization of a package it becomes the error of loading the
	// cell, and a test is to fail by it.
	if entry := entry().Function; run == nil && entry == "runtime.main" || strings.HasPrefix(entry, "testing.") || goroutineRun == nil {
		panic(rt.ExitRequest{Code: code})
	}
	if run != nil && r.exitRun(run, code) {
		if run.main == goroutineID() {
			close(run.gone)
		}
		endGoroutine()
		panic(rt.ExitRequest{Code: code}) // code of C is on the stack
	}
	who := "a goroutine"
	if run != nil {
		who = fmt.Sprintf("a goroutine of cell[%d], which has ended,", run.cell.Number)
	}
	r.conn.event(control.GoroutinePanicked{Run: run.number(), Failure: &control.Failure{Kind: control.Exited, Type: "ExitError", Code: code,
		Message: fmt.Sprintf("%s called os.Exit(%d): it ends, and the session goes on", who, code)}})
	endGoroutine()
	runtime.Goexit()
}

// exitRun ends a run, and reports whether it was active.
func (r *runner) exitRun(run *run, code int) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.active, run) {
		return false
	}
	select {
	case <-run.exited: // by an earlier exit
	default:
		run.code, run.frames = code, frames()
		close(run.exited)
		r.stopRun(run, finished)
	}
	return true
}

// isOwn reports whether a function is the worker's own. The package of cells is
// called main, too.
func isOwn(f runtime.Frame) bool {
	return strings.HasPrefix(f.Function, "main.") && strings.Contains(f.File, "/modelbook-worker/")
}

// entry is the function that this goroutine began with.
func entry() (first runtime.Frame) {
	pcs := make([]uintptr, 1<<12)
	it := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := it.Next()
		if f.Function != "" && f.Function != "runtime.goexit" {
			first = f
		}
		if !more {
			return first
		}
	}
}
