package ipywidgets

import (
	"encoding/json"
	"reflect"
	"sync"
	"testing"
	"time"

	"modelbook/kernel/worker/rt"
)

// A frontEnd keeps what it is sent, and the states of widgets as it follows from
// that.
type frontEnd struct {
	t        *testing.T
	mu       sync.Mutex
	messages []rt.CommMessage
	states   map[string]map[string]any
	closed   map[string]bool
}

// wait is how long a test waits for what must come.
const wait = 20 * time.Second

func newFrontEnd(t *testing.T) *frontEnd {
	f := &frontEnd{t: t, states: map[string]map[string]any{}, closed: map[string]bool{}}
	rt.SendComm = f.take
	t.Cleanup(func() {
		CloseAll() // so that no timer sends any more
		rt.SendComm = nil
	})
	serve()
	return f
}

// take is called for all that the program sends.
func (f *frontEnd) take(m rt.CommMessage) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.messages = append(f.messages, m)
	var data struct {
		Method string
		State  map[string]any
		Paths  [][]any `json:"buffer_paths"`
	}
	if len(m.Data) > 0 {
		if err := json.Unmarshal(m.Data, &data); err != nil {
			f.t.Errorf("%s is no JSON: %v", m.Data, err)
		}
	}
	switch {
	case m.Op == "open" && m.Target == target:
		if string(m.Metadata) != `{"version":"2.1.0"}` {
			f.t.Errorf("a widget is opened with the metadata %s", m.Metadata)
		}
		f.states[m.ID] = map[string]any{}
	case m.Op == "close":
		f.closed[m.ID] = true
		return
	case data.Method != "update" || f.states[m.ID] == nil: // of a test before, too
		return
	}
	if len(data.Paths) != len(m.Buffers) {
		f.t.Errorf("%d paths for %d buffers", len(data.Paths), len(m.Buffers))
	}
	for name, v := range data.State {
		f.states[m.ID][name] = v
	}
	for i, path := range data.Paths {
		f.states[m.ID][path[0].(string)] = m.Buffers[i]
	}
}

// state is what the front end knows of a trait.
func (f *frontEnd) state(w Widget, name string) any {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.states[w.ID()][name]
}

// shows waits until the front end knows a value.
func (f *frontEnd) shows(w Widget, name string, want any) {
	f.t.Helper()
	for end := time.Now().Add(wait); ; time.Sleep(time.Millisecond) {
		got := f.state(w, name)
		if reflect.DeepEqual(got, want) {
			return
		}
		if time.Now().After(end) {
			f.t.Fatalf("%s is %v, want %v", name, got, want)
		}
	}
}

// count is the number of messages with a widget's identifier.
func (f *frontEnd) count(w Widget) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, m := range f.messages {
		if m.ID == w.ID() {
			n++
		}
	}
	return n
}

// send sends a message as the user's doing makes it.
func (f *frontEnd) send(w Widget, data string, buffers ...[]byte) {
	rt.Comm(rt.CommMessage{Op: "msg", ID: w.ID(), Data: []byte(data), Buffers: buffers})
}

// move changes the value of a widget.
func (f *frontEnd) move(w Widget, value string) {
	f.send(w, `{"method":"update","state":{"value":`+value+`},"buffer_paths":[]}`)
}

// receive waits for a value that a callback sends.
func receive[T any](t *testing.T, c <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-c:
	case <-time.After(wait):
		t.Fatal("nothing is called")
	}
	return v
}
