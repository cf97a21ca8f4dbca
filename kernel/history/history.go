// Package history keeps the inputs of cells, of this session and of earlier ones,
// as IPython does for its consoles.
//
// It imports nothing of the project. history.go is the part in memory, file.go
// the file that all sessions share, and query.go answers history requests: a new
// kind of request is added there.
package history

import (
	"errors"
	"slices"
	"sync"
	"time"
)

// An Entry is one cell that ran.
type Entry struct {
	Session int    `json:"session"`
	Number  int    `json:"cell"` // execution count
	Input   string `json:"input"`
	Output  string `json:"output,omitempty"` // the plain text of the result
}

// A History has the cells of one session and, with a file, those of all sessions
// of a user. It is safe for use by several goroutines; several processes may use
// one file.
type History struct {
	file *file // or nil

	mu      sync.Mutex
	session int     // 0 until the first cell or query
	cells   []Entry // of this session
	trouble error   // why the file was not written, until it is reported
	closed  bool

	writes chan func()
	done   chan struct{}
}

const (
	// maxCells is the number of cells of a session kept in memory.
	maxCells = 10000
	// patience is how long a query waits for pending writes: the file may be on
	// a server that does not answer.
	patience = time.Second
)

// Open returns a history that is kept in the file at path, which is created with
// the first cell, or only in memory if path is "".
func Open(path string) *History {
	h := &History{writes: make(chan func(), 256), done: make(chan struct{})}
	if path != "" {
		h.file = &file{path: path}
	}
	go func() {
		defer close(h.done)
		for write := range h.writes {
			write()
		}
	}()
	return h
}

// Close waits, for a limited time, until everything is written. Cells that are
// added afterwards are not kept in the file.
func (h *History) Close() {
	h.mu.Lock()
	if !h.closed {
		h.closed = true
		close(h.writes)
	}
	h.mu.Unlock()
	select {
	case <-h.done:
	case <-time.After(patience):
	}
}

// Add adds a cell of this session and fills in its Session.
func (h *History) Add(e Entry) {
	h.mu.Lock()
	if len(h.cells) == maxCells {
		h.cells = slices.Delete(h.cells, 0, maxCells/10)
	}
	h.cells = append(h.cells, e)
	h.mu.Unlock()
	h.later(func() { h.write(e) })
}

// later runs f on the writing goroutine, unless too much is pending there.
func (h *History) later(f func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	select {
	case h.writes <- f:
	default:
		h.trouble = errors.New("the disk is too slow")
	}
}

func (h *History) write(e Entry) {
	e.Session = h.begin()
	if h.file == nil {
		return
	}
	if err := h.file.append(e); err != nil {
		h.mu.Lock()
		h.trouble = err
		h.mu.Unlock()
	}
}

// begin returns the session's number, which the first call reserves. It is called
// on the writing goroutine.
func (h *History) begin() int {
	h.mu.Lock()
	session := h.session
	h.mu.Unlock()
	if session > 0 {
		return session
	}
	session = 1
	if h.file != nil {
		last, err := h.file.reserve()
		session = last + 1
		if err != nil {
			h.mu.Lock()
			h.trouble = err
			h.mu.Unlock()
		}
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.session = session
	return session
}

// settle waits, for a limited time, until pending cells are written, and returns
// the session's number.
func (h *History) settle() int {
	settled := make(chan struct{})
	h.later(func() { h.begin(); close(settled) })
	select {
	case <-settled:
	case <-time.After(patience):
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	return max(h.session, 1)
}

// Trouble returns why cells were not kept in the file since it was last called, or
// nil.
func (h *History) Trouble() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	err := h.trouble
	h.trouble = nil
	return err
}

// here lists the cells of this session, which are in memory.
func (h *History) here(session int) []Entry {
	h.mu.Lock()
	defer h.mu.Unlock()
	cells := slices.Clone(h.cells)
	for i := range cells {
		cells[i].Session = session
	}
	return cells
}

// all lists the cells of earlier and other sessions in the order in which
// they ran, then those of this one.
func (h *History) all() ([]Entry, error) {
	session := h.settle()
	var cells []Entry
	var err error
	if h.file != nil {
		cells, err = h.file.read()
		cells = slices.DeleteFunc(cells, func(e Entry) bool { return e.Session == session })
	}
	return append(cells, h.here(session)...), err
}
