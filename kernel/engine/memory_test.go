package engine

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// A list that grows without end is stopped while its values can be kept.
func TestMemoryThatRunsOutSlowlyKeepsValues(t *testing.T) {
	t.Setenv("MODELBOOK_MEMORY", "1GiB")
	nb := alone(t)
	nb.run("kept := 42\nhog := [][]byte{}\nfunc f() int { return kept }")
	nb.fails("for {\n\thog = append(hog, make([]byte, 1<<20))\n\ttime.Sleep(time.Millisecond)\n}", "Panic", "out of memory", "of the 1.0 GiB they may use", "cell[2]:")
	nb.prints("fmt.Print(f(), len(hog) > 500)", "42 true")
	// one that listens to its context ends in order, and is told all the same
	nb.run("hog = nil; runtime.GC()")
	nb.fails("for ctx.Err() == nil {\n\thog = append(hog, make([]byte, 1<<20))\n\ttime.Sleep(time.Millisecond)\n}", "Panic", "out of memory")
	nb.prints("hog = nil; runtime.GC(); for range 500 { time.Sleep(time.Millisecond) }; fmt.Print(kept)", "42")
}

// A demand that cannot be met ends the worker, not the kernel, and is told.
func TestMemoryThatRunsOutAtOnce(t *testing.T) {
	t.Setenv("MODELBOOK_MEMORY", "1GiB")
	nb := alone(t)
	nb.run("lost := 42\nfunc f() int { return 7 }")
	nb.fails("big := make([]byte, 4<<30)\nfmt.Println(len(big))", "Panic", "out of memory: asked for 4.0 GiB", "of the 1.0 GiB they may use", "MODELBOOK_MEMORY")
	nb.shows("lost", "42")
	// What is there can be used, and used again.
	nb.prints("for range 3 { b := make([]byte, 600<<20); b[0] = 1 }\nfmt.Print(lost)", "42")
	// Below what is asked for ahead, and with less than anybody knows of.
	out, err := nb.try("import \"syscall\"\nsyscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: 1 << 20, Max: 1 << 20})\nvar all [][]byte\nfor { all = append(all, make([]byte, 16<<20)) }")
	if err == nil || err.Name != "WorkerDied" {
		t.Fatalf("got %v, %q", err, out.stdout)
	}
	text := strings.Join(err.Traceback, "\n")
	for _, want := range []string{"out of memory", "limit of 1.0 GiB", "MODELBOOK_MEMORY", "lost"} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not told:\n%s", want, text)
		}
	}
	nb.prints("fmt.Print(f())", "7")
}

// What Go's runtime says at the end is the reason.
func TestFatalErrorIsTheReason(t *testing.T) {
	nb := open(t)
	nb.run("import \"runtime/debug\"\nlost := 1")
	nb.fails("debug.SetMaxStack(1 << 16)\nfunc deep(n int) int { var a [64]int; a[n%64] = n; return deep(n+1) + a[n%64] }\ndeep(0)", "WorkerDied", "fatal error: stack overflow", "lost")
}

// What is too large to show is told, and costs the kernel nothing.
func TestValuesTooLargeToShow(t *testing.T) {
	nb := alone(t)
	nb.run("kept := 3\ntype page struct{}\nfunc (page) HTML() string { return strings.Repeat(\"x\", 100<<20) }")
	if out := nb.run("page{}"); !strings.Contains(out.stderr, "the value is not shown: 104 MB") || len(out.results) != 0 {
		t.Errorf("notes %q, %d results", out.stderr, len(out.results))
	}
	_, err := nb.try("panic(strings.Repeat(\"y\", 100<<20))")
	if err == nil || len(err.Value) > 100<<10 || !strings.Contains(err.Value, "yyy... (104792064 bytes more)") {
		t.Errorf("a long panic: %d bytes", len(err.Value))
	}
	// a cell that writes into the kernel's own connection
	nb.run("syscall.Write(3, bytes.Repeat([]byte(\"z\"), 70<<20))\nsyscall.Write(200, []byte(\"\\n{}\\n[\\x00{\\\"op\\\":\"))")
	nb.shows("kept", "3")
}

// A large array is as real as what is written of it, however often it is
// declared, looked at, and removed.
func TestLargeArraysTakeWhatIsUsed(t *testing.T) {
	nb := alone(t)
	nb.run("func rss() int {\n\tb, _ := os.ReadFile(\"/proc/self/statm\")\n\treturn must(strconv.Atoi(strings.Fields(string(b))[1])) * os.Getpagesize() >> 20\n}\nfunc must(n int, err error) int { return n }")
	used := func() int {
		nb.t.Helper()
		n, err := strconv.Atoi(nb.run("rss()").results[0])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	before := used()
	for range 3 {
		nb.prints("package main\nvar dummy [256 << 20]byte\nfunc main() { dummy[3] = 1; fmt.Print(len(dummy)) }", "268435456")
		nb.run("%whos")
		if got := nb.parts(); !strings.Contains(got, "dummy [268435456]byte ") {
			t.Errorf("got\n%s", got)
		}
	}
	if now := used(); now > before+60 {
		t.Errorf("%d MB, before %d", now, before)
	}
	nb.shows("dummy[3]", "1")
	nb.run("for i := range dummy {\n\tdummy[i] = 7\n}")
	if now := used(); now < before+250 {
		t.Errorf("%d MB with a filled array", now)
	}
	nb.run("var dummy [256 << 20]byte") // anew
	nb.prints("fmt.Print(dummy[0], dummy[1<<27], dummy[len(dummy)-1])", "0 0 0")
	if now := used(); now > before+60 {
		t.Errorf("%d MB, before %d", now, before)
	}
	nb.run("dummy[1<<20] = 1\n")
	nb.run("%rm dummy")
	if now := used(); now > before+60 {
		t.Errorf("%d MB, before %d", now, before)
	}
}

// Neither does the kernel's own process hold what a cell initializes an array with.
func TestTheKernelKeepsNothingOfLargeArrays(t *testing.T) {
	nb := alone(t)
	nb.run("1")
	held := func() int {
		b, err := os.ReadFile("/proc/self/status")
		if err != nil {
			t.Fatal(err)
		}
		_, rest, _ := strings.Cut(string(b), "RssAnon:")
		n, err := strconv.Atoi(strings.Fields(rest)[0])
		if err != nil {
			t.Fatal(err)
		}
		return n >> 10
	}
	before := held()
	for range 2 {
		nb.shows("var test = [64 << 20]byte{42}\ntest[0]", "42")
		if now := held(); now > before+32 {
			t.Errorf("%d MB, before %d", now, before)
		}
	}
}
