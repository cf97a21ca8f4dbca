package engine

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// boom is a package whose goroutines panic in many ways.
const boom = `package boom

import (
	"errors"
	"fmt"
	"log"
	"runtime"
	"sync"
	"time"
)

type Bad struct{}

func (Bad) Error() string { panic("no text") }

type Worse struct{}

func (Worse) String() string { panic(Worse{}) }

var Mu sync.Mutex

func work(how string, k int) {
	switch how {
	case "string":
		panic("a text")
	case "map":
		var m map[string]int
		m["x"] = k
	case "index":
		fmt.Println([]int{}[k])
	case "nil":
		var p *int
		*p = k
	case "error":
		panic(fmt.Errorf("wrapped: %w", errors.ErrUnsupported))
	case "bad":
		panic(Bad{})
	case "worse":
		panic(Worse{})
	case "panic(nil)":
		panic(nil)
	case "log":
		log.Panicf("logged %d", k)
	case "locked":
		Mu.Lock()
		defer Mu.Unlock()
		panic("with a lock")
	case "thread":
		runtime.LockOSThread()
		panic("on an own thread")
	case "nested":
		defer func() { panic("second") }()
		panic("first")
	case "again":
		defer func() { panic(recover()) }()
		panic("the same again")
	case "goexit":
		defer func() { panic("in a Goexit") }()
		runtime.Goexit()
	case "recovered":
		func() {
			defer func() { recover() }()
			panic("nobody sees it")
		}()
		panic("after another")
	case "deep":
		deeper(k, 100000)
	}
}

func deeper(k, n int) int {
	if n == 0 {
		panic("deep down")
	}
	return deeper(k, n-1) + 1
}

// Start panics in a goroutine of its own.
func Start(how string) { go work(how, 5) }

// Wait waits for a goroutine that panics before it is done.
func Wait(how string) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { work(how, 5); wg.Done() }()
	wg.Wait()
}

// Ended waits for it in a way that its end, however it comes, ends.
func Ended(how string) {
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done(); work(how, 5) }()
	wg.Wait()
}

func Later(how string) { time.AfterFunc(time.Millisecond, func() { work(how, 5) }) }

func Do(f func()) { go f() }

type Finalized struct{ p *int }

var Count int

func Finalize(how string, cleanup bool) {
	for range 20 {
		f := &Finalized{new(int)}
		if cleanup {
			runtime.AddCleanup(f, func(int) { Count++; work(how, 5) }, 5)
		} else {
			runtime.SetFinalizer(f, func(*Finalized) { Count++; work(how, 5) })
		}
	}
}
`

// booming opens a notebook with package boom and a variable.
func booming(t *testing.T, open func(*testing.T) *notebook) *notebook {
	nb := open(t)
	nb.SetAutoGet(false)
	addModule(t, nb, "example.test/boom", boom)
	nb.run("import \"example.test/boom\"\nkept := 1\nboom.Mu.Lock()\nboom.Mu.Unlock()")
	return nb
}

