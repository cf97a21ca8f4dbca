package notebook

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/engine"
)

// acts is an engine whose cells do what the map says.
type acts map[string]func(ctx context.Context, out engine.Sink) error

func (a acts) Execute(ctx context.Context, r engine.Request, out engine.Sink) error {
	act, ok := a[r.Code]
	if !ok {
		return &engine.CellError{Name: "CompileError", Value: "undefined: " + r.Code, Traceback: []string{"cell: \x1b[31mundefined\x1b[0m"}}
	}
	return act(ctx, out)
}

func htmlDisplay(text, id string, update bool) engine.Display {
	return engine.Display{Data: map[string]any{"text/html": "<b>" + text + "</b>\n", "text/plain": text}, ID: id, Update: update}
}

var play = acts{
	"print": func(_ context.Context, out engine.Sink) error {
		out.Stream("stdout", "10 %\r")
		out.Stream("stdout", "20 %\n")
		out.Stream("stderr", "oops\n")
		return nil
	},
	"result": func(_ context.Context, out engine.Sink) error {
		out.Result(engine.Display{Data: map[string]any{"text/plain": "42", "image/png": "iVBO", "application/json": map[string]any{"a": 1}},
			Metadata: map[string]any{"image/png": map[string]any{"width": 10}}})
		return nil
	},
	"show": func(_ context.Context, out engine.Sink) error {
		out.Display(htmlDisplay("one", "d", false))
		return nil
	},
	"update": func(_ context.Context, out engine.Sink) error { out.Display(htmlDisplay("two", "d", true)); return nil },
	"clear": func(_ context.Context, out engine.Sink) error {
		out.Stream("stdout", "gone\n")
		out.Clear(true)
		out.Stream("stdout", "stays\n")
		return nil
	},
	"ask": func(_ context.Context, out engine.Sink) error {
		name, err := out.Input("name? ", false)
		if err != nil {
			return &engine.CellError{Name: "InputError", Value: err.Error()}
		}
		out.Stream("stdout", "hello "+name+"\n")
		return nil
	},
	"wait": func(ctx context.Context, out engine.Sink) error {
		<-ctx.Done()
		return &engine.CellError{Name: "Interrupted"}
	},
}

// book makes a notebook of code cells.
func book(t *testing.T, sources ...string) *Notebook {
	t.Helper()
	nb, err := Parse([]byte(`{"nbformat":4,"nbformat_minor":5,"metadata":{},"cells":[]}`))
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range sources {
		nb.Cells = append(nb.Cells, NewCode(s))
	}
	return nb
}

// outputsOf is the outputs of a cell as written to the file.
func outputsOf(t *testing.T, nb *Notebook, cell int) (outputs []map[string]any) {
	t.Helper()
	b, err := nb.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var got struct {
		Cells []struct{ Outputs []map[string]any }
	}
	if err := json.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	return got.Cells[cell].Outputs
}

type object = map[string]any

func TestOutputsAreStoredAsJupyterLabDoes(t *testing.T) {
	nb := book(t, "print", "result", "show", "update", "clear")
	r := Runner{Engine: play}
	if err := r.Run(context.Background(), nb); err != nil {
		t.Fatal(err)
	}
	for i, want := range [][]object{
		{{"output_type": "stream", "name": "stdout", "text": []any{"20 %\n"}}, {"output_type": "stream", "name": "stderr", "text": []any{"oops\n"}}},
		{{"output_type": "execute_result", "execution_count": 2., "metadata": object{"image/png": object{"width": 10.}},
			"data": object{"text/plain": []any{"42"}, "image/png": "iVBO", "application/json": object{"a": 1.}}}},
		{{"output_type": "display_data", "metadata": object{}, "data": object{"text/html": []any{"<b>two</b>\n"}, "text/plain": []any{"two"}}}},
		{},
		{{"output_type": "stream", "name": "stdout", "text": []any{"stays\n"}}},
	} {
		if got := outputsOf(t, nb, i); !reflect.DeepEqual(got, want) {
			t.Errorf("cell %d: got %v, want %v", i, got, want)
		}
	}
}

func TestRunStopsAtTheFirstFailure(t *testing.T) {
	nb := book(t, "print", "nonsense", "print")
	nb.Cells[2].outputs = []*output{{kind: "stream", name: "stdout"}} // of an earlier run
	r := Runner{Engine: play}
	err := r.Run(context.Background(), nb)
	var failure *CellFailure
	if !errors.As(err, &failure) || failure.Index != 1 || failure.Number != 2 || failure.Err.Name != "CompileError" {
		t.Fatalf("got %v", err)
	}
	want := []object{{"output_type": "error", "ename": "CompileError", "evalue": "undefined: nonsense", "traceback": []any{"cell: \x1b[31mundefined\x1b[0m"}}}
	if got := outputsOf(t, nb, 1); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := outputsOf(t, nb, 2); len(got) != 0 {
		t.Errorf("a cell that did not run has outputs: %v", got)
	}
	nb = book(t, "nonsense", "print")
	nb.Cells[0].Tags = []string{"raises-exception"}
	if err := r.Run(context.Background(), nb); err != nil {
		t.Errorf("a cell that is expected to fail: %v", err)
	}
}

