package pipe

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/gob"
	"fmt"
	"image"
	"os"
	"os/exec"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/protocol"
)

// TestMain lets this binary be the gonbui program of the tests: started with
// a part to play, it plays it with gonbui as published.
func TestMain(m *testing.M) {
	if part := os.Getenv("PIPE_TEST_PART"); part != "" {
		parts[part]()
		return
	}
	os.Exit(m.Run())
}

var parts = map[string]func(){
	"show": func() {
		gonbui.DisplayHTML("<b>bold</b> &amp; <i>it</i><script>x</script>")
		gonbui.DisplayMarkdown("# Title")
		if err := gonbui.DisplayImage(image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
			panic(err)
		}
		gonbui.DisplaySVG("<svg/>")
		gonbui.SendData(&protocol.DisplayData{
			Data:     map[protocol.MIMEType]any{"image/svg+xml": []byte("<svg></svg>"), "text/plain": "a picture", "application/json": map[string]string{"a": "b"}},
			Metadata: map[string]any{"image/svg+xml": map[string]int{"width": 10}, "isolated": true},
		})
		gonbui.UpdateHTML("id", "one")
		gonbui.UpdateHTML("id", "two")
		gonbui.UpdateMarkdown("other", "three")
		gonbui.Sync()
		gonbui.Sync()
		fmt.Println("synced", gonbui.Error())
	},
	"ask": func() {
		gonbui.RequestInput("Name?", false)
		in := bufio.NewScanner(os.Stdin)
		in.Scan()
		name := in.Text()
		gonbui.RequestInput("Secret?", true)
		in.Scan()
		gonbui.DisplayMarkdown(name + "/" + in.Text())
		gonbui.Sync()
	},
	"update": func() {
		gonbui.UpdateHTML("id", "again")
		gonbui.Sync()
	},
	"widget": func() {
		comms.Send("/x", []int{1, 2})
		comms.Send("/x", map[string]float64{"a": 1})
		gonbui.DisplayMarkdown("after")
		gonbui.Sync()
	},
}

// recorder is a sink that writes down what it is told.
type recorder struct {
	mu      sync.Mutex
	shown   []string
	data    []map[string]any
	meta    []map[string]any
	answers []string
}

func (r *recorder) note(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shown = append(r.shown, fmt.Sprintf(format, args...))
}

func (r *recorder) Show(data, metadata map[string]any, id string, update bool) {
	verb := "show"
	if update {
		verb = "update"
	}
	text, _ := data["text/plain"].(string)
	r.note("%s %s:%s", verb, id, text)
	r.mu.Lock()
	r.data, r.meta = append(r.data, data), append(r.meta, metadata)
	r.mu.Unlock()
}

func (r *recorder) Input(prompt string, password bool) (string, error) {
	r.note("input %s %v", prompt, password)
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.answers) == 0 {
		return "", fmt.Errorf("nobody is there")
	}
	answer := r.answers[0]
	r.answers = r.answers[1:]
	return answer, nil
}

func (r *recorder) Warn(text string) { r.note("warn %s", text) }

// serve opens a pipe and serves it until the test ends.
func serve(t *testing.T, r *recorder, stdin *os.File) *Pipe {
	t.Helper()
	p, err := Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- p.Serve(func() (Sink, int64) { return r, 1 }, stdin) }()
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		select {
		case err := <-served:
			if err != nil {
				t.Error("Serve:", err)
			}
		case <-time.After(5 * time.Second):
			t.Error("Serve goes on after Close")
		}
	})
	return p
}

// play runs the program with a part to its end.
func play(t *testing.T, p *Pipe, part string, stdin *os.File) string {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(append(os.Environ(), p.Env()...), "PIPE_TEST_PART="+part)
	cmd.Stdin = stdin
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", part, err, out)
	}
	if !p.Flush(5 * time.Second) {
		t.Fatal("the pipe did not come to rest")
	}
	return string(out)
}

