package worker

import (
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"sync"
	"syscall"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/memory"
)

// A Died error says that the worker process has ended.
type Died struct {
	Reason string
	Idle   bool // it had not begun with the command, so nothing of it was done
}

// Error returns how the process ended.
func (d *Died) Error() string { return "the process that ran the cells died: " + d.Reason }

// closedConnection is why a worker ends by itself.
const closedConnection = "its connection to the kernel was closed; code of a cell closes descriptors that are not its own"

// An InitError says that a package panicked, or exited, in its initialization.
// The process cannot initialize it again.
type InitError struct{ Failure *control.Failure }

// Error returns what it panicked with.
func (e *InitError) Error() string { return "initializing a package: " + e.Failure.Message }

// died tells why the process ended: what it said last, or how it was ended.
func (w *Worker) died() error {
	if w == nil {
		return &Died{Reason: "no new one was started", Idle: true}
	}
	if w.waitErr == nil {
		return &Died{Reason: closedConnection}
	}
	reason := w.waitErr.Error()
	used := ""
	var exit *exec.ExitError
	if errors.As(w.waitErr, &exit) {
		if u, ok := exit.SysUsage().(*syscall.Rusage); ok {
			used = fmt.Sprintf("; it had used %s", memory.Text(u.Maxrss<<10))
		}
		status, _ := exit.Sys().(syscall.WaitStatus)
		if status.Signaled() && status.Signal() == syscall.SIGKILL && memory.Kills() > w.kills {
			reason = "the system ran out of memory and ended it" + used
		}
	}
	if exit != nil && exit.ExitCode() == control.ExitDisconnected {
		reason = closedConnection
	}
	fatal := ""
	if exit != nil && exit.ExitCode() == 2 { // as Go's runtime ends
		fatal = w.last.fatal()
	}
	switch {
	case strings.Contains(fatal, "out of memory") || strings.Contains(fatal, "cannot allocate memory"):
		reason = "out of memory" + used
		if limit, _ := memory.Limit(); limit > 0 {
			reason += fmt.Sprintf(", and asked for more than its limit of %s (%s changes it)", memory.Text(limit), memory.Env)
		}
	case fatal != "":
		reason = fatal
	}
	return &Died{Reason: reason}
}

// output hands text on and listens for last words.
func (w *Worker) output(stream, text string) {
	if stream == "stderr" {
		w.last.hear(text)
	}
	w.handler.Output(stream, text)
}

// lastLines are the beginnings of lines that tell why a process ends.
var lastLines = []string{"fatal error: ", "panic: ", "runtime: out of memory", "runtime: cannot allocate memory", "runtime/cgo: ", "SIGABRT: ", "SIGQUIT: "}

// lastWords finds what Go's runtime says when it ends a process.
type lastWords struct {
	mu   sync.Mutex
	line string // unfinished
	said string // behind "fatal error: "
}

func (l *lastWords) hear(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	const longest = 200
	for {
		line, rest, whole := strings.Cut(text, "\n")
		if room := longest - len(l.line); room > 0 {
			l.line += line[:min(len(line), room)]
		}
		if !whole {
			return
		}
		for _, begin := range lastLines {
			if strings.HasPrefix(l.line, begin) && (l.said == "" || begin != "fatal error: " && !strings.HasPrefix(l.line, "SIG")) {
				l.said = l.line
			}
		}
		l.line, text = "", rest
	}
}

func (l *lastWords) fatal() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.said
}
