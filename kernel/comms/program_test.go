package comms

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"modelbook/kernel/worker/control"
)

// A program's comms carry metadata and bytes in both directions, and what a
// front end changes in a widget is told to all of them.
func TestCommsOfAProgram(t *testing.T) {
	r, p := newRegistry()
	var sent []string
	take, end := r.Program(func(m Message) {
		sent = append(sent, fmt.Sprintf("%s %s %s %q", m.Op, m.ID, m.Data, m.Buffers))
	})
	take(Message{Op: "open", ID: "1", Target: "viewer", Data: json.RawMessage(`{"a":1}`), Metadata: json.RawMessage(`{"version":"2"}`), Buffers: [][]byte{{1, 2}}})
	take(Message{Op: "open", ID: "2", Target: "jupyter.widget"})
	take(Message{Op: "msg", ID: "1", Data: json.RawMessage(`{"b":2}`), Buffers: [][]byte{{3}}})
	take(Message{Op: "handle", Target: "control"})
	r.Opened("3", "control", json.RawMessage(`{}`))
	r.Message("1", json.RawMessage(`{"method":"update","state":{"value":3}}`), []byte("x"))
	r.Message("2", json.RawMessage(`{"method":"update","state":{"value":3},"buffer_paths":[["value"]]}`), []byte("y"))
	r.Message("2", json.RawMessage(`{"method":"request_state"}`))
	r.Message("3", json.RawMessage(`{"method":"update","state":{}}`))
	wantSent := []string{
		`open 3 {} []`,
		`msg 1 {"method":"update","state":{"value":3}} ["x"]`,
		`msg 2 {"method":"update","state":{"value":3},"buffer_paths":[["value"]]} ["y"]`,
		`msg 2 {"method":"request_state"} []`,
		`msg 3 {"method":"update","state":{}} []`,
	}
	if !slices.Equal(sent, wantSent) {
		t.Errorf("the program is sent\n%q, want\n%q", sent, wantSent)
	}
	want := []string{
		`comm_open {"comm_id":"1","data":{"a":1},"target_name":"viewer"} with {"version":"2"} and "\x01\x02"`,
		`comm_open {"comm_id":"2","data":{},"target_name":"jupyter.widget"}`,
		`comm_msg {"comm_id":"1","data":{"b":2}} and "\x03"`,
		`comm_msg {"comm_id":"2","data":{"method":"echo_update","state":{"value":3},"buffer_paths":[["value"]]}} and "y"`,
	}
	if got := p.take(); !slices.Equal(got, want) {
		t.Errorf("published\n%q, want\n%q", got, want)
	}
	end()
	if got := p.take(); len(got) != 3 || len(r.Info("")) != 0 {
		t.Errorf("at the end: published %q", got)
	}
}

// What functions of a comm print goes to the cell that has opened it, and what
// belongs to none to the latest.
func TestTextOfAComm(t *testing.T) {
	r, _ := newRegistry()
	var printed []string
	cell := "first"
	r.Cells(func() Print {
		name := cell
		return func(stream, text string) { printed = append(printed, name+" "+stream+" "+text) }
	})
	take, _ := r.Program(func(Message) {})
	take(Message{Op: control.CommOpen, ID: "1", Target: "jupyter.widget"})
	cell = "second"
	take(Message{Op: control.CommOpen, ID: "2", Target: "jupyter.widget"})
	for _, m := range []Message{
		{ID: "1", Target: "stdout", Data: json.RawMessage(`"a"`)}, {ID: "2", Target: "stderr", Data: json.RawMessage(`"b"`)},
		{ID: "gone", Target: "stdout", Data: json.RawMessage(`"c"`)}, {ID: "1", Target: "stdin", Data: json.RawMessage(`"d"`)},
		{ID: "1", Target: "stdout", Data: json.RawMessage(`[]`)},
	} {
		m.Op = control.CommPrint
		take(m)
	}
	if want := []string{"first stdout a", "second stderr b", "second stdout c"}; !slices.Equal(printed, want) {
		t.Errorf("printed %q, want %q", printed, want)
	}
}
