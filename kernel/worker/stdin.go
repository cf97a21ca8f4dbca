package worker

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Stdin is the writing end of the worker's standard input. After End readers
// get an end of file; Renew empties the input and opens it again for the next
// cell.
type Stdin struct {
	pid  int
	read *os.File // the end that the worker has: new writing ends are opened through it

	mu    sync.Mutex
	write *os.File // nil after End
}

func newStdin() (*Stdin, error) {
	var p [2]int
	if err := syscall.Pipe2(p[:], syscall.O_CLOEXEC); err != nil {
		return nil, err
	}
	syscall.SetNonblock(p[1], true) // so that Close ends a write that nobody reads
	return &Stdin{read: os.NewFile(uintptr(p[0]), "|0"), write: os.NewFile(uintptr(p[1]), "|1")}, nil
}

// Write gives the worker input. After End it is dropped.
func (s *Stdin) Write(b []byte) (int, error) {
	s.mu.Lock()
	w := s.write
	s.mu.Unlock()
	if w == nil {
		return len(b), nil
	}
	n, err := w.Write(b)
	if errors.Is(err, os.ErrClosed) {
		return len(b), nil
	}
	return n, err
}

// End ends the input, until Renew.
func (s *Stdin) End() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.write != nil {
		s.write.Close()
		s.write = nil
	}
}

// Renew discards what was not read, and opens the input again.
func (s *Stdin) Renew() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if waiting(s.read) > 0 {
		// Opened anew, because the worker's own descriptor must stay blocking.
		if r, err := os.OpenFile(s.path(), os.O_RDONLY|syscall.O_NONBLOCK, 0); err == nil {
			b := make([]byte, 64<<10)
			for {
				if n, err := syscall.Read(int(r.Fd()), b); n <= 0 || err != nil {
					break
				}
			}
			r.Close()
		}
	}
	if s.write != nil {
		return nil
	}
	w, err := os.OpenFile(s.path(), os.O_WRONLY|syscall.O_NONBLOCK, 0)
	if err == nil {
		s.write = w
	}
	return err
}

func (s *Stdin) path() string { return fmt.Sprintf("/proc/self/fd/%d", s.read.Fd()) }

// Wanted reports whether the worker waits for input, or a process that it has
// started with its own input: a thread reads, and the pipe is empty.
func (s *Stdin) Wanted() bool {
	s.mu.Lock()
	open := s.write != nil
	s.mu.Unlock()
	if !open || waiting(s.read) > 0 {
		return false
	}
	if s.reads(s.pid) {
		return true
	}
	here, err := os.Readlink(s.path())
	lists, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", s.pid))
	for _, name := range lists {
		children, _ := os.ReadFile(name)
		for _, child := range strings.Fields(string(children)) {
			pid, _ := strconv.Atoi(child)
			if in, childErr := os.Readlink("/proc/" + child + "/fd/0"); err == nil && childErr == nil && in == here && s.reads(pid) {
				return true
			}
		}
	}
	return false
}

// reads reports whether a thread of a process reads file descriptor 0.
func (s *Stdin) reads(pid int) bool {
	calls, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/syscall", pid))
	for _, name := range calls {
		if call, err := os.ReadFile(name); err == nil && strings.HasPrefix(string(call), readStdin) {
			return true
		}
	}
	return false
}

// readStdin is what /proc/PID/task/TID/syscall begins with for a thread that
// reads file descriptor 0: the numbers of the call and of the descriptor.
var readStdin = map[string]string{"amd64": "0 0x0 ", "arm64": "63 0x0 "}[runtime.GOARCH]

// waiting is the number of bytes in a pipe, as that of package pipe is. The
// worker process, which must hold no modules, has its own.
func waiting(f *os.File) int {
	n, err := unix.IoctlGetInt(int(f.Fd()), unix.TIOCINQ)
	if err != nil {
		return 0
	}
	return n
}

func (s *Stdin) close() {
	s.End()
	s.read.Close()
}
