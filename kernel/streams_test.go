package kernel

import (
	"context"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/engine"
)

// What goroutines put out between cells appears in the cell that ran last, or in
// the next one when it begins at once.
func TestOutputBetweenCells(t *testing.T) {
	e := newActor()
	late := make(chan string)
	e.acts["goroutine"] = func(_ context.Context, _ engine.Request, out engine.Sink) error {
		go func() {
			for s := range late {
				out.Stream("stdout", s)
				out.Display(text(s))
				late <- ""
			}
		}()
		return nil
	}
	f, _ := serve(t, e)
	put := func(s string) {
		late <- s
		<-late
	}
	first := f.execute("goroutine")
	f.output(first)
	put("at once\n")
	got := f.output(f.execute("ok"))
	if want := []string{"busy", "execute_input", "stream", "display_data", "idle"}; !slices.Equal(kinds(got), want) || got[2].Content["text"] != "at once\n" {
		t.Errorf("the next cell publishes %v", got)
	}
	last := f.execute("ok")
	f.output(last)
	for _, s := range []string{"later\n", "and later\n"} {
		put(s)
		time.Sleep(lateAfter)
		got = f.quiet(5 * joinFor)
		if !slices.Equal(kinds(got), []string{"stream", "display_data"}) || got[0].Parent.ID != last || got[1].Parent.ID != last || got[0].Content["text"] != s {
			t.Errorf("published: %v, for %v", got, last)
		}
	}
	put(strings.Repeat("much\n", maxText))
	got = f.quiet(5 * joinFor)
	size := 0
	for _, m := range got {
		size += len(fmt.Sprint(m.Content["text"]))
	}
	if size > maxText+1000 {
		t.Errorf("%d bytes are published between cells", size)
	}
	close(late)
}

func TestStreamsAreCoalesced(t *testing.T) {
	e := newActor()
	e.acts["lines"] = func(_ context.Context, _ engine.Request, out engine.Sink) error {
		for range 1000 {
			out.Stream("stdout", "line é\n")
		}
		out.Stream("stdout", "half")
		time.Sleep(2 * joinFor)
		out.Stream("stdout", " whole")
		return nil
	}
	f, _ := serve(t, e)
	var all string
	messages := f.output(f.execute("lines"))
	for _, m := range messages {
		if m.Header.Type == "stream" {
			all += m.Content["text"].(string)
		}
	}
	if want := strings.Repeat("line é\n", 1000) + "half whole"; all != want {
		t.Errorf("the text differs: ...%q", all[max(0, len(all)-40):])
	}
	if len(messages) > 8 {
		t.Errorf("%d messages", len(messages))
	}
}

func TestManyMessagesBecomeFew(t *testing.T) {
	e := newActor()
	const n = 5000
	e.acts["turns"] = func(_ context.Context, _ engine.Request, out engine.Sink) error {
		for range n {
			out.Stream("stdout", "o")
			out.Stream("stderr", "e")
		}
		return nil
	}
	e.acts["updates"] = func(_ context.Context, _ engine.Request, out engine.Sink) error {
		out.Display(engine.Display{ID: "x"})
		for i := range n {
			out.Display(engine.Display{ID: "x", Update: true, Data: map[string]any{"text/plain": i}})
		}
		return nil
	}
	f, _ := serve(t, e)
	length := map[any]int{}
	messages := f.output(f.execute("turns"))
	for _, m := range messages {
		if m.Header.Type == "stream" {
			length[m.Content["name"]] += len(m.Content["text"].(string))
		}
	}
	if length["stdout"] != n || length["stderr"] != n || len(messages) > 10*maxSegments {
		t.Errorf("%d messages, bytes: %v", len(messages), length)
	}
	messages = f.output(f.execute("updates"))
	last := messages[len(messages)-2] // before idle
	if last.Header.Type != "update_display_data" || !reflect.DeepEqual(last.Content["data"], map[string]any{"text/plain": n - 1.}) {
		t.Errorf("the last update is lost: %v", last)
	}
	if len(messages) > 20 {
		t.Errorf("%d messages", len(messages))
	}
}

func TestRunawayOutputGoesToAFile(t *testing.T) {
	e := newActor()
	line := strings.Repeat("x", 999) + "\n"
	e.acts["runaway"] = func(_ context.Context, _ engine.Request, out engine.Sink) error {
		for range 4000 {
			out.Stream("stdout", line)
		}
		for range maxDisplays + 10 {
			out.Display(text("d"))
		}
		return nil
	}
	f, _ := serve(t, e)
	var shown, notes string
	displays := 0
	for _, m := range f.output(f.execute("runaway")) {
		switch {
		case m.Header.Type == "display_data":
			displays++
		case m.Content["name"] == "stdout":
			shown += m.Content["text"].(string)
		case m.Content["name"] == "stderr":
			notes += m.Content["text"].(string)
		}
	}
	_, rest, _ := strings.Cut(notes, "the rest goes to ")
	path, _, _ := strings.Cut(rest, "]")
	spilled, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; the notes: %s", err, notes)
	}
	defer os.Remove(path)
	if shown+string(spilled) != strings.Repeat(line, 4000) || len(shown) != maxText {
		t.Errorf("%d bytes are shown, %d in the file", len(shown), len(spilled))
	}
	if _, end, ok := strings.Cut(notes, "the end of the output:]\n"); !ok || len(end) < endOfText/2 || strings.Trim(end, "x\n") != "" || !strings.HasSuffix(end, line) {
		t.Errorf("its end is not shown: %q", notes)
	}
	if displays != maxDisplays || !strings.Contains(notes, "displays in one cell") {
		t.Errorf("%d displays; the notes: %s", displays, notes)
	}
}