func TestProgramShows(t *testing.T) {
	var r recorder
	p := serve(t, &r, nil)
	if out := play(t, p, "show", nil); !strings.Contains(out, "synced <nil>") {
		t.Errorf("program said %q", out)
	}
	want := []string{"show :bold & it", "show :# Title", "show :[image/png]", "show :[text/html]", "show :a picture",
		"show id:one", "update id:two", "show other:three"}
	if !reflect.DeepEqual(r.shown, want) {
		t.Errorf("shown\n%q, want\n%q", r.shown, want)
	}
	if html := r.data[0]["text/html"]; html != "<b>bold</b> &amp; <i>it</i><script>x</script>" {
		t.Errorf("HTML %q", html)
	}
	png, err := base64.StdEncoding.DecodeString(r.data[2]["image/png"].(string))
	if err != nil || !bytes.HasPrefix(png, []byte("\x89PNG")) {
		t.Errorf("PNG %q, %v", png, err)
	}
	if svg := r.data[4]["image/svg+xml"]; svg != "<svg></svg>" {
		t.Errorf("SVG %v", svg)
	}
	if j := r.data[4]["application/json"]; !reflect.DeepEqual(j, map[string]any{"a": "b"}) {
		t.Errorf("JSON %v", j)
	}
	wantMeta := map[string]any{"image/svg+xml": map[string]any{"width": int64(10)}, "isolated": true}
	if !reflect.DeepEqual(r.meta[4], wantMeta) {
		t.Errorf("metadata %#v", r.meta[4])
	}
}

func TestProgramAsks(t *testing.T) {
	r := recorder{answers: []string{"Ada", "xyzzy"}}
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	defer write.Close()
	p := serve(t, &r, write)
	play(t, p, "ask", read)
	want := []string{"input Name? false", "input Secret? true", "show :Ada/xyzzy"}
	if !reflect.DeepEqual(r.shown, want) {
		t.Errorf("%q, want %q", r.shown, want)
	}
}

func TestSeveralProgramsShareAPipe(t *testing.T) {
	var r recorder
	p := serve(t, &r, nil)
	p.Begin(1, "first")
	play(t, p, "show", nil)
	r.shown = nil
	p.Begin(1, "second")
	w := client(t, p)
	w.send(&protocol.DisplayData{Data: map[protocol.MIMEType]any{"text/plain": "hello"}, DisplayID: "id"})
	w.send(&protocol.DisplayData{Data: map[protocol.MIMEType]any{"text/plain": "x"}, DisplayID: "id"})
	rest(t, p)
	if want := []string{"update id:hello", "update id:x"}; !reflect.DeepEqual(r.shown, want) {
		t.Errorf("%q, want %q", r.shown, want)
	}
}

// writer is a gob client in this process.
type writer struct {
	t *testing.T
	f *os.File
	*gob.Encoder
}

