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
// In the classic Notebook the page's side is Jupyter.notebook.kernel.comm_manager
// (register_target, new_comm), in extensions of JupyterLab it is the kernel
// connection (registerCommTarget, createComm).
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
	early     []json.RawMessage // messages before there was an onMessage
	closed    bool
}

var (
	mu      sync.Mutex
	open    = map[string]*Comm{}
	targets = map[string]func(*Comm, json.RawMessage){}
	queue   []func()
	busy    bool // a goroutine works on the queue
)

func init() { rt.Comm = arrived }

// Open opens a comm to a target of the page, with data of any kind that
// encodes to JSON, or nil. A page that does not know the target closes it: see
// OnClose. Open panics when data does not encode.
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
	early := c.early
	c.onMessage, c.early = f, nil
	c.mu.Unlock()
	for _, data := range early {
		work(func() { f(data) })
	}
}

// OnClose makes f be told when the page closes the comm.
func (c *Comm) OnClose(f func(data json.RawMessage)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.onClose = f
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
		work(func() { c.message(data) })
	case "close":
		work(func() {
			if c.end() && c.onClose != nil {
				c.onClose(data)
			}
		})
	}
}

func (c *Comm) message(data json.RawMessage) {
	c.mu.Lock()
	f := c.onMessage
	if f == nil {
		c.early = append(c.early, data)
	}
	c.mu.Unlock()
	if f != nil {
		f(data)
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
