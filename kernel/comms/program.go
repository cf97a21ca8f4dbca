package comms

import (
	"encoding/json"
	"sync"

	"modelbook/kernel/jupyter"
	"modelbook/kernel/worker/control"
)

// A Message goes between a program (a worker process) and the registry.
type Message = control.Comm

// Program lets a program open comms and handle targets. send passes it what
// front ends send, take handles what it sends, and end closes all comms that it
// has open, when it is gone.
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
			send(Message{Op: control.CommMessage, ID: c.ID, Target: c.Target, Data: data, Buffers: buffers})
		}
		c.OnClose = func(data json.RawMessage) {
			send(Message{Op: control.CommClose, ID: c.ID, Target: c.Target, Data: data})
		}
	}
	take = func(m Message) {
		switch m.Op {
		case control.CommOpen:
			c := &Comm{ID: m.ID, Target: m.Target, registry: r}
			bind(c)
			r.add(c, m.Data, jupyter.Attached{Metadata: m.Metadata, Buffers: m.Buffers})
		case control.CommMessage:
			if c := r.find(m.ID); c != nil && c.program == &send {
				c.Send(m.Data, m.Buffers...)
			}
		case control.CommClose:
			if c := r.find(m.ID); c != nil && c.program == &send {
				c.Close(m.Data)
			}
		case control.CommPrint:
			var text string
			if json.Unmarshal(m.Data, &text) == nil {
				r.print(m.ID, m.Target, text)
			}
		case control.CommHandle:
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
				send(Message{Op: control.CommOpen, ID: c.ID, Target: c.Target, Data: data})
			})
		case control.CommUnhandle:
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
