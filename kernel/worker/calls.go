package worker

import (
	"errors"
	"sync"
	"syscall"
	"time"

	"modelbook/kernel/worker/control"
)

// receive takes in messages until the worker is gone.
func (w *Worker) receive() {
	ready := sync.OnceFunc(func() { close(w.ready) })
	for {
		id, m, err := w.conn.Receive()
		var bad *control.FormatError
		switch {
		case errors.As(err, &bad): // a cell wrote to the connection, or the worker is of another version
			w.replied(bad.ID, control.Failed{Reason: err.Error()})
		case err != nil:
			return
		}
		switch m := m.(type) {
		case control.Reply:
			w.replied(id, m)
		case control.Ready:
			w.several = m.Several
			ready()
		case control.Event:
			w.event(m)
			if id != 0 {
				w.send(id, control.Handled{})
			}
		}
	}
}

// event hands over an event, and before it all that was printed before it.
func (w *Worker) event(e control.Event) {
	switch e.(type) {
	case control.Piped, control.Printed, control.CommSent: // stand in no order with text of the pipes
	default:
		w.Flush()
	}
	w.handler.Event(e)
}

// maxReplies is the number of replies that a request has at most.
const maxReplies = 2

// replied hands a reply to who waits for it.
func (w *Worker) replied(id int64, r control.Reply) {
	w.mu.Lock()
	replies := w.calls[id]
	w.mu.Unlock()
	select {
	case replies <- r:
	default: // nobody waits
	}
}

// A call is a request whose replies are waited for.
type call struct {
	w       *Worker
	id      int64
	replies chan control.Reply
}

// ask sends a request. The caller ends the call.
func (w *Worker) ask(q control.Request) (*call, error) {
	if w == nil {
		return nil, w.died()
	}
	c := &call{w: w, replies: make(chan control.Reply, maxReplies)}
	w.mu.Lock()
	w.asked++
	c.id = w.asked
	w.calls[c.id] = c.replies
	w.mu.Unlock()
	if err := w.send(c.id, q); err != nil {
		c.end()
		return nil, err
	}
	return c, nil
}

func (c *call) end() {
	c.w.mu.Lock()
	defer c.w.mu.Unlock()
	delete(c.w.calls, c.id)
}

// next waits for a reply. The error is a *Died.
func (c *call) next() (control.Reply, error) {
	select {
	case r := <-c.replies:
		return r, nil
	case <-c.w.exited:
		select { // what it answered last
		case r := <-c.replies:
			return r, nil
		default:
			return nil, c.w.died()
		}
	}
}

// result waits for a reply of a type.
func result[R control.Reply](c *call) (got R, err error) {
	r, err := c.next()
	if err != nil {
		return got, err
	}
	switch r := r.(type) {
	case R:
		return r, nil
	case control.Failed:
		return got, errors.New(r.Reason)
	}
	return got, errors.New("the worker answered with " + control.Name(r))
}

// do sends a request and waits for its reply.
func do[R control.Reply](w *Worker, q control.Request) (got R, err error) {
	c, err := w.ask(q)
	if err != nil {
		return got, err
	}
	defer c.end()
	return result[R](c)
}

// begin sends a request that runs code of a cell, and waits until the worker
// begins with it: what was not begun can be tried again on another worker.
func (w *Worker) begin(q control.Request) (*call, error) {
	c, err := w.ask(q)
	if err == nil {
		if _, err = result[control.Began](c); err != nil {
			c.end()
		}
	}
	var died *Died
	if w != nil && errors.As(err, &died) {
		died.Idle = !w.unheard
	}
	return c, err
}

// send sends a message. The error is a *Died, or a *control.EncodingError.
func (w *Worker) send(id int64, m control.Message) error {
	err := w.conn.Send(id, m)
	if err == nil || errors.As(err, new(*control.EncodingError)) {
		return err
	}
	select {
	case <-w.exited:
	case <-time.After(2 * time.Second):
		w.Kill()
		<-w.exited
	}
	return w.died()
}

// Ping asks for a sign of life. The error is a *Died.
func (w *Worker) Ping() error { return w.ok(control.Ping{}) }

func (w *Worker) ok(q control.Request) error {
	_, err := do[control.OK](w, q)
	return err
}

// Several reports whether runs may be active at the same time.
func (w *Worker) Several() bool { return w.several }

// Open loads a plugin, whose cell Run then runs with args as os.Args[1:]. The
// error may be an *InitError.
func (w *Worker) Open(run control.RunID, plugin string, args []string) error {
	c, err := w.begin(control.Open{Run: run, Plugin: plugin, Args: args})
	if err != nil {
		return err
	}
	defer c.end()
	r, err := result[control.Opened](c)
	if err == nil && r.Failure != nil {
		w.Flush()
		err = &InitError{r.Failure}
	}
	return err
}

// Run runs the cell that was loaded for this run. It returns how the cell
// failed, nil if it did not, and how many of its statements that make variables
// have run. All that the cell printed has been handed over when Run returns.
func (w *Worker) Run(run control.RunID) (failure *control.Failure, made int, err error) {
	c, err := w.begin(control.Run{Run: run})
	if err != nil {
		return nil, 0, err
	}
	defer c.end()
	r, err := result[control.Done](c)
	w.Flush()
	return r.Failure, r.Made, err
}

// Interrupt asks a run to end, or all runs (zero). A process that was stopped goes on.
func (w *Worker) Interrupt(run control.RunID) {
	w.cmd.Process.Signal(syscall.SIGCONT)
	w.send(0, control.Interrupt{Run: run})
}

// Comm hands a message of a comm to the program.
func (w *Worker) Comm(c control.Comm) { w.send(0, control.SendComm{Comm: c}) }

// Vars lists the session variables that the worker holds.
func (w *Worker) Vars() ([]control.Variable, error) {
	r, err := do[control.VariableList](w, control.ListVariables{})
	return r.Variables, err
}

// Inspect lists the parts of the value at a path: the session's variables for
// an empty one, else a variable's name and indexes of parts below it.
func (w *Worker) Inspect(path []string) ([]control.Variable, error) {
	r, err := do[control.VariableList](w, control.Inspect{Path: path})
	return r.Variables, err
}

// Show makes the rich form of the value at a path.
func (w *Worker) Show(path []string) (control.Bundle, error) {
	r, err := do[control.Shown](w, control.Show{Path: path})
	return r.Bundle, err
}

// Forget drops variables, so that the collector may have what they refer to.
func (w *Worker) Forget(names []string) error { return w.ok(control.Forget{Names: names}) }

// Revert makes variables of these names what they were before the cell of a run
// was loaded.
func (w *Worker) Revert(run control.RunID, names []string) error {
	return w.ok(control.Revert{Run: run, Names: names})
}

// Save writes the values of the session variables to a file.
func (w *Worker) Save(path string) (*control.Saved, error) { return saved(w, control.Save{Path: path}) }

// Restore sets the session variables from a file that Save wrote.
func (w *Worker) Restore(path string) (*control.Saved, error) {
	return saved(w, control.Restore{Path: path})
}

func saved(w *Worker, q control.Request) (*control.Saved, error) {
	r, err := do[control.Saved](w, q)
	if err != nil {
		return nil, err
	}
	return &r, nil
}

// Chdir changes the working directory of cells.
func (w *Worker) Chdir(dir string) error { return w.ok(control.Chdir{Dir: dir}) }

// Setenv sets an environment variable of cells.
func (w *Worker) Setenv(key, value string) error {
	return w.ok(control.Setenv{Key: key, Value: value})
}
