package wire

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-zeromq/zmq4"
	"github.com/go-zeromq/zmq4/transport"
)

// A guard is a zmq4 transport for listening sockets. Its endpoints read
// "NAME://ROUTER/tcp/127.0.0.1:5000" or "NAME://PUB/unix//tmp/kernel-1": the
// type of our socket, the network, the address.
type guard struct {
	name string
	limits
	mu        sync.Mutex
	log       *log.Logger
	listeners map[string]*listener // by address, until take
	// welcome makes what a new subscription to a topic is answered with, or is
	// nil. It is set before anybody can connect.
	welcome func(topic string) [][]byte
}

var _ transport.Transport = (*guard)(nil)

// guards counts the transports of this process: each has a name of its own,
// because zmq4 cannot unregister one.
var guards atomic.Int64

// newGuard makes a guard and registers it with zmq4.
func newGuard(l limits, logger *log.Logger) (*guard, error) {
	if logger == nil {
		logger = log.New(io.Discard, "", 0)
	}
	g := &guard{name: fmt.Sprintf("guard%d", guards.Add(1)), limits: l, log: logger, listeners: map[string]*listener{}}
	return g, zmq4.RegisterTransport(g.name, g)
}

// listen binds the socket, of the given type, through the guard.
func (g *guard) listen(s zmq4.Socket, network, address string) (*listener, error) {
	addr := string(s.Type()) + "/" + network + "/" + address
	if err := s.Listen(g.name + "://" + addr); err != nil {
		return nil, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.listeners[addr]
	delete(g.listeners, addr)
	return l, nil
}

// Addr returns the address as it is: Listen understands it.
func (g *guard) Addr(endpoint string) (string, error) { return endpoint, nil }

// Dial is not offered: a kernel listens.
func (g *guard) Dial(context.Context, transport.Dialer, string) (net.Conn, error) {
	return nil, errors.New("wire: this transport only listens")
}

// Listen opens a listener that hands over only connections whose handshake
// is complete.
func (g *guard) Listen(ctx context.Context, addr string) (net.Listener, error) {
	parts := strings.SplitN(addr, "/", 3)
	if len(parts) != 3 || peerTypes[zmq4.SocketType(parts[0])] == nil {
		return nil, fmt.Errorf("wire: malformed endpoint %q", addr)
	}
	var config net.ListenConfig
	inner, err := config.Listen(ctx, parts[1], parts[2])
	if err != nil {
		return nil, err
	}
	if parts[1] == "unix" {
		if err := os.Chmod(parts[2], 0o600); err != nil {
			inner.Close()
			return nil, err
		}
	}
	l := &listener{
		Listener: inner, kind: zmq4.SocketType(parts[0]), limits: g.limits, log: g.log, welcome: g.welcome,
		ready: make(chan *conn), done: make(chan struct{}),
		conns: map[net.Conn]*visit{}, peers: map[string]*conn{}, changed: make(chan struct{}),
	}
	g.mu.Lock()
	g.listeners[addr] = l
	g.mu.Unlock()
	go l.accept()
	return l, nil
}

// A listener accepts connections for one socket.
type listener struct {
	net.Listener
	kind zmq4.SocketType
	limits
	log     *log.Logger
	welcome func(topic string) [][]byte
	ready   chan *conn
	done    chan struct{}
	once    sync.Once

	mu        sync.Mutex
	conns     map[net.Conn]*visit // open connections, also those in their handshake
	peers     map[string]*conn    // by identity: those handed over to zmq4
	signs     bool                // peers sign what they send
	anonymous int                 // number of peers without an identity
	changed   chan struct{}       // closed, and made anew, when a peer subscribes or leaves
}

// A visit is what a listener knows of an open connection.
type visit struct {
	since      time.Time
	signed     bool // it has sent a message signed with the key
	met        bool // its first request has come
	subscribed bool // a subscription of it has taken effect
}

// Accept returns the next connection that completed its handshake.
func (l *listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.ready:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

// Close stops accepting. Connections that were handed over stay open.
func (l *listener) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.Listener.Close()
}

// accept takes connections and does the handshake of each in a goroutine.
func (l *listener) accept() {
	for {
		c, err := l.Listener.Accept()
		switch {
		case errors.Is(err, net.ErrClosed):
			return
		case err != nil: // mostly a lack of file descriptors, which passes
			l.log.Printf("%s: %v", l.kind, err)
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if !l.room() {
			l.log.Printf("%s: more than %d connections; one refused", l.kind, l.limits.conns)
			c.Close()
			continue
		}
		l.mu.Lock()
		l.conns[c] = &visit{since: time.Now()}
		l.mu.Unlock()
		go func() {
			if err := l.admit(c); err != nil {
				l.log.Printf("%s: connection refused: %v", l.kind, err)
				c.Close()
				l.forget(c, nil)
			}
		}()
	}
}

// room reports whether there is room for one more connection. Where messages are
// signed, many peers without the key must not keep out those who have it: the
// oldest connection that never sent a signed message is closed.
func (l *listener) room() bool {
	l.mu.Lock()
	if len(l.conns) < l.limits.conns {
		l.mu.Unlock()
		return true
	}
	var oldest net.Conn
	for c, v := range l.conns {
		if l.signs && !v.signed && (oldest == nil || v.since.Before(l.conns[oldest].since)) {
			oldest = c
		}
	}
	var handed *conn
	for _, c := range l.peers {
		if c.Conn == oldest {
			handed = c
		}
	}
	l.mu.Unlock() // before a connection's own lock is taken
	switch {
	case oldest == nil:
		return false
	case handed != nil:
		handed.Close()
	default: // still in its handshake, which fails now
		oldest.Close()
		l.forget(oldest, nil)
	}
	l.log.Printf("%s: more than %d connections; one that never signed a message is closed", l.kind, l.limits.conns)
	return true
}

// signed notes that a peer has sent a message with a good signature.
func (l *listener) signed(identity []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if c := l.peers[string(identity)]; c != nil && l.conns[c.Conn] != nil {
		l.conns[c.Conn].signed = true
	}
}

// admit does the handshake with a new connection and hands it to zmq4.
func (l *listener) admit(raw net.Conn) error {
	raw.SetDeadline(time.Now().Add(l.limits.handshake))
	if _, err := raw.Write(greeting[:]); err != nil {
		return err
	}
	c := newConn(raw, l)
	if err := readGreeting(c.in); err != nil {
		return err
	}
	identity, err := readReady(c.in, l.kind)
	if err != nil {
		return err
	}
	raw.SetDeadline(time.Time{})
	if old := l.enter(c, identity); old != nil {
		// A client that lost its connection may connect again before the loss
		// is noticed here.
		l.log.Printf("%s: a second connection with the same identity replaces the first", l.kind)
		old.Close()
	}
	c.replay(greeting[:], appendFrame(nil, ready(l.kind, c.identity)))
	go c.send()
	select {
	case l.ready <- c:
		return nil
	case <-l.done:
		c.Close()
		return nil
	}
}

// enter adds a peer under its identity, or under a new one where it has none, and
// returns the peer that had the identity before.
func (l *listener) enter(c *conn, identity string) (old *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if identity == "" {
		l.anonymous++
		identity = fmt.Sprintf("\x00peer %d", l.anonymous) // ZMTP reserves a leading zero byte for this
	}
	c.identity = identity
	old = l.peers[identity]
	l.peers[identity] = c
	return old
}

// forget removes a closed connection from the tables.
func (l *listener) forget(raw net.Conn, c *conn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.conns[raw] != nil {
		delete(l.conns, raw)
		l.tell()
	}
	if c != nil && l.peers[c.identity] == c {
		delete(l.peers, c.identity)
	}
}

// connected reports whether a peer with this identity is connected.
func (l *listener) connected(identity []byte) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.peers[string(identity)] != nil
}

// waiting is the number of bytes that peers have not taken yet.
func (l *listener) waiting() (bytes int) {
	l.mu.Lock()
	peers := slices.Collect(maps.Values(l.peers))
	l.mu.Unlock() // before a connection's own lock is taken
	for _, c := range peers {
		bytes += c.waiting()
	}
	return bytes
}
