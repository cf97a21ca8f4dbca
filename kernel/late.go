package kernel

import (
	"fmt"
	"sync"
)

// late is what goroutines put out between two cells.
type late struct {
	mu    sync.Mutex
	put   []func(*output)
	bytes int
	lost  int // bytes
}

const maxLate = 4 << 20 // bytes kept between two cells

func (l *late) add(bytes int, put func(*output)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bytes+bytes+64 > maxLate {
		l.lost += bytes
		return
	}
	l.bytes += bytes + 64
	l.put = append(l.put, put)
}

// replay puts it out as the output of the cell that begins.
func (l *late) replay(o *output) {
	l.mu.Lock()
	put, lost := l.put, l.lost
	l.put, l.bytes, l.lost = nil, 0, 0
	l.mu.Unlock()
	for _, p := range put {
		p(o)
	}
	if lost > 0 {
		o.Stream("stderr", fmt.Sprintf("modelbook: goroutines put out %d bytes more between the cells, which are lost\n", lost))
	}
}
