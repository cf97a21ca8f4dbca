package pipe

import (
	"os"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// stall is how long the rest of a message may take to arrive. Programs write a
// message at once: when the rest does not come, the writer has died.
const stall = 2 * time.Second

// An inlet reads a named pipe, and knows whether all that was written to it has
// been read and handled.
type inlet struct {
	file *os.File
	raw  syscall.RawConn
	mu   sync.Mutex
	busy bool // something read is not yet handled
	shut bool
}

func newInlet(f *os.File) (*inlet, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		f.Close()
		return nil, err
	}
	return &inlet{file: f, raw: raw}, nil
}

// Read reads what the pipe holds, and waits when it is empty. It takes bytes out
// and sets busy in one step: otherwise idle could miss bytes that are neither in
// the pipe nor counted as being handled.
func (in *inlet) Read(b []byte) (n int, err error) {
	in.mu.Lock()
	var deadline time.Time
	if in.busy {
		deadline = time.Now().Add(stall)
	}
	in.mu.Unlock()
	in.file.SetReadDeadline(deadline)
	if e := in.raw.Read(func(fd uintptr) bool {
		in.mu.Lock()
		defer in.mu.Unlock()
		for {
			n, err = syscall.Read(int(fd), b)
			if err != syscall.EINTR {
				break
			}
		}
		if n > 0 {
			in.busy = true
		}
		return err != syscall.EAGAIN
	}); e != nil {
		in.mu.Lock()
		defer in.mu.Unlock()
		if in.shut {
			e = os.ErrClosed
		}
		return 0, e
	}
	if n < 0 {
		n = 0
	}
	return n, err
}

// handled notes that all that was read has been handled.
func (in *inlet) handled() {
	in.mu.Lock()
	in.busy = false
	in.mu.Unlock()
}

// idle reports whether all that was written has been handled.
func (in *inlet) idle() bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	return !in.busy && in.waiting() == 0
}

// waiting is the number of bytes in the pipe. Package worker asks the same of
// its own: it is one call of the system, for which neither imports the other.
func (in *inlet) waiting() (n int) {
	in.raw.Control(func(fd uintptr) {
		if got, err := unix.IoctlGetInt(int(fd), unix.TIOCINQ); err == nil {
			n = got
		}
	})
	return n
}

// discard drops what the pipe holds.
func (in *inlet) discard() {
	in.raw.Control(func(fd uintptr) {
		buf := make([]byte, 64<<10)
		for {
			if n, err := syscall.Read(int(fd), buf); n <= 0 && err != syscall.EINTR {
				return
			}
		}
	})
}

// close ends a Read that waits.
func (in *inlet) close() error {
	in.mu.Lock()
	in.shut = true
	in.mu.Unlock()
	return in.file.Close()
}