func TestTimeoutAndInterrupt(t *testing.T) {
	r := Runner{Engine: play, Timeout: 20 * time.Millisecond}
	err := r.Run(context.Background(), book(t, "wait"))
	if err == nil || !strings.Contains(err.Error(), "took longer than 20ms") {
		t.Errorf("got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	time.AfterFunc(20*time.Millisecond, cancel)
	r.Timeout = 0
	if err := r.Run(ctx, book(t, "wait")); err == nil || !strings.Contains(err.Error(), "Interrupted") {
		t.Errorf("got %v", err)
	}
}

func TestInput(t *testing.T) {
	r := Runner{Engine: play}
	if err := r.Run(context.Background(), book(t, "ask")); err == nil || !strings.Contains(err.Error(), "without a user") {
		t.Errorf("nobody to ask: %v", err)
	}
	r.Ask = func(_ context.Context, prompt string, _ bool) (string, error) { return "gopher after " + prompt, nil }
	nb := book(t, "ask")
	if err := r.Run(context.Background(), nb); err != nil {
		t.Fatal(err)
	}
	if got := outputsOf(t, nb, 0)[0]["text"].([]any)[0]; got != "hello gopher after name? \n" {
		t.Errorf("got %q", got)
	}
}

func TestScreen(t *testing.T) {
	progress := func(s *Screen) {
		s.Markdown("# Title\ntext\n```\n# no heading\n```")
		s.Code(1, "x := 1 // one\nx")
		s.Stream("stdout", "1\r2\r3\n")
		s.Display(htmlDisplay("step 1", "d", false))
		s.Display(htmlDisplay("step 2", "d", true))
		s.Display(htmlDisplay("step 3", "d", true))
		s.End()
		s.Display(engine.Display{Data: map[string]any{"image/png": "", "image/svg+xml": ""}})
		s.Error(&engine.CellError{Name: "Panic", Traceback: []string{"\x1b[31mred\x1b[0m"}})
	}
	for _, c := range []struct {
		terminal bool
		want     string
	}{
		{false, "\n# Title\n\n[1] x := 1 // one\n    x\n3\nstep 1\nstep 3\n[image/png, image/svg+xml]\nred\n"},
		{true, "\n\x1b[1m# Title\x1b[0m\n\n\x1b[2m[1] \x1b[0mx := 1 \x1b[2m// one\x1b[0m\n    x\n1\r2\r3\n" +
			"step 1\r\x1b[Jstep 2\r\x1b[Jstep 3\n[image/png, image/svg+xml]\n\x1b[31mred\x1b[0m\n"},
	} {
		var b bytes.Buffer
		progress(NewScreen(&b, c.terminal))
		if b.String() != c.want {
			t.Errorf("terminal %v: got\n%q, want\n%q", c.terminal, b.String(), c.want)
		}
	}
}

func TestProgressWithoutATerminalIsALineNowAndThen(t *testing.T) {
	var b bytes.Buffer
	s := NewScreen(&b, false)
	s.Every = time.Hour
	for _, text := range []string{"\r1 %", "\r2 %", "\r3 %"} {
		s.Stream("stdout", text)
	}
	s.End()
	if got := b.String(); got != "1 %\n3 %\n" {
		t.Errorf("got %q, want the first and the last", got)
	}
}

func TestProgressIsCutToTheTerminal(t *testing.T) {
	var b bytes.Buffer
	s := NewScreen(&b, true)
	s.Width = 8
	s.Display(htmlDisplay("é23456789", "d", false))
	s.Display(htmlDisplay("short", "d", true))
	s.Display(htmlDisplay("123456789", "", false)) // this one stays, and may wrap
	if got, want := b.String(), "é234567\r\x1b[Jshort\n123456789\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestHighlightKeepsTheCode(t *testing.T) {
	bare := func(_, text string) string { return text }
	for _, code := range []string{"", "x := `raw\nstring`", "%cd here\n!ls 'a", "/* open", "a\r\n// b\r\nc", "\"open", "日本 := 1"} {
		if got := highlight(code, bare); got != code {
			t.Errorf("%q becomes %q", code, got)
		}
	}
	if got := highlight("return \"s\"", func(c, s string) string { return "<" + c + s + ">" }); got != "<><34return>< ><33\"s\"><>" {
		t.Errorf("got %q", got)
	}
}
