package kernel

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net"
	"sync"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"

	"modelbook/kernel/engine"
	"modelbook/kernel/wire"
)

// A front is a front end: it signs and reads messages with code of its own,
// so that a mistake in package wire shows.
type front struct {
	t         *testing.T
	key       []byte
	sockets   map[string]zmq4.Socket
	published chan message
	count     int
}

type message struct {
	Header, Parent struct {
		ID       string `json:"msg_id"`
		Type     string `json:"msg_type"`
		Subshell string `json:"subshell_id"`
	}
	Content map[string]any
}

func (m message) String() string { return fmt.Sprintf("%s %v", m.Header.Type, m.Content) }

// deadline is longer than anything here takes.
const deadline = 10 * time.Second

// listen opens the kernel's sockets on free ports; one that another process
// takes first costs another try.
func listen(t *testing.T) (*wire.Connection, *wire.Sockets) {
	t.Helper()
	for try := 0; ; try++ {
		c := &wire.Connection{Transport: "tcp", IP: "127.0.0.1", Key: "the key", Scheme: "hmac-sha256"}
		var held []net.Listener // until all have one: the same is not given twice
		for _, port := range []*int{&c.Shell, &c.Control, &c.Stdin, &c.IOPub, &c.Heartbeat} {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			*port = l.Addr().(*net.TCPAddr).Port
			held = append(held, l)
		}
		for _, l := range held {
			l.Close()
		}
		sockets, err := wire.Listen(c, nil)
		if err == nil {
			return c, sockets
		}
		if try == 9 {
			t.Fatal(err)
		}
	}
}

// serve starts a kernel on an engine and connects a front end to it.
func serve(t *testing.T, e Engine) (*front, *Kernel) {
	t.Helper()
	return serveWith(t, func() (Engine, error) { return e, nil })
}

