package ipywidgets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modelbook/kernel/worker/rt"
)

func TestASliderIsOpenedMovedAndSet(t *testing.T) {
	f := newFrontEnd(t)
	s := NewIntSlider(3, 1, 10, Traits{"description": "degree", "layout": Traits{"width": "50%"}})
	if got, want := f.state(s, "value"), 3.0; got != want {
		t.Errorf("opened with %v, want %v", got, want)
	}
	if got := f.states[strings.TrimPrefix(f.state(s, "layout").(string), reference)]["width"]; got != "50%" {
		t.Errorf("the layout's width is %v", got)
	}
	if len(f.states[s.ID()]) != len(s.kind.traits) {
		t.Errorf("the state has %d traits of %d", len(f.states[s.ID()]), len(s.kind.traits))
	}
	values := make(chan int, 100)
	s.OnChange(func(v int) { values <- v })
	f.move(s, "7")
	if v := receive(t, values); v != 7 || s.Value() != 7 {
		t.Errorf("moved to %d, the value is %d", v, s.Value())
	}
	f.move(s, "99") // out of bounds: the front end is corrected
	if v := receive(t, values); v != 10 {
		t.Errorf("moved to %d, want the bound", v)
	}
	f.shows(s, "value", 10.0)
	s.SetValue(2)
	f.shows(s, "value", 2.0)
	if v := receive(t, values); v != 2 {
		t.Errorf("the program's own change is told as %d", v)
	}
	s.SetValue(2)
	s.SetValue(-5)
	if v := receive(t, values); v != 1 || s.Value() != 1 {
		t.Errorf("%d, want the lower bound once", v)
	}
	s.SetDescription("n")
	f.shows(s, "description", "n")
	s.SetDisabled(true)
	f.shows(s, "disabled", true)
	if err := s.Style().Set("handle_color", "red"); err != nil {
		t.Error(err)
	}
	f.shows(s.Style(), "handle_color", "red")
	f.send(s, `{"method":"update","state":{"value":null,"max":"x","unknown":1}}`)
	f.move(s, "4.0")
	if v := receive(t, values); v != 4 {
		t.Errorf("after a bad message: %d, want 4", v)
	}
}

// All values arrive in the program in order; what the program sets too fast is
// joined, and the last value arrives.
func TestManyChanges(t *testing.T) {
	f := newFrontEnd(t)
	s := NewIntSlider(0, 0, 100_000)
	const n = 2000
	values := make(chan int, n)
	s.OnChange(func(v int) { values <- v })
	for i := 1; i <= n; i++ {
		f.move(s, fmt.Sprint(i))
	}
	for i := 1; i <= n; i++ {
		if v := receive(t, values); v != i {
			t.Fatalf("change %d is %d", i, v)
		}
	}
	p := NewIntProgress(0, 0, 100_000)
	begun := time.Now()
	for i := range 50_000 {
		p.SetValue(i)
	}
	f.shows(p, "value", 49_999.0)
	if n, most := f.count(p), int(time.Since(begun)/pace)+5; n > most {
		t.Errorf("%d messages, want at most %d", n, most)
	}
}

// Functions of one widget are called one at a time; those of another do not
// wait, nor does the program.
func TestCallbacksBlockNobodyElse(t *testing.T) {
	f := newFrontEnd(t)
	slow, quick := NewButton("slow"), NewButton("quick")
	var mu sync.Mutex
	atWork := 0
	goOn, clicked := make(chan bool), make(chan bool, 10)
	slow.OnClick(func() {
		mu.Lock()
		if atWork++; atWork > 1 {
			t.Error("two calls at a time")
		}
		mu.Unlock()
		<-goOn
		mu.Lock()
		atWork--
		mu.Unlock()
	})
	quick.OnClick(func() { clicked <- true })
	for range 3 {
		f.send(slow, `{"method":"custom","content":{"event":"click"}}`)
	}
	f.send(quick, `{"method":"custom","content":{"event":"click"}}`)
	receive(t, clicked)
	for range 3 {
		select {
		case goOn <- true:
		case <-time.After(wait):
			t.Fatal("a click is lost")
		}
	}
}

func TestAPanicInACallback(t *testing.T) {
	f := newFrontEnd(t)
	told := make(chan any, 1)
	before := rt.Panicked
	rt.Panicked = func(_ *rt.Cell, v any) { told <- v }
	defer func() { rt.Panicked = before }()
	c := NewCheckbox(false, "on")
	values := make(chan bool, 1)
	c.OnChange(func(v bool) {
		if v {
			panic("no")
		}
		values <- v
	})
	f.move(c, "true")
	if v := receive(t, told); v != "no" {
		t.Errorf("told %v", v)
	}
	f.move(c, "false")
	receive(t, values)
}

