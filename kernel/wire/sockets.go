package wire

import (
	"context"
	"fmt"
	"io"
	"log"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-zeromq/zmq4"
)

// A Channel is one of the sockets that carry requests.
type Channel int

// The channels.
const (
	Shell Channel = iota
	Control
	Stdin
	channels
)

func (c Channel) String() string { return [...]string{"shell", "control", "stdin"}[c] }

// Sockets are a kernel's five sockets. The heartbeat answers by itself, and so
// do subscriptions to what is published.
type Sockets struct {
	session Session
	signer  *signer
	log     *log.Logger
	at      *Connection
	cancel  context.CancelFunc
	request [channels]*socket
	iopub   *socket
	beat    *socket
}

// A socket is a zmq4 socket and the guard's listener under it.
type socket struct {
	zmq4.Socket
	guarded *listener
	sending sync.Mutex
}

// Listen opens the sockets that the connection describes. It logs what is
// dropped or refused to logger, which may be nil.
func Listen(c *Connection, logger *log.Logger) (*Sockets, error) {
	return listen(c, logger, defaultLimits)
}

func listen(c *Connection, logger *log.Logger, l limits) (*Sockets, error) {
	if logger == nil {
		logger = log.New(io.Discard, "", 0)
	}
	g, err := newGuard(l, logger)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := &Sockets{session: newSession("kernel"), signer: newSigner(c.Key), log: logger, at: c, cancel: cancel}
	g.welcome = s.welcome
	quiet := zmq4.WithLogger(log.New(io.Discard, "", 0)) // the guard logs better what was wrong
	for _, open := range []struct {
		socket **socket
		make   func(context.Context, ...zmq4.Option) zmq4.Socket
		port   int
	}{
		{&s.request[Shell], zmq4.NewRouter, c.Shell},
		{&s.request[Control], zmq4.NewRouter, c.Control},
		{&s.request[Stdin], zmq4.NewRouter, c.Stdin},
		{&s.iopub, zmq4.NewPub, c.IOPub},
		// A ROUTER echoes to any number of peers, where a REP would wait for
		// one to take its answer.
		{&s.beat, zmq4.NewRouter, c.Heartbeat},
	} {
		z := open.make(ctx, quiet)
		network, address := c.address(open.port)
		guarded, err := g.listen(z, network, address)
		if err != nil {
			z.Close()
			s.close()
			return nil, err
		}
		guarded.mu.Lock()
		guarded.signs = c.Key != "" && open.socket != &s.iopub && open.socket != &s.beat
		guarded.mu.Unlock()
		*open.socket = &socket{Socket: z, guarded: guarded}
	}
	go s.heartbeat()
	return s, nil
}

// Session makes the messages of this kernel.
func (s *Sockets) Session() Session { return s.session }

// welcome is iopub_welcome, which tells a client that its subscription has taken
// effect.
func (s *Sockets) welcome(topic string) [][]byte {
	if !utf8.ValidString(topic) {
		return nil
	}
	m, err := s.session.New(nil, "iopub_welcome", map[string]string{"subscription": topic})
	if err != nil {
		return nil
	}
	m.Identities = [][]byte{[]byte(topic)}
	frames, err := m.frames(s.signer)
	if err != nil {
		return nil
	}
	return frames
}

// Connection says where the sockets are.
func (s *Sockets) Connection() *Connection { return s.at }

// heartbeat sends back what arrives.
func (s *Sockets) heartbeat() {
	for {
		msg, err := s.beat.Recv()
		if err != nil {
			return
		}
		s.beat.send(msg.Frames)
	}
}

// Receive waits for the next message on a channel. Messages that are malformed,
// unsigned, wrongly signed or replayed are logged and dropped. It returns an
// error only when the sockets were closed.
func (s *Sockets) Receive(ch Channel) (*Message, error) {
	for {
		msg, err := s.request[ch].Recv()
		if err != nil {
			return nil, fmt.Errorf("%v socket: %w", ch, err)
		}
		m, err := parseMessage(msg.Frames, s.signer)
		if err == nil {
			if len(m.Identities) > 0 {
				s.request[ch].guarded.signed(m.Identities[0])
				s.meet(ch, m.Identities[0])
			}
			return m, nil
		}
		s.log.Printf("%v: message dropped: %v", ch, err)
	}
}

// Send sends a message on a channel to the peer that its identities name.
func (s *Sockets) Send(ch Channel, m *Message) error {
	frames, err := m.frames(s.signer)
	if err != nil {
		return err
	}
	socket := s.request[ch]
	// zmq4 would drop the message silently, or wait minutes for a first connection.
	if len(m.Identities) == 0 || !socket.guarded.connected(m.Identities[0]) {
		return fmt.Errorf("%v: no peer is connected to receive %s", ch, m.Header.Type)
	}
	return socket.send(frames)
}

// Publish sends a message to all subscribers.
func (s *Sockets) Publish(m *Message) error {
	frames, err := m.frames(s.signer)
	if err != nil {
		return err
	}
	return s.iopub.send(frames)
}

func (s *socket) send(frames [][]byte) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	return s.Socket.Send(zmq4.NewMsgFrom(frames...))
}

// Close closes the sockets after what was sent has left, waiting a second at
// most.
func (s *Sockets) Close() error {
	// Published messages pass through a queue inside zmq4, which does not report
	// when it is empty: after a moment without writes it is taken to be.
	const quiet = 40 * time.Millisecond
	deadline := time.Now().Add(time.Second)
	for calm := time.Duration(0); calm < quiet && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
		calm += 5 * time.Millisecond
		for _, so := range append(s.request[:], s.iopub) {
			if so.guarded.waiting() > 0 {
				calm = 0
			}
		}
	}
	return s.close()
}

func (s *Sockets) close() (err error) {
	s.cancel()
	for _, so := range append(s.request[:], s.iopub, s.beat) {
		if so == nil {
			continue
		}
		if e := so.Close(); e != nil && err == nil {
			err = e
		}
	}
	return err
}
