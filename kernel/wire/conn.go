package wire

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"github.com/go-zeromq/zmq4"
)

// A conn is one connection as zmq4 sees it. Read delivers whole, checked
// frames only; Write never blocks.
type conn struct {
	net.Conn
	l        *listener
	identity string

	in     *bufio.Reader
	unread []byte // checked bytes that zmq4 has not read yet
	frames int    // of the incoming message so far
	bytes  int64  // of the incoming message so far
	topics map[string]bool
	topic  *string // of a new subscription that zmq4 has been handed, or nil

	mu     sync.Mutex
	wake   *sync.Cond // signalled when there is something to send, or the end
	out    []byte     // to be sent
	taken  int        // bytes that send is writing
	skip   int        // bytes of zmq4's own greeting that are yet to be dropped
	sent   boundary
	aside  []byte // commands and messages of ours, waiting for the end of a message
	closed bool
}

func newConn(raw net.Conn, l *listener) *conn {
	c := &conn{Conn: raw, l: l, in: bufio.NewReader(raw), skip: len(greeting), topics: map[string]bool{}}
	c.wake = sync.NewCond(&c.mu)
	return c
}

// replay makes zmq4 read these bytes first.
func (c *conn) replay(parts ...[]byte) {
	for _, p := range parts {
		c.unread = append(c.unread, p...)
	}
}

// Read reads checked bytes. The connection of a peer that breaks the rules is
// closed, and zmq4 sees io.EOF.
func (c *conn) Read(p []byte) (int, error) {
	for len(c.unread) == 0 {
		c.welcome()
		f, err := readFrame(c.in, c.l.limits.frame)
		if err == nil {
			err = c.take(f)
		}
		if err != nil {
			var network net.Error
			if err != io.EOF && !errors.As(err, &network) && !errors.Is(err, io.ErrUnexpectedEOF) {
				c.l.log.Printf("%s: connection cut: %v", c.l.kind, err)
			}
			c.Close()
			return 0, io.EOF
		}
	}
	n := copy(p, c.unread)
	c.unread = c.unread[n:]
	return n, nil
}

// take passes a frame on to zmq4 or answers it. The error says what is wrong
// with it.
func (c *conn) take(f frame) error {
	if f.command {
		return c.command(f)
	}
	c.frames++
	c.bytes += int64(len(f.body))
	if c.frames > c.l.limits.frames || c.bytes > c.l.limits.message {
		return fmt.Errorf("%w: a message of %d frames and %d bytes", errTooLarge, c.frames, c.bytes)
	}
	if !f.more {
		defer func() { c.frames, c.bytes = 0, 0 }()
	}
	if c.l.kind == zmq4.Pub {
		return c.subscription(f)
	}
	c.unread = appendFrame(c.unread[:0], f)
	return nil
}

// command handles a ZMTP command after the handshake: zmq4 would deliver it
// as if it were a message.
func (c *conn) command(f frame) error {
	name, data, err := f.commandName()
	if err != nil {
		return err
	}
	switch name {
	case zmq4.CmdPing: // time to live (2 bytes) and a context to send back
		if len(data) < 2 || len(data) > 2+16 {
			return errors.New("malformed PING")
		}
		c.between(appendFrame(nil, command(zmq4.CmdPong, data[2:])))
	case zmq4.CmdSubscribe, zmq4.CmdCancel: // ZMTP 3.1's way to subscribe
		if c.l.kind == zmq4.Pub {
			verb := byte(1)
			if name == zmq4.CmdCancel {
				verb = 0
			}
			return c.subscription(frame{body: append([]byte{verb}, data...)})
		}
	}
	return nil
}

