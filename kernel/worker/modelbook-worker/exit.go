package main

import (
	"fmt"
	"runtime"
	"strings"
	_ "unsafe" // for go:linkname

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

// exitHook is called by os.Exit. It is in package os as the installation
// compiles it (kernel/build); elsewhere it is nobody's.
//
//go:linkname exitHook os.modelbookExit
var exitHook func(code int)

// exit stands for os.Exit in packages. In a goroutine of a cell it ends the
// cell, as os.Exit in the cell itself would. In a goroutine that a package
// started nobody would recover, so that goroutine alone ends.
func (r *runner) exit(code int) {
	if ofCell() || entry() == "runtime.main" { // or a package that is being loaded
		panic(rt.ExitRequest{Code: code})
	}
	r.conn.send(control.Event{Op: "panic", Failure: &control.Failure{Kind: "exit", Type: "ExitError", Code: code,
		Message: fmt.Sprintf("exit status %d, in a goroutine that a package started; the goroutine has ended", code)}})
	runtime.Goexit()
}

// ofCell reports whether a cell started this goroutine.
func ofCell() bool {
	first := entry()
	return strings.HasPrefix(first, "sess.") || strings.HasPrefix(first, "main.(*runner).run")
}

// entry is the function that this goroutine began with.
func entry() (name string) {
	pcs := make([]uintptr, 1<<12)
	it := runtime.CallersFrames(pcs[:runtime.Callers(1, pcs)])
	for {
		f, more := it.Next()
		if f.Function != "" && f.Function != "runtime.goexit" {
			name = f.Function
		}
		if !more {
			return name
		}
	}
}
