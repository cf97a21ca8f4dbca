package main

import (
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	_ "unsafe" // for go:linkname

	"modelbook/kernel/worker/control"
)

// panicHook is called when a panic was not recovered. It is in package runtime as
// the installation compiles it (kernel/toolchain/hook); elsewhere nothing calls it.
//
//go:linkname panicHook runtime.modelbookPanic
var panicHook func(value any, before []any) bool

// unrecovered reports the panic of a goroutine that a package has started, and
// makes it end that goroutine only. The process ends when the goroutine is one of
// the worker's own: they answer the kernel, which would wait for ever.
func (r *runner) unrecovered(v any, before []any) bool {
	if r.interrupted(v) { // a cell's function, in a package's goroutine
		return true
	}
	if isOwn(entry()) {
		return false
	}
	f := describe(v)
	if slices.ContainsFunc(f.Frames, func(f control.Frame) bool { return strings.HasPrefix(f.Func, "runtime.cgocallback") }) {
		return false // the C code may have been interrupted anywhere
	}
	for _, b := range before {
		f.Message += fmt.Sprintf("\nin a deferred call of a panic: %s", text(b))
	}
	if f.Kind == control.Exited {
		f.Message += ", in a goroutine that a package started; the goroutine has ended"
	}
	if strings.HasPrefix(entry().Function, "testing.") && r.stopFor(r.current(), f) { // %test would wait for it for ever
		return true
	}
	f.Frames = append(f.Frames, createdBy()...)
	r.conn.event(control.GoroutinePanicked{Run: ofGoroutine().number(), Failure: f})
	return true
}

// interrupted reports whether the panic that ends this goroutine is that of an
// interrupt.
func (r *runner) interrupted(v any) bool {
	if !isInterrupt(v) {
		return false
	}
	if run := ofGoroutine(); run != nil {
		run.ended.Add(1)
	}
	return true
}

// createdBy is the place of the go statement that started this goroutine, if it is
// known.
func createdBy() []control.Frame {
	b := make([]byte, 1<<16)
	_, last, ok := strings.Cut(string(b[:runtime.Stack(b, false)]), "\ncreated by ")
	function, place, ok2 := strings.Cut(last, "\n\t")
	if !ok || !ok2 {
		return nil
	}
	function, _, _ = strings.Cut(function, " in goroutine ")
	place, _, _ = strings.Cut(strings.TrimSpace(place), " ") // "file:line +0x1d"
	colon := strings.LastIndexByte(place, ':')
	line, err := strconv.Atoi(place[colon+1:])
	if colon < 0 || err != nil {
		return nil
	}
	return []control.Frame{{Func: function, File: place[:colon], Line: line, Go: true}}
}
