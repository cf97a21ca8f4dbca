package kernel

import (
	"sync"

	"modelbook/kernel/wire"
)

// A queue holds the cells that wait for their turn.
type queue struct {
	mu     sync.Mutex
	filled *sync.Cond
	cells  []*wire.Message
	closed bool
}

func (q *queue) init() { q.filled = sync.NewCond(&q.mu) }

func (q *queue) push(m *wire.Message) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cells = append(q.cells, m)
	q.filled.Signal()
}

// pop waits for a cell; ok is false when the queue was closed.
func (q *queue) pop() (m *wire.Message, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for len(q.cells) == 0 && !q.closed {
		q.filled.Wait()
	}
	if q.closed {
		return nil, false
	}
	m = q.cells[0]
	q.cells = q.cells[1:]
	return m, true
}

// drain empties the queue.
func (q *queue) drain() []*wire.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	cells := q.cells
	q.cells = nil
	return cells
}

func (q *queue) close() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.closed = true
	q.filled.Broadcast()
}
