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

// A map that is read while it is written ends a Go process. Looking must not,
// whatever goroutines do, and shows values as usual.
func TestLookingEndsNothingWhileGoroutinesWriteMaps(t *testing.T) {
	nb := open(t)
	nb.run(`type store struct { mu sync.Mutex; byName map[string][]int; byAny map[any]any }
type loud struct{ m map[int]int }
func (l loud) String() string { n := 0; for range l.m { n++ }; return "loud" }
type saved struct{ m map[int]int }
func (s *saved) MarshalBinary() ([]byte, error) { var b []byte; for k := range s.m { b = append(b, byte(k)) }; return b, nil }
func (s *saved) UnmarshalBinary([]byte) error { return nil }
var mu sync.Mutex
m, big, end := map[int]int{}, map[int]string{}, make(chan bool)
s := &store{byName: map[string][]int{}, byAny: map[any]any{}}
l, own, both := loud{m}, &saved{m}, []map[string]int{{"a": 1}, {"b": 2}}
named := map[string]any{}
keep, text, list := 42, "kept", []float64{1, 2, 3}
for i := range 100_000 { big[i] = "x" }
for w := range 2 {
	go func() {
		for i := w; ; i += 2 {
			select { case <-end: return; default: }
			mu.Lock()
			m[i%5000] = i; delete(m, (i*7)%5000); big[i%200_000] = fmt.Sprint(i)
			s.byName[strconv.Itoa(i%300)] = append(s.byName[strconv.Itoa(i%300)], i); delete(s.byName, strconv.Itoa(i%77))
			s.byAny[i%100] = i; s.byAny[fmt.Sprint(i%50)] = i; both[i%2]["c"] = i; delete(both[i%2], "c")
			named[strconv.Itoa(i%3000)] = i; delete(named, strconv.Itoa(i%77))
			mu.Unlock()
		}
	}()
}`)
	for range 20 {
		got := nb.parts()
		for _, want := range []string{"keep int 42 0", `text string "kept" 0`, "list []float64 {1, 2, 3} 3", "m map[int]int ", "s *store &{"} {
			if !strings.Contains(got, want) {
				t.Fatalf("%q is missing:\n%s", want, got)
			}
		}
		if got := nb.parts("s", "1"); len(got) == 0 {
			t.Fatal("nothing is below a map")
		}
		for _, name := range []string{"m", "s", "l", "both"} {
			if d, err := nb.Rich(name); err != nil || d.Data["text/plain"] == "" {
				t.Fatalf("%s: %v, %v", name, d, err)
			}
		}
	}
	for range 5 {
		if out := fmt.Sprint(nb.run("%whos").displays); !strings.Contains(out, "42") || !strings.Contains(out, "map[int]string") {
			t.Fatalf("%%whos says\n%s", out)
		}
		out := nb.run("%save busy.mbk").stdout
		for _, name := range []string{"m", "big", "s", "keep", "text", "both"} {
			if strings.Contains(out, "not saved: "+name+" ") {
				t.Errorf("%%save says\n%s", out)
			}
		}
	}
	for _, name := range []string{"m", "s", "l", "both", "own"} {
		nb.run(name) // the last expression of a cell
	}
	for range 20 { // it may hold pictures
		if out := fmt.Sprint(nb.run("named").results); !strings.Contains(out, "more rows") || strings.Contains(out, "display failed") {
			t.Fatalf("it shows\n%s", out)
		}
	}
	nb.run("close(end)\ntime.Sleep(20 * time.Millisecond)")
	nb.shows("keep", "42")
	nb.run("%restart")
	nb.run("%load_session busy.mbk")
	nb.shows("keep + len(list)", "45")
	nb.shows("len(big) >= 100_000 && len(s.byAny) > 0", "true")
}

func TestValuesBesideALiveGoroutineAreShown(t *testing.T) {
	nb := open(t)
	nb.run("keep := 42\nl, err := net.Listen(\"tcp\", \"127.0.0.1:0\")\ngo http.Serve(l, nil)")
	if got := nb.parts(); !strings.Contains(got, "keep int 42 0") {
		t.Errorf("got\n%s", got)
	}
	if d, err := nb.Rich("keep"); err != nil || d.Data["text/plain"] != "42" {
		t.Errorf("got %v, %v", d, err)
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

func TestNothingIsLookedAtWhileACellIsCompiled(t *testing.T) {
	nb := open(t)
	nb.turn.take(t.Context())
	defer nb.turn.give()
	if _, err := nb.Inspect(); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
	if _, err := nb.Rich("x"); !errors.Is(err, ErrBusy) {
		t.Errorf("got %v", err)
	}
}
