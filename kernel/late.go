package kernel

import (
	"fmt"
	"sync"
	"time"
)

// late is what goroutines put out between two cells. It belongs to the cell that
// ran last, and appears there: JupyterLab and the classic Notebook show what
// comes for the latest request after its end. Programs that run a notebook, as
// nbclient, listen to a cell until its end only, and begin with the next one at
// once: so it waits for a moment, and belongs to the next cell when one begins.
type late struct {
	mu    sync.Mutex
	next  *output   // of the cell that runs, nil between cells
	last  *output   // of the cell that ran last
	after *output   // its successor
	from  time.Time // when it may be published
	timer *time.Timer
	put   []func(*output)
	bytes int
	lost  int // bytes
}

const (
	lateAfter = 300 * time.Millisecond
	maxLate   = 4 << 20 // bytes that wait
)

// add takes what comes for a cell that has ended.
func (l *late) add(bytes int, put func(*output)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.next != nil {
		put(l.next)
		return
	}
	if l.bytes+bytes+64 > maxLate {
		l.lost += bytes
		return
	}
	l.bytes += bytes + 64
	l.put = append(l.put, put)
	if l.timer == nil && l.last != nil {
		l.timer = time.AfterFunc(time.Until(l.from), func() {
			l.mu.Lock()
			defer l.mu.Unlock()
			if l.timer != nil { // else a cell has begun
				l.timer = nil
				if l.after == nil {
					l.after = l.last.successor()
				}
				l.deliver(l.after)
			}
		})
	}
}

// begin puts out what waits as the output of the cell that begins.
func (l *late) begin(o *output) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	if l.after != nil {
		l.after.close()
	}
	l.deliver(o)
	l.next, l.last, l.after = o, nil, nil
}

// end says that the cell that ran is about to be closed.
func (l *late) end(o *output) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next, l.last, l.from = nil, o, time.Now().Add(lateAfter)
}

func (l *late) deliver(o *output) {
	put, lost := l.put, l.lost
	l.put, l.bytes, l.lost = nil, 0, 0
	for _, p := range put {
		p(o)
	}
	if lost > 0 {
		o.Stream("stderr", fmt.Sprintf("modelbook: goroutines put out %d bytes more between the cells, which are lost\n", lost))
	}
}
