package engine

import (
	"strings"
	"testing"
)

// Many goroutines are no endless recursion, and an endless recursion among
// them is one.
func TestManyGoroutinesAreNoStackOverflow(t *testing.T) {
	nb := alone(t)
	nb.run("kept := 1\nend := make(chan bool)\nfor range 200_000 { go func() { <-end }() }\ntime.Sleep(100 * time.Millisecond)")
	nb.run("close(end)")
	nb.run("for range 2000 { go func() { <-make(chan bool) }() }")
	nb.fails("func down(n int) int { return down(n+1) + 1 }\ndown(0)", "Panic", "stack overflow")
	nb.shows("kept", "1")
}

// What package sync ends a process for is a panic in the worker.
func TestUnlockOfAnUnlockedMutex(t *testing.T) {
	nb := open(t)
	nb.run("kept := 1\nvar mu sync.Mutex\nvar rw sync.RWMutex")
	nb.fails("mu.Unlock()", "Panic", "sync: unlock of unlocked mutex", "cell[2]:1")
	nb.fails("rw.RUnlock()", "Panic", "sync: RUnlock of unlocked RWMutex")
	nb.fails("rw = sync.RWMutex{}\nrw.Unlock()", "Panic", "sync: Unlock of unlocked RWMutex")
	out := nb.run("go func() { mu = sync.Mutex{}; mu.Unlock() }()")
	if text := out.told("unlock of unlocked mutex", 1); !strings.Contains(text, "Panic: sync: unlock of unlocked mutex") {
		t.Errorf("stderr %q", text)
	}
	nb.shows("kept", "1")
}

// A cell that waits for a goroutine that was stopped ends with the reason.
func TestWaitingForAStackOverflow(t *testing.T) {
	nb := alone(t)
	nb.run("kept := 1\nfunc down(n int) int { return down(n+1) + 1 }")
	nb.fails("var wg sync.WaitGroup\nwg.Go(func() { down(0) })\nwg.Wait()", "Panic", "stack overflow")
	nb.shows("kept", "1")
}

// A panic where package testing cannot go on after it ends the cell.
func TestPanicBesideATest(t *testing.T) {
	nb := open(t)
	nb.run("kept := 1")
	nb.fails("func TestA(t *testing.T) { t.Cleanup(func() { panic(\"in a cleanup\") }) }\n%test", "Panic", "in a cleanup", "cell[2]:1")
	nb.shows("kept", "1")
	if out := nb.run("func TestB(t *testing.T) {}\n%test"); strings.Contains(out.stdout, "TestA") || !strings.Contains(out.stdout, "TestB") {
		t.Errorf("prints %q", out.stdout)
	}
}
