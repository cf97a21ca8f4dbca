package kernel

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"

	"modelbook/kernel/engine"
)

// A shower is an engine with variables to show, in the session and in the frames
// of a goroutine that is stopped.
type shower struct {
	*actor
	busy        bool
	told        engine.Debugger
	request     engine.Request // the latest
	breakpoints map[int][]int
	resumed     []string
}

func (s *shower) Execute(ctx context.Context, r engine.Request, out engine.Sink) error {
	s.request = r
	return s.actor.Execute(ctx, r, out)
}

func (s *shower) Debug(d engine.Debugger) error { s.told = d; return nil }

func (s *shower) SetBreakpoints(cell int, lines []int) error {
	if s.breakpoints == nil {
		s.breakpoints = map[int][]int{}
	}
	s.breakpoints[cell] = lines
	return nil
}

func (s *shower) Resume(step string) error {
	s.resumed = append(s.resumed, step)
	s.told.Resumed()
	return nil
}

func (s *shower) Pause() error { s.resumed = append(s.resumed, "pause"); return nil }

func (s *shower) Frames() ([]engine.CellFrame, error) {
	return []engine.CellFrame{{Func: "f", Cell: 1, Line: 2}, {Cell: 2, Line: 5}}, nil
}

func (s *shower) InspectFrame(frame int, path ...string) ([]engine.Part, error) {
	if frame != 0 {
		return nil, nil
	}
	if len(path) == 0 {
		return []engine.Part{{Name: "local", Type: "point", Value: "{3}", Parts: 1}}, nil
	}
	return []engine.Part{{Name: "X", Type: "int", Value: "3"}}, nil
}

