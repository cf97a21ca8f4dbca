package main

import (
	"sync"
	_ "unsafe" // for go:linkname

	"modelbook/kernel/worker/control"
)

// readHook is called before stdin is read, and what it returns afterwards. It is
// in package os as the installation compiles it (kernel/toolchain/hook).
//
//go:linkname readHook os.modelbookRead
var readHook func() (done func())

// stdin is what cells that run at the same time share.
type stdin struct {
	mu     sync.Mutex    // held while it is read
	reader control.RunID // the run that does, as the kernel was told
}

// reading lets one goroutine at a time read, so that the kernel can tell which
// cell asks the user for input.
func (r *runner) reading() (done func()) {
	r.stdin.mu.Lock()
	if id := ofGoroutine().number(); id != r.stdin.reader {
		r.stdin.reader = id
		r.conn.handled(control.Reading{Run: id})
	}
	return r.stdin.mu.Unlock
}
