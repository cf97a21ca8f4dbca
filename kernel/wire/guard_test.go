package wire

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"net"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

// tight are limits that a test can reach.
var tight = limits{
	handshake:    200 * time.Millisecond,
	subscription: 100 * time.Millisecond,
	stall:        300 * time.Millisecond,
	pending:      8 << 20,
	frame:        1 << 20,
	message:      2 << 20,
	frames:       16,
	conns:        8,
	topics:       4,
}

// A logbook collects what is logged.
type logbook struct {
	mu sync.Mutex
	b  strings.Builder
}

func (l *logbook) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logbook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// opened opens a kernel's sockets on free ports.
func opened(t *testing.T, l limits) (*Sockets, *Connection, *logbook) {
	t.Helper()
	c := &Connection{Transport: "tcp", IP: "127.0.0.1", Key: "secret", Scheme: "hmac-sha256"}
	for _, port := range []*int{&c.Shell, &c.Control, &c.Stdin, &c.IOPub, &c.Heartbeat} {
		free, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer free.Close()
		*port = free.Addr().(*net.TCPAddr).Port
		free.Close()
	}
	book := new(logbook)
	s, err := listen(c, log.New(book, "", 0), l)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		if strings.Contains(book.String(), c.Key) {
			t.Errorf("the key is in the log:\n%s", book)
		}
	})
	return s, c, book
}

func dial(t *testing.T, c *Connection, port int) net.Conn {
	t.Helper()
	network, address := c.address(port)
	conn, err := net.Dial(network, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(5 * time.Second))
	return conn
}

// readyAs is the READY command of a peer.
func readyAs(kind, identity string) []byte {
	data := []byte("\x0bSocket-Type")
	data = append(data, 0, 0, 0, byte(len(kind)))
	data = append(data, kind...)
	data = append(data, "\x08Identity"...)
	data = append(data, 0, 0, 0, byte(len(identity)))
	data = append(data, identity...)
	return appendFrame(nil, command("READY", data))
}

// peer is a hand-made ZMTP connection after its handshake.
func peer(t *testing.T, c *Connection, port int, kind, identity string) (net.Conn, *bufio.Reader) {
	t.Helper()
	conn := dial(t, c, port)
	conn.Write(greeting[:])
	conn.Write(readyAs(kind, identity))
	r := bufio.NewReader(conn)
	if err := readGreeting(r); err != nil {
		t.Fatal(err)
	}
	f, err := readFrame(r, 4096)
	if name, _, _ := f.commandName(); err != nil || name != "READY" {
		t.Fatalf("got %q, %v; want READY", name, err)
	}
	return conn, r
}

// request sends a signed request over a hand-made connection.
func request(t *testing.T, conn net.Conn, kind string) *Message {
	t.Helper()
	m, err := newSession("tester").New(nil, kind, map[string]any{})
	if err != nil {
		t.Fatal(err)
	}
	frames, err := m.frames(newSigner("secret"))
	if err != nil {
		t.Fatal(err)
	}
	conn.Write(onWire(frames))
	return m
}

func onWire(frames [][]byte) (b []byte) {
	for i, body := range frames {
		b = appendFrame(b, frame{more: i < len(frames)-1, body: body})
	}
	return b
}

// works checks that the sockets serve an honest client.
func works(t *testing.T, s *Sockets, c *Connection) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	client := zmq4.NewDealer(ctx, zmq4.WithID(zmq4.SocketIdentity("honest")))
	defer client.Close()
	_, address := c.address(c.Shell)
	if err := client.Dial(c.Transport + "://" + address); err != nil {
		t.Fatal(err)
	}
	m, _ := newSession("tester").New(nil, "kernel_info_request", map[string]any{})
	signer := newSigner("secret")
	frames, _ := m.frames(signer)
	if err := client.Send(zmq4.NewMsgFrom(frames...)); err != nil {
		t.Fatal(err)
	}
	got, err := s.Receive(Shell)
	if err != nil || got.Header.ID != m.Header.ID {
		t.Fatalf("an honest client's request: got %+v, %v", got, err)
	}
	reply, _ := newSession("kernel").New(got, "kernel_info_reply", map[string]any{"status": "ok"})
	reply.Identities = got.Identities
	if err := s.Send(Shell, reply); err != nil {
		t.Fatal(err)
	}
	back, err := client.Recv()
	if err != nil {
		t.Fatal(err)
	}
	answer, err := parseMessage(back.Frames, signer)
	if err != nil || answer.ParentID() != m.Header.ID {
		t.Fatalf("the reply: got %+v, %v", answer, err)
	}
}

// hungUp checks that the other side closes the connection soon.
func hungUp(t *testing.T, conn net.Conn) {
	t.Helper()
	conn.SetDeadline(time.Now().Add(3 * time.Second))
	if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
		t.Error("the connection stays open")
	}
}

// Fault: one silent TCP client blocks accept for ever.
func TestSilentClientsDoNotBlockOthers(t *testing.T) {
	s, c, _ := opened(t, tight)
	for range 4 {
		dial(t, c, c.Shell)
	}
	half := dial(t, c, c.Shell)
	half.Write(greeting[:20])
	noReady := dial(t, c, c.Shell)
	noReady.Write(greeting[:])
	works(t, s, c)
	hungUp(t, half)
	hungUp(t, noReady)
}

