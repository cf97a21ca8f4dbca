package comm

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbook/kernel/worker/rt"
)

// A page is what is sent to the front end.
type page struct {
	mu   sync.Mutex
	sent []string
}

func newPage(t *testing.T) *page {
	p := &page{}
	rt.SendComm = func(m rt.CommMessage) {
		p.mu.Lock()
		defer p.mu.Unlock()
		p.sent = append(p.sent, strings.TrimSpace(fmt.Sprint(m.Op, " ", m.Target, " ", string(m.Data))))
	}
	t.Cleanup(func() { rt.SendComm = nil })
	return p
}

// handled waits until the handlers of all that has arrived were called.
func handled(t *testing.T) {
	t.Helper()
	done := make(chan bool)
	work(func() { close(done) })
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("a handler does not return")
	}
}

// What the page does before a cell has set its handlers is not lost, and stays in order.
func TestHandlersThatAreSetLate(t *testing.T) {
	newPage(t)
	for _, first := range []string{"message", "close"} {
		c := Open("viewer", nil)
		for i := range 3 {
			rt.Comm(rt.CommMessage{Op: "msg", ID: c.ID, Data: fmt.Append(nil, i)})
		}
		handled(t)
		rt.Comm(rt.CommMessage{Op: "close", ID: c.ID, Data: []byte(`"bye"`)})
		handled(t)
		var told []string
		message := func(data json.RawMessage) { told = append(told, string(data)) }
		last := func(data json.RawMessage) { told = append(told, "closed "+string(data)) }
		if first == "message" {
			c.OnMessage(message)
			c.OnClose(last)
		} else {
			c.OnClose(last)
			handled(t)
			c.OnMessage(message)
		}
		handled(t)
		c.OnClose(last) // is told once
		handled(t)
		want := []string{"0", "1", "2", `closed "bye"`}
		if first == "close" {
			want = []string{`closed "bye"`, "0", "1", "2"}
		}
		if !slices.Equal(told, want) {
			t.Errorf("%s first: told %q, want %q", first, told, want)
		}
		if err := c.Send(1); err == nil {
			t.Error("sent on a closed comm")
		}
	}
}

// Messages that come while a handler is set stay behind those that waited for it.
func TestMessagesStayInOrder(t *testing.T) {
	newPage(t)
	const n = 2000
	c := Open("viewer", nil)
	var got []string
	go func() {
		for i := range n {
			rt.Comm(rt.CommMessage{Op: "msg", ID: c.ID, Data: fmt.Append(nil, i)})
		}
	}()
	done := make(chan bool)
	time.Sleep(time.Millisecond)
	c.OnMessage(func(data json.RawMessage) {
		if got = append(got, string(data)); len(got) == n {
			close(done)
		}
	})
	select {
	case <-done:
	case <-time.After(20 * time.Second):
		t.Fatal("messages are lost")
	}
	for i, s := range got {
		if s != fmt.Sprint(i) {
			t.Fatalf("message %d is %s", i, s)
		}
	}
}

func TestMessagesThatNobodyTakes(t *testing.T) {
	newPage(t)
	c := Open("viewer", nil)
	for i := range maxMessages + 10 {
		rt.Comm(rt.CommMessage{Op: "msg", ID: c.ID, Data: fmt.Append(nil, i)})
	}
	n := 0
	c.OnMessage(func(json.RawMessage) { n++ })
	handled(t)
	if n != maxMessages {
		t.Errorf("%d messages, want %d", n, maxMessages)
	}
}

func ExampleHandle() {
	// In a notebook a script of the page sends and receives; here it is this function.
	received := make(chan string, 1)
	rt.SendComm = func(m rt.CommMessage) {
		if m.Op == "msg" {
			received <- string(m.Data)
		}
	}
	defer func() { rt.SendComm = nil }()

	Handle("square", func(c *Comm, data json.RawMessage) {
		c.OnMessage(func(m json.RawMessage) {
			var x float64
			if err := json.Unmarshal(m, &x); err == nil {
				c.Send(x * x)
			}
		})
	})
	// const square = gonb_comm.open("square", {}, y => console.log(y)); square.send(7);
	rt.Comm(rt.CommMessage{Op: "open", ID: "1", Target: "square", Data: []byte("{}")})
	rt.Comm(rt.CommMessage{Op: "msg", ID: "1", Data: []byte("7")})
	fmt.Println(<-received)
	// Output: 49
}
