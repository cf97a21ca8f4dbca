package kernel

import (
	"os"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"
)

// subshell creates a subshell and returns its id.
func (f *front) subshell() string {
	f.t.Helper()
	f.send("control", "create_subshell_request", map[string]any{})
	reply := f.receive("control")
	id, _ := reply.Content["subshell_id"].(string)
	if reply.Header.Type != "create_subshell_reply" || reply.Content["status"] != "ok" || id == "" {
		f.t.Fatalf("got %v", reply)
	}
	return id
}

// executeIn sends a cell to a shell, nil for the main one.
func (f *front) executeIn(shell any, code string) string {
	f.t.Helper()
	return f.sendIn("shell", "execute_request", map[string]any{"code": code}, shell, "")
}

// replies receives n replies on the shell channel, by the ids of their requests.
func (f *front) replies(n int) map[string]message {
	f.t.Helper()
	all := map[string]message{}
	for range n {
		m := f.receive("shell")
		all[m.Parent.ID] = m
	}
	return all
}

func TestSubshellsAreCreatedListedAndDeleted(t *testing.T) {
	f, _ := serve(t, newActor())
	ask := func(kind string, content map[string]any) map[string]any {
		f.send("control", kind+"_request", content)
		m := f.receive("control")
		if m.Header.Type != kind+"_reply" {
			t.Errorf("%s: got %v", kind, m)
		}
		return m.Content
	}
	list := func(want ...any) {
		t.Helper()
		got := ask("list_subshell", map[string]any{})
		if got["status"] != "ok" || !reflect.DeepEqual(got["subshell_id"], append([]any{}, want...)) {
			t.Errorf("got %v, want %v", got, want)
		}
	}
	list()
	a, b := f.subshell(), f.subshell()
	if a == b {
		t.Errorf("both subshells are %s", a)
	}
	list(a, b)
	if got := ask("delete_subshell", map[string]any{"subshell_id": a}); !reflect.DeepEqual(got, map[string]any{"status": "ok"}) {
		t.Errorf("got %v", got)
	}
	list(b)
	for name, content := range map[string]map[string]any{
		"deleted": {"subshell_id": a}, "unknown": {"subshell_id": "x"}, "none": {}, "no string": {"subshell_id": 7}, "the main one": {"subshell_id": ""},
	} {
		if got := ask("delete_subshell", content); got["status"] != "error" || got["evalue"] == "" {
			t.Errorf("%s: got %v", name, got)
		}
	}
	list(b)
	f.send("shell", "kernel_info_request", map[string]any{})
	if got := f.receive("shell").Content["supported_features"]; !slices.Contains(got.([]any), any("kernel subshells")) {
		t.Errorf("supported_features: got %v", got)
	}
}

