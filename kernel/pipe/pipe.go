// Package pipe serves gonbui, GoNB's display library, from the kernel's side:
// programs that import it show HTML, pictures and updates through two named
// pipes, whichever kernel reads them.
//
// GONB_PIPE carries a gob stream of protocol.DisplayData from the program to
// the kernel, GONB_PIPE_BACK one of protocol.CommValue the other way. What
// arrives is made by user code and is not trusted: see gob.go.
package pipe

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// A Sink receives what a program shows and asks.
type Sink interface {
	// Show shows rich output. An output with an id is replaced when the same
	// id is shown again with update set.
	Show(data, metadata map[string]any, id string, update bool)
	// Input asks the user for one line, without its newline.
	Input(prompt string, password bool) (string, error)
	// Warn tells of a message that could not be used.
	Warn(text string)
}

// A Pipe is the pair of named pipes of one worker process. A new worker needs
// a new Pipe, because a gob stream cannot be taken up in its middle.
type Pipe struct {
	dir   string
	in    *inlet
	back  *os.File
	reply *replies
	anew  atomic.Bool // the program has started new streams

	mu     sync.Mutex
	shown  map[string]string // display id to the cell that showed it first
	runs   map[int64]*run    // of cells that run, by their numbers
	latest *run              // that began last
	begun  int               // number of runs
	sink   Sinks
	values
}

// Sinks gives the sink of what the program shows now, and the number of the run
// of a cell that shows it. The sink is nil when output is to be dropped.
type Sinks func() (Sink, int64)

// A run is one run of a cell.
type run struct {
	number  int // counts all runs
	cell    string
	fresh   map[string]bool // display ids shown by it
	running bool
	asked   bool // it has asked the page to connect
}

// What is remembered of display ids is bounded: their number and length.
const (
	maxIDs = 100_000
	maxID  = 1024
)

// Open makes the pipes in a folder of their own in dir ("" is the system's
// folder for temporary files), readable by this user only.
// page may be nil.
func Open(dir string, page Page) (*Pipe, error) {
	folder, err := os.MkdirTemp(dir, "gonb_")
	if err != nil {
		return nil, err
	}
	p := &Pipe{dir: folder, reply: newReplies(), shown: map[string]string{}, runs: map[int64]*run{}, latest: &run{fresh: map[string]bool{}},
		values: values{page: page, listened: map[string]bool{}}}
	fail := func(err error) (*Pipe, error) {
		p.Close()
		return nil, fmt.Errorf("display pipe: %w", err)
	}
	for _, name := range []string{p.inPath(), p.backPath()} {
		if err := syscall.Mkfifo(name, 0o600); err != nil {
			return fail(fmt.Errorf("mkfifo %s: %w", name, err))
		}
	}
	// Opened for both directions, neither pipe waits for the program to open
	// it, and none is at its end when a program ends.
	in, err := os.OpenFile(p.inPath(), os.O_RDWR|syscall.O_NONBLOCK, 0)
	if err != nil {
		return fail(err)
	}
	if p.in, err = newInlet(in); err != nil {
		return fail(err)
	}
	if p.back, err = os.OpenFile(p.backPath(), os.O_RDWR|syscall.O_NONBLOCK, 0); err != nil {
		return fail(err)
	}
	return p, nil
}

func (p *Pipe) inPath() string   { return filepath.Join(p.dir, "pipe") }
func (p *Pipe) backPath() string { return filepath.Join(p.dir, "pipe_back") }

// Env returns the variables that lead gonbui to the pipes. They must be set
// before the program starts.
func (p *Pipe) Env() []string {
	return []string{
		protocol.GONB_PIPE_ENV + "=" + p.inPath(),
		protocol.GONB_PIPE_BACK_ENV + "=" + p.backPath(),
	}
}

// Begin says that a cell starts to run, and the number of this run. cell is
// what stays the same when the user runs it again: its text, or the front end's
// identifier. An output with a fixed id that this cell made when it last ran was
// cleared, and is shown anew; one that another cell made is updated where it is.
func (p *Pipe) Begin(id int64, cell string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.begun++
	p.latest = &run{number: p.begun, cell: cell, fresh: map[string]bool{}, running: true}
	p.runs[id] = p.latest
}

// of returns the run with a number while its cell runs, else the latest.
func (p *Pipe) of(id int64) *run {
	if r := p.runs[id]; r != nil {
		return r
	}
	return p.latest
}