func (s *shower) RichLocal(frame int, path ...string) (engine.Display, error) {
	if frame != 0 || path[0] != "local" {
		return engine.Display{}, errors.New("no such variable")
	}
	return engine.Display{Data: map[string]any{"text/plain": "{3}"}}, nil
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

	for command, arguments := range map[string]map[string]any{
		"evaluate": {"expression": "1"}, "nonsense": nil, "variables": {"variablesReference": 999},
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

// A cell stops at a breakpoint, is looked at and goes on, as JupyterLab does it.
func TestBreakpoints(t *testing.T) {
	e := &shower{actor: newActor()}
	f, _ := serve(t, e)
	const earlier, later = "func f() {\n\tprintln(1)\n}", "// a comment\n\n%time\nfor range 2 {\n\tok\n}"
	f.execute(earlier)
	f.receive("shell")
	if e.request.Debug {
		t.Error("a cell is compiled for a debugger that is off")
	}
	body := func(command string, arguments map[string]any) map[string]any {
		t.Helper()
		r := f.debug(command, arguments)
		if r["success"] != true {
			t.Fatalf("%s: %v", command, r)
		}
		return r["body"].(map[string]any)
	}
	body("initialize", nil)
	body("attach", nil)
	set := func(code string, lines ...int) (path string, at []int) {
		t.Helper()
		path = body("dumpCell", map[string]any{"code": code})["sourcePath"].(string)
		var breakpoints []any
		for _, line := range lines {
			breakpoints = append(breakpoints, map[string]any{"line": line})
		}
		got := body("setBreakpoints", map[string]any{"source": map[string]any{"path": path}, "breakpoints": breakpoints})["breakpoints"].([]any)
		for _, b := range got {
			at = append(at, int(b.(map[string]any)["line"].(float64)))
		}
		return path, at
	}
	first, at := set(earlier, 2)
	if !reflect.DeepEqual(at, []int{2}) || !reflect.DeepEqual(e.breakpoints, map[int][]int{1: {2}}) {
		t.Errorf("breakpoints of a cell that was executed: %v, %v", at, e.breakpoints)
	}
	second, at := set(later, 1, 3, 5) // lines without code
	if !reflect.DeepEqual(at, []int{4, 5}) {
		t.Errorf("breakpoints at lines 1, 3 and 5 are at %v", at)
	}
	if info := body("debugInfo", nil); len(info["breakpoints"].([]any)) != 2 {
		t.Errorf("debugInfo: %v", info)
	}
	f.execute(later)
	f.receive("shell")
	if !e.request.Debug || !reflect.DeepEqual(e.request.Breakpoints, []int{4, 5}) {
		t.Errorf("the cell is executed with %+v", e.request)
	}

	e.told.Stopped("breakpoint")
	if event := f.await("debug_event").Content; event["event"] != "stopped" || !reflect.DeepEqual(event["body"], map[string]any{"reason": "breakpoint", "threadId": 1., "allThreadsStopped": false}) {
		t.Errorf("stopped: %v", event)
	}
	if info := body("debugInfo", nil); !reflect.DeepEqual(info["stoppedThreads"], []any{1.}) {
		t.Errorf("debugInfo: %v", info)
	}
	frames := body("stackTrace", map[string]any{"threadId": 1})["stackFrames"].([]any)
	if got, want := fmt.Sprint(frames), fmt.Sprintf("[map[column:1 id:1 line:2 name:f source:map[name:cell[1] path:%s]] map[column:1 id:2 line:5 name:cell[2] source:map[name:cell[2] path:%s]]]", first, second); got != want {
		t.Errorf("frames: %s\nwant    %s", got, want)
	}
	if text := body("source", map[string]any{"source": map[string]any{"path": first}}); text["content"] != earlier {
		t.Errorf("source: %v", text)
	}
	scopes := body("scopes", map[string]any{"frameId": 1})["scopes"].([]any)
	reference := scopes[0].(map[string]any)["variablesReference"]
	locals := body("variables", map[string]any{"variablesReference": reference})["variables"].([]any)
	local := locals[0].(map[string]any)
	if local["name"] != "local" || local["value"] != "{3}" {
		t.Errorf("locals: %v", locals)
	}
	parts := body("variables", map[string]any{"variablesReference": local["variablesReference"]})["variables"].([]any)
	if len(parts) != 1 || parts[0].(map[string]any)["name"] != "X" {
		t.Errorf("parts: %v", parts)
	}
	globals := body("variables", map[string]any{"variablesReference": scopes[1].(map[string]any)["variablesReference"]})["variables"].([]any)
	if len(globals) != 2 {
		t.Errorf("globals: %v", globals)
	}
	for expression, want := range map[string]string{"local": "{3}", "local.X": "3", "n": "3", "p.X[0]": "1", "(p).Y": "2"} {
		if got := body("evaluate", map[string]any{"expression": expression, "frameId": 1}); got["result"] != want {
			t.Errorf("%s is %v, want %s", expression, got, want)
		}
	}
	for _, expression := range []string{"local.Y", "missing", "f()", "1 +", "p.X[i]"} {
		if r := f.debug("evaluate", map[string]any{"expression": expression, "frameId": 1}); r["success"] != false || r["message"] == "" {
			t.Errorf("%s: %v", expression, r)
		}
	}
	for variable, want := range map[string]string{"local": "{3}", "p": "p"} {
		if got := body("richInspectVariables", map[string]any{"variableName": variable, "frameId": 1})["data"].(map[string]any); got["text/plain"] != want {
			t.Errorf("%s: %v", variable, got)
		}
	}
	for _, command := range []string{"next", "stepIn", "stepOut", "continue"} {
		body(command, map[string]any{"threadId": 1})
		if event := f.await("debug_event").Content; event["event"] != "continued" {
			t.Errorf("%s: %v", command, event)
		}
	}
	body("pause", map[string]any{"threadId": 1})
	if want := []string{"next", "in", "out", "continue", "pause"}; !reflect.DeepEqual(e.resumed, want) {
		t.Errorf("resumed: %v, want %v", e.resumed, want)
	}
	if r := f.debug("variables", map[string]any{"variablesReference": reference}); r["success"] != false {
		t.Errorf("variables of a frame that is gone: %v", r)
	}
	body("disconnect", nil)
	if e.told != nil || len(body("debugInfo", nil)["breakpoints"].([]any)) != 0 {
		t.Error("the debugger is not off")
	}
}

// The paths of cells are those that JupyterLab computes: values of its hash.js.
func TestMurmur2(t *testing.T) {
	for text, want := range map[string]uint32{
		"": 3990065800, "a": 2167009006, "ab": 2805137849, "abc": 3350977461, "abcd": 804720481, "abcde": 730143326,
		"x := 1\nx": 1941970703, "fmt.Println(\"héllo, 世界\")": 1399863847, "func f() {\n\tprintln(1)\n}": 1839316980,
	} {
		if got := murmur2(text, cellNameSeed); got != want {
			t.Errorf("%q: %d, want %d", text, got, want)
		}
	}
}
