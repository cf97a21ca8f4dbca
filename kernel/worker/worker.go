// Package worker starts the process that runs cells and talks to it. The
// process is separate from the kernel because cells may crash it, and lives
// as long as possible because it holds the values of all cells.
package worker

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"modelbook/kernel/output"
	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/memory"
)

// A Handler receives what the worker puts out, from several goroutines.
type Handler interface {
	// Output takes text of "stdout" or "stderr".
	Output(stream, text string)
	// Event takes an event of the worker.
	Event(e control.Event)
}

// Options say what to start and how.
type Options struct {
	Path    string   // the worker program
	Dir     string   // working directory
	Env     []string // environment
	Handler Handler
}

// A Worker is a running worker process.
type Worker struct {
	cmd     *exec.Cmd
	file    *os.File // the control connection
	conn    *control.Conn
	stdin   *Stdin
	text    *output.Reader // of its stdout and stderr
	handler Handler
	ready   chan struct{} // closed when the worker takes requests
	heard   chan struct{} // closed when no more messages come
	exited  chan struct{} // closed when the process is gone and what it said is read
	unheard bool          // but for messages that were still on the way; set before exited is closed
	waitErr error         // set before exited is closed
	fatal   fatalScanner  // of its stderr
	kills   int64         // by the system, for lack of memory, before it started
	several bool          // runs may be active at the same time; set before ready is closed

	mu    sync.Mutex
	asked int64                        // the number of the latest request
	calls map[int64]chan control.Reply // where the replies to a request go
}

// Start starts a worker and waits until it is ready.
func Start(o Options) (*Worker, error) {
	w := &Worker{handler: o.Handler, ready: make(chan struct{}), heard: make(chan struct{}), exited: make(chan struct{}), calls: map[int64]chan control.Reply{}}
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("starting the worker: %w", err)
	}
	// Non-blocking files wait in Go's poller, so that Close ends a read.
	syscall.SetNonblock(pair[0], true)
	w.file = os.NewFile(uintptr(pair[0]), "control")
	w.conn = control.KernelEnd(w.file)
	theirs := os.NewFile(uintptr(pair[1]), "worker control")
	defer theirs.Close()
	w.cmd = &exec.Cmd{Path: o.Path, Args: []string{o.Path}, Dir: o.Dir, Env: o.Env, ExtraFiles: []*os.File{theirs},
		// Its own group, so that children of cells end with it.
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}}
	w.text = output.NewReader(w.output)
	var ends []*os.File
	defer func() {
		for _, f := range ends {
			f.Close()
		}
	}()
	for _, name := range []string{"stdout", "stderr"} {
		end, err := w.text.Pipe(name)
		if err != nil {
			return nil, fmt.Errorf("starting the worker: %w", err)
		}
		ends = append(ends, end)
	}
	w.cmd.Stdout, w.cmd.Stderr = ends[0], ends[1]
	if w.stdin, err = newStdin(); err != nil {
		return nil, err
	}
	w.cmd.Stdin = w.stdin.read
	w.kills = memory.Kills()
	started := make(chan error)
	go w.live(started)
	if err := <-started; err != nil {
		w.text.Close()
		w.file.Close()
		w.stdin.close()
		return nil, fmt.Errorf("starting the worker: %w", err)
	}
	w.stdin.pid = w.cmd.Process.Pid
	go func() {
		defer close(w.heard)
		w.receive()
	}()
	select {
	case <-w.ready:
		return w, nil
	case <-w.exited:
		return nil, w.died()
	}
}

// live starts the process and waits for its end, in one thread: the parent
// whose death kills it is a thread, not a process.
func (w *Worker) live(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := w.cmd.Start(); err != nil {
		started <- err
		return
	}
	guard(w.cmd.Process.Pid)
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		w.text.Read()
	}()
	started <- nil
	w.waitErr = w.cmd.Wait()
	// Children of cells may hold the pipes open.
	syscall.Kill(-w.cmd.Process.Pid, syscall.SIGKILL)
	late, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	select {
	case <-drained:
	case <-late.Done():
	}
	w.Flush()
	select {
	case <-w.heard:
	case <-late.Done():
		w.unheard = true
	}
	close(w.exited)
}

// Stdin is the worker's standard input.
func (w *Worker) Stdin() *Stdin { return w.stdin }

// Flush hands over all that the worker has printed so far.
func (w *Worker) Flush() { w.text.Flush() }

// Exited is closed when the process has ended.
func (w *Worker) Exited() <-chan struct{} { return w.exited }

// Pid is the process identifier.
func (w *Worker) Pid() int { return w.cmd.Process.Pid }

// Kill ends the process and all its children at once.
func (w *Worker) Kill() {
	select {
	case <-w.exited:
		return
	default:
	}
	syscall.Kill(-w.Pid(), syscall.SIGKILL)
}

// Close ends the process and waits for it.
func (w *Worker) Close() {
	w.Kill()
	<-w.exited
	w.file.Close()
	w.stdin.close()
}
