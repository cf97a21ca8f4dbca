package output

import (
	"slices"
	"sync"
	"time"
)

const (
	// lateAfter is how long output after the end of a cell waits for the next
	// cell to begin.
	lateAfter = 300 * time.Millisecond
	// maxLate is the number of bytes that wait.
	maxLate = 4 << 20
)

// Late takes what goroutines put out after the end of their cell. While other
// cells run it belongs to the one that began last. Between cells it belongs to
// the one that ended last, and appears there: JupyterLab and the classic
// Notebook show what comes for the latest request after its end. Programs that
// run a notebook, as nbclient does, listen to a cell until its end only, and
// begin with the next one at once: so it waits for a moment, and belongs to the
// next cell when one begins.
//
// Its zero value is ready for use. Late's lock is taken before a Cell's.
type Late struct {
	mu    sync.Mutex
	open  []*Cell   // those that run, in the order in which they began
	last  *Cell     // the one that ended last, when none runs
	after *Cell     // its successor
	from  time.Time // when output may be published as the successor's
	timer *time.Timer
	put   []func(*Cell)
	bytes int
	lost  int // bytes
}

// add takes what comes for a cell that has ended.
func (l *Late) add(bytes int, put func(*Cell)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.open); n > 0 {
		put(l.open[n-1])
		return
	}
	if bytes += 64; l.bytes+bytes > maxLate {
		l.lost += bytes - 64
		return
	}
	l.bytes += bytes
	l.put = append(l.put, put)
	if l.timer == nil && l.last != nil {
		l.timer = time.AfterFunc(time.Until(l.from), l.expire)
	}
}

// expire publishes what waits as the output of the cell that ended last.
func (l *Late) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer == nil { // a cell has begun
		return
	}
	l.timer = nil
	if l.after == nil {
		l.after = l.last.successor()
	}
	l.deliver(l.after)
}

// Begin says that a cell begins: what waits becomes its output.
func (l *Late) Begin(c *Cell) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	if l.after != nil {
		l.after.Close()
	}
	l.deliver(c)
	l.open, l.last, l.after = append(l.open, c), nil, nil
}

// End says that a cell is about to be closed.
func (l *Late) End(c *Cell) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open = slices.DeleteFunc(l.open, func(o *Cell) bool { return o == c }); len(l.open) == 0 {
		l.last, l.from = c, time.Now().Add(lateAfter)
	}
}

// Latest is the cell that began last of those that run, or else ended last, or
// nil.
func (l *Late) Latest() *Cell {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := len(l.open); n > 0 {
		return l.open[n-1]
	}
	return l.last
}

func (l *Late) deliver(c *Cell) {
	put, lost := l.put, l.lost
	l.put, l.bytes, l.lost = nil, 0, 0
	for _, p := range put {
		p(c)
	}
	if lost > 0 {
		c.lost(lost)
	}
}
