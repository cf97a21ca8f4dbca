package ipywidgets

import (
	"fmt"
	"os"
	"sync"

	"modelbook/kernel/worker/rt"
)

// events calls the functions of one widget in order, one at a time. What they
// print goes to the cell that has made the widget.
type events struct {
	mu      sync.Mutex
	queue   []func()
	wake    chan struct{}
	started bool
}

// maxEvents is how many calls may wait. Later ones are lost.
const maxEvents = 10_000

// start starts the goroutine. print takes what the functions print.
func (e *events) start(print func(fd int, text []byte)) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.started {
		return
	}
	e.started = true
	e.wake = make(chan struct{}, 1)
	captured := rt.Capture(print)
	go captured(e.run)
}

// add has f called.
func (e *events) add(f func()) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.started || len(e.queue) >= maxEvents {
		return
	}
	e.queue = append(e.queue, f)
	select {
	case e.wake <- struct{}{}:
	default:
	}
}

func (e *events) run() {
	for range e.wake {
		for {
			e.mu.Lock()
			if len(e.queue) == 0 {
				e.mu.Unlock()
				break
			}
			f := e.queue[0]
			e.queue = e.queue[1:]
			e.mu.Unlock()
			call(f)
		}
	}
}

// call keeps a panic of a function from ending the process.
func call(f func()) {
	defer func() {
		if v := recover(); v != nil {
			rt.Panicked(nil, v)
		}
	}()
	f()
}

// fail tells of an error that no call can return.
func (*events) fail(err error) { fmt.Fprintln(os.Stderr, err) }