func TestStrangersAreRefused(t *testing.T) {
	s, c, _ := opened(t, tight)
	for name, bytes := range map[string]string{
		"HTTP":                      "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"an old ZMTP":               "\xff\x00\x00\x00\x00\x00\x00\x00\x01\x7f\x01" + strings.Repeat("\x00", 53),
		"another mechanism":         string(greeting[:12]) + "CURVE" + strings.Repeat("\x00", 47),
		"a message for READY":       string(greeting[:]) + "\x00\x05hello",
		"another command":           string(greeting[:]) + "\x04\x06\x05HELLO",
		"metadata cut short":        string(greeting[:]) + "\x04\x08\x05READY\x80\x00",
		"a property longer than it": string(greeting[:]) + "\x04\x0c\x05READY\x01a\xff\xff\xff\xff",
		"a SUB for a ROUTER":        string(greeting[:]) + string(readyAs("SUB", "")),
		"a forged own identity":     string(greeting[:]) + string(readyAs("DEALER", "\x00peer 1")),
	} {
		conn := dial(t, c, c.Shell)
		conn.Write([]byte(bytes))
		t.Run(name, func(t *testing.T) { hungUp(t, conn) })
	}
	works(t, s, c)
}

// Fault: a frame length of 2^49 makes the library allocate it, and panic.
func TestHostileFramesAreCut(t *testing.T) {
	s, c, book := opened(t, tight)
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for name, bytes := range map[string][]byte{
		"a length of 2^49":        {flagLong, 0, 2, 0, 0, 0, 0, 0, 0, 1},
		"a length of 2^63":        {flagLong, 0x80, 0, 0, 0, 0, 0, 0, 0},
		"reserved flags":          {0xf8, 1, 0},
		"a command with more":     {flagCommand | flagMore, 1, 0},
		"an empty command":        {flagCommand, 0},
		"a command name too long": {flagCommand, 2, 9, 'x'},
		"too many frames":         bytes.Repeat([]byte{flagMore, 1, 'x'}, 40),
		"a message too large":     bytes.Repeat(appendFrame(nil, frame{more: true, body: make([]byte, 1<<20)}), 3),
	} {
		conn, _ := peer(t, c, c.Shell, "DEALER", "")
		conn.Write(bytes)
		t.Run(name, func(t *testing.T) { hungUp(t, conn) })
	}
	runtime.ReadMemStats(&after)
	if grown := after.TotalAlloc - before.TotalAlloc; grown > 64<<20 {
		t.Errorf("%d MiB were allocated", grown>>20)
	}
	works(t, s, c)
	if !strings.Contains(book.String(), "frame over the limit: 562949953421312 bytes announced") {
		t.Errorf("the log does not tell of the forged length:\n%s", book)
	}
}

