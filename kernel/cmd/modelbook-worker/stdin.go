package main

import (
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe" // also for go:linkname

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
	rest   atomic.Int64  // bytes that it left of its answer; what stands behind them came later
}

// lookAgain is the interval between looks whether another run has read all of
// the answer to its question.
const lookAgain = 5 * time.Millisecond

// reading lets one goroutine at a time read, so that the kernel can tell which
// cell asks the user for input. An answer belongs to the run that asked: functions
// such as fmt.Scanln read it byte by byte, and another run waits for the last one.
// What a run that has ended did not read is discarded. An answer that is there
// before anybody reads, as that to a question of gonbui's, is the next reader's.
func (r *runner) reading() (done func()) {
	s, mine := &r.stdin, ofGoroutine()
	id := mine.number()
	for s.mu.Lock(); id != s.reader; s.mu.Lock() {
		rest := min(int(s.rest.Load()), waiting(0))
		if rest == 0 || r.find(s.reader) == nil {
			if rest > 0 {
				syscall.Read(0, make([]byte, rest))
			}
			s.reader = id
			s.rest.Store(0)
			r.conn.handled(control.Reading{Run: id})
			break
		}
		if mine.interrupted() {
			break // its read ends like any other one
		}
		s.mu.Unlock()
		time.Sleep(lookAgain)
	}
	return func() {
		s.rest.Store(int64(waiting(0)))
		s.mu.Unlock()
	}
}

// waiting is the number of bytes in a pipe. It calls the system itself: a module
// such as golang.org/x/sys that the worker holds could not be loaded by a cell in
// another version.
func waiting(fd int) int {
	var n int32
	_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), syscall.TIOCINQ, uintptr(unsafe.Pointer(&n)))
	if errno != 0 {
		return 0
	}
	return int(n)
}
