package worker

import (
	"os"
	"strings"
	"sync"
	"syscall"
	"time"
	"unicode/utf8"
)

// delay is how long output waits for more of it: a cell that prints line by
// line must not cost a message a line.
const delay = 25 * time.Millisecond

// enough output is handed over at once.
const enough = 1 << 16

// stream reads the worker's stdout or stderr.
type stream struct {
	name string
	file *os.File
	out  func(name, text string)

	mu    sync.Mutex // held while reading, so that flush can read too
	buf   []byte
	last  time.Time // of the latest delivery
	timer *time.Timer
	eof   bool
}

func newStream(name string, file *os.File, out func(name, text string)) *stream {
	return &stream{name: name, file: file, out: out}
}

// read reads until the end of the stream. The read happens inside the lock,
// in the moment the pipe has something, so that flush never misses bytes that
// were taken from the pipe and are not yet in the buffer.
func (s *stream) read() {
	defer s.file.Close()
	raw, err := s.file.SyscallConn()
	if err != nil {
		return
	}
	for !s.ended() {
		err := raw.Read(func(fd uintptr) bool {
			s.mu.Lock()
			defer s.mu.Unlock()
			if !s.take(int(fd)) {
				return s.eof
			}
			s.schedule()
			return true
		})
		if err != nil {
			break
		}
	}
	s.flush()
}

func (s *stream) ended() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.eof
}

// take moves what the pipe holds into the buffer; false when it holds nothing.
func (s *stream) take(fd int) bool {
	var chunk [1 << 15]byte
	any := false
	for len(s.buf) < enough {
		n, err := syscall.Read(fd, chunk[:])
		if err == syscall.EINTR {
			continue
		}
		if err == syscall.EAGAIN {
			break
		}
		if n <= 0 || err != nil {
			s.eof = true
			break
		}
		s.buf, any = append(s.buf, chunk[:n]...), true
	}
	return any
}

// schedule delivers now when the last delivery is long ago or there is much,
// else soon.
func (s *stream) schedule() {
	if since := time.Since(s.last); since >= delay || len(s.buf) >= enough {
		s.deliver(false)
	} else if s.timer == nil {
		s.timer = time.AfterFunc(delay-since, func() {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.deliver(false)
		})
	}
}

// deliver hands over the buffer; a character that is not yet complete waits
// unless all is wanted.
func (s *stream) deliver(all bool) {
	if s.timer != nil {
		s.timer.Stop()
		s.timer = nil
	}
	n := len(s.buf)
	if !all {
		n = wholeRunes(s.buf)
	}
	if n == 0 {
		return
	}
	text := strings.ToValidUTF8(string(s.buf[:n]), "\uFFFD")
	s.buf = append(s.buf[:0], s.buf[n:]...)
	s.last = time.Now()
	s.out(s.name, text)
}

// wholeRunes is the length of b without an incomplete character at its end.
func wholeRunes(b []byte) int {
	for i := 1; i <= min(len(b), utf8.UTFMax); i++ {
		if c := b[len(b)-i]; utf8.RuneStart(c) {
			if !utf8.FullRune(b[len(b)-i:]) {
				return len(b) - i
			}
			break
		}
	}
	return len(b)
}

// flush reads what the pipe holds and hands over everything.
func (s *stream) flush() {
	s.mu.Lock()
	defer s.mu.Unlock()
	raw, err := s.file.SyscallConn()
	more := err == nil && !s.eof
	// A pipe holds 64 KiB: what comes later is not what the cell printed.
	for i := 0; i < 4 && more; i++ {
		more = false
		if raw.Control(func(fd uintptr) { more = s.take(int(fd)) }) != nil {
			break
		}
		if more {
			s.deliver(false)
		}
	}
	s.deliver(true)
}
