package wire

import (
	"bufio"
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/go-zeromq/zmq4"
)

func TestConnectionsAreCounted(t *testing.T) {
	s, c, book := opened(t, tight)
	for range tight.conns {
		peer(t, c, c.IOPub, "SUB", "")
	}
	hungUp(t, dial(t, c, c.IOPub))
	if !strings.Contains(book.String(), "more than 8 connections") {
		t.Errorf("log:\n%s", book)
	}
	works(t, s, c) // on another socket
}

// A crowd without the key keeps nobody out who has it, and drives nobody away.
func TestCrowdOfStrangersKeepsNobodyOut(t *testing.T) {
	s, c, book := opened(t, tight)
	friend, r := peer(t, c, c.Shell, "DEALER", "friend")
	request(t, friend, "kernel_info_request")
	m, err := s.Receive(Shell)
	if err != nil {
		t.Fatal(err)
	}
	var first net.Conn
	for i := range 3 * tight.conns {
		stranger, _ := peer(t, c, c.Shell, "DEALER", fmt.Sprint("stranger ", i))
		stranger.Write(onWire([][]byte{[]byte("<IDS|MSG>"), []byte("forged"), []byte("{}"), []byte("{}"), []byte("{}"), []byte("{}")}))
		if i == 0 {
			first = stranger
		}
	}
	hungUp(t, first)
	works(t, s, c) // a new client with the key
	reply, _ := newSession("kernel").New(m, "kernel_info_reply", map[string]any{})
	reply.Identities = m.Identities
	if err := s.Send(Shell, reply); err != nil {
		t.Error(err)
	}
	if frames, err := receive(r); err != nil || len(frames) != 6 {
		t.Errorf("the old client got %d frames, %v", len(frames), err)
	}
	if !strings.Contains(book.String(), "never signed a message is closed") {
		t.Errorf("log:\n%s", book)
	}
}

func TestHeartbeatEchoes(t *testing.T) {
	_, c, _ := opened(t, tight)
	for range 2 { // several monitors at once
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		req := zmq4.NewReq(ctx)
		defer req.Close()
		network, address := c.address(c.Heartbeat)
		if err := req.Dial(network + "://" + address); err != nil {
			t.Fatal(err)
		}
		for i := range 3 {
			ping := fmt.Sprintf("ping %d", i)
			if err := req.Send(zmq4.NewMsgString(ping)); err != nil {
				t.Fatal(err)
			}
			if got, err := req.Recv(); err != nil || string(got.Bytes()) != ping {
				t.Fatalf("got %q, %v; want %q", got.Bytes(), err, ping)
			}
		}
	}
}

func TestCloseDeliversWhatWasSent(t *testing.T) {
	s, c, _ := opened(t, tight)
	_, r := subscriber(t, c)
	session := newSession("kernel")
	for i := range 200 {
		m, _ := session.New(nil, "stream", map[string]any{"n": i, "text": strings.Repeat("x", 10000)})
		if err := s.Publish(m); err != nil {
			t.Fatal(err)
		}
	}
	go s.Close()
	for i := range 200 {
		if _, err := receive(r); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
}

// A subscription is answered when it has taken effect, whatever its topic and
// whichever way it is made; other subscribers do not hear of it.
func TestWelcome(t *testing.T) {
	s, c, _ := opened(t, tight)
	_, first := subscriber(t, c)
	conn, r := peer(t, c, c.IOPub, "SUB", "")
	conn.SetDeadline(time.Now().Add(20 * time.Second))
	for _, test := range []struct{ sent, topic string }{
		{"\x00\x03\x01ab", "ab"},
		{"\x04\x0d\x09SUBSCRIBEcde", "cde"},
		{"\x00\x03\x00ab", ""},       // the end of a subscription has no answer,
		{"\x00\x03\x01\xff\xfe", ""}, // nor has a topic that is no text
		{"\x00\x04\x01fgh", "fgh"},
	} {
		conn.Write([]byte(test.sent))
		if test.topic == "" {
			continue
		}
		frames, err := receive(r)
		if err != nil {
			t.Fatal(err)
		}
		m, err := parseMessage(frames, newSigner(c.Key))
		if want := fmt.Sprintf(`{"subscription":%q}`, test.topic); err != nil || string(frames[0]) != test.topic || m.Header.Type != "iopub_welcome" || string(m.Content) != want {
			t.Errorf("%q: got %+v, %v", test.topic, m, err)
		}
		m, _ = s.Session().New(nil, "status", map[string]any{})
		m.Identities = [][]byte{[]byte(test.topic + ".status")}
		if err := s.Publish(m); err != nil {
			t.Fatal(err)
		}
		for _, from := range []*bufio.Reader{r, first} {
			if frames, err := receive(from); err != nil || string(frames[0]) != test.topic+".status" {
				t.Errorf("%q: got %q, %v", test.topic, frames, err)
			}
		}
	}
}

func TestSocketsInAFolder(t *testing.T) {
	dir := t.TempDir()
	c := &Connection{Transport: "ipc", IP: dir + "/k", Shell: 1, Control: 2, Stdin: 3, IOPub: 4, Heartbeat: 5, Key: "secret"}
	s, err := Listen(c, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	works(t, s, c)
}
