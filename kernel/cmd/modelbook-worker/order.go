package main

import (
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

// printing takes text that is captured.
func (r *runner) printing(fd int, text []byte) (taken bool) {
	if capture.Take(fd, text) {
		return true
	}
	r.order.writing(fd)
	return false
}

// order keeps what a cell puts out in order. Text of stdout, text of stderr and
// displays have pipes of their own, and the kernel cannot tell in which order
// they were written to: so a pipe is written to when the kernel has emptied
// the one before. It costs nothing as long as a cell stays with one of them.
type order struct {
	conn   *connection
	latest atomic.Int32 // the pipe: 1 and 2 for stdout and stderr, or displays
	mu     sync.Mutex
}

const displays = 3

// writing waits until nothing written before is still under way to the kernel.
func (o *order) writing(to int) {
	if o.latest.Load() == int32(to) {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch from := o.latest.Load(); from {
	case 1, 2:
		if to != displays { // the kernel looks for text before it shows anything
			emptied(int(from))
		}
	case displays:
		o.conn.handled(control.Piped{Run: currentRun()})
	}
	o.latest.Store(int32(to))
}

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
