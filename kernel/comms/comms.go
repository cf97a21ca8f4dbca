// Package comms is the kernel's side of Jupyter's comms: channels between code on
// a page and code of the kernel or of its program, opened from either side. Over
// one of them a page and gonbui's programs exchange values: see Page.
//
// It imports the message types of kernel/jupyter and kernel/worker/control.
// comms.go is the registry, program.go connects the comms of a worker process,
// echo.go is what the kernel itself does for ipywidgets, and page.go, with page.js,
// is GoNB's widgets.
package comms

import (
	"crypto/rand"
	"encoding/json"
	"sync"

	"modelbook/kernel/jupyter"
)

// A Registry knows the comms that are open and the targets that front ends may
// open. It is safe for use by several goroutines.
type Registry struct {
	mu      sync.Mutex
	publish func(jupyter.Published)
	printer func() Print
	targets map[string]Target
	open    map[string]*Comm
}

// A Print takes text of "stdout" or "stderr" for a cell.
type Print func(stream, text string)

// A Target handles comms that front ends open to its name. It sets the handlers
// of the comm.
type Target func(c *Comm, data json.RawMessage)

// A Comm is one open channel.
type Comm struct {
	// ID and Target are the comm's identifier and the name it was opened to.
	ID, Target string
	// OnMessage receives what the front end sends. It may be nil, and is set
	// before the comm is used; so is OnClose.
	OnMessage func(data json.RawMessage, buffers [][]byte)
	// OnClose is called when the front end closes the comm.
	OnClose func(data json.RawMessage)

	registry *Registry
	program  *func(Message) // the program that it belongs to, see Program
	print    Print          // of the cell that has opened it, or nil
}

// maxOpen limits the number of open comms. Further ones are closed at once.
const maxOpen = 10_000

// New makes an empty registry.
func New() *Registry {
	return &Registry{targets: map[string]Target{}, open: map[string]*Comm{}, publish: func(jupyter.Published) {}, printer: func() Print { return nil }}
}

// Attach says how messages (comm_open, comm_msg, comm_close) are published to
// all front ends.
func (r *Registry) Attach(publish func(jupyter.Published)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.publish = publish
}

// Cells says how text is printed to the cell that runs, or that ran last:
// functions that a comm's messages call print to the cell that has opened it.
func (r *Registry) Cells(printer func() Print) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.printer = printer
}

// print prints to the cell of a comm, to the latest if the comm is not open.
func (r *Registry) print(id, stream, text string) {
	r.mu.Lock()
	to, printer := Print(nil), r.printer
	if c := r.open[id]; c != nil {
		to = c.print
	}
	r.mu.Unlock()
	if to == nil {
		to = printer()
	}
	if to != nil && (stream == "stdout" || stream == "stderr") {
		to(stream, text)
	}
}

func (r *Registry) send(content jupyter.Published) {
	r.mu.Lock()
	publish := r.publish
	r.mu.Unlock()
	publish(content)
}

// Register makes a target known to front ends.
func (r *Registry) Register(name string, t Target) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.targets[name] = t
}

// Unregister forgets a target. Its open comms stay open.
func (r *Registry) Unregister(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.targets, name)
}

// Open opens a comm to a target that front ends know. Where none does, the
// front end closes it again.
func (r *Registry) Open(target string, data any, onMessage func(json.RawMessage, [][]byte), onClose func(json.RawMessage)) *Comm {
	c := &Comm{ID: rand.Text(), Target: target, OnMessage: onMessage, OnClose: onClose, registry: r}
	r.add(c, data, jupyter.Attached{})
	return c
}

// add opens a comm from the kernel's side.
func (r *Registry) add(c *Comm, data any, with jupyter.Attached) {
	r.mu.Lock()
	printer := r.printer
	r.mu.Unlock()
	c.print = printer()
	r.mu.Lock()
	r.open[c.ID] = c
	r.mu.Unlock()
	r.send(jupyter.CommOpen{ID: c.ID, Target: c.Target, Data: object(data), Attached: with})
}

// Opened handles a comm_open of a front end. A comm to an unknown target is
// closed, as the protocol requires.
func (r *Registry) Opened(id, target string, data json.RawMessage) {
	c := &Comm{ID: id, Target: target, registry: r}
	r.mu.Lock()
	t := r.targets[target]
	known := t != nil && id != "" && len(r.open) < maxOpen
	if known {
		r.open[id] = c
	}
	r.mu.Unlock()
	if !known {
		r.send(jupyter.CommClose{ID: id, Data: object(nil)})
		return
	}
	t(c, data)
}

// Message handles a comm_msg of a front end. It reports whether the comm is open.
func (r *Registry) Message(id string, data json.RawMessage, buffers ...[]byte) bool {
	c := r.find(id)
	if c != nil && c.OnMessage != nil {
		c.OnMessage(data, buffers)
	}
	return c != nil
}

// Closed handles a comm_close of a front end.
func (r *Registry) Closed(id string, data json.RawMessage) {
	c := r.find(id)
	if c != nil && r.forget(c) && c.OnClose != nil {
		c.OnClose(data)
	}
}

// Info lists the open comms, all or those of one target, by their identifiers.
func (r *Registry) Info(target string) map[string]jupyter.CommInfo {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := map[string]jupyter.CommInfo{}
	for id, c := range r.open {
		if target == "" || target == c.Target {
			all[id] = jupyter.CommInfo{Target: c.Target}
		}
	}
	return all
}

func (r *Registry) find(id string) *Comm {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[id]
}

// forget reports whether the comm was open.
func (r *Registry) forget(c *Comm) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open[c.ID] != c {
		return false
	}
	delete(r.open, c.ID)
	return true
}

// Send sends data, which must be JSON, and bytes beside it to the front end.
func (c *Comm) Send(data any, buffers ...[]byte) {
	c.registry.send(jupyter.CommMsg{ID: c.ID, Data: object(data), Attached: jupyter.Attached{Buffers: buffers}})
}

// Close closes the comm from this side. OnClose is not called.
func (c *Comm) Close(data any) {
	if c.registry.forget(c) {
		c.registry.send(jupyter.CommClose{ID: c.ID, Data: object(data)})
	}
}

// object returns data, or an empty JSON object if there is none: data is never
// null.
func object(data any) any {
	if raw, ok := data.(json.RawMessage); data == nil || ok && len(raw) == 0 {
		return struct{}{}
	}
	return data
}
