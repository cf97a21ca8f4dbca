package kernel

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/engine"
	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

// What package output does, as front ends see it.
const (
	joinFor     = 100 * time.Millisecond // how long text waits for more of it
	lateAfter   = 300 * time.Millisecond // how long output between cells waits for the next cell
	maxText     = 2 << 20                // bytes of text that are shown of a cell
	endOfText   = 4 << 10                // bytes of the end of the rest that are shown
	maxDisplays = 2000                   // displays that are shown of a cell
	maxSegments = 40                     // turns of two streams in one message's time
)

type act = func(ctx context.Context, r engine.Request, out engine.Sink) error

func text(s string) engine.Display {
	return engine.Display{Data: map[string]any{"text/plain": s}}
}

var begun = func(out engine.Sink) { out.Display(text("begun")) }

func newActor() *actor {
	return &actor{acts: map[string]act{
		"ok": func(context.Context, engine.Request, engine.Sink) error { return nil },
		"everything": func(_ context.Context, r engine.Request, out engine.Sink) error {
			out.Stream("stdout", "a")
			out.Stream("stdout", "b\n")
			out.Stream("stderr", "c\n")
			out.Stream("stdout", "d\n")
			out.Display(engine.Display{Data: map[string]any{"text/html": "<b>"}, ID: "x"})
			out.Display(engine.Display{Data: map[string]any{"text/html": "<i>"}, ID: "x", Update: true})
			out.Clear(true)
			out.Result(text("7"))
			return nil
		},
		"wait": func(ctx context.Context, _ engine.Request, out engine.Sink) error {
			begun(out)
			<-ctx.Done()
			return &engine.CellError{Name: "Interrupted", Value: "by the user"}
		},
		"slow failure": func(ctx context.Context, _ engine.Request, out engine.Sink) error {
			begun(out)
			time.Sleep(200 * time.Millisecond)
			return &engine.CellError{Name: "Panic", Value: "boom", Traceback: []string{"trace"}}
		},
		"slow ok": func(context.Context, engine.Request, engine.Sink) error {
			time.Sleep(300 * time.Millisecond)
			return nil
		},
		"stubborn": func(_ context.Context, _ engine.Request, out engine.Sink) error {
			begun(out)
			select {}
		},
		"ask": func(_ context.Context, _ engine.Request, out engine.Sink) error {
			answer, err := out.Input("name? ", true)
			if err != nil {
				return &engine.CellError{Name: "InputError", Value: err.Error()}
			}
			out.Stream("stdout", "hello "+answer)
			return nil
		},
		"value": func(_ context.Context, _ engine.Request, out engine.Sink) error {
			out.Stream("stdout", "not wanted")
			out.Result(text("42"))
			return nil
		},
	}}
}

func TestOutputInOrderBetweenBusyAndIdle(t *testing.T) {
	f, _ := serve(t, newActor())
	id := f.execute("everything")
	messages := f.output(id)
	want := []string{"busy", "execute_input", "stream", "stream", "stream", "display_data", "update_display_data", "clear_output", "execute_result", "idle"}
	if got := kinds(messages); !slices.Equal(got, want) {
		t.Fatalf("got %v, want %v", got, want)
	}
	for i, want := range map[int]map[string]any{
		1: {"code": "everything", "execution_count": 1.},
		2: {"name": "stdout", "text": "ab\n"},
		5: {"data": map[string]any{"text/html": "<b>"}, "metadata": map[string]any{}, "transient": map[string]any{"display_id": "x"}},
		7: {"wait": true},
		8: {"data": map[string]any{"text/plain": "7"}, "metadata": map[string]any{}, "transient": map[string]any{}, "execution_count": 1.},
	} {
		if got := messages[i].Content; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", messages[i].Header.Type, got, want)
		}
	}
	reply := f.receive("shell")
	want2 := map[string]any{"status": "ok", "execution_count": 1., "payload": []any{}, "user_expressions": map[string]any{}}
	if reply.Parent.ID != id || reply.Header.Type != "execute_reply" || !reflect.DeepEqual(reply.Content, want2) {
		t.Errorf("got %v", reply)
	}
}

