package gopls

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
)

// A conn is a connection to a language server: JSON-RPC 2.0 in frames.
type conn struct {
	w       io.Writer
	sending sync.Mutex
	answer  func(method string, params json.RawMessage) any // to the server's requests

	mu      sync.Mutex
	next    int
	waiting map[int]chan<- response
	err     error // why nothing will be answered any more
	closed  chan struct{}
}

type response struct {
	Result json.RawMessage
	Error  *rpcError
}

type rpcError struct {
	Code    int    `json:"code"`
	Message string `json:"message"`
}

func (e *rpcError) Error() string { return fmt.Sprintf("gopls: %s (%d)", e.Message, e.Code) }

var errGone = errors.New("gopls: the connection has ended")

// newConn serves a connection until r ends.
func newConn(r io.Reader, w io.Writer, answer func(method string, params json.RawMessage) any) *conn {
	c := &conn{w: w, answer: answer, waiting: map[int]chan<- response{}, closed: make(chan struct{})}
	go c.receive(bufio.NewReader(r))
	return c
}

func (c *conn) receive(r *bufio.Reader) {
	err := c.dispatch(r)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.err = fmt.Errorf("%w: %v", errGone, err)
	close(c.closed)
}

func (c *conn) dispatch(r *bufio.Reader) error {
	for {
		frame, err := readFrame(r)
		if err != nil {
			return err
		}
		var m struct {
			ID     json.RawMessage `json:"id"`
			Method string          `json:"method"`
			Params json.RawMessage `json:"params"`
			Result json.RawMessage `json:"result"`
			Error  *rpcError       `json:"error"`
		}
		if err := json.Unmarshal(frame, &m); err != nil {
			return err
		}
		switch {
		case m.Method != "" && len(m.ID) > 0:
			err = c.send(map[string]any{"jsonrpc": "2.0", "id": m.ID, "result": c.answer(m.Method, m.Params)})
			if err != nil {
				return err
			}
		case m.Method != "": // a notification
		default:
			var id int
			if json.Unmarshal(m.ID, &id) != nil {
				continue
			}
			c.mu.Lock()
			ch := c.waiting[id]
			delete(c.waiting, id)
			c.mu.Unlock()
			if ch != nil {
				ch <- response{m.Result, m.Error}
			}
		}
	}
}

func (c *conn) send(message any) error {
	b, err := json.Marshal(message)
	if err != nil {
		return err
	}
	c.sending.Lock()
	defer c.sending.Unlock()
	return writeFrame(c.w, b)
}

// notify tells the server something.
func (c *conn) notify(method string, params any) error {
	return c.send(map[string]any{"jsonrpc": "2.0", "method": method, "params": params})
}

// call asks the server. When ctx ends first, the server is told to forget the
// question.
func (c *conn) call(ctx context.Context, method string, params, result any) error {
	ch := make(chan response, 1)
	c.mu.Lock()
	if c.err != nil {
		defer c.mu.Unlock()
		return c.err
	}
	c.next++
	id := c.next
	c.waiting[id] = ch
	c.mu.Unlock()
	if err := c.send(map[string]any{"jsonrpc": "2.0", "id": id, "method": method, "params": params}); err != nil {
		return err
	}
	select {
	case r := <-ch:
		if r.Error != nil {
			return r.Error
		}
		if result == nil || len(r.Result) == 0 {
			return nil
		}
		return json.Unmarshal(r.Result, result)
	case <-c.closed:
		return c.err
	case <-ctx.Done():
		c.mu.Lock()
		delete(c.waiting, id)
		c.mu.Unlock()
		c.notify("$/cancelRequest", map[string]any{"id": id})
		return ctx.Err()
	}
}
