package engine

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// stops is a debugger that hands on what it is told.
type stops chan string

func (s stops) Stopped(reason string) { s <- reason }
func (s stops) Resumed()              { s <- "resumed" }

func (s stops) want(t *testing.T, what string) {
	t.Helper()
	select {
	case got := <-s:
		if got != what {
			t.Fatalf("the debugger is told %q, want %q", got, what)
		}
	case <-time.After(20 * time.Second):
		t.Fatalf("the debugger is told nothing, want %q", what)
	}
}

// A cell stops at its breakpoints, in its functions and in those of earlier cells;
// steps go where they should, and the variables of each frame are there.
func TestDebugger(t *testing.T) {
	e := open(t)
	told := make(stops, 10)
	run := func(cell int, code string, lines ...int) (out *record, done chan error) {
		out, done = &record{}, make(chan error, 1)
		go func() {
			done <- e.Execute(context.Background(), Request{Code: code, Cell: cell, Debug: true, Breakpoints: lines}, out)
		}()
		return out, done
	}
	// where is the stack as "f 3:2" for function f at line 2 of cell 3, with the
	// variables of its innermost frame.
	where := func() string {
		t.Helper()
		frames, err := e.Frames()
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, f := range frames {
			all = append(all, fmt.Sprintf("%s %d:%d", f.Func, f.Cell, f.Line))
		}
		vars, err := e.InspectFrame(0)
		if err != nil {
			t.Fatal(err)
		}
		var values []string
		for _, v := range vars {
			values = append(values, v.Name+"="+v.Value)
		}
		return strings.Join(all, ", ") + "; " + strings.Join(values, " ")
	}
	step := func(how, reason, want string) {
		t.Helper()
		if err := e.Resume(how); err != nil {
			t.Fatal(err)
		}
		told.want(t, "resumed")
		told.want(t, reason)
		if got := where(); got != want {
			t.Errorf("after %s: %s, want %s", how, got, want)
		}
	}
	finish := func(done chan error) {
		t.Helper()
		select {
		case err := <-done:
			if err != nil {
				t.Fatal(err)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("the cell does not end")
		}
	}
	e.run("func double(n int) int {\n\tm := 2 * n\n\treturn m\n}\n\ntype T struct{ N int }\n\nfunc (t T) Twice() int {\n\treturn double(t.N)\n}")
	if err := e.Debug(told); err != nil {
		t.Fatal(err)
	}
	if err := e.SetBreakpoints(1, []int{3}); err != nil {
		t.Fatal(err)
	}
	out, done := run(2, "a := 1\nfor i := range 2 {\n\ta += T{i}.Twice()\n}\nfmt.Println(a)", 3)
	told.want(t, "breakpoint")
	if got, want := where(), " 2:3; i=0"; got != want {
		t.Errorf("at the breakpoint: %s, want %s", got, want)
	}
	step("in", "step", "T.Twice 1:9,  2:3; t={N: 0}")
	step("continue", "breakpoint", "double 1:3, T.Twice 1:9,  2:3; m=0 n=0")
	step("out", "breakpoint", " 2:3; i=1") // of Twice, there is no further line in it
	step("next", "breakpoint", "double 1:3, T.Twice 1:9,  2:3; m=2 n=1")
	if parts, err := e.InspectFrame(1, "t"); err != nil || !reflect.DeepEqual(parts, []Part{{Name: "N", Type: "int", Value: "1"}}) {
		t.Errorf("the parts of t: %v, %v", parts, err)
	}
	if d, err := e.RichLocal(0, "m"); err != nil || d.Data["text/plain"] != "2" {
		t.Errorf("m: %v, %v", d, err)
	}
	step("out", "step", " 2:5; ")
	if err := e.Resume("continue"); err != nil {
		t.Fatal(err)
	}
	told.want(t, "resumed")
	finish(done)
	if got := out.stdout; got != "3\n" {
		t.Errorf("the cell printed %q", got)
	}
	// An interrupt ends a cell that is stopped, and its deferred functions run.
	ctx, cancel := context.WithCancel(context.Background())
	done = make(chan error, 1)
	go func() {
		done <- e.Execute(ctx, Request{Code: "func g() {\n\tdefer func() { ended = true }()\n\tprintln(1)\n}\nended := false\ng()", Cell: 3, Debug: true, Breakpoints: []int{3}}, &record{})
	}()
	told.want(t, "breakpoint")
	cancel()
	told.want(t, "resumed")
	if err := <-done; err == nil {
		t.Error("the interrupted cell ended well")
	}
	e.n = 3
	e.shows("ended", "true") // the deferred function ran
	// Off: nothing stops, not even what was compiled for the debugger.
	if err := e.Debug(nil); err != nil {
		t.Fatal(err)
	}
	e.shows("double(3)", "6")
	if _, err := e.Frames(); err == nil {
		t.Error("a goroutine is stopped")
	}
}