func TestFailure(t *testing.T) {
	f, _ := serve(t, newActor())
	messages := f.output(f.execute("nonsense"))
	if got := kinds(messages); !slices.Equal(got, []string{"busy", "execute_input", "error", "idle"}) {
		t.Fatalf("got %v", got)
	}
	reply := f.receive("shell").Content
	for _, content := range []map[string]any{messages[2].Content, reply} {
		if content["ename"] != "CompileError" || content["evalue"] != "undefined: nonsense" || !reflect.DeepEqual(content["traceback"], []any{"cell[1]:1:1", "^"}) {
			t.Errorf("got %v", content)
		}
	}
	if reply["status"] != "error" || reply["execution_count"] != 1. {
		t.Errorf("got %v", reply)
	}
}

func TestStopOnErrorAbortsWaitingCells(t *testing.T) {
	e := newActor()
	f, _ := serve(t, e)
	ids := []string{f.execute("slow failure"), f.execute("ok"), f.execute("value")}
	for i, want := range []string{"error", "aborted", "aborted"} {
		if reply := f.receive("shell"); reply.Content["status"] != want || reply.Parent.ID != ids[i] {
			t.Errorf("reply %d: got %v, want %s", i, reply, want)
		}
	}
	if got := kinds(f.output(ids[2])); !slices.Equal(got, []string{"busy", "idle"}) {
		t.Errorf("an aborted cell publishes %v", got)
	}
	f.send("shell", "execute_request", map[string]any{"code": "slow failure", "stop_on_error": false})
	f.execute("ok")
	for _, want := range []string{"error", "ok"} {
		if reply := f.receive("shell"); reply.Content["status"] != want {
			t.Errorf("without stop_on_error: got %v, want %s", reply, want)
		}
	}
	if want := []string{"slow failure", "slow failure", "ok"}; !slices.Equal(e.ran, want) {
		t.Errorf("ran %v, want %v", e.ran, want)
	}
}

func TestAnswersWhileACellRuns(t *testing.T) {
	f, _ := serve(t, newActor())
	cell := f.execute("wait")
	f.await("display_data")
	for _, channel := range []string{"shell", "control"} {
		id := f.send(channel, "kernel_info_request", map[string]any{})
		if reply := f.receive(channel); reply.Header.Type != "kernel_info_reply" || reply.Parent.ID != id {
			t.Errorf("%s: got %v", channel, reply)
		}
		if got := kinds(f.output(id)); !slices.Equal(got, []string{"busy", "idle"}) {
			t.Errorf("%s: published %v", channel, got)
		}
	}
	for _, kind := range []string{"is_complete", "complete", "inspect", "history", "comm_info"} {
		id := f.send("shell", kind+"_request", map[string]any{"code": "x", "cursor_pos": 1})
		if reply := f.receive("shell"); reply.Header.Type != kind+"_reply" || reply.Parent.ID != id {
			t.Errorf("%s: got %v", kind, reply)
		}
	}
	id := f.send("control", "interrupt_request", map[string]any{})
	if reply := f.receive("control"); reply.Parent.ID != id || reply.Content["status"] != "ok" {
		t.Errorf("got %v", reply)
	}
	if reply := f.receive("shell"); reply.Parent.ID != cell || reply.Content["ename"] != "Interrupted" {
		t.Errorf("got %v", reply)
	}
}

func TestInterruptOnShellAndWithoutACell(t *testing.T) {
	f, _ := serve(t, newActor())
	f.send("shell", "interrupt_request", map[string]any{})
	if reply := f.receive("shell"); reply.Content["status"] != "ok" {
		t.Errorf("nothing runs: got %v", reply)
	}
	cell := f.execute("wait")
	f.await("display_data")
	f.send("shell", "interrupt_request", map[string]any{})
	for range 2 { // in whichever order
		if reply := f.receive("shell"); reply.Parent.ID == cell && reply.Content["ename"] != "Interrupted" {
			t.Errorf("got %v", reply)
		}
	}
	f.execute("ok")
	if reply := f.receive("shell"); reply.Content["status"] != "ok" {
		t.Errorf("the cell after it: got %v", reply)
	}
}

