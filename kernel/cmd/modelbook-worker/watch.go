package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"syscall"
	"time"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/memory"
)

// Go ends a process with a stack over a gigabyte, or that gets no more memory, and
// all values of the session end with it. Endless recursion and a list that grows
// without end are everyday mistakes. So both are watched, and a cell that uses
// very much is stopped in time, like an interrupted one.

// stackLimit is far above what a cell needs and far below Go's limit; a stack
// grows by doubling.
const stackLimit = 200 << 20

// ordinaryStack is the stack that every goroutine may have: many thousands of
// goroutines are no endless recursion.
const ordinaryStack = 32 << 10

// memoryLimit is what this process may use, in bytes; 0 is no limit.
var memoryLimit int64

// limitMemory keeps this process from taking all memory of the machine: the system
// refuses it more than its share, the collector works harder when little of that
// is left, and when the machine runs out of memory, the system kills this process
// and not the kernel. It returns what is wrong with the limit that the user set.
func limitMemory() error {
	limit, err := memory.Limit()
	memoryLimit = limit
	if b, readErr := os.ReadFile("/proc/self/oom_score_adj"); readErr == nil {
		const first = 500 // of 1000; raising it needs no privilege
		if now, convErr := strconv.Atoi(strings.TrimSpace(string(b))); convErr == nil && now < first {
			os.WriteFile("/proc/self/oom_score_adj", []byte(strconv.Itoa(first)), 0)
		}
	}
	if limit == 0 {
		return err
	}
	var old syscall.Rlimit
	if most := uint64(limit + beside); syscall.Getrlimit(rlimitData, &old) == nil && most < min(old.Cur, old.Max) {
		syscall.Setrlimit(rlimitData, &syscall.Rlimit{Cur: most, Max: old.Max})
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit / 100 * 80)
	}
	return err
}

// rlimitData is RLIMIT_DATA: all memory that is private and can be written.
const rlimitData = 2

// beside is memory that the system counts though it is not used, mostly stacks of
// threads, and what it takes to load a cell when the limit is reached.
const beside = 512 << 20

// mostCollected is how often the collector runs before a run is blamed for stacks
// of which none is deep.
const mostCollected = 3

// several reports whether more than one run is active.
func (r *runner) several() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.active) > 1
}

// watch looks after a run until done is closed, and stops the one to blame when
// the process uses too much.
func (r *runner) watch(run *run, done <-chan struct{}) {
	sample := []metrics.Sample{
		{Name: "/memory/classes/heap/stacks:bytes"}, {Name: "/memory/classes/total:bytes"}, {Name: "/memory/classes/heap/released:bytes"},
	}
	read := func() (stacks, all int64) {
		metrics.Read(sample)
		for _, s := range sample {
			if s.Value.Kind() != metrics.KindUint64 {
				return 0, 0
			}
		}
		return int64(sample[0].Value.Uint64()), int64(sample[1].Value.Uint64() - sample[2].Value.Uint64())
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	stacksBefore, before := read()
	goroutines := runtime.NumGoroutine()
	var beside time.Time // when another run was active
	collected := 0
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if r.several() {
			beside = time.Now()
		}
		stacks, all := read()
		stacks -= ordinaryStack * max(0, int64(runtime.NumGoroutine()-goroutines))
		blamed := run
		switch {
		case stacks > stacksBefore+stackLimit:
			if blamed = r.deepest(); blamed == nil {
				// The calls of another run may just have ended, by its own watch: the
				// collector takes back what they needed.
				if collected < mostCollected && time.Since(beside) < time.Second {
					collected++
					runtime.GC()
					continue
				}
				blamed = run
			}
			r.stopFor(blamed, &control.Failure{Kind: control.Panicked, Type: "stack overflow", Message: "stack overflow: calls are nested too deeply (endless recursion?)"})
		// A cell that frees memory must be able to run when little is left.
		case memoryLimit > 0 && all > memoryLimit/100*90 && all > before+memoryLimit/50:
			r.mu.Lock()
			blamed = r.latest() // what ran before it did not need so much
			r.mu.Unlock()
			r.stopFor(blamed, &control.Failure{Kind: control.Panicked, Type: "out of memory", Message: fmt.Sprintf(
				"out of memory: the cells use %s of the %s they may use (%s changes it); what refers to much memory can be set to nil, or removed with %%rm",
				memory.Text(all), memory.Text(memoryLimit), memory.Env)})
		default:
			stacksBefore, before = min(stacks, stacksBefore), min(all, before) // some was given back
			collected = 0
			continue
		}
		if blamed == run {
			return
		}
		stacksBefore, before = stacks, all // until the other one has ended
	}
}