// subscription checks the only thing a subscriber may send.
func (c *conn) subscription(f frame) error {
	if f.more || len(f.body) == 0 || f.body[0] > 1 || len(f.body) > 256 {
		return errors.New("a subscriber sent something other than a subscription")
	}
	topic := string(f.body[1:])
	if f.body[0] == 0 {
		delete(c.topics, topic)
	} else {
		c.topics[topic] = true
		c.topic = &topic
	}
	if len(c.topics) > c.l.limits.topics {
		return fmt.Errorf("more than %d subscriptions", c.l.limits.topics)
	}
	c.unread = appendFrame(c.unread[:0], f)
	return nil
}

// welcome tells a subscriber that its subscription has taken effect: zmq4, which
// asks for the next message, has entered it.
func (c *conn) welcome() {
	if c.topic == nil {
		return
	}
	c.l.entered(c.Conn)
	if c.l.welcome == nil {
		return
	}
	var message []byte
	frames := c.l.welcome(*c.topic)
	for i, body := range frames {
		message = appendFrame(message, frame{more: i < len(frames)-1, body: body})
	}
	c.topic = nil
	c.between(message)
}

// Write queues p for the peer.
func (c *conn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return 0, &net.OpError{Op: "write", Net: "zmtp", Err: net.ErrClosed}
	}
	written := len(p)
	n := min(c.skip, len(p)) // the guard has sent the greeting already
	c.skip -= n
	p = p[n:]
	if len(c.out)+c.taken+len(p) > c.l.limits.pending {
		c.l.log.Printf("%s: a peer with %d bytes waiting for it is dropped", c.l.kind, len(c.out)+c.taken)
		c.closeLocked()
		return 0, &net.OpError{Op: "write", Net: "zmtp", Err: net.ErrClosed}
	}
	c.sent.follow(p)
	c.out = append(c.out, p...)
	c.flushAside()
	c.wake.Signal()
	return written, nil
}

// between sends whole frames of ours as soon as no message of zmq4's is written
// in part.
func (c *conn) between(frames []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.aside) < 4096 { // more memory is not spent on a flood of PINGs
		c.aside = append(c.aside, frames...)
	}
	c.flushAside()
	c.wake.Signal()
}

func (c *conn) flushAside() {
	// Before zmq4's READY is out nothing else may be sent.
	if len(c.aside) > 0 && c.skip == 0 && c.sent.between() && len(c.out) < c.l.limits.pending {
		c.out = append(c.out, c.aside...)
		c.aside = c.aside[:0]
	}
}

// send writes what is queued, a piece at a time, each under the deadline.
func (c *conn) send() {
	const piece = 256 << 10
	var buf []byte
	for {
		c.mu.Lock()
		for len(c.out) == 0 && !c.closed {
			c.wake.Wait()
		}
		if c.closed {
			c.mu.Unlock()
			return
		}
		buf, c.out = c.out, buf[:0]
		c.taken = len(buf)
		c.mu.Unlock()
		for rest := buf; len(rest) > 0; {
			p := rest[:min(piece, len(rest))]
			rest = rest[len(p):]
			c.Conn.SetWriteDeadline(time.Now().Add(c.l.limits.stall))
			if _, err := c.Conn.Write(p); err != nil {
				if errors.Is(err, os.ErrDeadlineExceeded) {
					c.l.log.Printf("%s: a peer took no data for %v and is dropped", c.l.kind, c.l.limits.stall)
				}
				c.Close()
				return
			}
			c.mu.Lock()
			c.taken -= len(p)
			c.mu.Unlock()
		}
		if cap(buf) > 1<<20 {
			buf = nil // the buffer of one large output is not kept
		}
	}
}

// waiting is the number of bytes the peer has not taken yet.
func (c *conn) waiting() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.out) + c.taken
}

// Close closes the connection.
func (c *conn) Close() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closeLocked()
}

func (c *conn) closeLocked() error {
	if c.closed {
		return nil
	}
	c.closed = true
	c.out, c.aside = nil, nil
	c.wake.Broadcast()
	c.l.forget(c.Conn, c)
	return c.Conn.Close()
}