func TestAPictureGoesBesideTheMessage(t *testing.T) {
	f := newFrontEnd(t)
	i := NewImage([]byte("abc"))
	if got := f.state(i, "value"); !bytes.Equal(got.([]byte), []byte("abc")) {
		t.Errorf("opened with %q", got)
	}
	if err := i.SetImage(image.NewGray(image.Rect(0, 0, 3, 2))); err != nil {
		t.Fatal(err)
	}
	if p, err := png.Decode(bytes.NewReader(i.Value())); err != nil || p.Bounds().Dx() != 3 {
		t.Errorf("%v, %v", p, err)
	}
	f.shows(i, "value", i.Value())
	f.send(i, `{"method":"update","state":{},"buffer_paths":[["value"]]}`, []byte("xyz"))
	for end := time.Now().Add(wait); string(i.Value()) != "xyz"; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the value is %q", i.Value())
		}
	}
}

// What opens later is told of all widgets: the states of all are as complete as
// at the beginning.
func TestAFrontEndAsksForAllStates(t *testing.T) {
	f := newFrontEnd(t)
	text, picture := NewText("hello"), NewImage([]byte{1, 2})
	box := NewVBox(text, picture)
	rt.Comm(rt.CommMessage{Op: "open", ID: "control", Target: controlTarget, Data: []byte("{}")})
	rt.Comm(rt.CommMessage{Op: "msg", ID: "control", Data: []byte(`{"method":"request_states"}`)})
	var reply rt.CommMessage
	for end := time.Now().Add(wait); reply.Data == nil; time.Sleep(time.Millisecond) {
		f.mu.Lock()
		for _, m := range f.messages {
			if m.ID == "control" {
				reply = m
			}
		}
		f.mu.Unlock()
		if time.Now().After(end) {
			t.Fatal("no reply")
		}
	}
	var m struct {
		Method string
		States map[string]struct {
			Name    string `json:"model_name"`
			Module  string `json:"model_module"`
			Version string `json:"model_module_version"`
			State   map[string]any
		}
		Paths [][]string `json:"buffer_paths"`
	}
	if err := json.Unmarshal(reply.Data, &m); err != nil {
		t.Fatal(err)
	}
	if len(m.States) != 7 || m.Method != "update_states" { // with three layouts and a style
		t.Errorf("%s of %d widgets", m.Method, len(m.States))
	}
	if got := m.States[text.ID()]; got.Name != "TextModel" || got.Module != controlsModule || got.Version != "2.0.0" || got.State["value"] != "hello" {
		t.Errorf("text: %v", got)
	}
	if got := m.States[box.ID()].State["children"]; !slices.Equal(got.([]any), []any{reference + text.ID(), reference + picture.ID()}) {
		t.Errorf("children: %v", got)
	}
	if len(m.Paths) != 1 || !slices.Equal(m.Paths[0], []string{picture.ID(), "state", "value"}) || !bytes.Equal(reply.Buffers[0], []byte{1, 2}) {
		t.Errorf("buffers at %v: %v", m.Paths, reply.Buffers)
	}
	before := f.count(text)
	f.send(text, `{"method":"request_state"}`)
	for end := time.Now().Add(wait); f.count(text) == before; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("no state of one widget")
		}
	}
}

func TestAFrontEndMakesAWidget(t *testing.T) {
	newFrontEnd(t)
	rt.Comm(rt.CommMessage{Op: "open", ID: "theirs", Target: target, Data: []byte(`{"state":{"_model_name":"LayoutModel","width":"3px"}}`)})
	for end := time.Now().Add(wait); ; time.Sleep(time.Millisecond) {
		if b, err := find(reference + "theirs"); err == nil {
			if b.Get("width") != "3px" || b.Get("_view_name") != "LayoutView" {
				t.Errorf("%v", b)
			}
			return
		}
		if time.Now().After(end) {
			t.Fatal("there is no such widget")
		}
	}
}

func TestAWidgetIsClosed(t *testing.T) {
	f := newFrontEnd(t)
	s := NewFloatSlider(1, 0, 2)
	s.Close()
	s.Close()
	if !f.closed[s.ID()] || !f.closed[s.Layout().ID()] || !f.closed[s.Style().ID()] {
		t.Errorf("closed: %v", f.closed)
	}
	s.SetValue(2)
	if s.Value() != 2 {
		t.Error("a closed widget keeps no value")
	}
	if err := s.Set("value", 1.0); err == nil || s.Send("x") == nil {
		t.Error("no error of a closed widget")
	}
	if _, err := find(reference + s.ID()); err == nil {
		t.Error("it is still known")
	}
	other := NewText("")
	rt.Comm(rt.CommMessage{Op: "close", ID: other.ID()})
	for end := time.Now().Add(wait); other.Set("value", "x") == nil; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the page has closed it")
		}
	}
}

func TestAllWidgetsAreClosed(t *testing.T) {
	f := newFrontEnd(t)
	a, b := NewText(""), NewHBox()
	CloseAll()
	if !f.closed[a.ID()] || !f.closed[b.ID()] || len(all.byID) != 0 {
		t.Errorf("closed %v", f.closed)
	}
}

