package control

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"reflect"
	"strings"
	"testing"
)

// A wire is a connection whose other end is a buffer.
type wire struct{ bytes.Buffer }

// messages are one of each type, with all fields set.
var messages = []Message{
	Ping{}, Open{Run: 7, Plugin: "/a b.so", Args: []string{"x", "\n"}}, Run{Run: 7}, Interrupt{Run: 7}, ListVariables{},
	Inspect{Path: []string{"v", "0"}}, Show{Path: []string{"v"}}, Forget{Names: []string{"a"}}, Revert{Run: 7, Names: []string{"a"}},
	Save{Path: "p"}, Restore{Path: "p"}, Chdir{Dir: "d"}, Setenv{Key: "K", Value: "é\x00"}, Handled{},
	SendComm{Comm: Comm{Op: CommOpen, ID: "i", Target: "t", Data: json.RawMessage(`{"a":[1]}`), Metadata: json.RawMessage(`{"v":2}`), Buffers: [][]byte{{1, 2}}}},

	Debug{On: true}, SetBreakpoints{Cell: 3, Lines: []int{1, 5}}, Resume{Step: StepOut}, Pause{}, ListFrames{},
	InspectFrame{Frame: 1, Path: []string{"x"}}, ShowLocal{Frame: 1, Path: []string{"x"}},

	FrameList{Frames: []CellFrame{{Func: "f", Cell: 3, Line: 5}}}, Stopped{Run: 7, Reason: AtBreakpoint}, Resumed{},
	OK{}, Failed{Reason: "why"}, Began{}, Opened{Failure: &Failure{Kind: Exited, Code: 3}},
	Done{Made: 2, Failure: &Failure{Kind: Panicked, Type: "T", Message: "m", Frames: []Frame{{Func: "f", File: "cell[1]", Line: 2, Go: true}}, Cause: &Failure{Kind: Raised}}},
	VariableList{Variables: []Variable{{Name: "v", Type: "int", Value: "1", Size: 8, Children: 2, Shape: "3×4"}}},
	Shown{Bundle: Bundle{Data: map[string]any{"text/plain": "x"}, Metadata: map[string]any{"width": 2.}}},
	Saved{Done: []string{"a"}, Skipped: []Skipped{{"b", "why"}}, Types: []Type{{"k", "T", map[string]string{"p": "a/p"}}}, Globals: []string{"io.EOF"}, Apart: []string{"a, b"}},

	Ready{Several: true}, Opening{Run: 7}, Printed{Run: 7, Stream: "stderr", Text: []byte("\xff\n")}, Reading{Run: 7}, Display{Run: 7, Bundle: Bundle{Data: map[string]any{"text/html": "<b>\u2028"}}}, GoroutinePanicked{Run: 7, Failure: &Failure{Kind: Blocked}},
	Profile{Run: 7, Options: "-q", Data: []byte{0, 255}}, Tested{Run: 7, Test: Test{Name: "TestX", Outcome: "pass", Seconds: .5}}, Piped{Run: 7},
	CommSent{Comm: Comm{Op: CommHandle, Target: "t"}}, Undeliverable{Run: 7, What: "Display", Reason: "why"},
}

// Every message arrives as it was sent, at the end that it is for and at no
// other, with its number.
func TestMessagesArriveAsSent(t *testing.T) {
	sent := map[string]bool{}
	for i, m := range messages {
		sent[Name(m)] = true
		_, isRequest := m.(Request)
		for _, end := range []struct {
			name string
			open func(io.ReadWriter) *Conn
			its  bool
		}{{"the worker", WorkerEnd, isRequest}, {"the kernel", KernelEnd, !isRequest}} {
			w := &wire{}
			c := end.open(w)
			if err := c.Send(int64(i), m); err != nil {
				t.Fatalf("%T: %v", m, err)
			}
			id, got, err := c.Receive()
			switch {
			case !end.its:
				if !errors.As(err, new(*FormatError)) {
					t.Errorf("%T arrives at %s: %v, %v", m, end.name, got, err)
				}
			case err != nil || id != int64(i) || !reflect.DeepEqual(got, m):
				t.Errorf("%T: got %d %#v, %v, want %d %#v", m, id, got, err, i, m)
			}
		}
	}
	for _, types := range []map[string]reflect.Type{requests, replies, events} {
		for name := range types {
			if !sent[name] {
				t.Errorf("%s is not tried", name)
			}
		}
	}
}

