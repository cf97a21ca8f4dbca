package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbook/kernel/toolchain"
)

// screen is a page that writes down what is sent to it; answer, if set, is
// called for each value.
type screen struct {
	mu        sync.Mutex
	sent      []string
	alive     bool
	deliver   func(address string, value any)
	connected func()
	answer    func(address string, value any)
}

func (s *screen) note(format string, args ...any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, fmt.Sprintf(format, args...))
}
func (s *screen) took() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}
func (s *screen) Connect() string { return "connect()" }
func (s *screen) Send(address string, value any) error {
	s.note("%s=%v", address, value)
	if s.answer != nil {
		go s.answer(address, value)
	}
	return nil
}
func (s *screen) Read(address string) {
	if s.answer != nil {
		go s.answer(address, nil)
	}
}
func (s *screen) Run(script string) { s.note("run %s", strings.TrimSpace(script)) }
func (s *screen) Receive(deliver func(string, any), connected func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deliver, s.connected = deliver, connected
}
func (s *screen) Ping(time.Duration) bool { return s.alive }

// openOn starts a notebook that a page shows.
func openOn(t *testing.T, s *screen) *notebook {
	t.Parallel()
	e, err := New(Config{Home: prepared(t, "libraries", toolchain.Libraries()), Dir: t.TempDir(), Page: s})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { e.Close() })
	return &notebook{t: t, Engine: e}
}

func TestValuesOfAPageOutliveTheCell(t *testing.T) {
	s := &screen{}
	nb := openOn(t, s)
	out := nb.run(`moves := comms.Listen[int]("/slider")
seen := make(chan int, 10)
go func() {
	for v := range moves.C {
		dom.SetInnerText("said", fmt.Sprint(v))
		seen <- v
	}
}()`)
	if len(out.displays) != 1 || !strings.Contains(fmt.Sprint(out.displays[0].Data["text/html"]), "connect()") {
		t.Errorf("displays %v", out.displays)
	}
	s.connected()
	if last := out.displays[len(out.displays)-1]; !last.Update || last.ID != out.displays[0].ID || last.Data["text/html"] != "" {
		t.Errorf("the script that connects stays: %v", last)
	}
	s.deliver("/slider", "41") // as page scripts send it
	s.deliver("/elsewhere", 1.0)
	for deadline := time.Now().Add(20 * time.Second); len(s.took()) == 0; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the goroutine does not hear")
		}
	}
	if got := strings.Join(s.took(), "|"); !strings.HasPrefix(got, "run ") || !strings.Contains(got, "innerText = '41'") {
		t.Errorf("to the page: %s", got)
	}
	nb.shows("<-seen", "41")
	nb.run(`go comms.Send("/x", []int{1})`)
	s.deliver("/slider", 42.0)
	nb.shows("<-seen", "42")
}

// gonbui/comms by itself is left with its lock held here.
func TestAValueThatNobodyListensToAnyMore(t *testing.T) {
	s := &screen{}
	nb := openOn(t, s)
	s.answer = func(address string, value any) { s.deliver("/answer", float64(value.(int64))) } // JSON has no other numbers
	nb.run("c := comms.Listen[int](\"/a\")\nc.Close()\ntime.Sleep(50 * time.Millisecond)\ngonbui.Sync()")
	for _, v := range []any{1.0, "x", []float64{2}, map[string]float64{"a": 1}} {
		s.deliver("/a", v)
	}
	out := nb.run("d := comms.Listen[int](\"/answer\")\ncomms.Send(\"/ask\", 7)\n<-d.C")
	if !slices.Equal(out.results, []string{"7"}) || out.stderr != "" {
		t.Errorf("%v, stderr %q", out.results, out.stderr)
	}
	nb.run(`for i := range 2500 { // as package dom asks
	go comms.Send("/ask", i)
	<-d.C
}`)
}

