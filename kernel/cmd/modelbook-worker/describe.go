package main

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
)

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