func client(t *testing.T, p *Pipe) writer {
	t.Helper()
	f, err := os.OpenFile(p.inPath(), os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return writer{t, f, gob.NewEncoder(f)}
}

func (w writer) send(d *protocol.DisplayData) {
	w.t.Helper()
	if err := w.Encode(d); err != nil {
		w.t.Fatal(err)
	}
}

func rest(t *testing.T, p *Pipe) {
	t.Helper()
	if !p.Flush(5 * time.Second) {
		t.Fatal("the pipe did not come to rest")
	}
}

func plainData(text, id string) *protocol.DisplayData {
	return &protocol.DisplayData{Data: map[protocol.MIMEType]any{"text/plain": text}, DisplayID: id}
}

func TestFixedIDIsShownAnewWhenItsCellRunsAgain(t *testing.T) {
	var r recorder
	p := serve(t, &r, nil)
	w := client(t, p)
	for _, run := range []string{"a", "b", "a"} {
		p.Begin(1, run)
		w.send(plainData(run+"1", "id"))
		w.send(plainData(run+"2", "id"))
		rest(t, p)
	}
	want := []string{"show id:a1", "update id:a2", "update id:b1", "update id:b2", "show id:a1", "update id:a2"}
	if !reflect.DeepEqual(r.shown, want) {
		t.Errorf("%q, want %q", r.shown, want)
	}
}

func TestWidgetsAreDeclinedOnce(t *testing.T) {
	var r recorder
	p := serve(t, &r, nil)
	play(t, p, "widget", nil)
	if len(r.shown) != 2 || !strings.Contains(r.shown[0], "no page here") || r.shown[1] != "show :after" {
		t.Errorf("%q", r.shown)
	}
}

func TestStreamGoesOnBehindBadMessages(t *testing.T) {
	for _, test := range []struct{ name, bytes string }{
		{"a value of no known type", "\x03\x7e\x01\x00"},
		{"a definition of a built-in type", "\x03\x03\x01\x00"},
		{"an empty message", "\x00"},
		{"a length of nine bytes", "\xf7aaaaaaaaaaaaaaaa"},
		{"a message of 2^62 bytes", "\xf8\x40\x00\x00\x00\x00\x00\x00\x00tail"},
		{"text", "GET / HTTP/1.1\r\n\r\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			var r recorder
			p := serve(t, &r, nil)
			w := client(t, p)
			w.send(plainData("before", ""))
			rest(t, p)
			if _, err := w.f.WriteString(test.bytes); err != nil {
				t.Fatal(err)
			}
			if test.name == "text" { // reads as a message of 71 bytes that goes on in what follows
				w.send(plainData(strings.Repeat("x", 100), ""))
				time.Sleep(20 * time.Millisecond)
			} else {
				rest(t, p)
			}
			w.send(plainData("after", ""))
			rest(t, p)
			last := r.shown[len(r.shown)-1]
			if r.shown[0] != "show :before" || last != "show :after" || len(r.shown) < 3 || !strings.HasPrefix(r.shown[1], "warn ") {
				t.Errorf("%q", r.shown)
			}
		})
	}
}

func TestAMessageCutShortIsGivenUp(t *testing.T) {
	var r recorder
	p := serve(t, &r, nil)
	w := client(t, p)
	w.send(plainData("before", ""))
	rest(t, p)
	if _, err := w.f.WriteString("\x7fa writer that died in it"); err != nil {
		t.Fatal(err)
	}
	if p.Flush(10 * time.Millisecond) {
		t.Error("the pipe is at rest with half a message in it")
	}
	rest(t, p)
	w.send(plainData("after", ""))
	rest(t, p)
	if want := []string{"show :before", "warn gonbui: a message was dropped: a message whose end did not arrive", "show :after"}; !reflect.DeepEqual(r.shown, want) {
		t.Errorf("%q", r.shown)
	}
}

func TestUnreadAnswersDoNotBlock(t *testing.T) {
	var r recorder
	p := serve(t, &r, nil)
	w := client(t, p)
	for i := range 3000 { // nobody reads the other pipe
		w.send(&protocol.DisplayData{Data: map[protocol.MIMEType]any{
			protocol.MIMECommValue: &protocol.CommValue{Address: protocol.GonbuiSyncAddress, Value: i}}})
	}
	w.send(plainData("after", ""))
	rest(t, p)
	if want := []string{"show :after"}; !reflect.DeepEqual(r.shown, want) {
		t.Errorf("%q", r.shown)
	}
}

func TestPipesArePrivate(t *testing.T) {
	p := serve(t, &recorder{}, nil)
	dir, err := os.Stat(p.dir)
	if err != nil || dir.Mode().Perm() != 0o700 || !strings.Contains(p.dir, "/gonb_") {
		t.Errorf("folder %s: %v, %v", p.dir, dir.Mode(), err)
	}
	for _, name := range []string{p.inPath(), p.backPath()} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 || info.Mode()&os.ModeNamedPipe == 0 {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
}

func TestCloseRemovesThePipes(t *testing.T) {
	p, err := Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(p.dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", p.dir, err)
	}
}
