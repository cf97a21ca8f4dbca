package comms

import (
	"encoding/json"
	"sync"

	"modelbook/kernel/jupyter"
)

// A Message is what goes between a program (a worker process) and the
// registry: "open", "msg" and "close" in both directions, and from the program
// "handle" and "unhandle", for targets.
type Message struct {
	Op, ID, Target string
	Data           json.RawMessage
	Metadata       json.RawMessage // of an "open"
	Buffers        [][]byte        // of an "open" or "msg"
}

// Program lets a program open comms and handle targets. send gives it what
// front ends send; take takes in what it sends, and end closes all that it has
// open when it is gone.
func (r *Registry) Program(send func(Message)) (take func(Message), end func()) {
	comms := func() (own []*Comm) {
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, c := range r.open {
			if c.program == &send {
				own = append(own, c)
			}
		}
		return own
	}
	var mu sync.Mutex // guards targets
	targets := map[string]bool{}
	bind := func(c *Comm) {
		c.program = &send
		c.OnMessage = func(data json.RawMessage, buffers [][]byte) {
			c.echo(data, buffers)
			send(Message{Op: "msg", ID: c.ID, Target: c.Target, Data: data, Buffers: buffers})
		}
		c.OnClose = func(data json.RawMessage) { send(Message{Op: "close", ID: c.ID, Target: c.Target, Data: data}) }
	}
	take = func(m Message) {
		switch m.Op {
		case "open":
			c := &Comm{ID: m.ID, Target: m.Target, registry: r}
			bind(c)
			r.add(c, m.Data, jupyter.Attached{Metadata: m.Metadata, Buffers: m.Buffers})
		case "msg":
			if c := r.find(m.ID); c != nil && c.program == &send {
				c.Send(m.Data, m.Buffers...)
			}
		case "close":
			if c := r.find(m.ID); c != nil && c.program == &send {
				c.Close(m.Data)
			}
		case "handle":
			if m.Target == TargetName {
				return // the page's own
			}
			mu.Lock()
			targets[m.Target] = true
			mu.Unlock()
			r.Register(m.Target, func(c *Comm, data json.RawMessage) {
				r.mu.Lock()
				bind(c)
				r.mu.Unlock()
				send(Message{Op: "open", ID: c.ID, Target: c.Target, Data: data})
			})
		case "unhandle":
			mu.Lock()
			if targets[m.Target] {
				delete(targets, m.Target)
				r.Unregister(m.Target)
			}
			mu.Unlock()
		}
	}
	end = func() {
		mu.Lock()
		for target := range targets {
			r.Unregister(target)
		}
		mu.Unlock()
		for _, c := range comms() {
			c.Close(nil)
		}
	}
	return take, end
}
