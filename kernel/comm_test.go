package kernel

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"modelbook/kernel/comms"
	"modelbook/kernel/engine"
)

func comm(id, target string, data any) map[string]any {
	return map[string]any{"comm_id": id, "target_name": target, "data": data}
}

// without drops status messages.
func without(messages []message) (texts []string) {
	for _, m := range messages {
		if m.Header.Type != "status" {
			b, _ := json.Marshal(m.Content)
			texts = append(texts, m.Header.Type+" "+string(b))
		}
	}
	return texts
}

func TestCommsOfFrontEnds(t *testing.T) {
	f, k := serve(t, newActor())
	k.comms.Register("echo", func(c *comms.Comm, data json.RawMessage) {
		c.OnMessage = func(data json.RawMessage, _ [][]byte) { c.Send(data) }
	})
	for _, step := range []struct {
		kind    string
		content map[string]any
		want    []string
	}{
		{"comm_open", comm("1", "nobody", map[string]any{}), []string{`comm_close {"comm_id":"1","data":{}}`}},
		{"comm_open", comm("2", "echo", map[string]any{}), nil},
		{"comm_msg", comm("2", "", map[string]any{"a": "é😀"}), []string{`comm_msg {"comm_id":"2","data":{"a":"é😀"}}`}},
		{"comm_msg", comm("1", "", map[string]any{}), nil},
		{"comm_msg", map[string]any{"comm_id": []int{1}}, nil},
		{"comm_open", comm("3", "echo", nil), nil},
		{"comm_close", comm("2", "", map[string]any{}), nil},
		{"comm_msg", comm("2", "", map[string]any{"a": 1}), nil},
	} {
		messages := f.output(f.send("shell", step.kind, step.content))
		if got := without(messages); !slices.Equal(got, step.want) {
			t.Errorf("%s %v: published %q, want %q", step.kind, step.content, got, step.want)
		}
		if k := kinds(messages); k[0] != "busy" || k[len(k)-1] != "idle" {
			t.Errorf("%s: %v", step.kind, k)
		}
	}
	for target, want := range map[string]string{
		"": `{"comms":{"3":{"target_name":"echo"}},"status":"ok"}`, "echo": `{"comms":{"3":{"target_name":"echo"}},"status":"ok"}`,
		"x": `{"comms":{},"status":"ok"}`,
	} {
		f.send("shell", "comm_info_request", map[string]any{"target_name": target})
		if b, _ := json.Marshal(f.receive("shell").Content); string(b) != want {
			t.Errorf("comm_info of %q: %s, want %s", target, b, want)
		}
	}
}

func TestCommsOfTheKernelWhileACellRunsAndAfter(t *testing.T) {
	a := newActor()
	var k *Kernel
	var c *comms.Comm
	heard := make(chan string, 1)
	a.acts["talk"] = func(ctx context.Context, _ engine.Request, out engine.Sink) error {
		c = k.comms.Open("page", map[string]int{"x": 1}, func(data json.RawMessage, _ [][]byte) { heard <- string(data) }, nil)
		c.Send("hello")
		select {
		case s := <-heard: // while the cell runs
			out.Stream("stdout", s)
		case <-time.After(deadline):
		}
		return nil
	}
	f, k0 := serve(t, a)
	k = k0
	id := f.execute("talk")
	open := f.await("comm_open")
	f.send("shell", "comm_msg", comm(open.Content["comm_id"].(string), "", "from the page"))
	messages := f.output(id)
	got := without(messages)
	want := []string{`comm_msg {"comm_id":"` + c.ID + `","data":"hello"}`, `stream {"name":"stdout","text":"\"from the page\""}`}
	if open.Parent.ID != id || open.Content["target_name"] != "page" || !slices.Equal(got, want) {
		t.Errorf("opened %v for %s; then %q, want %q", open, open.Parent.ID, got, want)
	}
	c.Send("later")
	if m := f.await("comm_msg"); m.Parent.ID != "" || m.Content["data"] != "later" {
		t.Errorf("after the cell: %v, parent %q", m, m.Parent.ID)
	}
}

// What a goroutine changes on the page after its cell's end is changed at
// once, and belongs to no cell; scripts are not left out for later ones.
func TestUpdatesAfterTheCell(t *testing.T) {
	a := newActor()
	var late engine.Sink
	a.acts["start"] = func(_ context.Context, _ engine.Request, out engine.Sink) error {
		out.Display(engine.Display{Data: map[string]any{"text/html": "0"}, ID: "x"})
		late = out
		return nil
	}
	f, _ := serve(t, a)
	f.output(f.execute("start"))
	for i := range 50 {
		late.Display(engine.Display{Data: map[string]any{"text/html": fmt.Sprint(i)}, ID: "x", Update: true})
	}
	for i := range 3 {
		late.Display(engine.Display{Data: map[string]any{"text/html": fmt.Sprintf("<script>%d</script>", i)}, ID: "y", Update: true})
	}
	var shown []string
	for range 5 {
		m := f.await("update_display_data")
		if m.Parent.ID != "" {
			t.Errorf("%v belongs to %s", m, m.Parent.ID)
		}
		shown = append(shown, m.Content["data"].(map[string]any)["text/html"].(string))
	}
	want := []string{"0", "<script>0</script>", "<script>1</script>", "<script>2</script>", "49"}
	if !slices.Equal(shown, want) {
		t.Errorf("shown %q, want %q", shown, want)
	}
}

// closing is an engine that does something when it is closed.
type closing struct {
	*actor
	first func()
}

func (c closing) Close() error {
	c.first()
	return c.actor.Close()
}

// Widgets of a kernel that ends stay on the page, and are saved with it.
func TestTheEndOfAKernelClosesNoComms(t *testing.T) {
	ended := make(chan bool)
	var end func() // what the engine does to its program's comms
	f, k := serve(t, closing{newActor(), func() { end(); close(ended) }})
	take, closeAll := k.comms.Program(func(comms.Message) {})
	end = closeAll
	take(comms.Message{Op: "open", ID: "widget", Target: "jupyter.widget"})
	f.await("comm_open")
	f.send("control", "shutdown_request", map[string]any{"restart": true})
	<-ended
	for {
		select {
		case m := <-f.published:
			if m.Header.Type == "comm_close" {
				t.Errorf("published %v", m)
			}
		case <-time.After(200 * time.Millisecond):
			if n := len(k.comms.Info("")); n != 0 {
				t.Errorf("%d comms are open", n)
			}
			return
		}
	}
}