// A message that cannot be encoded or is too long is an error of Send, and
// nothing of it is written.
func TestWhatCannotBeSent(t *testing.T) {
	const limit = 1000
	w := &wire{}
	c := WorkerEnd(w)
	c.limit = limit
	if err := c.Send(1, Shown{Bundle: Bundle{Data: map[string]any{"x": math.NaN()}}}); !errors.As(err, new(*EncodingError)) {
		t.Errorf("NaN: %v", err)
	}
	if err := c.Send(1, Failed{Reason: strings.Repeat("x", limit)}); !errors.As(err, new(*EncodingError)) {
		t.Errorf("a message that is too long: %v", err)
	}
	if w.Len() > 0 {
		t.Errorf("%d bytes were written", w.Len())
	}
	longest := strings.Repeat("x", limit-len(`{"Reason":""}`))
	if err := c.Send(1, Failed{Reason: longest}); err != nil {
		t.Errorf("the longest message: %v", err)
	}
	k := KernelEnd(w)
	k.limit = limit
	if _, m, err := k.Receive(); err != nil || m.(Failed).Reason != longest {
		t.Errorf("the longest message does not arrive: %v", err)
	}
}

// What code of a cell writes to the connection costs none of the messages
// around it, however long it is.
func TestReceiveGoesOnBehindGarbage(t *testing.T) {
	for _, garbage := range []string{"x", "\n\n", "OK", "OK 1", "OK x {}", "OK 1 {", "Ping 1 {}", "OK 99999999999999999999 {}", strings.Repeat("y", 5000)} {
		w := &wire{}
		c := KernelEnd(w)
		c.limit = 1000
		c.Send(1, OK{})
		w.WriteString(garbage)
		c.Send(2, Ready{})
		var ids []int64
		for {
			id, m, err := c.Receive()
			if err == io.EOF {
				break
			}
			if m != nil {
				ids = append(ids, id)
			}
		}
		if !reflect.DeepEqual(ids, []int64{1, 2}) {
			t.Errorf("around %.20q: messages %v", garbage, ids)
		}
	}
}

// FuzzWorkerEnd takes what a kernel never sends.
func FuzzWorkerEnd(f *testing.F) { fuzz(f, WorkerEnd, Ping{}) }

// FuzzKernelEnd takes what code of a cell may write to the connection.
func FuzzKernelEnd(f *testing.F) { fuzz(f, KernelEnd, Ready{}) }

// fuzz writes bytes in front of a message: that one arrives all the same, and
// whatever else does can be sent again.
func fuzz(f *testing.F, open func(io.ReadWriter) *Conn, last Message) {
	for i, m := range messages {
		w := &wire{}
		WorkerEnd(w).Send(int64(i), m)
		f.Add(w.Bytes())
		f.Add(w.Bytes()[:w.Len()/2])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		w := &wire{}
		c := open(w)
		w.Write(data)
		c.Send(12345, last)
		var latest Message
		var number int64
		for {
			id, m, err := c.Receive()
			if err == io.EOF {
				break
			}
			if err != nil && !errors.As(err, new(*FormatError)) {
				t.Fatal(err)
			}
			if m == nil {
				continue
			}
			latest, number = m, id
			again := &wire{}
			if err := open(again).Send(id, m); err != nil {
				t.Fatalf("%#v cannot be sent: %v", m, err)
			}
			gotID, got, err := open(again).Receive()
			if err != nil || gotID != id || !bytes.Equal(encode(t, got), encode(t, m)) {
				t.Fatalf("%#v was sent, %#v arrived: %v", m, got, err)
			}
		}
		if number != 12345 || !reflect.DeepEqual(latest, last) {
			t.Fatalf("behind %q arrives %d %#v", data, number, latest)
		}
	})
}

func encode(t *testing.T, m Message) []byte {
	b, err := json.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return append([]byte(Name(m)), b...)
}
