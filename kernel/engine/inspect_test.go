package engine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// parts lists the parts of the value at a path.
func (nb *notebook) parts(path ...string) string {
	nb.t.Helper()
	parts, err := nb.Inspect(path...)
	if err != nil {
		nb.t.Fatal(err)
	}
	var lines []string
	for _, p := range parts {
		lines = append(lines, fmt.Sprintf("%s %s %s %d", p.Name, p.Type, p.Value, p.Parts))
	}
	return strings.Join(lines, "\n")
}

func TestVariablesAreLookedInto(t *testing.T) {
	nb := open(t)
	nb.run("type point struct { X int; hidden []string }\np := &point{3, []string{\"a\", \"b\"}}\nm := map[string]point{\"k\": {X: 1, hidden: []string{\"z\"}}}\nlong := make([]int, 1000)\nvar none *point\nvar boxed any = point{X: 9}")
	if got := nb.parts(); !strings.Contains(got, "none *point nil 0") || !strings.Contains(got, "p *point &{X: 3, hidden: [a b]} 2") && !strings.Contains(got, "p *point") || strings.Count(got, "\n") != 4 {
		t.Errorf("variables:\n%s", got)
	}
	if got := nb.parts("p"); !strings.HasPrefix(got, "X int 3 0\nhidden []string ") || !strings.HasSuffix(got, " 2") {
		t.Errorf("fields:\n%s", got)
	}
	if got := nb.parts("p", "1"); got != "0 string \"a\" 0\n1 string \"b\" 0" {
		t.Errorf("elements of an unexported field:\n%s", got)
	}
	if got := nb.parts("m", "0", "1"); got != `0 string "z" 0` {
		t.Errorf("below a map:\n%s", got)
	}
	if got := nb.parts("boxed"); !strings.HasPrefix(got, "X int 9 0\n") {
		t.Errorf("in an interface:\n%s", got)
	}
	if got := nb.parts("long"); strings.Count(got, "\n") != 200 || !strings.Contains(got, "(800 more)") {
		t.Errorf("a long slice has %d lines", strings.Count(got, "\n"))
	}
	for _, path := range [][]string{{"unknown"}, {"p", "7"}, {"p", "x"}, {"long", "200"}, {"none", "0"}} {
		if parts, err := nb.Inspect(path...); err == nil {
			t.Errorf("%v: got %v", path, parts)
		}
	}
	nb.run("%rm long")
	if got := nb.parts(); strings.Contains(got, "long") {
		t.Errorf("a removed variable is listed:\n%s", got)
	}
}

func TestRichFormOfAVariable(t *testing.T) {
	nb := open(t)
	nb.run("type page struct{}\nfunc (page) HTML() string { return \"<b>x</b>\" }\nv := page{}\ntype bad struct{}\nfunc (bad) HTML() string { panic(\"no\") }\nw := bad{}")
	if d, err := nb.Rich("v"); err != nil || d.Data["text/html"] != "<b>x</b>" {
		t.Errorf("got %v, %v", d, err)
	}
	if d, err := nb.Rich("w"); err != nil || len(d.Data) == 0 {
		t.Errorf("a method that panics: %v, %v", d, err)
	}
	if _, err := nb.Rich("unknown"); err == nil {
		t.Error("an unknown variable has a form")
	}
}

// Looking must not race with goroutines of cells: a map read while it is
// written ends the process.
func TestNothingIsLookedAtWhileGoroutinesWork(t *testing.T) {
	nb := open(t)
	nb.run("m := map[int]int{1: 1}\nend := make(chan bool)\ngo func() { for i := 0; ; i++ { select { case <-end: return; default: m[i%1000] = i } } }()")
	for range 50 {
		if got := nb.parts(); !strings.Contains(got, "m map[int]int (a goroutine is still at work) 0") {
			t.Fatalf("got\n%s", got)
		}
		if parts, err := nb.Inspect("m"); err == nil {
			t.Fatalf("got %v", parts)
		}
		if d, err := nb.Rich("m"); err == nil {
			t.Fatalf("got %v", d)
		}
	}
	nb.run("end <- true\ntime.Sleep(20 * time.Millisecond)")
	if got := nb.parts(); strings.Contains(got, "at work") {
		t.Errorf("after its end:\n%s", got)
	}
}

// A goroutine that an interrupt left behind never runs on.
func TestBlockedCellLeftBehindDoesNotHideValues(t *testing.T) {
	nb := alone(t)
	nb.run("kept := 5")
	if _, err, _ := nb.interrupted("<-make(chan int)"); err == nil {
		t.Fatal("not interrupted")
	}
	if got := nb.parts(); got != "kept int 5 0" {
		t.Errorf("got\n%s", got)
	}
}

func TestNothingIsLookedAtWhileACellRuns(t *testing.T) {
	nb := open(t)
	nb.runMu.Lock()
	defer nb.runMu.Unlock()
	if _, err := nb.Inspect(); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	if _, err := nb.Rich("x"); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
}
