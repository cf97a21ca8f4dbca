package pipe

import (
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/dom"
	"github.com/janpfeifer/gonb/gonbui/protocol"
	"github.com/janpfeifer/gonb/gonbui/widgets"
)

func init() {
	parts["talk"] = func() {
		comms.Start()
		comms.Send("/i", 0)
		comms.Send("/f", []float64{1.5, 2})
		comms.Send("/m", map[string]string{"a": "b"})
		fmt.Println("read", comms.ReadValue[int]("/v"))
		fmt.Println("read", comms.ReadValue[string]("/v"))
		comms.Send("/nan", math.NaN())
		gonbui.Sync()
	}
	parts["button"] = func() {
		b := widgets.Button("Go").WithAddress("/button").WithHtmlId("b").Done()
		clicks := b.Listen()
		comms.Send("/listening", 1)
		for range 3 {
			fmt.Println("click", <-clicks.C)
		}
	}
	parts["html"] = func() {
		fmt.Println("got", dom.GetInnerHtml("element"))
	}
}

// screen is a page that writes down what is sent to it and answers by a script.
type screen struct {
	r  *recorder
	on func(address string, value any)
}

func (s *screen) Connect() string { return "connect()" }
func (s *screen) Send(address string, value any) error {
	if f, ok := value.(float64); ok && math.IsNaN(f) {
		return errors.New("no number")
	}
	s.r.note("send %s %v", address, value)
	go s.on(address, value)
	return nil
}
func (s *screen) Read(address string) {
	s.r.note("read %s", address)
	go s.on(address, nil)
}
func (s *screen) Run(script string) { s.r.note("run %s", script) }

// serveOn serves a pipe whose page answers so.
func serveOn(t *testing.T, r *recorder, on func(p *Pipe, address string, value any)) *Pipe {
	t.Helper()
	s := &screen{r: r}
	p, err := Open(t.TempDir(), s)
	if err != nil {
		t.Fatal(err)
	}
	s.on = func(address string, value any) { on(p, address, value) }
	served := make(chan error, 1)
	go func() { served <- p.Serve(func() (Sink, int64) { return r, 1 }, nil) }()
	t.Cleanup(func() {
		p.Close()
		if err := <-served; err != nil {
			t.Error(err)
		}
	})
	return p
}

func TestProgramAndPageExchangeValues(t *testing.T) {
	var r recorder
	p := serveOn(t, &r, func(p *Pipe, address string, value any) {
		switch address {
		case "/i":
			p.Connected()
			p.Deliver("/nobody", 1.0) // must not reach the program
		case "/v":
			p.Deliver("/v", 7.0)
		}
	})
	p.Begin(1, "cell")
	r.answers = nil
	done := make(chan string, 1)
	go func() { done <- play(t, p, "talk", nil) }()
	select {
	case out := <-done:
		if !strings.HasPrefix(out, "read 7\n") || !strings.Contains(out, "read \n") { // 7 is no string: gonbui says so and reads ""
			t.Errorf("the program says %q", out)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("the program does not end; %q", r.shown)
	}
	want := []string{"show modelbook_connect_1:", "send /i 0", "update modelbook_connect_1:", "send /f [1.5 2]", "send /m map[a:b]",
		"read /v", "read /v", "warn gonbui: a value for /nan cannot be sent: no number"}
	got := slices.Clone(r.shown)
	slices.Sort(got) // when the page connects is not certain
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("%q\nwant\n%q", got, want)
	}
	p.Begin(1, "cell")
	p.Connect(&r, 1)
	if last := r.shown[len(r.shown)-1]; last != "show modelbook_connect_2:" {
		t.Errorf("in the next run: %q", last)
	}
}

