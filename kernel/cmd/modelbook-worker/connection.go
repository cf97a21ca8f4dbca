package main

import (
	"errors"
	"os"
	"sync"
	"syscall"
	"time"

	"modelbook/kernel/worker/control"
)

// A connection is the worker's end of the control connection. Any goroutine
// may send events.
type connection struct {
	conn *control.Conn

	mu      sync.Mutex
	number  int64                   // of the latest event that somebody waits for
	waiting map[int64]chan struct{} // closed when the kernel has handled the event
}

func newConnection(f *os.File) *connection {
	return &connection{conn: control.WorkerEnd(f), waiting: map[int64]chan struct{}{}}
}

// A request of the kernel, with the number that replies to it carry.
type request struct {
	id   int64
	what control.Request
}

// reply answers a request.
func (c *connection) reply(q request, r control.Reply) { c.send(q.id, r) }

// event sends an event and does not wait.
func (c *connection) event(e control.Event) { c.send(0, e) }

// handledIn is how long code waits until the kernel has taken over what it put
// out. Output out of order is better than code that hangs with the kernel.
const handledIn = 2 * time.Second

// handled sends an event and waits until the kernel has handled it. Output has
// three ways to the kernel: what waits here cannot be overtaken by what is put
// out next on another one.
func (c *connection) handled(e control.Event) {
	done := make(chan struct{})
	c.mu.Lock()
	c.number++
	id := c.number
	c.waiting[id] = done
	c.mu.Unlock()
	c.send(id, e)
	late := time.NewTimer(handledIn)
	defer late.Stop()
	select {
	case <-done:
	case <-late.C:
		c.release(id)
	}
}

// release ends the wait for an event.
func (c *connection) release(id int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if done := c.waiting[id]; done != nil {
		close(done)
		delete(c.waiting, id)
	}
}

func (c *connection) send(id int64, m control.Message) {
	err := c.conn.Send(id, m)
	if errors.As(err, new(*control.EncodingError)) {
		err = c.conn.Send(id, substitute(m, err))
	}
	if err != nil {
		syscall.Exit(control.ExitDisconnected) // otherwise the kernel would wait for ever
	}
}

// substitute stands for a message that cannot be sent.
func substitute(m control.Message, why error) control.Message {
	u := control.Undeliverable{What: control.Name(m), Reason: why.Error()}
	switch m := m.(type) {
	case control.Reply:
		return control.Failed{Reason: why.Error()}
	case control.Display:
		u.Run = m.Run
	case control.Profile:
		u.Run = m.Run
	}
	return u
}

// receive reads requests until the kernel is gone. It handles Handled itself,
// because a request that is being carried out may wait for it: one that loads a
// package which prints, or that calls a method of a cell.
func (c *connection) receive(requests chan<- request) {
	for {
		id, m, err := c.conn.Receive()
		var bad *control.FormatError
		switch {
		case errors.As(err, &bad):
			c.send(bad.ID, control.Failed{Reason: err.Error()})
		case err != nil:
			syscall.Exit(0) // the kernel is gone
		default:
			if _, ok := m.(control.Handled); ok {
				c.release(id)
			} else if q, ok := m.(control.Request); ok {
				requests <- request{id, q}
			}
		}
	}
}