// Whichever shell is busy, the other one runs cells, and each message belongs to
// the request it comes from.
func TestShellsRunAtTheSameTime(t *testing.T) {
	for name, busy := range map[string]bool{"the main shell is busy": false, "a subshell is busy": true} {
		t.Run(name, func(t *testing.T) {
			f, k := serve(t, newActor())
			var first, second any = nil, f.subshell()
			if busy {
				first, second = second, first
			}
			waits := f.executeIn(first, "wait")
			f.await("display_data")
			id := f.executeIn(second, "everything")
			messages := f.output(id)
			want := []string{"busy", "execute_input", "stream", "stream", "stream", "display_data", "update_display_data", "clear_output", "execute_result", "idle"}
			if got := kinds(messages); !slices.Equal(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
			in, _ := second.(string)
			for _, m := range messages {
				if m.Parent.Subshell != in {
					t.Errorf("%v: its parent is of subshell %q, want %q", m, m.Parent.Subshell, in)
				}
			}
			reply := f.receive("shell")
			if reply.Parent.ID != id || reply.Parent.Subshell != in || reply.Content["execution_count"] != 2. {
				t.Errorf("got %v", reply)
			}
			f.send("shell", "is_complete_request", map[string]any{"code": "x"})
			if reply := f.receive("shell"); reply.Header.Type != "is_complete_reply" {
				t.Errorf("got %v", reply)
			}
			k.Interrupt()
			if got := kinds(f.output(waits)); !slices.Equal(got, []string{"error", "idle"}) {
				t.Errorf("the first cell: got %v", got)
			}
			if reply := f.receive("shell"); reply.Parent.ID != waits || reply.Content["execution_count"] != 1. {
				t.Errorf("got %v", reply)
			}
		})
	}
}

func TestAnErrorAbortsTheCellsOfItsOwnShell(t *testing.T) {
	for name, fails := range map[string]int{"main": 0, "subshell": 1} {
		t.Run(name, func(t *testing.T) {
			f, _ := serve(t, newActor())
			shells := []any{nil, f.subshell()}
			bad := f.executeIn(shells[fails], "slow failure")
			aborted := f.executeIn(shells[fails], "ok")
			good := f.executeIn(shells[1-fails], "slow ok")
			alsoGood := f.executeIn(shells[1-fails], "ok")
			replies := f.replies(4)
			for id, want := range map[string]string{bad: "error", aborted: "aborted", good: "ok", alsoGood: "ok"} {
				if got := replies[id].Content["status"]; got != want {
					t.Errorf("%s: got %v, want %s", id, got, want)
				}
			}
			f.executeIn(shells[fails], "ok") // it goes on
			if got := f.receive("shell").Content["status"]; got != "ok" {
				t.Errorf("after the error: got %v", got)
			}
		})
	}
}

func TestInterruptStopsTheCellsOfAllShells(t *testing.T) {
	f, _ := serve(t, newActor())
	one, two := f.subshell(), f.subshell()
	ids := []string{f.executeIn(nil, "wait"), f.executeIn(one, "wait"), f.executeIn(two, "wait")}
	for range ids {
		f.await("display_data")
	}
	waiting := f.executeIn(two, "ok")
	f.send("shell", "kernel_info_request", map[string]any{})
	f.receive("shell") // so the cell before has arrived
	f.send("control", "interrupt_request", map[string]any{})
	f.receive("control")
	replies := f.replies(4)
	for _, id := range ids {
		if got := replies[id].Content["ename"]; got != "Interrupted" {
			t.Errorf("%s: got %v", id, replies[id])
		}
	}
	if got := replies[waiting].Content["status"]; got != "aborted" {
		t.Errorf("the cell that waits: got %v", got)
	}
}

// The cell that a deleted subshell runs goes on to its end, as in ipykernel.
func TestADeletedSubshellWithARunningCell(t *testing.T) {
	f, k := serve(t, newActor())
	sub := f.subshell()
	running := f.executeIn(sub, "wait")
	f.await("display_data")
	waiting := f.executeIn(sub, "ok")
	f.send("shell", "kernel_info_request", map[string]any{})
	f.receive("shell") // so the cell before has arrived
	f.send("control", "delete_subshell_request", map[string]any{"subshell_id": sub})
	if got := f.receive("control").Content["status"]; got != "ok" {
		t.Errorf("got %v", got)
	}
	if m := f.receive("shell"); m.Parent.ID != waiting || m.Content["status"] != "aborted" {
		t.Errorf("the cell that waits: got %v", m)
	}
	late := f.executeIn(sub, "ok")
	if m := f.receive("shell"); m.Parent.ID != late || m.Content["ename"] != "SubshellError" {
		t.Errorf("a cell for the deleted subshell: got %v", m)
	}
	k.Interrupt()
	if got := kinds(f.output(running)); !slices.Equal(got, []string{"error", "idle"}) {
		t.Errorf("the running cell: got %v", got)
	}
	if m := f.receive("shell"); m.Parent.ID != running || m.Content["ename"] != "Interrupted" {
		t.Errorf("the running cell: got %v", m)
	}
}

func TestMessagesForUnknownSubshells(t *testing.T) {
	f, _ := serve(t, newActor())
	for _, kind := range []string{"execute", "complete", "kernel_info", "comm_info"} {
		id := f.sendIn("shell", kind+"_request", map[string]any{"code": "ok"}, "unknown", "")
		if got := kinds(f.output(id)); !slices.Equal(got, []string{"busy", "idle"}) {
			t.Errorf("%s: published %v", kind, got)
		}
		if m := f.receive("shell"); m.Header.Type != kind+"_reply" || m.Parent.ID != id || m.Content["status"] != "error" || m.Content["ename"] != "SubshellError" {
			t.Errorf("%s: got %v", kind, m)
		}
	}
	// JupyterLab deletes the subshell of a comm before it has sent the comm's end.
	for _, kind := range []string{"comm_open", "comm_msg", "comm_close"} {
		id := f.sendIn("shell", kind, map[string]any{"comm_id": "x", "target_name": "t", "data": map[string]any{}}, "unknown", "")
		if got := kinds(f.output(id)); slices.Contains(got, "error") || got[len(got)-1] != "idle" {
			t.Errorf("%s: published %v", kind, got)
		}
	}
	f.send("shell", "kernel_info_request", map[string]any{})
	if m := f.receive("shell"); m.Header.Type != "kernel_info_reply" {
		t.Errorf("a message of a comm was replied to: %v", m)
	}
}

// Two cells ask at the same time; answers find their question by what the
// client says of it.
func TestQuestionsOfTwoShells(t *testing.T) {
	for _, test := range []struct {
		name    string
		parents func(cells, questions [2]string) [2]string // of the answers to the first and the second question
		swapped bool                                       // the first answer is for the second question
	}{
		{"by question", func(_, questions [2]string) [2]string { return [2]string{questions[1], questions[0]} }, true},
		{"by cell", func(cells, _ [2]string) [2]string { return [2]string{cells[1], cells[0]} }, true},
		{"by order", func(_, _ [2]string) [2]string { return [2]string{} }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			f, _ := serve(t, newActor())
			sub := f.subshell()
			var cells, questions [2]string
			for i, shell := range []any{nil, sub} {
				cells[i] = f.executeIn(shell, "ask")
				q := f.receive("stdin")
				in, _ := shell.(string)
				if q.Header.Type != "input_request" || q.Parent.ID != cells[i] || q.Header.Subshell != in {
					t.Errorf("got %v", q)
				}
				questions[i] = q.Header.ID
			}
			want := map[string]string{cells[0]: "hello first", cells[1]: "hello second"}
			if test.swapped {
				want = map[string]string{cells[0]: "hello second", cells[1]: "hello first"}
			}
			f.sendIn("stdin", "input_reply", map[string]any{"value": "stray"}, nil, "nobody's question")
			for i, parent := range test.parents(cells, questions) {
				f.sendIn("stdin", "input_reply", map[string]any{"value": []string{"first", "second"}[i]}, nil, parent)
			}
			got := map[string]string{}
			for range 2 {
				m := f.await("stream")
				got[m.Parent.ID], _ = m.Content["text"].(string)
			}
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %v, want %v", got, want)
			}
		})
	}
}

