package main

import (
	"sync"
	"syscall"
	"time"
	_ "unsafe" // for go:linkname

	"golang.org/x/sys/unix"

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

// lookAgain is the interval between looks whether another run has read all of
// the answer to its question.
const lookAgain = 5 * time.Millisecond

// reading lets one goroutine at a time read, so that the kernel can tell which
// cell asks the user for input. An answer belongs to the run that asked: functions
// such as fmt.Scanln read it byte by byte, and another run waits for the last one.
// What a run that has ended did not read is discarded.
func (r *runner) reading() (done func()) {
	mine := ofGoroutine()
	id := mine.number()
	for {
		r.stdin.mu.Lock()
		if id == r.stdin.reader {
			break
		}
		unread := waiting(0)
		if unread == 0 {
			r.handOver(id)
			break
		}
		if r.find(r.stdin.reader) == nil {
			syscall.Read(0, make([]byte, unread))
			r.handOver(id)
			break
		}
		r.stdin.mu.Unlock()
		if mine.interrupted() {
			r.stdin.mu.Lock() // its read ends like any other one
			break
		}
		time.Sleep(lookAgain)
	}
	return r.stdin.mu.Unlock
}

// handOver says that from now on another run reads.
func (r *runner) handOver(id control.RunID) {
	r.stdin.reader = id
	r.conn.handled(control.Reading{Run: id})
}

// waiting is the number of bytes in a pipe.
func waiting(fd int) int {
	n, err := unix.IoctlGetInt(fd, unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}