func TestInput(t *testing.T) {
	f, _ := serve(t, newActor())
	id := f.send("shell", "execute_request", map[string]any{"code": "ask", "allow_stdin": true})
	question := f.receive("stdin")
	if question.Header.Type != "input_request" || question.Parent.ID != id ||
		!reflect.DeepEqual(question.Content, map[string]any{"prompt": "name? ", "password": true}) {
		t.Errorf("got %v", question)
	}
	f.send("stdin", "input_reply", map[string]any{"value": "gopher"})
	messages := f.output(id)
	if messages[2].Content["text"] != "hello gopher" {
		t.Errorf("got %v", messages)
	}
	f.receive("shell")
	f.send("shell", "execute_request", map[string]any{"code": "ask", "allow_stdin": false})
	if reply := f.receive("shell"); reply.Content["ename"] != "InputError" {
		t.Errorf("a front end without a keyboard: got %v", reply)
	}
	f.send("shell", "execute_request", map[string]any{"code": "ask", "allow_stdin": true})
	f.receive("stdin")
	f.send("control", "interrupt_request", map[string]any{})
	if reply := f.receive("shell"); reply.Content["ename"] != "InputError" {
		t.Errorf("an interrupted question: got %v", reply)
	}
}

func TestUserExpressions(t *testing.T) {
	f, _ := serve(t, newActor())
	id := f.send("shell", "execute_request", map[string]any{"code": "ok", "user_expressions": map[string]any{"v": "value", "n": "nonsense", "o": "ok"}})
	values := f.receive("shell").Content["user_expressions"].(map[string]any)
	if got := values["v"].(map[string]any); got["status"] != "ok" || !reflect.DeepEqual(got["data"], map[string]any{"text/plain": "42"}) {
		t.Errorf("got %v", got)
	}
	for _, name := range []string{"n", "o"} {
		if got := values[name].(map[string]any); got["status"] != "error" || got["ename"] == "" {
			t.Errorf("%s: got %v", name, got)
		}
	}
	if got := kinds(f.output(id)); !slices.Equal(got, []string{"busy", "execute_input", "idle"}) {
		t.Errorf("expressions publish %v", got)
	}
}

func TestHistory(t *testing.T) {
	f, _ := serve(t, newActor())
	for _, code := range []string{"value", "ok", "value", "nonsense"} {
		f.execute(code)
		f.receive("shell")
	}
	for _, c := range []struct {
		query map[string]any
		want  []any
	}{
		{map[string]any{"hist_access_type": "tail", "n": 2, "output": true},
			[]any{[]any{1., 3., []any{"value", "42"}}, []any{1., 4., []any{"nonsense", nil}}}},
		{map[string]any{"hist_access_type": "range", "session": 0, "start": 1, "stop": 3},
			[]any{[]any{1., 1., "value"}, []any{1., 2., "ok"}}},
		{map[string]any{"hist_access_type": "search", "pattern": "v*", "unique": true}, []any{[]any{1., 3., "value"}}},
		{map[string]any{"hist_access_type": "search", "pattern": "[", "n": 1}, []any{}},
	} {
		f.send("shell", "history_request", c.query)
		if got := f.receive("shell").Content["history"]; !reflect.DeepEqual(got, c.want) {
			t.Errorf("%v: got %v, want %v", c.query, got, c.want)
		}
	}
}

func TestComms(t *testing.T) {
	f, _ := serve(t, newActor())
	id := f.send("shell", "comm_open", map[string]any{"comm_id": "c", "target_name": "unknown", "data": map[string]any{}})
	got := f.output(id)
	if !slices.Equal(kinds(got), []string{"busy", "comm_close", "idle"}) || got[1].Content["comm_id"] != "c" {
		t.Errorf("got %v", got)
	}
	f.send("shell", "comm_info_request", map[string]any{})
	if reply := f.receive("shell"); !reflect.DeepEqual(reply.Content, map[string]any{"status": "ok", "comms": map[string]any{}}) {
		t.Errorf("got %v", reply)
	}
}