func TestTheKernelEndsWhileSeveralCellsRun(t *testing.T) {
	e := newActor()
	f, _ := serve(t, e)
	f.executeIn(nil, "wait")
	f.executeIn(f.subshell(), "stubborn")
	for range 2 {
		f.await("display_data")
	}
	f.send("control", "shutdown_request", map[string]any{"restart": true})
	if m := f.receive("control"); m.Content["restart"] != true {
		t.Errorf("got %v", m)
	}
	f.await("shutdown_reply") // and serve's cleanup waits for the end
}

// JupyterLab's extension jupyter-resource-usage asks for it on control.
func TestUsage(t *testing.T) {
	f, _ := serve(t, newActor())
	var reply message
	for range 2 { // shares of the processors are those since the last time
		time.Sleep(50 * time.Millisecond)
		f.send("control", "usage_request", map[string]any{})
		reply = f.receive("control")
	}
	c := reply.Content
	host, _ := c["host_virtual_memory"].(map[string]any)
	memory, _ := c["kernel_memory"].(float64)
	if total, _ := host["total"].(float64); reply.Header.Type != "usage_reply" || c["pid"] != float64(os.Getpid()) || c["hostname"] == "" || c["cpu_count"] != float64(runtime.NumCPU()) ||
		memory < 1<<20 || total < memory || c["kernel_cpu"] == nil || c["host_cpu_percent"] == nil {
		t.Errorf("got %v", c)
	}
}
