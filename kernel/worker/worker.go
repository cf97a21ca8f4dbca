// Package worker starts the process that runs cells and talks to it. The
// process is separate from the kernel because cells may crash it, and lives
// as long as possible because it holds the values of all cells.
package worker

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"sync"
	"syscall"
	"time"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/memory"
)

// A Handler receives what the worker puts out, from several goroutines.
type Handler interface {
	// Output takes text of "stdout" or "stderr".
	Output(stream, text string)
	// Display takes the value of a last expression.
	Display(data, metadata map[string]any)
	// Panicked takes the panic of a goroutine, which ended it and nothing else.
	Panicked(f *control.Failure)
	// Measured takes a profile or the outcome of a test.
	Measured(e control.Event)
	// Comm takes a message of a comm.
	Comm(c control.Comm)
	// Piped takes over what the worker has written to the display pipe.
	Piped()
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
	conn    *os.File
	stdin   *Stdin
	printed *printed
	handler Handler
	answers chan control.Event
	heard   chan struct{} // closed when no more events come
	exited  chan struct{} // closed when the process is gone and what it said is read
	unheard bool          // but for events that were still on the way; set before exited is closed
	waitErr error         // set before exited is closed
	last    lastWords     // of its stderr
	kills   int64         // for lack of memory, before it started

	mu     sync.Mutex // one command and its answer at a time
	sendMu sync.Mutex
}

// Start starts a worker and waits until it is ready.
func Start(o Options) (*Worker, error) {
	w := &Worker{handler: o.Handler, answers: make(chan control.Event, 1), heard: make(chan struct{}), exited: make(chan struct{})}
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("starting the worker: %w", err)
	}
	// Non-blocking files wait in Go's poller, so that Close ends a read.
	syscall.SetNonblock(pair[0], true)
	w.conn = os.NewFile(uintptr(pair[0]), "control")
	theirs := os.NewFile(uintptr(pair[1]), "worker control")
	defer theirs.Close()
	w.cmd = &exec.Cmd{Path: o.Path, Args: []string{o.Path}, Dir: o.Dir, Env: o.Env, ExtraFiles: []*os.File{theirs},
		// Its own group, so that children of cells end with it.
		SysProcAttr: &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}}
	w.printed = &printed{out: w.output}
	var ends []*os.File
	defer func() {
		for _, f := range ends {
			f.Close()
		}
	}()
	for _, name := range []string{"stdout", "stderr"} {
		r, theirs, err := pipe()
		if err != nil {
			return nil, err
		}
		ends = append(ends, theirs)
		w.printed.add(name, r)
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
		return nil, fmt.Errorf("starting the worker: %w", err)
	}
	w.stdin.pid = w.cmd.Process.Pid
	go func() {
		defer close(w.heard)
		w.receive()
	}()
	if _, err := w.answer("ready"); err != nil {
		return nil, err
	}
	return w, nil
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
	var readers sync.WaitGroup
	for _, s := range w.printed.streams {
		readers.Go(s.read)
	}
	started <- nil
	w.waitErr = w.cmd.Wait()
	// Children of cells may hold the pipes open.
	syscall.Kill(-w.cmd.Process.Pid, syscall.SIGKILL)
	drained := make(chan struct{})
	go func() { readers.Wait(); close(drained) }()
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

// pipe makes a pipe whose read end is for Go's poller and whose write end
// blocks, as programs expect of their standard output.
func pipe() (r, w *os.File, err error) {
	var p [2]int
	if err := syscall.Pipe2(p[:], syscall.O_CLOEXEC); err != nil {
		return nil, nil, err
	}
	syscall.SetNonblock(p[0], true)
	return os.NewFile(uintptr(p[0]), "|0"), os.NewFile(uintptr(p[1]), "|1"), nil
}

// receive reads events until the worker is gone.
func (w *Worker) receive() {
	in := bufio.NewReaderSize(w.conn, 1<<16)
	for {
		line, err := readLine(in)
		if err != nil {
			return
		}
		var e control.Event
		if err := json.Unmarshal(line, &e); err != nil {
			continue // a cell wrote to the descriptor
		}
		switch e.Op {
		case "display":
			w.Flush() // what was printed before comes before
			if e.Error != "" {
				w.handler.Output("stderr", "note: the value is not shown: "+e.Error+"\n")
			}
			w.handler.Display(e.Data, e.Metadata)
		case "panic":
			w.Flush()
			w.handler.Panicked(e.Failure)
		case "piped":
			w.handler.Piped()
		case "comm":
			if e.Comm != nil {
				w.handler.Comm(*e.Comm)
			}
		case "profile", "tested":
			w.Flush()
			w.handler.Measured(e)
		default:
			select {
			case w.answers <- e:
			case <-w.exited:
				return
			}
		}
		if e.Seq != 0 {
			w.send(control.Command{Op: "went", Seq: e.Seq})
		}
	}
}

// readLine reads a line. Of one that is too long it returns nothing.
func readLine(in *bufio.Reader) (line []byte, err error) {
	for tooLong := false; ; {
		part, err := in.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > control.MaxLine+64; tooLong {
			line = nil
		} else {
			line = append(line, part...)
		}
		if err != bufio.ErrBufferFull {
			return line, err
		}
	}
}