// TestButton plays the page's part in a button: the page tells the count when
// the button's script has run, and after each click.
func TestButton(t *testing.T) {
	var r recorder
	var once sync.Once
	var p *Pipe
	p = serveOn(t, &r, func(p *Pipe, address string, value any) {
		if address == "/listening" {
			for n := 1; n <= 3; n++ {
				p.Deliver("/button", float64(n))
				time.Sleep(50 * time.Millisecond) // gonbui keeps no order
			}
		}
	})
	p.Begin(1, "cell")
	watch := make(chan struct{})
	defer close(watch)
	go func() {
		for {
			select {
			case <-watch:
				return
			case <-time.After(5 * time.Millisecond):
			}
			r.mu.Lock()
			ran := slices.ContainsFunc(r.data, func(d map[string]any) bool {
				return strings.Contains(fmt.Sprint(d["text/html"]), `getElementById("b")`)
			})
			r.mu.Unlock()
			if ran {
				once.Do(func() { p.Deliver("/button", 0.0) })
			}
		}
	}()
	if out := play(t, p, "button", nil); out != "click 1\nclick 2\nclick 3\n" {
		t.Errorf("the program says %q", out)
	}
}

func TestScriptsOfDom(t *testing.T) {
	var r recorder
	p := serveOn(t, &r, func(p *Pipe, address string, value any) {})
	w := client(t, p)
	script := func(text string) {
		w.send(&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMETextHTML: text}, DisplayID: "gonb_transient_js_7"})
		rest(t, p)
	}
	for range 2 { // another cell gets an output of its own, whatever became of the first one's
		p.Begin(1, "cell")
		script("<script>a()</script>\n")
		script("")
		p.End(1)
		script("<script>b()</script>\n") // a goroutine that goes on
		script("")
	}
	want := []string{"show gonb_transient_js_7.1:", "update gonb_transient_js_7.1:", "run b()", "show gonb_transient_js_7.2:", "update gonb_transient_js_7.2:", "run b()"}
	if !slices.Equal(r.shown, want) {
		t.Errorf("%q, want %q", r.shown, want)
	}
}

func TestAProgramThatSendsTooFastIsHeldBack(t *testing.T) {
	var r recorder
	p := serveOn(t, &r, func(*Pipe, string, any) {})
	p.Begin(1, "cell")
	w := client(t, p)
	start := time.Now()
	const n = paceBurst + 150
	for range n {
		w.send(&protocol.DisplayData{Data: map[protocol.MIMEType]any{protocol.MIMECommValue: protocol.CommValue{Address: "/a", Value: 1}}})
	}
	if !p.Flush(20 * time.Second) {
		t.Fatal("the pipe did not come to rest")
	}
	sent := 0
	for _, s := range r.shown {
		if s == "send /a 1" {
			sent++
		}
	}
	if took := time.Since(start); sent != n || took < 400*time.Millisecond {
		t.Errorf("%d of %d values in %v", sent, n, took)
	}
}

func TestSyncIsAnsweredHoweverManyValuesWait(t *testing.T) {
	r := newReplies()
	for i := range 3 * maxReplies {
		r.put(&protocol.CommValue{Address: "/slider", Value: i}, false)
		if i == 5 {
			r.put(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress}, true)
		}
	}
	acks, last, n := 0, -1, 0
	for len(r.queue) > 0 {
		v := r.get()
		if v.Address == protocol.GonbuiSyncAckAddress {
			acks++
			continue
		}
		if n++; v.Value.(int) <= last {
			t.Fatalf("%v after %d", v.Value, last)
		}
		last = v.Value.(int)
	}
	if acks != 1 || last != 3*maxReplies-1 || n != maxReplies || r.values != 0 {
		t.Errorf("%d acks, last value %d of %d", acks, last, n)
	}
}

// A program whose stream broke opens both anew: what the kernel sends must be
// readable for the new reader.
func TestAnswersBeginAnewWithTheProgram(t *testing.T) {
	var r recorder
	p := serveOn(t, &r, func(*Pipe, string, any) {})
	for i := range 3 { // processes, one after the other, on the same pipes
		p.Begin(1, "cell")
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(append(os.Environ(), p.Env()...), "PIPE_TEST_PART=update")
		ended := make(chan error, 1)
		go func() { ended <- cmd.Run() }()
		select {
		case err := <-ended:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(10 * time.Second):
			cmd.Process.Kill()
			t.Fatalf("program %d waits for its sync", i)
		}
	}
}