func TestMalformedRequestsGetAnError(t *testing.T) {
	f, _ := serve(t, newActor())
	for _, kind := range []string{"execute", "complete", "is_complete", "history"} {
		f.send("shell", kind+"_request", map[string]any{"code": 5, "n": "x"})
		if reply := f.receive("shell"); reply.Header.Type != kind+"_reply" || reply.Content["status"] != "error" {
			t.Errorf("%s: got %v", kind, reply)
		}
	}
	if messages := f.output(f.send("shell", "nonsense_request", map[string]any{})); !slices.Equal(kinds(messages), []string{"busy", "idle"}) {
		t.Errorf("a request of unknown type gives %v", kinds(messages)) // a client may wait for the idle
	}
	f.send("shell", "x", map[string]any{})
	f.send("shell", "kernel_info_request", map[string]any{})
	if reply := f.receive("shell"); reply.Header.Type != "kernel_info_reply" {
		t.Errorf("requests of unknown types are answered: %v", reply)
	}
}

func TestShutdown(t *testing.T) {
	for _, code := range []string{"", "wait", "stubborn"} {
		e := newActor()
		f, k := serve(t, e)
		if code != "" {
			f.execute(code)
			f.await("display_data")
		}
		id := f.send("control", "shutdown_request", map[string]any{"restart": true})
		if reply := f.receive("control"); reply.Parent.ID != id || !reflect.DeepEqual(reply.Content, map[string]any{"status": "ok", "restart": true}) {
			t.Errorf("got %v", reply)
		}
		if got := kinds(f.output(id)); !slices.Equal(got, []string{"busy", "shutdown_reply", "idle"}) {
			t.Errorf("published %v", got)
		}
		<-k.stopping.Done()
		until := time.Now().Add(2 * patience)
		for closed := false; !closed; {
			e.mu.Lock()
			closed = e.closed
			e.mu.Unlock()
			if time.Now().After(until) {
				t.Fatalf("%q: the engine is not closed", code)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

func TestWarningsAreShownOnce(t *testing.T) {
	f, k := serve(t, newActor())
	k.config.Warnings = []string{"the network can read this"}
	for _, want := range []string{"modelbook: warning: the network can read this\n", ""} {
		var told string
		for _, m := range f.output(f.execute("ok")) {
			if m.Header.Type == "stream" {
				told += m.Content["text"].(string)
			}
		}
		if told != want {
			t.Errorf("told %q, want %q", told, want)
		}
	}
}

// A panic in the kernel's own code must not cost the session its values.
func TestBugsOfTheKernelAreSurvived(t *testing.T) {
	e := newActor()
	e.acts["bug"] = func(context.Context, engine.Request, engine.Sink) error { panic("a bug") }
	answers["bug_request"] = func(*Kernel, *wire.Message) (jupyter.Reply, error) { panic("a bug") }
	defer delete(answers, "bug_request")
	f, _ := serve(t, e)
	id := f.execute("bug")
	if got := kinds(f.output(id)); !slices.Equal(got, []string{"busy", "execute_input", "error", "idle"}) {
		t.Errorf("published %v", got)
	}
	if reply := f.receive("shell"); reply.Content["ename"] != "KernelError" || !strings.Contains(reply.Content["evalue"].(string), "a bug in the kernel") {
		t.Errorf("got %v", reply)
	}
	id = f.send("control", "bug_request", map[string]any{})
	if reply := f.receive("control"); reply.Content["status"] != "error" {
		t.Errorf("got %v", reply)
	}
	if got := kinds(f.output(id)); !slices.Equal(got, []string{"busy", "idle"}) {
		t.Errorf("published %v", got)
	}
	f.execute("ok")
	if reply := f.receive("shell"); reply.Content["status"] != "ok" {
		t.Errorf("the next cell: %v", reply)
	}
}

func TestEngineThatDoesNotStartIsToldInTheCell(t *testing.T) {
	tries := 0
	f, _ := serveWith(t, func() (Engine, error) {
		if tries++; tries < 3 {
			return nil, errors.New("no compiler")
		}
		return newActor(), nil
	})
	f.execute("ok")
	if reply := f.receive("shell"); reply.Content["ename"] != "KernelError" || reply.Content["evalue"] != "no compiler" {
		t.Errorf("got %v", reply)
	}
	f.execute("ok") // it is tried again with each cell
	if reply := f.receive("shell"); reply.Content["status"] != "ok" {
		t.Errorf("got %v", reply)
	}
}
