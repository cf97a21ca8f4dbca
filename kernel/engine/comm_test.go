package engine

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/comms"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/toolchain"
)

// frontEnd is what a front end sees of comms.
type frontEnd struct {
	t *testing.T
	*comms.Registry
	published chan string
}

func newFrontEnd(t *testing.T) *frontEnd {
	f := &frontEnd{t, comms.New(), make(chan string, 1000)}
	f.Attach(func(content jupyter.Published) {
		b, _ := json.Marshal(content)
		f.published <- content.MessageType() + " " + string(b)
	})
	return f
}

// sees waits for a message that begins so, and returns it.
func (f *frontEnd) sees(begin string) string {
	f.t.Helper()
	for {
		select {
		case s := <-f.published:
			if strings.HasPrefix(s, begin) {
				return s
			}
			f.t.Logf("published: %s", s)
		case <-time.After(20 * time.Second):
			f.t.Fatalf("no %s", begin)
		}
	}
}

func TestCellsOpenAndTakeComms(t *testing.T) {
	t.Parallel()
	f := newFrontEnd(t)
	e, err := New(Config{Home: prepared(t, "libraries", toolchain.Libraries()), Dir: t.TempDir(), Comms: f.Registry})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	nb := &notebook{t: t, Engine: e}
	nb.run(`var closed = make(chan string, 1)
comm.Handle("echo", func(c *comm.Comm, data json.RawMessage) {
	c.Send(map[string]any{"welcome": data})
	c.OnMessage(func(m json.RawMessage) {
		if string(m) == "\"panic\"" {
			panic("a handler panics")
		}
		c.Send(m)
	})
	c.OnClose(func(json.RawMessage) { closed <- c.ID })
})`)
	f.Opened("1", "echo", json.RawMessage(`{"from":"page"}`))
	f.sees(`comm_msg {"comm_id":"1","data":{"welcome":{"from":"page"}}}`)
	f.Message("1", json.RawMessage(`"panic"`))
	for i := range 200 { // in order, although no cell runs
		f.Message("1", json.RawMessage(fmt.Sprint(i)))
	}
	for i := range 200 {
		f.sees(fmt.Sprintf(`comm_msg {"comm_id":"1","data":%d}`, i))
	}
	f.Closed("1", nil)
	nb.shows("<-closed", `"1"`)

	nb.run(`viewer := comm.Open("viewer", map[string]int{"x": 1})
heard := make(chan string, 10)`)
	var open struct {
		ID string `json:"comm_id"`
	}
	json.Unmarshal([]byte(strings.TrimPrefix(f.sees("comm_open "), "comm_open ")), &open)
	f.Message(open.ID, json.RawMessage(`"early"`)) // before there is a handler
	nb.shows(`viewer.OnMessage(func(m json.RawMessage) { heard <- string(m) })
<-heard`, `"\"early\""`)
	nb.run(`viewer.OnClose(func(json.RawMessage) { heard <- "closed" })
if err := viewer.Send([]int{1, 2}); err != nil { panic(err) }
if err := viewer.Send(func() {}); err == nil { panic("a function was sent") }`)
	f.sees(fmt.Sprintf(`comm_msg {"comm_id":%q,"data":[1,2]}`, open.ID))
	f.Closed(open.ID, nil)
	nb.shows("<-heard", `"closed"`)
	nb.shows(`viewer.Send(1) != nil`, "true")

	nb.run(`again := comm.Open("viewer", nil)
again.Close()
again.Close()
kept := comm.Open("viewer", nil)
kept.Send("hello")`)
	f.sees("comm_close")
	f.sees("comm_msg")
	if err := e.Restart(); err != nil {
		t.Fatal(err)
	}
	f.sees("comm_close") // kept is
	f.Opened("2", "echo", nil)
	f.sees(`comm_close {"comm_id":"2"`)
	if n := len(f.Info("")); n != 0 {
		t.Errorf("%d comms are open", n)
	}
	nb.run(`comm.Handle("echo", func(c *comm.Comm, _ json.RawMessage) { c.Close() })`)
	f.Opened("3", "echo", nil)
	f.sees(`comm_close {"comm_id":"3"`)
	nb.run(`comm.Handle("echo", nil)
comm.Handle("gonb_comm", func(c *comm.Comm, _ json.RawMessage) { c.Close() })`)
	time.Sleep(50 * time.Millisecond)
	f.Opened("4", "echo", nil)
	f.sees(`comm_close {"comm_id":"4"`)
	if !slices.Equal(nb.run("1").results, []string{"1"}) {
		t.Error("the session is not well")
	}
}
