package wire

import (
	"bufio"
	"bytes"
	"io"
	"net"
	"testing"

	"github.com/go-zeromq/zmq4"
)

func TestFramesSurviveTheWire(t *testing.T) {
	for _, f := range []frame{
		{body: []byte{}},
		{body: []byte("short"), more: true},
		{body: bytes.Repeat([]byte("x"), 255)},
		{body: bytes.Repeat([]byte("x"), 256)},
		{body: bytes.Repeat([]byte("x"), 200_000), more: true},
		command("PING", []byte{0, 1}),
	} {
		got, err := readFrame(bufio.NewReader(bytes.NewReader(appendFrame(nil, f))), 1<<20)
		if err != nil || got.more != f.more || got.command != f.command || !bytes.Equal(got.body, f.body) {
			t.Errorf("%d bytes come back as %d, %v", len(f.body), len(got.body), err)
		}
	}
}

func TestBoundaryFindsTheEndOfMessages(t *testing.T) {
	var b boundary
	long := bytes.Repeat([]byte("x"), 300)
	whole := onWire([][]byte{[]byte("one"), long, {}, []byte("two")})
	for cut := 1; cut < 20; cut++ { // whatever the pieces
		for rest := whole; len(rest) > 0; {
			n := min(cut, len(rest))
			b.follow(rest[:n])
			rest = rest[n:]
			if b.between() != (len(rest) == 0) {
				t.Fatalf("pieces of %d: between messages with %d bytes to come: %v", cut, len(rest), b.between())
			}
		}
	}
}

// FuzzConn feeds a connection arbitrary bytes after its handshake. Whatever
// they are, zmq4 must get to read well-formed bounded frames and nothing else.
func FuzzConn(f *testing.F) {
	f.Add([]byte("\x00\x05hello"), false)
	f.Add([]byte("\x01\x01\x01\x00\x00"), true)
	f.Add([]byte{flagLong, 0, 2, 0, 0, 0, 0, 0, 0, 1}, false)
	f.Add(appendFrame(nil, command("PING", []byte("\x00\x10abc"))), false)
	f.Add(appendFrame(nil, command("SUBSCRIBE", []byte("topic"))), true)
	f.Fuzz(func(t *testing.T, data []byte, pub bool) {
		l := &listener{kind: zmq4.Router, limits: tight, log: discardLog, conns: map[net.Conn]*visit{}, peers: map[string]*conn{}, changed: make(chan struct{})}
		if pub {
			l.kind = zmq4.Pub
		}
		raw, other := net.Pipe()
		go func() {
			other.Write(data)
			other.Close()
		}()
		c := newConn(raw, l)
		got, _ := io.ReadAll(c)
		c.Close()
		r := bufio.NewReader(bytes.NewReader(got))
		for {
			f, err := readFrame(r, tight.frame)
			if err == io.EOF {
				return
			}
			if err != nil || f.command {
				t.Fatalf("zmq4 reads a malformed frame or a command: %+v, %v", f, err)
			}
		}
	})
}

func FuzzReady(f *testing.F) {
	f.Add(readyAs("DEALER", "id"))
	f.Add([]byte("\x04\x08\x05READY\x80\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		identity, err := readReady(bufio.NewReader(bytes.NewReader(data)), zmq4.Router)
		if err == nil && len(identity) > 255 {
			t.Fatalf("an identity of %d bytes", len(identity))
		}
	})
}