// answer waits for the answer to a command.
func (w *Worker) answer(op string) (control.Event, error) {
	for {
		select {
		case e := <-w.answers:
			if e.Op == op {
				return e, nil
			}
		case <-w.exited:
			select { // what it answered last
			case e := <-w.answers:
				if e.Op == op {
					return e, nil
				}
			default:
			}
			return control.Event{}, w.died()
		}
	}
}

func (w *Worker) send(c control.Command) error {
	line, err := json.Marshal(c)
	if err != nil {
		return err
	}
	w.sendMu.Lock()
	defer w.sendMu.Unlock()
	if _, err := w.conn.Write(append(line, '\n')); err != nil {
		select {
		case <-w.exited:
		case <-time.After(2 * time.Second):
			w.Kill()
			<-w.exited
		}
		return w.died()
	}
	return nil
}

// begin sends a command that runs code of a cell, and waits until the worker
// begins with it: what was not begun can be tried again on another worker.
func (w *Worker) begin(c control.Command) error {
	err := w.send(c)
	if err == nil {
		_, err = w.answer("began")
	}
	var died *Died
	if errors.As(err, &died) {
		died.Idle = !w.unheard
	}
	return err
}

// do sends a command and waits for its answer.
func (w *Worker) do(c control.Command, answer string) (control.Event, error) {
	if w == nil {
		return control.Event{}, w.died()
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.send(c); err != nil {
		return control.Event{}, err
	}
	e, err := w.answer(answer)
	if err == nil && e.Error != "" {
		err = errors.New(e.Error)
	}
	return e, err
}

// Ping asks for a sign of life. The error is a *Died.
func (w *Worker) Ping() error {
	_, err := w.do(control.Command{Op: "ping"}, "ok")
	return err
}

// Open loads a plugin, whose cell Run then runs with args as os.Args[1:]. The
// error may be an *InitError.
func (w *Worker) Open(plugin string, args []string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.begin(control.Command{Op: "open", Path: plugin, Args: args}); err != nil {
		return err
	}
	e, err := w.answer("opened")
	switch {
	case err == nil && e.Failure != nil:
		w.Flush()
		return &InitError{e.Failure}
	case err == nil && e.Error != "":
		return errors.New(e.Error)
	}
	return err
}

// Run runs the cell loaded last and returns how it failed, nil if it did not,
// and how many of its statements that make variables have run.
// All that the cell printed has been handed over when Run returns. The error
// is a *Died.
func (w *Worker) Run() (failure *control.Failure, made int, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.begin(control.Command{Op: "run"}); err != nil {
		return nil, 0, err
	}
	e, err := w.answer("done")
	w.Flush()
	return e.Failure, e.Made, err
}

// Interrupt asks the running cell to end. A process that was stopped goes on.
func (w *Worker) Interrupt() {
	w.cmd.Process.Signal(syscall.SIGCONT)
	w.send(control.Command{Op: "interrupt"})
}

// Comm hands a message of a comm to the worker.
func (w *Worker) Comm(c control.Comm) { w.send(control.Command{Op: "comm", Comm: &c}) }

// Vars lists the session variables that the worker holds.
func (w *Worker) Vars() ([]control.Variable, error) {
	e, err := w.do(control.Command{Op: "vars"}, "vars")
	return e.Vars, err
}

// Inspect lists the parts of the value at a path: the session's variables for
// an empty one, else a variable's name and indexes of parts below it.
func (w *Worker) Inspect(path []string) ([]control.Variable, error) {
	e, err := w.do(control.Command{Op: "inspect", Args: path}, "vars")
	return e.Vars, err
}

// Show makes the rich form of the value at a path.
func (w *Worker) Show(path []string) (data, metadata map[string]any, err error) {
	e, err := w.do(control.Command{Op: "show", Args: path}, "shown")
	return e.Data, e.Metadata, err
}

// Forget drops variables, so that the collector may have what they refer to.
func (w *Worker) Forget(names []string) error {
	_, err := w.do(control.Command{Op: "forget", Args: names}, "ok")
	return err
}

// Revert makes variables of these names what they were before the cell loaded
// last.
func (w *Worker) Revert(names []string) error {
	_, err := w.do(control.Command{Op: "revert", Args: names}, "ok")
	return err
}

// Save writes the values of the session variables to a file.
func (w *Worker) Save(path string) (*control.Saved, error) { return w.saved("save", path) }

// Restore sets the session variables from a file that Save wrote.
func (w *Worker) Restore(path string) (*control.Saved, error) { return w.saved("restore", path) }

func (w *Worker) saved(op, path string) (*control.Saved, error) {
	e, err := w.do(control.Command{Op: op, Path: path}, "saved")
	if err == nil && e.Saved == nil {
		err = errors.New("the worker did not answer")
	}
	return e.Saved, err
}

// Chdir changes the working directory of cells.
func (w *Worker) Chdir(dir string) error {
	_, err := w.do(control.Command{Op: "chdir", Path: dir}, "ok")
	return err
}

// Setenv sets an environment variable of cells.
func (w *Worker) Setenv(key, value string) error {
	_, err := w.do(control.Command{Op: "setenv", Args: []string{key, value}}, "ok")
	return err
}

// Stdin is the worker's standard input.
func (w *Worker) Stdin() *Stdin { return w.stdin }

// Flush hands over all that the worker has printed so far.
func (w *Worker) Flush() { w.printed.flush() }

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
	w.conn.Close()
	w.stdin.close()
}
