package ipywidgets

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/worker/rt"
)

// showsOutput waits until an Output shows what is wanted.
func showsOutput(t *testing.T, o *Output, want string) {
	t.Helper()
	for end := time.Now().Add(wait); ; time.Sleep(time.Millisecond) {
		var parts []string
		for _, p := range o.Get("outputs").([]map[string]any) {
			switch p["output_type"] {
			case "stream":
				parts = append(parts, fmt.Sprint(p["name"], " ", p["text"]))
			case "error":
				parts = append(parts, fmt.Sprint(p["ename"], ": ", p["evalue"]))
			default:
				parts = append(parts, fmt.Sprint(p["data"].(map[string]any)["text/plain"]))
			}
		}
		got := strings.Join(parts, "|")
		if got == want {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the output is %q, want %q", got, want)
		}
	}
}

func TestInteract(t *testing.T) {
	f := newFrontEnd(t)
	type rate float64
	in := Interact(func(n int, x rate, on bool, name string, choice any) string {
		return fmt.Sprintf("%v %v %v %q %v", n, x, on, name, choice)
	}, Named("count", Range(1, 9)), 0.5, true, Named("name"), []string{"a", "b"})
	showsOutput(t, in.Output, `5 0.5 true "" a`)
	var labels []any
	for _, c := range in.Controls {
		labels = append(labels, f.state(c, "description"))
	}
	if got := fmt.Sprint(labels); got != "[count y z name v]" {
		t.Errorf("labels %s", got)
	}
	if x := in.Controls[1].(*FloatSlider); x.Get("min") != -0.5 || x.Get("max") != 1.5 {
		t.Errorf("%v", x)
	}
	f.move(in.Controls[0], "7")
	showsOutput(t, in.Output, `7 0.5 true "" a`)
	f.move(in.Controls[1], "1.25")
	showsOutput(t, in.Output, `7 1.25 true "" a`)
	f.move(in.Controls[2], "false")
	f.move(in.Controls[3], `"go "`)
	f.send(in.Controls[4], `{"method":"update","state":{"index":1}}`)
	showsOutput(t, in.Output, `7 1.25 false "go " b`)
	if len(f.state(in, "children").([]any)) != 6 {
		t.Errorf("children %v", f.state(in, "children"))
	}
}

// While the function is at work the slider moves on: one more call follows, with
// the last value.
func TestCallsOfInteractAreJoined(t *testing.T) {
	f := newFrontEnd(t)
	calls, goOn := make(chan int, 100), make(chan bool, 1)
	goOn <- true
	in := Interact(func(n int) int {
		calls <- n
		<-goOn
		return n
	}, Range(0, 100).From(1).Step(2))
	if n := receive(t, calls); n != 1 {
		t.Errorf("first called with %d", n)
	}
	s := in.Controls[0].(*IntSlider)
	if s.Get("step") != 2 {
		t.Errorf("step %v", s.Get("step"))
	}
	f.move(s, "2")
	receive(t, calls)
	for i := 3; i <= 50; i++ {
		f.move(s, fmt.Sprint(i))
	}
	for s.Value() != 50 {
		time.Sleep(time.Millisecond)
	}
	time.Sleep(20 * time.Millisecond) // until the last has been told
	goOn <- true
	if n := receive(t, calls); n != 50 {
		t.Errorf("called with %d, want the last value", n)
	}
	goOn <- true
	showsOutput(t, in.Output, "50")
	if len(calls) > 0 {
		t.Errorf("called with %d, too", <-calls)
	}
}

func TestErrorsOfInteract(t *testing.T) {
	f := newFrontEnd(t)
	in := Interact(func(n int) (int, error) {
		switch {
		case n == 2:
			return 0, errors.New("two is not allowed")
		case n == 3:
			panic("three")
		}
		return n, nil
	}, 1)
	showsOutput(t, in.Output, "1")
	f.move(in.Controls[0], "2")
	showsOutput(t, in.Output, "*errors.errorString: two is not allowed")
	before := rt.Panicked
	rt.Panicked = func(_ *rt.Cell, v any) {}
	defer func() { rt.Panicked = before }()
	f.move(in.Controls[0], "3")
	showsOutput(t, in.Output, "panic: three")
	f.move(in.Controls[0], "0")
	showsOutput(t, in.Output, "0")

	for _, test := range []struct {
		function  any
		arguments []any
		want      string
	}{
		{3, nil, "int is no function"},
		{nil, nil, "is no function"},
		{func(...int) {}, nil, "variable number"},
		{func(int) {}, []any{1, 2}, "2 arguments for 1 parameters"},
		{func([]int) {}, nil, "parameter 1, of type []int: give a slice"},
		{func(int) {}, []any{"x"}, "a string is no value of it"},
		{func(string) {}, []any{3}, "a int is no value of it"},
		{func(int) {}, []any{[]string{"a"}}, "elements of a []string are of another type"},
		{func(int) {}, []any{NewText("x")}, "the widget's value is a string"},
		{func(string) {}, []any{Range(1, 2)}, "a Range is for numbers"},
	} {
		func() {
			defer func() {
				if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), test.want) {
					t.Errorf("%T with %v: %v, want %s", test.function, test.arguments, v, test.want)
				}
			}()
			Interact(test.function, test.arguments...)
		}()
	}
}

func TestInteractWithWidgets(t *testing.T) {
	f := newFrontEnd(t)
	learning := NewFloatLogSlider(0.01, -4, 0)
	optimizer := NewDropdown([]string{"sgd", "adam"})
	in := Interact(func(rate float64, name string) string { return fmt.Sprint(name, " ", rate) }, learning, optimizer)
	showsOutput(t, in.Output, "sgd 0.01")
	f.move(learning, "0.1")
	f.send(optimizer, `{"method":"update","state":{"index":1}}`)
	showsOutput(t, in.Output, "adam 0.1")
}

func TestOutput(t *testing.T) {
	f := newFrontEnd(t)
	o := NewOutput()
	fmt.Fprint(o, "a")
	fmt.Fprintln(o, "b")
	o.Display(3)
	fmt.Fprint(o, "c\xff")
	showsOutput(t, o, "stdout ab\n|3|stdout c\uFFFD")
	f.shows(o, "outputs", []any{
		map[string]any{"output_type": "stream", "name": "stdout", "text": "ab\n"},
		map[string]any{"output_type": "display_data", "data": map[string]any{"text/plain": "3"}, "metadata": map[string]any{}},
		map[string]any{"output_type": "stream", "name": "stdout", "text": "c\uFFFD"},
	})
	o.Clear()
	f.shows(o, "outputs", []any{})
	for range 3 {
		o.Write([]byte(strings.Repeat("x", maxText/2)))
	}
	o.Write([]byte("end"))
	if s := o.Get("outputs").([]map[string]any)[0]["text"].(string); len(s) != maxText || !strings.HasSuffix(s, "xend") {
		t.Errorf("%d bytes are kept, want %d", len(s), maxText)
	}
	for i := range maxParts + 10 {
		o.Display(i)
	}
	if n := len(o.Get("outputs").([]map[string]any)); n != maxParts {
		t.Errorf("%d parts, want %d", n, maxParts)
	}
}
