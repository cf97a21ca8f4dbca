package output

import (
	"os"
	"sync"
	"syscall"
)

// A Reader reads the standard streams of a process and hands their text on as
// it comes, in the order in which it was written as far as that can be seen:
// one lock for all streams, so that a line of stderr does not overtake the line
// of stdout before it.
type Reader struct {
	mu    sync.Mutex // held from reading to handing on, so that Flush misses nothing
	to    func(stream, text string)
	pipes []*pipe
}

// A pipe is the reading end of one stream.
type pipe struct {
	name    string
	file    *os.File
	reader  *Reader
	decoder Decoder
	ended   bool
	chunk   [32 << 10]byte
}

// NewReader makes a reader that hands text to a function. It is called by
// several goroutines, one at a time.
func NewReader(to func(stream, text string)) *Reader { return &Reader{to: to} }

// Pipe adds a stream. The caller closes the writing end when the process has
// it.
func (r *Reader) Pipe(stream string) (write *os.File, err error) {
	var p [2]int
	if err := syscall.Pipe2(p[:], syscall.O_CLOEXEC); err != nil {
		return nil, err
	}
	// The end that is read is for Go's poller. The one that is written to
	// blocks, as programs expect of their standard output.
	syscall.SetNonblock(p[0], true)
	r.pipes = append(r.pipes, &pipe{name: stream, file: os.NewFile(uintptr(p[0]), "|0"), reader: r})
	return os.NewFile(uintptr(p[1]), "|1"), nil
}

// Read reads until all streams have ended or the reader was closed.
func (r *Reader) Read() {
	var reading sync.WaitGroup
	for _, p := range r.pipes {
		reading.Go(p.read)
	}
	reading.Wait()
}

// Flush hands on all that was written so far.
func (r *Reader) Flush() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.pipes {
		if raw, err := p.file.SyscallConn(); err == nil && !p.ended {
			// A pipe holds 64 KiB: what comes later was written later.
			left := 2 * pipeSize
			raw.Control(func(fd uintptr) {
				for left > 0 {
					n := p.take(int(fd))
					if n <= 0 {
						break
					}
					left -= n
				}
			})
		}
		r.hand(p.name, p.decoder.Rest())
	}
}

const pipeSize = 64 << 10

// Mute makes Read drop what comes from now on. The process can go on writing.
func (r *Reader) Mute() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.to = nil
}

// Close ends Read, and writing to the streams fails from now on.
func (r *Reader) Close() {
	r.Mute()
	for _, p := range r.pipes { // not under the lock: Close waits for who reads
		p.file.Close()
	}
}

func (r *Reader) hand(stream, text string) {
	if text != "" && r.to != nil {
		r.to(stream, text)
	}
}

func (p *pipe) read() {
	defer p.file.Close()
	raw, err := p.file.SyscallConn()
	if err != nil {
		return
	}
	for ended := false; !ended; {
		err := raw.Read(func(fd uintptr) bool {
			p.reader.mu.Lock()
			defer p.reader.mu.Unlock()
			n := p.take(int(fd))
			ended = p.ended
			return n > 0 || ended
		})
		if err != nil {
			break
		}
	}
	p.reader.mu.Lock()
	defer p.reader.mu.Unlock()
	p.ended = true
	p.reader.hand(p.name, p.decoder.Rest())
}

// take hands on a part of what the pipe holds, and returns its size: 0 when it
// holds nothing.
func (p *pipe) take(fd int) int {
	for {
		n, err := syscall.Read(fd, p.chunk[:])
		switch {
		case err == syscall.EINTR:
			continue
		case err == syscall.EAGAIN:
			return 0
		case n <= 0 || err != nil:
			p.ended = true
			return 0
		}
		p.reader.hand(p.name, p.decoder.Text(p.chunk[:n]))
		return n
	}
}
