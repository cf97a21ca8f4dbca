package kernel

import "sync"

// late is what goroutines put out between two cells.
type late struct {
	mu    sync.Mutex
	put   []func(*output)
	bytes int
}

const maxLate = 4 << 20 // bytes; what is more is lost

func (l *late) add(bytes int, put func(*output)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.bytes += bytes + 64; l.bytes <= maxLate {
		l.put = append(l.put, put)
	}
}

// replay puts it out as the output of the cell that begins.
func (l *late) replay(o *output) {
	l.mu.Lock()
	put := l.put
	l.put, l.bytes = nil, 0
	l.mu.Unlock()
	for _, p := range put {
		p(o)
	}
}