// serveWith starts a kernel that starts its engine so.
func serveWith(t *testing.T, start func() (Engine, error)) (*front, *Kernel) {
	t.Helper()
	c, sockets := listen(t)
	k := New(Config{Start: start, Version: "1", GoVersion: "go1.26"}, sockets, nil)
	ended := make(chan error, 1)
	go func() { ended <- k.Serve() }()
	ctx, cancel := context.WithCancel(context.Background())
	f := &front{t: t, key: []byte(c.Key), sockets: map[string]zmq4.Socket{}, published: make(chan message, 10000)}
	t.Cleanup(func() {
		k.Stop()
		select {
		case <-ended:
		case <-time.After(deadline):
			t.Error("the kernel does not end")
		}
		cancel()
		for _, s := range f.sockets {
			s.Close()
		}
	})
	id := zmq4.WithID(zmq4.SocketIdentity("front"))
	for name, port := range map[string]int{"shell": c.Shell, "control": c.Control, "stdin": c.Stdin} {
		f.sockets[name] = zmq4.NewDealer(ctx, id)
		if err := f.sockets[name].Dial(fmt.Sprintf("tcp://127.0.0.1:%d", port)); err != nil {
			t.Fatal(err)
		}
	}
	sub := zmq4.NewSub(ctx)
	f.sockets["iopub"] = sub
	if err := sub.Dial(fmt.Sprintf("tcp://127.0.0.1:%d", c.IOPub)); err != nil {
		t.Fatal(err)
	}
	if err := sub.SetOption(zmq4.OptionSubscribe, ""); err != nil {
		t.Fatal(err)
	}
	go func() {
		for {
			m, err := sub.Recv()
			if err != nil {
				return
			}
			f.published <- f.parse(m.Frames)
		}
	}()
	for { // until the subscription has arrived
		f.send("shell", "kernel_info_request", map[string]any{})
		f.receive("shell")
		select {
		case <-f.published:
			f.quiet(50 * time.Millisecond)
			return f, k
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func (f *front) sign(parts [][]byte) []byte {
	h := hmac.New(sha256.New, f.key)
	h.Write(bytes.Join(parts, nil))
	return []byte(hex.EncodeToString(h.Sum(nil)))
}

// send sends a request and returns its ID.
func (f *front) send(channel, kind string, content map[string]any) string {
	f.t.Helper()
	return f.sendIn(channel, kind, content, nil, "")
}

// sendIn sends a request to a subshell (nil for the main shell), or an answer
// to a message.
func (f *front) sendIn(channel, kind string, content map[string]any, subshell any, parent string) string {
	f.t.Helper()
	f.count++
	id := fmt.Sprintf("request-%d", f.count)
	fields := map[string]any{"msg_id": id, "msg_type": kind, "session": "s", "username": "u", "version": "5.5", "date": "", "subshell_id": subshell}
	header, _ := json.Marshal(fields)
	body, _ := json.Marshal(content)
	parents := []byte("{}")
	if parent != "" {
		parents, _ = json.Marshal(map[string]any{"msg_id": parent})
	}
	parts := [][]byte{header, parents, []byte("{}"), body}
	frames := append([][]byte{[]byte("<IDS|MSG>"), f.sign(parts)}, parts...)
	if err := f.sockets[channel].Send(zmq4.NewMsgFrom(frames...)); err != nil {
		f.t.Fatal(err)
	}
	return id
}

func (f *front) execute(code string) string {
	f.t.Helper()
	return f.send("shell", "execute_request", map[string]any{"code": code})
}

func (f *front) parse(frames [][]byte) (m message) {
	for len(frames) > 0 && string(frames[0]) != "<IDS|MSG>" {
		frames = frames[1:]
	}
	if len(frames) < 6 || !bytes.Equal(frames[1], f.sign(frames[2:6])) {
		f.t.Errorf("a message that is not signed well: %q", frames)
		return m
	}
	for i, v := range map[int]any{2: &m.Header, 3: &m.Parent, 5: &m.Content} {
		if err := json.Unmarshal(frames[i], v); err != nil {
			f.t.Error(err)
		}
	}
	return m
}

// receive waits for the next message on a channel.
func (f *front) receive(channel string) message {
	f.t.Helper()
	got := make(chan message, 1)
	go func() {
		if m, err := f.sockets[channel].Recv(); err == nil {
			got <- f.parse(m.Frames)
		}
	}()
	select {
	case m := <-got:
		return m
	case <-time.After(deadline):
		f.t.Fatalf("nothing arrives on %s", channel)
		panic("unreachable")
	}
}

// output collects what is published for a request, up to its idle. What is
// published for others meanwhile is dropped.
func (f *front) output(id string) (messages []message) {
	f.t.Helper()
	for {
		select {
		case m := <-f.published:
			if m.Parent.ID != id {
				continue
			}
			messages = append(messages, m)
			if m.Header.Type == "status" && m.Content["execution_state"] == "idle" {
				return messages
			}
		case <-time.After(deadline):
			f.t.Fatalf("no idle for %s; published: %v", id, messages)
		}
	}
}

// await waits until a message of the kind is published.
func (f *front) await(kind string) message {
	f.t.Helper()
	for {
		select {
		case m := <-f.published:
			if m.Header.Type == kind {
				return m
			}
		case <-time.After(deadline):
			f.t.Fatalf("no %s is published", kind)
		}
	}
}

// quiet returns what is published in a while.
func (f *front) quiet(while time.Duration) (messages []message) {
	after := time.After(while)
	for {
		select {
		case m := <-f.published:
			messages = append(messages, m)
		case <-after:
			return messages
		}
	}
}

func kinds(messages []message) (names []string) {
	for _, m := range messages {
		name := m.Header.Type
		if name == "status" {
			name = m.Content["execution_state"].(string)
		}
		names = append(names, name)
	}
	return names
}

// actor is an engine whose cells do what their code names.
type actor struct {
	acts map[string]func(ctx context.Context, r engine.Request, out engine.Sink) error

	mu     sync.Mutex
	ran    []string
	closed bool
}

func (a *actor) Execute(ctx context.Context, r engine.Request, out engine.Sink) error {
	a.mu.Lock()
	a.ran = append(a.ran, r.Code)
	a.mu.Unlock()
	act, ok := a.acts[r.Code]
	if !ok {
		return &engine.CellError{Name: "CompileError", Value: "undefined: " + r.Code, Traceback: []string{"cell[1]:1:1", "^"}}
	}
	return act(ctx, r, out)
}

func (a *actor) Close() error {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.closed = true
	return nil
}