// Serve handles what programs send until Close, and then returns nil. Lines that
// the user answers are written to stdin.
func (p *Pipe) Serve(sink Sinks, stdin io.Writer) error {
	var helpers sync.WaitGroup
	defer helpers.Wait()
	questions := make(chan map[string]any, 16)
	defer close(questions)
	go p.ask(questions, sink, stdin) // may wait for the user longer than the pipe lives
	defer p.reply.close()
	helpers.Go(p.answer)
	p.mu.Lock()
	p.sink = sink
	p.mu.Unlock()

	decoder := newDecoder(p.in)
	decoder.anew = func() { p.anew.Store(true) }
	for {
		value, err := decoder.next()
		switch {
		case errors.Is(err, os.ErrClosed), errors.Is(err, io.EOF):
			return nil
		case err != nil:
			var bad *formatError
			if !errors.As(err, &bad) {
				return fmt.Errorf("display pipe: %w", err)
			}
			if s, _ := sink(); s != nil {
				s.Warn("gonbui: a message was dropped: " + bad.msg)
			}
			if bad.lost {
				decoder.drain()
			}
			continue
		}
		p.handle(value, sink, questions)
	}
}

// handle does what one message asks for.
func (p *Pipe) handle(m record, sink Sinks, questions chan<- map[string]any) {
	s, id := sink()
	p.mu.Lock()
	run := p.of(id)
	p.mu.Unlock()
	warn := func(format string, args ...any) {
		if s != nil {
			s.Warn("gonbui: " + fmt.Sprintf(format, args...))
		}
	}
	data, _ := m["Data"].(map[string]any)
	if question, ok := data[string(protocol.MIMEJupyterInput)]; ok {
		if r, ok := question.(record); !ok {
			warn("an input request without a request")
		} else {
			select {
			case questions <- r:
			default:
				warn("too many input requests at once")
			}
		}
		return
	}
	if value, ok := data[string(protocol.MIMECommValue)]; ok {
		r, _ := value.(record)
		p.comm(r, s, run, warn)
		return
	}
	if value, ok := data[string(protocol.MIMECommSubscribe)]; ok {
		r, _ := value.(record)
		p.subscribe(r, s, run, warn)
		return
	}
	shown := bundle(data)
	if len(shown) == 0 {
		return
	}
	display, _ := m["DisplayID"].(string)
	if len(display) > maxID {
		warn("a display id of %d bytes (at most %d)", len(display), maxID)
		return
	}
	metadata, _ := m["Metadata"].(map[string]any)
	if strings.HasPrefix(display, transient) {
		p.script(display, shown, jsonOnly(metadata), s, run)
	} else if s != nil {
		s.Show(shown, jsonOnly(metadata), display, p.update(display, run))
	}
}

// update reports whether an output with this id is on the page already.
func (p *Pipe) update(id string, by *run) bool {
	if id == "" {
		return false
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	cell, known := p.shown[id]
	if known && (cell != by.cell || by.fresh[id]) {
		return true
	}
	if len(p.shown) >= maxIDs {
		clear(p.shown) // a program that never uses an id twice
	}
	p.shown[id] = by.cell
	by.fresh[id] = true
	return false
}

// ask puts the program's questions to the user, one after the other.
func (p *Pipe) ask(questions <-chan map[string]any, sink Sinks, stdin io.Writer) {
	for q := range questions {
		s, _ := sink()
		if s == nil {
			continue
		}
		prompt, _ := q["Prompt"].(string)
		password, _ := q["Password"].(bool)
		line, err := s.Input(prompt, password)
		switch {
		case errors.Is(err, context.Canceled):
			continue // interrupted: so is what waits for the line
		case err != nil:
			s.Warn("no input: " + err.Error())
		}
		if _, err := io.WriteString(stdin, line+"\n"); err != nil {
			return
		}
	}
}

// Flush waits until everything that programs have written was handled, or for
// at most the given time. It reports whether all was.
func (p *Pipe) Flush(limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	for wait := 50 * time.Microsecond; ; wait = min(2*wait, 5*time.Millisecond) {
		if p.in.idle() {
			return true
		}
		if time.Now().After(deadline) {
			return false
		}
		time.Sleep(wait)
	}
}

// Close ends Serve and removes the pipes.
func (p *Pipe) Close() error {
	if p.in != nil {
		p.in.close()
	}
	if p.back != nil {
		p.back.Close()
	}
	return os.RemoveAll(p.dir)
}
