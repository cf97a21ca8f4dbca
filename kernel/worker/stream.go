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

// printed is what the worker's streams have put out and nobody has taken over
// yet, in the order in which it was read: one buffer for both, so that a line
// of stderr does not overtake the line of stdout before it.
type printed struct {
	out     func(name, text string)
	streams []*stream

	mu       sync.Mutex // held while reading, so that flush can read too
	segments []segment
	size     int       // bytes of them
	last     time.Time // of the latest delivery
	timer    *time.Timer
}

// A segment is text of one stream.
type segment struct {
	stream string
	text   []byte
}

// stream reads the worker's stdout or stderr.
type stream struct {
	name string
	file *os.File
	to   *printed
	tail []byte // the beginning of a character
	eof  bool
}

// add makes a stream that is read from a pipe.
func (p *printed) add(name string, file *os.File) *stream {
	s := &stream{name: name, file: file, to: p}
	p.streams = append(p.streams, s)
	return s
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
			s.to.mu.Lock()
			defer s.to.mu.Unlock()
			if !s.take(int(fd)) {
				return s.eof
			}
			s.to.schedule()
			return true
		})
		if err != nil {
			break
		}
	}
	s.to.flush()
}

func (s *stream) ended() bool {
	s.to.mu.Lock()
	defer s.to.mu.Unlock()
	return s.eof
}

// take moves what the pipe holds into the buffer; false when it holds nothing.
func (s *stream) take(fd int) bool {
	var chunk [1 << 15]byte
	any := false
	for s.to.size < enough {
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
		s.put(chunk[:n])
		any = true
	}
	return any
}

// put adds text to the buffer, all but a character that is not yet complete.
func (s *stream) put(text []byte) {
	if len(s.tail) > 0 {
		text = append(s.tail, text...)
		s.tail = nil
	}
	n := wholeRunes(text)
	s.tail = append(s.tail, text[n:]...)
	s.to.put(s.name, text[:n])
}

func (p *printed) put(stream string, text []byte) {
	if len(text) == 0 {
		return
	}
	p.size += len(text)
	if n := len(p.segments); n > 0 && p.segments[n-1].stream == stream {
		p.segments[n-1].text = append(p.segments[n-1].text, text...)
		return
	}
	p.segments = append(p.segments, segment{stream, append([]byte(nil), text...)})
}

// schedule delivers now when the last delivery is long ago or there is much,
// else soon.
func (p *printed) schedule() {
	if since := time.Since(p.last); since >= delay || p.size >= enough {
		p.deliver()
	} else if p.timer == nil {
		p.timer = time.AfterFunc(delay-since, func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.deliver()
		})
	}
}

// deliver hands over the buffer.
func (p *printed) deliver() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
	for _, s := range p.segments {
		p.last = time.Now()
		p.out(s.stream, strings.ToValidUTF8(string(s.text), "\uFFFD"))
	}
	p.segments, p.size = nil, 0
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

// flush reads what the pipes hold and hands over everything.
func (p *printed) flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, s := range p.streams {
		raw, err := s.file.SyscallConn()
		more := err == nil && !s.eof
		// A pipe holds 64 KiB: what comes later is not what the cell printed.
		for i := 0; i < 4 && more; i++ {
			more = false
			if raw.Control(func(fd uintptr) { more = s.take(int(fd)) }) != nil {
				break
			}
			if p.size >= enough {
				p.deliver()
			}
		}
		p.put(s.name, s.tail)
		s.tail = nil
	}
	p.deliver()
}