// told waits until a cell's stderr holds a text n times: goroutines may end
// after the cell.
func (r *record) told(text string, n int) string {
	deadline := time.Now().Add(10 * time.Second)
	for {
		_, stderr := r.text()
		stderr = plainText(stderr)
		if strings.Count(stderr, text) >= n || time.Now().After(deadline) {
			return stderr
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// A panic in a goroutine that a package started ends this goroutine only, and
// is told.
func TestPanicInAGoroutineOfAPackage(t *testing.T) {
	nb := booming(t, open)
	for _, c := range []struct {
		how  string
		want []string
	}{
		{"string", []string{"Panic: a text", "boom.work (example.test/boom@v0.0.0/p.go:25)", "started by example.test/boom.Ended"}},
		{"map", []string{"assignment to entry in nil map", "p.go:28"}},
		{"index", []string{"index out of range [5] with length 0"}},
		{"nil", []string{"nil pointer dereference"}},
		{"error", []string{"wrapped: unsupported operation"}},
		{"bad", []string{"boom.Bad (its text could not be made: no text)"}},
		{"worse", []string{"boom.Worse (its text could not be made: it panics with a boom.Worse)"}},
		{"panic(nil)", []string{"panic called with nil argument"}},
		{"log", []string{"Panic: logged 5"}},
		{"locked", []string{"with a lock"}},
		{"thread", []string{"on an own thread"}},
		{"nested", []string{"Panic: second\nin a deferred call of a panic: first"}},
		{"again", []string{"Panic: the same again\n"}},
		{"goexit", []string{"Panic: in a Goexit"}},
		{"recovered", []string{"Panic: after another\n"}},
		{"deep", []string{"Panic: deep down", "..."}},
	} {
		out := nb.run("boom.Ended(\"" + c.how + "\")\nboom.Mu.Lock()\nboom.Mu.Unlock()")
		const always = "a goroutine that package example.test/boom started ended in a panic; the session goes on"
		text := out.told(always, 1)
		for _, want := range append(c.want, always) {
			if !strings.Contains(text, want) {
				t.Errorf("%s: stderr lacks %q:\n%s", c.how, want, text)
			}
		}
	}
	nb.shows("kept", "1")
}

func TestPanicsInManyGoroutinesAtOnce(t *testing.T) {
	nb := booming(t, open)
	out := nb.run("for i := range 40 {\n\tboom.Start([]string{\"string\", \"map\", \"nested\", \"thread\"}[i%4])\n}\nboom.Later(\"error\")")
	text := out.told("ended in a panic", 41)
	if n := strings.Count(text, "ended in a panic"); n != 41 {
		t.Errorf("%d panics are told, want 41:\n%s", n, text)
	}
	if !strings.Contains(text, "wrapped: unsupported operation") {
		t.Error("the panic of the timer is not told")
	}
	nb.run("runtime.GC()\nvar wg sync.WaitGroup\nfor range 100 { wg.Go(func() { kept++ }); wg.Wait() }")
	nb.shows("kept", "101")
}

// Finalizers and cleanups that panic do not keep others from running.
func TestPanicInAFinalizer(t *testing.T) {
	nb := booming(t, open)
	for _, kind := range []string{"false", "true"} {
		out := nb.run("boom.Count = 0\nboom.Finalize(\"string\", " + kind + ")\nfor range 100 {\n\truntime.GC()\n\ttime.Sleep(10 * time.Millisecond)\n\tif boom.Count == 20 { break }\n}\nfmt.Print(boom.Count)")
		const want = "a finalizer or cleanup panicked; the session goes on\nPanic: a text\n"
		if n := strings.Count(out.told(want, 20), want); n != 20 || out.stdout != "20" {
			t.Errorf("cleanup %s: %s calls, %d told:\n%s", kind, out.stdout, n, out.stderr)
		}
	}
	nb.shows("kept", "1")
}

// A cell that waits for the dead goroutine is told at once, and an interrupt
// ends it.
func TestWaitingForAGoroutineThatPanicked(t *testing.T) {
	nb := booming(t, alone)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var told atomic.Bool
	out := &record{}
	out.onText = func() {
		if strings.Contains(plainText(out.stderr), "Panic: a text") && told.CompareAndSwap(false, true) {
			time.AfterFunc(10*time.Millisecond, cancel)
		}
	}
	timer := time.AfterFunc(20*time.Second, cancel)
	defer timer.Stop()
	_, err := nb.tryInto(ctx, "boom.Wait(\"string\")", out)
	if !told.Load() {
		t.Error("the panic is not told while the cell runs")
	}
	if err == nil || err.Name != "Interrupted" {
		t.Errorf("error %v, want Interrupted", err)
	}
	nb.shows("kept", "1")
}

// A function of a cell that a package calls in its own goroutine.
func TestCellFunctionInAGoroutineOfAPackage(t *testing.T) {
	nb := booming(t, alone)
	out := nb.run("boom.Do(func() {\n\tvar m map[string]int\n\tm[\"x\"] = 1\n})")
	if text := out.told("ended in a panic", 1); !strings.Contains(text, "cell[2]:3") || !strings.Contains(text, "m[\"x\"] = 1") {
		t.Errorf("stderr lacks the cell's line:\n%s", text)
	}
	nb.fails("boom.Do(func() { os.Exit(3) })\nselect {}", "ExitError", "exit status 3", "cell[3]:1")
	_, err, _ := nb.interrupted("var wg sync.WaitGroup\nwg.Go(func() { for { kept++ } })\nwg.Wait()")
	if err == nil || err.Name != "Interrupted" {
		t.Errorf("error %v, want Interrupted", err)
	}
	nb.prints("fmt.Print(kept > 1)", "true")
}
