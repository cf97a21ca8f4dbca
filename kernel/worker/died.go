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
	Idle   bool // it had not begun with the request, so none of it was carried out
}

// Error returns how the process ended.
func (d *Died) Error() string { return "the process that ran the cells died: " + d.Reason }

// closedConnection is why a worker ends by itself.
const closedConnection = "its connection to the kernel was closed: code of a cell has closed file descriptors that are not its own"

// An InitError says that a package panicked or exited in its initialization.
// The process cannot initialize it again.
type InitError struct{ Failure *control.Failure }

// Error returns what it panicked with.
func (e *InitError) Error() string { return "initializing a package: " + e.Failure.Message }

// died returns a *Died with the reason: the last message of Go's runtime, or the
// exit status.
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
		fatal = w.fatal.message()
	}
	noThread := strings.Contains(fatal, "pthread_create failed") // whose stack finds no room, or the system's number is reached
	switch {
	case noThread || strings.Contains(fatal, "out of memory") || strings.Contains(fatal, "cannot allocate memory"):
		reason = "out of memory" + used
		if noThread {
			reason = "out of memory or of threads (" + fatal + ")" + used
		}
		if limit, _ := memory.Limit(); limit > 0 {
			reason += fmt.Sprintf(", and asked for more than its limit of %s (%s changes it)", memory.Text(limit), memory.Env)
		}
	case fatal != "":
		reason = fatal
	}
	return &Died{Reason: reason}
}

// output passes text on, and looks in stderr for the message with which Go's
// runtime ends a process.
func (w *Worker) output(stream, text string) {
	if stream == "stderr" {
		w.fatal.scan(text)
	}
	w.handler.Output(stream, text)
}

// fatalPrefixes begin the lines in which Go's runtime says why it ends the
// process.
var fatalPrefixes = []string{"fatal error: ", "panic: ", "runtime: out of memory", "runtime: cannot allocate memory", "runtime/cgo: ", "SIGABRT: ", "SIGQUIT: "}

// A fatalScanner finds such a line in the text of stderr.
type fatalScanner struct {
	mu    sync.Mutex
	line  string // not complete yet
	found string // the line
}

func (l *fatalScanner) scan(text string) {
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
		for _, begin := range fatalPrefixes {
			if strings.HasPrefix(l.line, begin) && (l.found == "" || begin != "fatal error: " && !strings.HasPrefix(l.line, "SIG")) {
				l.found = l.line
			}
		}
		l.line, text = "", rest
	}
}

func (l *fatalScanner) message() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.found
}
