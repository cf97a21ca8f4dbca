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
	"strings"
	"sync"

	"modelbook/kernel/worker/rt"
)

// A Comm is an open channel.
type Comm struct {
	// ID and Target are its identifier and the name it was opened to.
	ID, Target string

	mu        sync.Mutex
	onMessage func(m Message)
	onClose   func(data json.RawMessage)
	messages  []Message       // that no onMessage has taken yet
	last      json.RawMessage // what the page closed the comm with
	untold    bool            // that it did: no onClose has been told yet
	closed    bool
}

// A Message is what a message of a comm carries.
type Message struct {
	Data     json.RawMessage
	Buffers  [][]byte        // bytes beside the data
	Metadata json.RawMessage // of the message that opens a comm; nil for none
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
	return OpenMessage(rand.Text(), target, Message{Data: text})
}

// OpenMessage is Open with an identifier, which no other comm has, and with
// bytes and metadata beside the data.
func OpenMessage(id, target string, m Message) *Comm {
	c := &Comm{ID: id, Target: target}
	mu.Lock()
	open[id] = c
	mu.Unlock()
	send(rt.CommMessage{Op: "open", ID: id, Target: target, Data: m.Data, Metadata: m.Metadata, Buffers: m.Buffers})
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
		send(rt.CommMessage{Op: "unhandle", Target: target})
	} else {
		send(rt.CommMessage{Op: "handle", Target: target})
	}
}

// Send sends data to the page, and bytes beside it. The error says that the data
// does not encode to JSON, or that the comm is closed.
func (c *Comm) Send(data any, buffers ...[]byte) error {
	text, err := encode(data)
	if err != nil {
		return fmt.Errorf("comm %s: %w", c.Target, err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return fmt.Errorf("comm %s is closed", c.Target)
	}
	send(rt.CommMessage{Op: "msg", ID: c.ID, Data: text, Buffers: buffers})
	return nil
}

// Close closes the comm; the page is told. Closing twice does nothing.
func (c *Comm) Close() {
	if c.end() {
		send(rt.CommMessage{Op: "close", ID: c.ID})
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
	c.OnMessages(func(m Message) { f(m.Data) })
}

// OnMessages is OnMessage for an f that takes the bytes beside the data, too.
func (c *Comm) OnMessages(f func(m Message)) {
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

func send(m rt.CommMessage) {
	if rt.SendComm != nil { // nil outside a notebook
		rt.SendComm(m)
	}
}

// Print prints text to the cell that has opened the comm with an identifier, also
// after its end.
func Print(id string, fd int, text []byte) {
	stream := "stdout"
	if fd == 2 {
		stream = "stderr"
	}
	data, err := json.Marshal(strings.ToValidUTF8(string(text), "\uFFFD"))
	if err == nil {
		send(rt.CommMessage{Op: "print", ID: id, Target: stream, Data: data})
	}
}

// Connected reports whether there is a front end that comms can lead to.
func Connected() bool { return rt.SendComm != nil }

// arrived takes in a message of the page.
func arrived(m rt.CommMessage) {
	mu.Lock()
	c, handle := open[m.ID], targets[m.Target]
	if m.Op == "open" && handle != nil {
		c = &Comm{ID: m.ID, Target: m.Target}
		open[m.ID] = c
	}
	mu.Unlock()
	if c == nil {
		return
	}
	switch m.Op {
	case "open":
		work(func() { handle(c, m.Data) })
	case "msg":
		c.mu.Lock()
		if len(c.messages) < maxMessages {
			c.messages = append(c.messages, Message{Data: m.Data, Buffers: m.Buffers})
		}
		c.mu.Unlock()
		work(c.deliver)
	case "close":
		work(func() {
			if c.end() {
				c.mu.Lock()
				c.last, c.untold = m.Data, true
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
		var f func()
		switch {
		case c.onMessage != nil && len(c.messages) > 0:
			take, m := c.onMessage, c.messages[0]
			c.messages = c.messages[1:]
			f = func() { take(m) }
		case c.onClose != nil && c.untold:
			take, data := c.onClose, c.last
			c.untold = false
			f = func() { take(data) }
		}
		c.mu.Unlock()
		if f == nil {
			return
		}
		call(f)
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
