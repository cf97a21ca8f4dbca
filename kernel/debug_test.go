package kernel

import (
	"reflect"
	"testing"

	"modelbook/kernel/engine"
)

// A shower is an engine with variables to show.
type shower struct {
	*actor
	busy bool
}

func (s *shower) Inspect(path ...string) ([]engine.Part, error) {
	switch {
	case s.busy:
		return nil, engine.ErrBusy
	case len(path) == 0:
		return []engine.Part{{Name: "n", Type: "int", Value: "3"}, {Name: "p", Type: "point", Value: "{1 2}", Parts: 2}}, nil
	case reflect.DeepEqual(path, []string{"p"}):
		return []engine.Part{{Name: "X", Type: "[]int", Value: "[1]", Parts: 1}, {Name: "Y", Type: "int", Value: "2"}}, nil
	case reflect.DeepEqual(path, []string{"p", "0"}):
		return []engine.Part{{Name: "0", Type: "int", Value: "1"}}, nil
	}
	return nil, engine.ErrBusy
}

func (s *shower) Rich(path ...string) (engine.Display, error) {
	if s.busy {
		return engine.Display{}, engine.ErrBusy
	}
	return engine.Display{Data: map[string]any{"text/plain": path[0], "text/html": "<b>"}}, nil
}

// debug sends a request of the Debug Adapter Protocol and returns the reply.
func (f *front) debug(command string, arguments map[string]any) map[string]any {
	f.t.Helper()
	id := f.send("control", "debug_request", map[string]any{"type": "request", "seq": 7, "command": command, "arguments": arguments})
	reply := f.receive("control")
	c := reply.Content
	if reply.Header.Type != "debug_reply" || reply.Parent.ID != id || c["type"] != "response" || c["command"] != command || c["request_seq"] != 7. {
		f.t.Errorf("%s: got %v", command, reply)
	}
	return c
}

func TestVariableView(t *testing.T) {
	e := &shower{actor: newActor()}
	f, _ := serve(t, e)
	f.execute("ok") // the engine has started
	f.receive("shell")

	// what JupyterLab asks when the view is switched on
	info := f.debug("debugInfo", nil)["body"].(map[string]any)
	if info["isStarted"] != false || info["richRendering"] != true || !reflect.DeepEqual(info["breakpoints"], []any{}) || !reflect.DeepEqual(info["stoppedThreads"], []any{}) {
		t.Errorf("debugInfo: got %v", info)
	}
	for _, command := range []string{"initialize", "attach", "configurationDone"} {
		if r := f.debug(command, map[string]any{}); r["success"] != true {
			t.Errorf("%s: got %v", command, r)
		}
	}
	if info := f.debug("debugInfo", nil)["body"].(map[string]any); info["isStarted"] != true {
		t.Errorf("debugInfo after initialize: got %v", info)
	}

	variables := func(command string, arguments map[string]any) []any {
		t.Helper()
		r := f.debug(command, arguments)
		if r["success"] != true {
			t.Fatalf("%s: got %v", command, r)
		}
		return r["body"].(map[string]any)["variables"].([]any)
	}
	all := variables("inspectVariables", nil)
	want := map[string]any{"name": "n", "type": "int", "value": "3", "variablesReference": 0., "evaluateName": "n"}
	if len(all) != 2 || !reflect.DeepEqual(all[0], want) {
		t.Fatalf("got %v", all)
	}
	p := all[1].(map[string]any)["variablesReference"]
	fields := variables("variables", map[string]any{"variablesReference": p})
	if len(fields) != 2 || fields[1].(map[string]any)["value"] != "2" {
		t.Fatalf("fields: %v", fields)
	}
	elements := variables("variables", map[string]any{"variablesReference": fields[0].(map[string]any)["variablesReference"]})
	if len(elements) != 1 || elements[0].(map[string]any)["value"] != "1" {
		t.Errorf("elements: %v", elements)
	}
	if part := variables("variables", map[string]any{"variablesReference": p, "start": 1, "count": 5}); len(part) != 1 {
		t.Errorf("from the second: %v", part)
	}
	if again := variables("inspectVariables", nil); !reflect.DeepEqual(again, all) {
		t.Errorf("references change: %v, then %v", all, again)
	}
	rich := f.debug("richInspectVariables", map[string]any{"variableName": "p"})["body"].(map[string]any)
	if !reflect.DeepEqual(rich["data"], map[string]any{"text/plain": "p", "text/html": "<b>"}) {
		t.Errorf("rich: %v", rich)
	}

	// no breakpoint takes
	if b := f.debug("setBreakpoints", map[string]any{"breakpoints": []any{map[string]any{"line": 1}}})["body"].(map[string]any); !reflect.DeepEqual(b["breakpoints"], []any{}) {
		t.Errorf("breakpoints: %v", b)
	}
	for command, arguments := range map[string]map[string]any{
		"evaluate": {"expression": "1"}, "next": nil, "nonsense": nil, "variables": {"variablesReference": 999},
	} {
		if r := f.debug(command, arguments); r["success"] != false || r["message"] == "" {
			t.Errorf("%s: got %v", command, r)
		}
	}

	// while a cell runs, the view stays as it was
	f.execute("wait")
	f.await("display_data")
	e.busy = true
	if while := variables("inspectVariables", nil); !reflect.DeepEqual(while, all) {
		t.Errorf("while a cell runs: %v", while)
	}
	if r := f.debug("richInspectVariables", map[string]any{"variableName": "p"}); r["success"] != false {
		t.Errorf("rich while a cell runs: %v", r)
	}
	f.send("control", "interrupt_request", map[string]any{})
	f.receive("control")
	f.debug("disconnect", map[string]any{})
	if info := f.debug("debugInfo", nil)["body"].(map[string]any); info["isStarted"] != false {
		t.Errorf("debugInfo after disconnect: got %v", info)
	}
}

// An engine that has not started or cannot show variables has none.
func TestVariableViewOfNothing(t *testing.T) {
	f, _ := serve(t, newActor())
	r := f.debug("inspectVariables", nil)
	if b := r["body"].(map[string]any); r["success"] != true || !reflect.DeepEqual(b["variables"], []any{}) {
		t.Errorf("got %v", r)
	}
}
