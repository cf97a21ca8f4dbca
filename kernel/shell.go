package kernel

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"modelbook/kernel/jupyter"
	"modelbook/kernel/wire"
)

// A shell runs cells one after the other. The main shell has no id; front ends
// create others beside it (subshells), whose cells run at the same time as
// those of the main shell. Interrupts, the execution counter, the history and
// the session are the kernel's: all shells share them.
type shell struct {
	id string

	mu     sync.Mutex
	filled *sync.Cond
	cells  []*wire.Message // they wait for their turn
	closed bool
}

func newShell(id string) *shell {
	s := &shell{id: id}
	s.filled = sync.NewCond(&s.mu)
	return s
}

// push adds a cell to those that wait; ok is false when the shell was closed.
func (s *shell) push(m *wire.Message) (ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.cells = append(s.cells, m)
	s.filled.Signal()
	return true
}

// pop waits for a cell; ok is false when the shell was closed.
func (s *shell) pop() (m *wire.Message, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.cells) == 0 && !s.closed {
		s.filled.Wait()
	}
	if s.closed {
		return nil, false
	}
	m = s.cells[0]
	s.cells = s.cells[1:]
	return m, true
}

// drain takes the cells that wait.
func (s *shell) drain() []*wire.Message {
	s.mu.Lock()
	defer s.mu.Unlock()
	cells := s.cells
	s.cells = nil
	return cells
}

// close ends the shell after the cell that runs, and returns the cells that
// will not run.
func (s *shell) close() []*wire.Message {
	s.mu.Lock()
	s.closed = true
	s.filled.Broadcast()
	s.mu.Unlock()
	return s.drain()
}

// shells are the kernel's main shell and its subshells.
type shells struct {
	mu     sync.Mutex
	all    map[string]*shell // the main shell's id is ""
	ids    []string          // of the subshells, in the order of their creation
	loops  sync.WaitGroup    // of all, those that were deleted included
	closed bool
}

// start adds a shell, whose cells run is to take until it is closed. It
// reports whether there may be another one.
func (s *shells) start(id string, run func(*shell)) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.ids) >= maxShells {
		return false
	}
	sh := newShell(id)
	s.all[id] = sh
	if id != "" {
		s.ids = append(s.ids, id)
	}
	s.loops.Go(func() { run(sh) })
	return true
}

// maxShells bounds the number of subshells: each has a goroutine, and a client
// may forget to delete them.
const maxShells = 1000

// find returns the shell with an id, or nil.
func (s *shells) find(id string) *shell {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all[id]
}

// remove takes a subshell away and returns it, or nil when there is none with
// this id.
func (s *shells) remove(id string) *shell {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.ids, id)
	if i < 0 {
		return nil
	}
	s.ids = slices.Delete(s.ids, i, i+1)
	sh := s.all[id]
	delete(s.all, id)
	return sh
}

// list returns the ids of the subshells.
func (s *shells) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ids)
}

// close closes all shells. Cells that wait are not answered: the kernel ends.
func (s *shells) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for _, sh := range s.all {
		sh.close()
	}
}

// createSubshell starts a subshell.
func (k *Kernel) createSubshell(*wire.Message) (jupyter.Reply, error) {
	id := wire.NewID()
	if !k.shells.start(id, k.executeIn) {
		return nil, fmt.Errorf("there are %d subshells already", maxShells)
	}
	return jupyter.CreateSubshellReply{Status: jupyter.OK, ID: id}, nil
}

// deleteSubshell ends a subshell. As in ipykernel, the cell that it runs goes
// on to its end; those that wait are aborted.
func (k *Kernel) deleteSubshell(m *wire.Message) (jupyter.Reply, error) {
	var r jupyter.DeleteSubshellRequest
	if err := decode(m, &r); err != nil {
		return nil, err
	}
	sh := k.shells.remove(r.ID)
	if sh == nil {
		return jupyter.NewErrorReply(noSubshell(r.ID)), nil
	}
	k.abort(sh.close())
	return jupyter.DeleteSubshellReply{Status: jupyter.OK}, nil
}

func (k *Kernel) listSubshells(*wire.Message) (jupyter.Reply, error) {
	return jupyter.ListSubshellReply{Status: jupyter.OK, IDs: k.shells.list()}, nil
}

// refuse answers a message for a subshell that does not exist.
func (k *Kernel) refuse(m *wire.Message) {
	k.status(m, "busy")
	k.reply(wire.Shell, m, jupyter.NewErrorReply(noSubshell(m.Header.Subshell)))
	k.status(m, "idle")
}

// noSubshell is what is wrong with a message for a subshell that does not exist.
func noSubshell(id string) jupyter.Failure {
	return jupyter.Failure{Name: "SubshellError", Value: fmt.Sprintf("there is no subshell %.80q", id)}
}

// running are the cells that run at the moment, in the order in which they
// began, and what their end means.
type running struct {
	mu    sync.Mutex
	cells []*runningCell
	msg   *wire.Message // the comm message that is being taken in, or nil
}

// A runningCell is a cell while it runs.
type runningCell struct {
	request     *wire.Message
	cancel      context.CancelFunc
	interrupted bool
}

// begin notes that a cell runs. Its context ends when the cell is interrupted,
// or with the context given.
func (r *running) begin(ctx context.Context, m *wire.Message) (_ context.Context, end func()) {
	ctx, cancel := context.WithCancel(ctx)
	c := &runningCell{request: m, cancel: cancel}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cells = append(r.cells, c)
	return ctx, func() {
		cancel()
		r.mu.Lock()
		defer r.mu.Unlock()
		r.cells = slices.DeleteFunc(r.cells, func(other *runningCell) bool { return other == c })
	}
}

// interrupt cancels the contexts of all cells that run. again is called before
// when one of them was interrupted already.
func (r *running) interrupt(again func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if slices.ContainsFunc(r.cells, func(c *runningCell) bool { return c.interrupted }) {
		again()
	}
	for _, c := range r.cells {
		c.interrupted = true
		c.cancel()
	}
}

// take notes the comm message that is being taken in, or nil after it.
func (r *running) take(m *wire.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.msg = m
}

// parent calls publish with what messages of comms belong to: the comm message
// that is being taken in, or the cell that began to run last, or nothing.
// Nothing belongs to a request after its idle.
func (r *running) parent(publish func(*wire.Message)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch n := len(r.cells); {
	case r.msg != nil:
		publish(r.msg)
	case n > 0:
		publish(r.cells[n-1].request)
	default:
		publish(nil)
	}
}