// Fault: PUB has one queue, so a stalled subscriber starves the others and
// memory grows.
func TestStalledSubscriberIsDropped(t *testing.T) {
	s, c, book := opened(t, tight)
	stalled, _ := peer(t, c, c.IOPub, "SUB", "")
	stalled.Write([]byte("\x00\x01\x01"))
	_, healthy := subscriber(t, c)
	time.Sleep(100 * time.Millisecond)

	const messages = 60
	text := strings.Repeat("x", 256<<10)
	got := make(chan error, 1)
	go func() {
		for range messages {
			if _, err := receive(healthy); err != nil {
				got <- err
				return
			}
		}
		got <- nil
	}()
	session := newSession("kernel")
	begun := time.Now()
	for range messages {
		m, _ := session.New(nil, "stream", map[string]any{"name": "stdout", "text": text})
		if err := s.Publish(m); err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	select {
	case err := <-got:
		if err != nil {
			t.Fatalf("the healthy subscriber: %v", err)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("the healthy subscriber starves")
	}
	t.Logf("%d MiB to a healthy subscriber in %v", messages*len(text)>>20, time.Since(begun).Round(time.Millisecond))
	deadline := time.Now().Add(5 * time.Second)
	for !strings.Contains(book.String(), "is dropped") {
		if time.Now().After(deadline) {
			t.Fatalf("the stalled subscriber is still served; log:\n%s", book)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// subscriber subscribes to everything, and waits until it is told that this has
// taken effect.
func subscriber(t *testing.T, c *Connection) (net.Conn, *bufio.Reader) {
	conn, r := peer(t, c, c.IOPub, "SUB", "")
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	conn.Write([]byte("\x00\x01\x01"))
	frames, err := receive(r)
	if err != nil {
		t.Fatal(err)
	}
	m, err := parseMessage(frames, newSigner(c.Key))
	if err != nil || m.Header.Type != "iopub_welcome" || string(m.Content) != `{"subscription":""}` || len(m.Parent) > 2 {
		t.Fatalf("got %+v, %v, want iopub_welcome", m, err)
	}
	return conn, r
}

// receive reads a whole message.
func receive(r *bufio.Reader) (frames [][]byte, err error) {
	for {
		f, err := readFrame(r, 1<<30)
		if err != nil {
			return nil, err
		}
		if f.command {
			continue
		}
		frames = append(frames, f.body)
		if !f.more {
			return frames, nil
		}
	}
}

// Fault: ROUTER's send holds a lock with no deadline.
func TestStalledPeerDoesNotHoldUpReplies(t *testing.T) {
	s, c, _ := opened(t, tight)
	stalled, _ := peer(t, c, c.Shell, "DEALER", "stalled")
	request(t, stalled, "kernel_info_request")
	m, err := s.Receive(Shell)
	if err != nil {
		t.Fatal(err)
	}
	large := strings.Repeat("x", 1<<20)
	begun := time.Now()
	for range 20 { // more than the peer's socket and its queue take
		reply, _ := newSession("kernel").New(m, "kernel_info_reply", large)
		reply.Identities = m.Identities
		s.Send(Shell, reply)
	}
	works(t, s, c)
	if took := time.Since(begun); took > 3*time.Second {
		t.Errorf("an honest client waited %v", took)
	}
}

// Fault: a message to an unknown identity is dropped silently.
func TestSendToNobodyIsAnError(t *testing.T) {
	s, _, _ := opened(t, tight)
	m, _ := newSession("kernel").New(nil, "input_request", map[string]any{})
	m.Identities = [][]byte{[]byte("nobody")}
	begun := time.Now()
	if err := s.Send(Stdin, m); err == nil || !strings.Contains(err.Error(), "no peer is connected") {
		t.Errorf("got %v", err)
	}
	if time.Since(begun) > time.Second {
		t.Error("it took long")
	}
}

// Fault: two peers with the same identity are both served.
func TestSecondPeerWithAnIdentityReplacesTheFirst(t *testing.T) {
	s, c, _ := opened(t, tight)
	first, _ := peer(t, c, c.Shell, "DEALER", "twin")
	second, r := peer(t, c, c.Shell, "DEALER", "twin")
	hungUp(t, first)
	request(t, second, "kernel_info_request")
	m, err := s.Receive(Shell)
	if err != nil {
		t.Fatal(err)
	}
	reply, _ := newSession("kernel").New(m, "kernel_info_reply", map[string]any{})
	reply.Identities = m.Identities
	if err := s.Send(Shell, reply); err != nil {
		t.Fatal(err)
	}
	if frames, err := receive(r); err != nil || len(frames) != 6 {
		t.Errorf("the second peer got %d frames, %v", len(frames), err)
	}
}

// Fault: a PING is delivered as a message.
func TestPingIsAnsweredWithPong(t *testing.T) {
	s, c, book := opened(t, tight)
	conn, r := peer(t, c, c.Shell, "DEALER", "")
	conn.Write(appendFrame(nil, command("PING", []byte("\x00\x10context"))))
	f, err := readFrame(r, 4096)
	if err != nil {
		t.Fatal(err)
	}
	if name, data, err := f.commandName(); err != nil || name != "PONG" || string(data) != "context" {
		t.Errorf("got %q %q, %v; want PONG with the context", name, data, err)
	}
	m := request(t, conn, "kernel_info_request")
	if got, err := s.Receive(Shell); err != nil || got.Header.ID != m.Header.ID {
		t.Errorf("the next message is not the request that was sent: %v", err)
	}
	if strings.Contains(book.String(), "dropped") {
		t.Errorf("the PING arrived as a message:\n%s", book)
	}
}

func TestSubscriptions(t *testing.T) {
	s, c, _ := opened(t, tight)
	t.Run("by ZMTP 3.1's command", func(t *testing.T) {
		conn, r := peer(t, c, c.IOPub, "SUB", "")
		conn.Write(appendFrame(nil, command("SUBSCRIBE", []byte("kernel."))))
		if frames, err := receive(r); err != nil || string(frames[0]) != "kernel." {
			t.Errorf("got %q, %v, want iopub_welcome", frames, err)
		}
		m, _ := newSession("kernel").New(nil, "status", map[string]any{})
		m.Identities = [][]byte{[]byte("kernel.1.status")}
		if err := s.Publish(m); err != nil {
			t.Fatal(err)
		}
		if frames, err := receive(r); err != nil || string(frames[0]) != "kernel.1.status" {
			t.Errorf("got %q, %v", frames, err)
		}
	})
	var flood []byte
	for i := range 10 {
		flood = appendFrame(flood, frame{body: fmt.Appendf(nil, "\x01topic %d", i)})
	}
	for name, bytes := range map[string][]byte{
		"something else":     []byte("\x00\x05hello"),
		"several frames":     []byte("\x01\x01\x01\x00\x01\x01"),
		"an empty frame":     {0, 0},
		"a very long topic":  appendFrame(nil, frame{body: append([]byte{1}, make([]byte, 300)...)}),
		"too many of topics": flood,
	} {
		conn, _ := peer(t, c, c.IOPub, "SUB", "")
		conn.Write(bytes)
		t.Run(name+" ends the connection", func(t *testing.T) { hungUp(t, conn) })
	}
}
