package worker

import (
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"modelbook/kernel/output"
	"modelbook/kernel/worker/control"
)

// beside makes a Worker whose process is the test: it gets the process's end of
// the connection.
func beside(t *testing.T) (*Worker, *control.Conn, net.Conn) {
	t.Helper()
	ours, theirs := net.Pipe()
	w := &Worker{conn: control.KernelEnd(ours), handler: &collect{}, text: output.NewReader(nil), ready: make(chan struct{}), exited: make(chan struct{}),
		calls: map[int64]chan control.Reply{}}
	t.Cleanup(func() { ours.Close(); theirs.Close() })
	go w.receive()
	return w, control.WorkerEnd(theirs), theirs
}

// Several requests may be open at once, and their replies may come in any order.
func TestRepliesFindTheirRequests(t *testing.T) {
	w, conn, _ := beside(t)
	const n = 10
	var asking sync.WaitGroup
	for i := range n {
		asking.Go(func() {
			dir := fmt.Sprint("folder ", i)
			if err := w.Chdir(dir); err == nil || err.Error() != dir {
				t.Errorf("%s: got %v", dir, err)
			}
		})
	}
	ids, dirs := make([]int64, n), make([]string, n)
	for i := range n {
		id, m, err := conn.Receive()
		if err != nil {
			t.Fatal(err)
		}
		ids[i], dirs[i] = id, m.(control.Chdir).Dir
	}
	for i := n - 1; i >= 0; i-- {
		conn.Send(ids[i], control.Failed{Reason: dirs[i]})
	}
	asking.Wait()
	if len(w.calls) > 0 {
		t.Errorf("%d requests are still open", len(w.calls))
	}
}

// A reply that does not fit, that nobody waits for or that is malformed keeps
// nobody waiting.
func TestStrangeReplies(t *testing.T) {
	w, conn, raw := beside(t)
	answer := func(reply func(id int64)) {
		id, _, err := conn.Receive()
		if err != nil {
			t.Error(err)
		}
		reply(id)
	}
	go answer(func(id int64) {
		conn.Send(id+1000, control.OK{})
		for range 3 * maxReplies {
			conn.Send(id, control.Saved{})
		}
	})
	if err := w.Ping(); err == nil || !strings.Contains(err.Error(), "answered with Saved") {
		t.Errorf("a reply of another type: %v", err)
	}
	go answer(func(id int64) { fmt.Fprintf(raw, "\nSaved %d {\"Done\":5}\n", id) })
	if _, err := w.Save("file"); err == nil || !strings.Contains(err.Error(), "no message: Saved") {
		t.Errorf("a malformed reply: %v", err)
	}
	go answer(func(id int64) { conn.Send(id, control.OK{}) })
	if err := w.Ping(); err != nil {
		t.Errorf("after them: %v", err)
	}
}

// An event with a number is acknowledged when it has been handled.
func TestEventsAreAcknowledged(t *testing.T) {
	_, conn, _ := beside(t)
	go conn.Send(7, control.Piped{})
	id, m, err := conn.Receive()
	if _, ok := m.(control.Handled); err != nil || !ok || id != 7 {
		t.Errorf("got %d %#v, %v", id, m, err)
	}
}
