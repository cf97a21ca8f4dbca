package engine

import (
	"context"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// stop interrupts a cell that must end by it.
func (nb *notebook) stop(code string) *record {
	nb.t.Helper()
	out, err, _ := nb.interrupted(code)
	if err == nil || err.Name != "Interrupted" {
		nb.t.Errorf("cell %d: error %v, want Interrupted\n%s", nb.n, err, code)
	}
	return out
}

// What an interrupted cell made works in later cells, whatever it was doing.
func TestInterruptLeavesFunctionsAlive(t *testing.T) {
	nb := alone(t)
	const sum = "func(n int) int { s := 0; for i := range n { s += i }; return s }"
	nb.run("type Adder struct { add func(int) int }\n" +
		"func counter() func() int { n := 0; return func() int { for range 2 { n++ }; return n } }\n" +
		"func down(n int) int { return down(n+1) + 1 }")
	for _, ending := range []string{"for {}", "func() { for { time.Sleep(time.Millisecond) } }()", "<-make(chan int)", "time.Sleep(time.Hour)"} {
		nb.stop("f := " + sum + "\na := Adder{f}\nm := map[string]func(int) int{\"f\": " + sum + "}\ncount := counter()\n" +
			"less := func(a, b int) int { for range 1 { }; return cmp.Compare(a, b) }\n" +
			"srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { for range 3 { fmt.Fprint(w, \"x\") } }))\n" +
			"next, end := iter.Pull(func(yield func(int) bool) { for i := range 9 { for range 2 { }; if !yield(i) { break } } })\nfirst, _ := next()\n" +
			"defer func() { for range 1 { } }()\n" + ending)
		nb.prints("second, ok := next()\nfmt.Print(first, second, ok)\nend()", "0 1 true")
		nb.prints("xs := []int{3, 1, 2}\nslices.SortFunc(xs, less)\nfmt.Print(f(4), a.add(4), m[\"f\"](4), count(), count(), xs)", "6 6 6 2 4 [1 2 3]")
		nb.prints("for range 2 {\n\tr, err := http.Get(srv.URL)\n\tif err != nil { fmt.Print(err); break }\n\ttext, err := io.ReadAll(r.Body)\n\tfmt.Print(string(text), err)\n\tr.Body.Close()\n}\nsrv.Close()", "xxx<nil>xxx<nil>")
	}
	nb.fails("g := "+sum+"\ndown(0)", "Panic", "stack overflow")
	nb.shows("g(4)", "6")
	nb.stop("stuck := func() { for {} }\nstuck()")
	nb.stop("stuck()") // it can be stopped as often as it is called
}

// An interrupt is a panic to the functions that a cell has deferred.
func TestInterruptRunsDeferredFunctions(t *testing.T) {
	nb := alone(t)
	nb.run("var mu sync.Mutex\nfunc work() { mu.Lock(); defer func() { n := 0; for i := range 3 { n += i }; mu.Unlock(); fmt.Print(\"unlocked \", n, \" \") }(); for { time.Sleep(time.Millisecond) } }")
	if out := nb.stop("work()"); out.stdout != "unlocked 3 " {
		t.Errorf("prints %q", out.stdout)
	}
	nb.shows("mu.TryLock()", "true")
	nb.run("mu.Unlock()")
	// In the statements and in closures, the closest first, and what they call.
	out := nb.stop("say := func(s string) { for _, r := range s { fmt.Print(string(r)) } }\ndefer func() { say(\"c\") }()\nfunc() {\n\tdefer func() { say(\"b\") }()\n\tfunc() {\n\t\tdefer func() { say(\"a\") }()\n\t\tfor {}\n\t}()\n}()")
	if out.stdout != "abc" {
		t.Errorf("prints %q", out.stdout)
	}
	// Who recovers is interrupted again.
	out = nb.stop("try := func() { defer func() { fmt.Print(recover() != nil, \" \") }(); for {} }\nfor { try() }")
	if out.stdout != "true " {
		t.Errorf("prints %q", out.stdout)
	}
	// Goroutines of the cell, too.
	nb.stop("done := make(chan bool, 1)\ngo func() { defer func() { for range 2 { }; done <- true }(); for {} }()\nfor {}")
	nb.shows("<-done", "true")
	// A file is closed, os.Stdout is restored.
	nb.stop("old := os.Stdout\nf, err := os.CreateTemp(\"\", \"\")\n_ = err\nfunc() { os.Stdout = f; defer func() { os.Stdout = old; f.Close() }(); for {} }()")
	nb.prints("_, err = f.Write(nil)\nos.Remove(f.Name())\nfmt.Print(errors.Is(err, os.ErrClosed))", "true")
}

// A deferred function that does not end is ended by a second interrupt.
func TestSecondInterruptEndsDeferredFunctions(t *testing.T) {
	nb := alone(t)
	nb.run("kept := 1\nbegun := make(chan bool, 1)")
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	out := &record{}
	out.onText = func() {
		switch out.stdout {
		case "in the statements":
			time.AfterFunc(100*time.Millisecond, cancel)
		case "in the statements, in a deferred function":
			time.AfterFunc(600*time.Millisecond, nb.Insist) // an interrupt has had its effect by then
		}
	}
	begun := time.Now()
	_, err := nb.tryInto(ctx, "defer func() { fmt.Print(\", and out\") }()\ndefer func() { begun <- true; fmt.Print(\", in a deferred function\"); for {} }()\nfmt.Print(\"in the statements\")\nfor {}", out)
	if took := time.Since(begun); err == nil || err.Name != "Interrupted" || took < 600*time.Millisecond || out.stdout != "in the statements, in a deferred function, and out" {
		t.Errorf("error %v, output %q, after %v", err, out.stdout, took)
	}
	nb.prints("fmt.Print(<-begun, kept)", "true 1")
}

// Goroutines of other cells go on when a cell is interrupted, also one that
// runs functions of theirs; those of the cell end with it.
func TestInterruptAndGoroutines(t *testing.T) {
	nb := alone(t)
	nb.run("spin := func() { for { } }\nvar n, own, server atomic.Int64\nbeat := func(n *atomic.Int64) { for { n.Add(1); time.Sleep(time.Millisecond) } }\n" +
		"goesOn := func(n *atomic.Int64) bool { a := n.Load(); time.Sleep(50*time.Millisecond); return n.Load() > a }\ngo beat(&n)")
	_, err, _ := nb.interrupted("go beat(&own)\ngo func() { time.Sleep(time.Second); server.Add(1) }()\ntime.AfterFunc(time.Second, func() { for range 1 { }; server.Add(10) })\nspin()")
	if err == nil || !strings.Contains(err.Value, "2 goroutine") {
		t.Errorf("error %v, which is to name the goroutines", err)
	}
	nb.prints("fmt.Print(goesOn(&n), goesOn(&own))", "true false")
	nb.prints("time.Sleep(time.Second)\nfmt.Print(goesOn(&n), server.Load())", "true 10") // a timer is nobody's
	// A cell that ends by itself leaves its goroutines alone.
	if _, err, _ := nb.interrupted("go beat(&own)\n<-ctx.Done()"); err != nil {
		t.Errorf("error %v", err)
	}
	nb.prints("fmt.Print(goesOn(&n), goesOn(&own))", "true true")
}

// Processes that a cell has started end with it, and their children.
func TestInterruptEndsProcesses(t *testing.T) {
	nb := alone(t)
	nb.run("import \"os/exec\"\nother := exec.Command(\"sleep\", \"600\")\nother.Start()\nfunc pid(file string) (n int) { b, _ := os.ReadFile(file); fmt.Sscan(string(b), &n); return n }\ndir, err := os.MkdirTemp(\"\", \"\")\n_ = err")
	nb.stop("exec.Command(\"bash\", \"-c\", \"trap '' INT; sleep 600 & echo $! >\"+dir+\"/1; (sleep 600; true) & echo $! >\"+dir+\"/2; echo $$ >\"+dir+\"/3; wait\").Run()")
	var pids []int
	for text := range strings.SplitSeq(nb.run("fmt.Print(pid(dir+\"/1\"), \" \", pid(dir+\"/2\"), \" \", pid(dir+\"/3\"), \" \", other.Process.Pid)").stdout, " ") {
		n, err := strconv.Atoi(text)
		if err != nil || n == 0 {
			t.Fatalf("process %q", text)
		}
		pids = append(pids, n)
	}
	deadline := time.Now().Add(5 * time.Second)
	for _, pid := range pids[:3] {
		for isAlive(pid) {
			if time.Now().After(deadline) {
				t.Fatalf("process %d of %v goes on", pid, pids)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	if !isAlive(pids[3]) {
		t.Error("the process of another cell has ended")
	}
	nb.run("other.Process.Kill()\nos.RemoveAll(dir)")
}

// isAlive reports whether a process runs; one that has ended may still have its
// number.
func isAlive(pid int) bool {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	_, state, _ := strings.Cut(string(b), ") ")
	return err == nil && syscall.Kill(pid, 0) == nil && !strings.HasPrefix(state, "Z")
}

// os.Exit ends the cell as it would end a program.
func TestExitIsNoPanic(t *testing.T) {
	nb := alone(t)
	nb.run("kept := 1")
	const deferred = "defer func() { fmt.Print(\"recovered:\", recover()) }()\n"
	for _, exit := range []string{"os.Exit(3)", "func() { defer fmt.Print(\"deferred\"); os.Exit(3) }()", "go func() { os.Exit(3) }()\nselect {}",
		"go func() { os.Exit(3) }()\nfor {}", "go os.Exit(3)\ntime.Sleep(time.Hour)", "defer os.Exit(3)", "f := os.Exit\nf(3)", "defer func() { os.Exit(3) }()\npanic(\"x\")"} {
		for _, code := range []string{deferred + exit, "func main() {\n" + deferred + exit + "\n}"} {
			if out := nb.fails(code, "ExitError", "exit status 3"); out.stdout != "" || out.stderr != "" {
				t.Errorf("%s\nprints %q, %q", code, out.stdout, out.stderr)
			}
		}
	}
	if out := nb.run(deferred + "go func() { os.Exit(0) }()\nselect {}"); out.stdout+out.stderr != "" {
		t.Errorf("prints %q, %q", out.stdout, out.stderr)
	}
	if out := nb.fails(deferred+"log.SetFlags(0)\nlog.Fatal(\"bad\")", "ExitError", "exit status 1"); out.stdout != "" || out.stderr != "bad\n" {
		t.Errorf("prints %q, %q", out.stdout, out.stderr)
	}
	// Of a cell that has ended long since only the goroutine ends.
	nb.run("later := make(chan bool)\ngo func() { <-later; os.Exit(4) }()")
	if out := nb.run("later <- true\ntime.Sleep(50 * time.Millisecond)"); !strings.HasPrefix(out.stderr, "note: a goroutine of cell[") || !strings.HasSuffix(out.stderr, "], which has ended, called os.Exit(4): it ends, and the session goes on\n") {
		t.Errorf("stderr %q", out.stderr)
	}
	nb.shows("kept", "1")
}

// A standard stream that a cell leaves redirected is what it was for the next.
func TestRedirectedStreams(t *testing.T) {
	nb := open(t)
	nb.run("r, w, err := os.Pipe()\n_ = err")
	out := nb.run("os.Stdout = w\nfmt.Print(\"captured\")")
	if out.stdout != "" || !strings.Contains(out.stderr, "os.Stdout (it was |1)") {
		t.Errorf("prints %q, %q", out.stdout, out.stderr)
	}
	nb.prints("w.Close()\ntext, err := io.ReadAll(r)\nfmt.Print(string(text), err)", "captured<nil>")
	out = nb.fails("os.Stderr, os.Stdin = nil, nil\npanic(\"x\")", "Panic")
	if !strings.Contains(out.stderr, "os.Stdin") || !strings.Contains(out.stderr, "os.Stderr") {
		t.Errorf("stderr %q", out.stderr)
	}
	if out := nb.run("fmt.Fprint(os.Stderr, \"heard\")\nold := os.Stdout\nos.Stdout = nil\nos.Stdout = old"); out.stderr != "heard" {
		t.Errorf("stderr %q", out.stderr)
	}
}

// What cannot be allocated fails the cell and nothing else.
func TestImpossibleAllocations(t *testing.T) {
	nb := open(t)
	nb.run("kept := 1\nn := 1 << 40\nvar sink any\ntype Pair struct{ a, b [100]int }")
	for _, code := range []string{"make([]int, 1<<40)", "sink = make([]byte, n)", "sink = make(map[int]int, n)", "sink = make(map[string]Pair, n)", "sink = make(chan int, n)",
		"sink = new([1 << 40]int)", "sink = strings.Repeat(\"x\", n)", "sink = append([]int{1}, make([]int, n)...)", "var b strings.Builder\nb.Grow(n)", "sink = reflect.MakeSlice(reflect.TypeFor[[]int](), n, n)"} {
		nb.fails(code, "Panic", "out of memory: asked for ", " TiB")
	}
	nb.fails("var b bytes.Buffer\nb.Grow(n)", "Panic", "too large")
	nb.prints("func() { defer func() { _, ok := recover().(runtime.Error); fmt.Print(ok) }(); sink = make([]int, n) }()", "true")
	out := nb.run("go func() { sink = make([]int, n) }()\ntime.Sleep(50 * time.Millisecond)")
	if !strings.Contains(out.stderr, "out of memory") {
		t.Errorf("stderr %q", out.stderr)
	}
	nb.prints("big := make([]byte, 100<<20)\nfmt.Print(len(big), kept)", "104857600 1")
}
