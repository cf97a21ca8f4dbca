package main

import (
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe" // for go:linkname, too

	"modelbook/kernel/worker/capture"
	"modelbook/kernel/worker/control"
)

// printHook is called before stdout or stderr is written to, and reports
// whether it has taken the text. It is in package os as the installation
// compiles it (kernel/toolchain/hook).
//
//go:linkname printHook os.modelbookPrint
var printHook func(fd int, text []byte) (taken bool)

// order keeps what a cell puts out in order. Text of stdout, text of stderr and
// displays have pipes of their own, and the kernel cannot tell in which order
// they were written to: so a pipe is written to when the kernel has emptied
// the one before. It costs nothing as long as a cell stays with one of them.
type order struct {
	conn   *connection
	latest atomic.Int32 // the pipe: 1 and 2 for stdout and stderr, or displays
	owner  atomic.Int64 // the run that displays belong to, as the kernel was told
	mu     sync.Mutex
}

// What was written last, beside the numbers of stdout and stderr.
const (
	displays = 3
	printed  = 4 // text over the control connection
)

// output is how the output of a run is told from that of others. As long as it
// is the only run, its text needs no name. While another one is active, too,
// its text goes over the control connection in place of the pipes, and so do
// all of its events, in order. What C code and other processes write, and
// goroutines of no active run, arrives by the pipes all the same: there the
// kernel cannot tell where it came from.
type output struct {
	apart  atomic.Bool
	latest atomic.Int32 // what it put out last while apart: printed or displays
}

// keepApart prepares for a run that is opened while others are active, and
// reports whether there are any: what they write from now on names its run, and
// what they have written before has left for the kernel.
func (r *runner) keepApart(opened control.RunID) bool {
	r.mu.Lock()
	for _, run := range r.active {
		run.apart.Store(true)
	}
	others := len(r.active) > 0
	r.mu.Unlock()
	if others {
		for _, f := range []*os.File{standard[1], standard[2]} {
			f.Write(nil) // waits for goroutines that are writing
		}
		r.conn.handled(control.Opening{Run: opened})
	}
	return others
}

// printing takes text that is captured, and that of a run that is apart.
func (r *runner) printing(fd int, text []byte) (taken bool) {
	if capture.Take(fd, text) {
		return true
	}
	run := ofGoroutine()
	if run == nil || !run.apart.Load() {
		r.order.writing(fd)
		return false
	}
	if run.latest.Swap(printed) == displays {
		r.order.mu.Lock()
		r.order.shown()
		r.order.mu.Unlock()
	}
	stream := [...]string{1: "stdout", 2: "stderr"}[fd]
	for len(text) > 0 {
		n := min(len(text), 1<<16)
		r.conn.event(control.Printed{Run: run.id, Stream: stream, Text: text[:n]})
		text = text[n:]
	}
	return true
}

// displaying is called before the display pipe is written to, while nobody else
// can write to it.
func (r *runner) displaying() {
	run := ofGoroutine()
	if run != nil && !run.apart.Load() {
		run = nil
	}
	r.order.displaying(run.number(), run != nil && run.latest.Swap(displays) == printed)
}

// writing waits, before text is written to stdout or stderr, until nothing
// written before to another pipe is still under way to the kernel.
func (o *order) writing(fd int) {
	if o.latest.Load() == int32(fd) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch from := o.latest.Load(); from {
	case 1, 2:
		emptied(int(from))
	case displays:
		o.shown()
	}
	o.latest.Store(int32(fd))
}

// displaying tells the kernel whose displays come, 0 for those that need no
// name. It waits for displays of others before them, and for events of the run.
// There is no need to wait for text: the kernel looks for it before it shows
// anything.
func (o *order) displaying(run control.RunID, events bool) {
	if o.latest.Load() == displays && o.owner.Load() == int64(run) && !events {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.owner.Load() != int64(run) || events {
		o.owner.Store(int64(run))
		o.shown()
	}
	o.latest.Store(displays)
}

// shown waits until the kernel has taken over all displays. Those that follow
// belong to the owner, who must not change meanwhile: the caller holds mu.
func (o *order) shown() { o.conn.handled(control.Piped{Run: control.RunID(o.owner.Load())}) }

// emptied waits until a stream's pipe is empty. The kernel takes text out of
// both pipes under one lock, so nothing can pass it any more. A cell may have
// put something else in the pipe's place that nobody reads: so not for long.
func emptied(fd int) {
	var s syscall.Stat_t
	if syscall.Fstat(fd, &s) != nil || s.Mode&syscall.S_IFMT != syscall.S_IFIFO {
		return
	}
	deadline := time.Now().Add(handledIn / 10)
	for wait := 10 * time.Microsecond; ; wait = min(2*wait, time.Millisecond) {
		var n int32 // bytes in the pipe
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TIOCINQ, uintptr(unsafe.Pointer(&n)))
		if errno != 0 || n == 0 || time.Now().After(deadline) {
			return
		}
		time.Sleep(wait)
	}
}
