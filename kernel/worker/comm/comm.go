// Package comm opens channels between cells and code on the page that shows
// the notebook: Jupyter's comms, for those who write the page's side
// themselves. Package gonbui/widgets needs less work for buttons and sliders.
//
// The page opens one to a target that a cell handles,
//
//	comm.Handle("echo", func(c *comm.Comm, data json.RawMessage) {
//		c.OnMessage(func(data json.RawMessage) { c.Send(data) })
//	})
//
// or a cell opens one to a target that the page knows:
//
//	c := comm.Open("viewer", map[string]any{"title": "Weights"})
//	err := c.Send(map[string]any{"row": []float64{1, 2, 3}})
//
// A script that a cell shows opens its side by gonb_comm.open("echo", {}, data
// => ...), which is there after %widgets, in every page of a Jupyter server:
// %help has an example. The front end's own code does it by
// Jupyter.notebook.kernel.comm_manager in the classic Notebook
// (register_target, new_comm) and by the kernel connection in extensions of
// JupyterLab (registerCommTarget, createComm).
//
// Handlers are called one after the other, in the order in which messages
// arrive, and while no cell runs, too. One that waits keeps the others waiting.
package comm

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"sync"

	"modelbook/kernel/worker/rt"
)

// A Comm is an open channel.
type Comm struct {
	// ID and Target are its identifier and the name it was opened to.
	ID, Target string

	mu        sync.Mutex
	onMessage func(data json.RawMessage)
	onClose   func(data json.RawMessage)
	messages  []json.RawMessage // that no onMessage has taken yet
	last      json.RawMessage   // what the page closed the comm with
	untold    bool              // that it did: no onClose has been told yet
	closed    bool
}

// maxMessages is how many messages wait for an OnMessage. Later ones are lost.
const maxMessages = 4096

var (
	mu      sync.Mutex
	open    = map[string]*Comm{}
	targets = map[string]func(*Comm, json.RawMessage){}
	queue   []func()
	busy    bool // a goroutine works on the queue
)

func init() { rt.Comm = arrived }

// Open opens a comm to a target of the page, with data of any kind that
// encodes to JSON, or nil. JupyterLab closes it when no target has that name:
// see OnClose. The classic Notebook leaves it open, and complains in the
// browser's console only. Open panics when data does not encode.
func Open(target string, data any) *Comm {
	text, err := encode(data)
	if err != nil {
		panic(fmt.Sprintf("comm.Open(%q): %v", target, err))
	}
	c := &Comm{ID: rand.Text(), Target: target}
	mu.Lock()
	open[c.ID] = c
	mu.Unlock()
	send("open", c.ID, target, text)
	return c
}

// Handle makes f take the comms that the page opens to a target. nil takes
// none any more.
func Handle(target string, f func(c *Comm, data json.RawMessage)) {
	mu.Lock()
	if f == nil {
		delete(targets, target)
	} else {
		targets[target] = f
	}
	mu.Unlock()
	if f == nil {
		send("unhandle", "", target, nil)
	} else {
		send("handle", "", target, nil)
	}
}

// Send sends data to the page. The error says that it does not encode to JSON,
// or that the comm is closed.
func (c *Comm) Send(data any) error {
	text, err := encode(data)
	if err != nil {
		return fmt.Errorf("comm %s: %w", c.Target, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fmt.Errorf("comm %s is closed", c.Target)
	}
	send("msg", c.ID, "", text)
	return nil
}

// Close closes the comm; the page is told. Closing twice does nothing.
func (c *Comm) Close() {
	if c.end() {
		send("close", c.ID, "", nil)
	}
}

// end reports whether the comm was open.
func (c *Comm) end() bool {
	mu.Lock()
	delete(open, c.ID)
	mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	was := !c.closed
	c.closed = true
	return was
}

// OnMessage makes f take what the page sends, and what it has sent already.
func (c *Comm) OnMessage(f func(data json.RawMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onMessage = f
	work(c.deliver)
}

// OnClose makes f be told when the page closes the comm, or that it has.
func (c *Comm) OnClose(f func(data json.RawMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onClose = f
	work(c.deliver)
}

func encode(data any) ([]byte, error) {
	if data == nil {
		return []byte("{}"), nil
	}
	return json.Marshal(data)
}

func send(op, id, target string, data []byte) {
	if rt.SendComm != nil { // nil outside a notebook
		rt.SendComm(op, id, target, data)
	}
}

// arrived takes in a message of the page.
func arrived(op, id, target string, data []byte) {
	mu.Lock()
	c, handle := open[id], targets[target]
	if op == "open" && handle != nil {
		c = &Comm{ID: id, Target: target}
		open[id] = c
	}
	mu.Unlock()
	if c == nil {
		return
	}
	switch op {
	case "open":
		work(func() { handle(c, data) })
	case "msg":
		c.mu.Lock()
		if len(c.messages) < maxMessages {
			c.messages = append(c.messages, data)
		}
		c.mu.Unlock()
		work(c.deliver)
	case "close":
		work(func() {
			if c.end() {
				c.mu.Lock()
				c.last, c.untold = data, true
				c.mu.Unlock()
				c.deliver()
			}
		})
	}
}

// deliver gives the handlers what waits for them. Only work calls it, so that
// what comes before a cell has set its handlers stays in order, too.
func (c *Comm) deliver() {
	for {
		c.mu.Lock()
		var f func(json.RawMessage)
		var data json.RawMessage
		switch {
		case c.onMessage != nil && len(c.messages) > 0:
			f, data, c.messages = c.onMessage, c.messages[0], c.messages[1:]
		case c.onClose != nil && c.untold:
			f, data, c.untold = c.onClose, c.last, false
		}
		c.mu.Unlock()
		if f == nil {
			return
		}
		call(func() { f(data) })
	}
}

// work has handlers called in order, by a goroutine that ends when all were.
func work(f func()) {
	mu.Lock()
	defer mu.Unlock()
	queue = append(queue, f)
	if busy {
		return
	}
	busy = true
	go func() {
		for {
			mu.Lock()
			if len(queue) == 0 {
				busy = false
				mu.Unlock()
				return
			}
			f := queue[0]
			queue = queue[1:]
			mu.Unlock()
			call(f)
		}
	}()
}

// call keeps a handler's panic from ending the process.
func call(f func()) {
	defer func() {
		if v := recover(); v != nil && rt.Panicked != nil {
			rt.Panicked(nil, v)
		}
	}()
	f()
}