func TestErrorsOfTraits(t *testing.T) {
	newFrontEnd(t)
	s := NewIntSlider(0, 0, 1)
	for _, test := range []struct {
		name  string
		value any
		want  string
	}{
		{"colour", 1, `IntSlider has no trait "colour"; it has layout, tabbable,`},
		{"value", "x", `value is of type int; "x" is a string`},
		{"value", nil, "value cannot be nil"},
		{"orientation", "up", `orientation cannot be "up"; it can be ["horizontal" "vertical"]`},
		{"_model_name", "TextModel", "_model_name cannot be changed"},
		{"layout", Traits{"size": 3}, `Layout has no trait "size"`},
	} {
		if err := s.Set(test.name, test.value); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s = %v: %v, want %s", test.name, test.value, err, test.want)
		}
	}
	if err := s.OnTrait("colour", nil); err == nil {
		t.Error("a trait is watched that there is not")
	}
	for name, f := range map[string]func(){
		"a trait":  func() { NewButton("x", Traits{"label": "y"}) },
		"a value":  func() { NewText("x", Traits{"disabled": 1}) },
		"a link":   func() { NewLink(s.Trait("value"), s.Trait("values")) },
		"a widget": func() { NewVBox(s, nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s that there is not is no error", name)
				}
			}()
			f()
		}()
	}
	for _, v := range []any{int8(3), uint(3), int64(3)} {
		if err := s.Set("max", v); err != nil || s.Get("max") != 3 {
			t.Errorf("%T: %v, %v", v, s.Get("max"), err)
		}
	}
}

func TestValuesOfOtherWidgets(t *testing.T) {
	f := newFrontEnd(t)
	d := NewDropdown([]float64{0.1, 0.01})
	chosen := make(chan float64, 1)
	d.OnChange(func(v float64) { chosen <- v })
	if d.Value() != 0.1 || !slices.Equal(f.state(d, "_options_labels").([]any), []any{"0.1", "0.01"}) {
		t.Errorf("%v", d)
	}
	f.send(d, `{"method":"update","state":{"index":1}}`)
	if v := receive(t, chosen); v != 0.01 {
		t.Errorf("chosen %v", v)
	}
	d.SetIndex(5)
	if d.Index() != -1 || d.Value() != 0 {
		t.Errorf("chosen %v", d.Index())
	}
	if NewDropdown([]string{}).Index() != -1 {
		t.Error("one of none is chosen")
	}
	l := NewFloatLogSlider(5, -3, -1)
	if l.Value() != 0.1 {
		t.Errorf("%v, want the bound", l.Value())
	}
	tab := NewTab([]string{"a"}, d, l)
	shown := make(chan int, 1)
	tab.OnSelect(func(i int) { shown <- i })
	if tab.Selected() != 0 || NewTab(nil).Selected() != -1 {
		t.Error("the first tab is not shown")
	}
	tab.Select(1)
	if i := receive(t, shown); i != 1 {
		t.Errorf("tab %d", i)
	}
	line := NewText("")
	lines := make(chan string, 1)
	line.OnSubmit(func(s string) { lines <- s })
	f.move(line, `"a line"`)
	f.send(line, `{"method":"custom","content":{"event":"submit"}}`)
	if s := receive(t, lines); s != "a line" {
		t.Errorf("%q", s)
	}
	link := NewDirectionalLink(l.Trait("value"), line.Trait("value"))
	if got := f.state(link, "source"); !slices.Equal(got.([]any), []any{reference + l.ID(), "value"}) {
		t.Errorf("source %v", got)
	}
	data := tab.MimeBundle()
	if b, _ := json.Marshal(data[viewMIME]); string(b) != fmt.Sprintf(`{"model_id":%q,"version_major":2,"version_minor":0}`, tab.ID()) {
		t.Errorf("shown as %s", b)
	}
	if s := data["text/plain"]; s != `Tab(children=2 widgets, selected_index=1, titles=[]string{"a"})` {
		t.Errorf("as text: %s", s)
	}
}

// Without a notebook all works but what needs a page.
func TestWithoutANotebook(t *testing.T) {
	s := NewIntSlider(1, 0, 3)
	values := make(chan int, 1)
	s.OnChange(func(v int) { values <- v })
	s.SetValue(2)
	if v := receive(t, values); v != 2 {
		t.Errorf("told %d", v)
	}
	if err := Show(s); err == nil || s.Send("x") == nil {
		t.Error("no error without a notebook")
	}
	o := NewOutput()
	fmt.Fprintln(o, "text")
	o.Display(1, "a")
	if got := fmt.Sprint(o.Get("outputs")); got != "[map[name:stdout output_type:stream text:text\n] map[data:map[text/plain:1 a] metadata:map[] output_type:display_data]]" {
		t.Errorf("outputs %s", got)
	}
	s.Close()
}