func TestAValueThatCannotBeEncodedDoesNotEndDisplay(t *testing.T) {
	s := &screen{}
	nb := openOn(t, s)
	out := nb.run(`import "github.com/janpfeifer/gonb/gonbui/protocol"
type odd struct{ A int }
gonbui.DisplayHTML("before")
gonbui.SendData(&protocol.DisplayData{Data: map[protocol.MIMEType]any{"application/json": odd{1}}})
gonbui.DisplayHTML("lost")
a := comms.Listen[int]("/a")`)
	if len(out.displays) != 1 || !strings.Contains(out.stderr, "odd") || !strings.Contains(out.stderr, "does again in the next one") {
		t.Errorf("displays %v, stderr %q", out.displays, out.stderr)
	}
	out = nb.run("gonbui.DisplayHTML(\"after\")\ngonbui.Sync()\nb := comms.Listen[int](\"/b\")\nb.Close()\ngonbui.Error() == nil")
	if len(out.displays) == 0 || out.displays[0].Data["text/html"] != "after" || !slices.Equal(out.results, []string{"true"}) {
		t.Errorf("displays %v, results %v, stderr %q", out.displays, out.results, out.stderr)
	}
	s.answer = func(address string, value any) { s.deliver("/back", value) }
	nb.shows("c := comms.Listen[string](\"/back\")\ncomms.Send(\"/there\", \"and back\")\n<-c.C", `"and back"`)
}

func TestInterruptWhileAWidgetIsAwaited(t *testing.T) {
	s := &screen{}
	nb := openOn(t, s)
	nb.run("x := 5")
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	defer cancel()
	_, err := nb.tryContext(ctx, `widgets.Button("nobody clicks").Done()`) // the page never answers
	if err == nil || err.Name != "Interrupted" {
		t.Errorf("%v", err)
	}
	nb.shows("x", "5")
	nb.run(`gonbui.DisplayHTML("on")`)
}

func TestWidgetCommands(t *testing.T) {
	s := &screen{}
	nb := openOn(t, s)
	if _, err := nb.try("%widgets"); err == nil || err.Name != "PageError" {
		t.Errorf("without a page: %v", err)
	}
	if out := nb.run("%widgets_hb"); len(out.displays) != 1 || !strings.Contains(fmt.Sprint(out.displays[0].Data), "Timed-out") {
		t.Errorf("%v", out.displays)
	}
	s.alive = true
	if out := nb.run("%widgets"); len(out.displays) != 1 {
		t.Errorf("%v", out.displays)
	}
	if out := nb.run("%widgets_hb"); !strings.Contains(fmt.Sprint(out.displays[0].Data), "pong received") {
		t.Errorf("%v", out.displays)
	}
}

func TestWidgetsWithoutAPageAreDeclined(t *testing.T) {
	nb := open(t)
	if out := nb.run(`comms.Send("/a", 1)`); !strings.Contains(out.stderr, "there is no page here") {
		t.Errorf("%q", out.stderr)
	}
}

func TestCacheKeepsValues(t *testing.T) {
	nb := open(t)
	nb.run(`store := cache.MustNewHidden()
calls := 0
type point struct{ X, Y float64 }
load := func() map[string]point { calls++; return map[string]point{"a": {1, 2}} }`)
	nb.shows(`cache.CacheWith(store, "points", load)["a"].Y`, "2")
	nb.shows(`cache.CacheWith(store, "points", load)["a"].X + float64(calls)`, "2")
	nb.run(`keys, _ := store.ListKeys()
if len(keys) != 1 || keys[0] != "points" { panic(fmt.Sprint(keys)) }
store.ResetKey("points")
cache.CacheWith(store, "points", load)
cache.Cache("in the temporary folder", func() int { calls++; return 1 })
cache.Cache("in the temporary folder", func() int { calls++; return 1 })
cache.ResetKey("in the temporary folder")`)
	nb.shows("calls", "3")
	nb.shows(`_, err := os.Stat(".gonb_cache/points.bin"); err == nil`, "true")
}
