package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
	_ "unsafe" // for go:linkname
)

// startedHook is called for every process that is started. It is in package
// syscall as the installation compiles it (kernel/toolchain/hook); elsewhere
// nothing calls it.
//
//go:linkname startedHook syscall.modelbookStarted
var startedHook func(pid int)

// A process is identified by its number and the time when it started: another one
// may get the same number later.
type process struct {
	pid, parent int
	since       string
}

// started adds a process to the run that started it.
func (r *runner) started(pid int) {
	if run := ofGoroutine(); run != nil {
		if p, ok := readProcess(pid); ok {
			r.mu.Lock()
			defer r.mu.Unlock()
			run.started = append(run.started, p)
		}
	}
}

// readProcess looks a process up in /proc.
func readProcess(pid int) (p process, ok bool) {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	_, b, found := bytes.Cut(b, []byte(") ")) // after the name of the program,
	for found {
		var more []byte
		if _, more, found = bytes.Cut(b, []byte(") ")); found { // which may hold ") " itself
			b = more
		}
	}
	f := bytes.Fields(b)
	const parent, since = 1, 19
	if err != nil || len(f) <= since {
		return p, false
	}
	p.pid, p.since = pid, string(f[since])
	p.parent, err = strconv.Atoi(string(f[parent]))
	return p, err == nil
}

// killAfter is how long interrupted processes may take to end by themselves.
const killAfter = time.Second

// endChildren interrupts the processes that a run has started, and their
// children, and kills those that do not end.
func (r *runner) endChildren(run *run) {
	r.mu.Lock()
	children := family(run.started)
	run.started = nil
	r.mu.Unlock()
	if len(children) == 0 {
		return
	}
	send(children, syscall.SIGINT)
	go func() {
		time.Sleep(killAfter)
		send(family(children), syscall.SIGKILL)
	}()
}

// family returns those of the given processes that still run, and all their
// descendants.
func family(of []process) (all []process) {
	in := map[int]bool{}
	for _, p := range of {
		if now, ok := readProcess(p.pid); ok && now.since == p.since {
			in[p.pid], all = true, append(all, now)
		}
	}
	if len(all) == 0 {
		return nil
	}
	var others []process
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, dir := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(dir))
		if p, ok := readProcess(pid); ok {
			others = append(others, p)
		}
	}
	for more := true; more; {
		more = false
		for _, p := range others {
			if in[p.parent] && !in[p.pid] {
				in[p.pid], all, more = true, append(all, p), true
			}
		}
	}
	return all
}

func send(all []process, s syscall.Signal) {
	for _, p := range all {
		if now, ok := readProcess(p.pid); ok && now.since == p.since {
			syscall.Kill(p.pid, s)
		}
	}
}
