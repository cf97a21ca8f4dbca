package main

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"modelbook/kernel/worker/control"
	"modelbook/kernel/worker/rt"
	"modelbook/kernel/worker/still"
)

// A debugger stops goroutines at lines of cells that were compiled for it: their
// functions say when they are entered and left and which line is next
// (rt.Frame). Nothing of this is in other cells.
//
// One goroutine is stopped at a time. Front ends know one thread: it is whichever
// goroutine is stopped.
type debugger struct {
	conn *connection
	on   atomic.Bool

	stopping sync.Mutex // held by the goroutine that is stopped

	mu          sync.Mutex
	breakpoints map[int][]int // lines by cell
	threads     map[string]*thread
	pause       bool    // the next line stops
	stopped     *thread // or nil
	resume      chan control.Step
}

// A thread is a goroutine that is in functions compiled for the debugger.
type thread struct {
	id     string
	frames []*rt.Frame // outermost first
	step   control.Step
	depth  int // of the frames when the step began
}

func newDebugger(conn *connection) *debugger {
	d := &debugger{conn: conn, breakpoints: map[int][]int{}, threads: map[string]*thread{}}
	rt.FrameEntered, rt.FrameLeft, rt.FrameAt = d.entered, d.left, d.at
	return d
}

func (d *debugger) entered(f *rt.Frame) {
	id := goroutineID()
	d.mu.Lock()
	defer d.mu.Unlock()
	t := d.threads[id]
	if t == nil {
		t = &thread{id: id}
		d.threads[id] = t
	}
	t.frames = append(t.frames, f)
	f.Thread = t
}

// left takes the frame away, and those that it called and that did not get to say
// that they have ended.
func (d *debugger) left(f *rt.Frame) {
	t := f.Thread.(*thread)
	d.mu.Lock()
	defer d.mu.Unlock()
	if i := slices.Index(t.frames, f); i >= 0 {
		t.frames = t.frames[:i]
	}
	if len(t.frames) == 0 {
		delete(d.threads, t.id)
	}
}

// at stops the goroutine where it is to stop.
func (d *debugger) at(f *rt.Frame) {
	if !d.on.Load() {
		return
	}
	t := f.Thread.(*thread)
	reason := d.reason(t, f)
	if reason == "" {
		return
	}
	d.stopping.Lock()
	defer d.stopping.Unlock()
	if d.on.Load() { // another one may have been stopped for long
		d.stop(t, reason)
	}
}

// reason is why a goroutine has to stop at its line, "" if it has not to.
func (d *debugger) reason(t *thread, f *rt.Frame) control.StopReason {
	d.mu.Lock()
	defer d.mu.Unlock()
	depth := len(t.frames)
	switch {
	case slices.Contains(d.breakpoints[f.Cell], f.Line):
		return control.AtBreakpoint
	case d.pause:
		return control.AfterPause
	case t.step == control.StepIn, t.step == control.StepNext && depth <= t.depth, t.step == control.StepOut && depth < t.depth:
		return control.AfterStep
	}
	return ""
}

// haltEvery is how often a stopped goroutine looks whether its run was
// interrupted.
const haltEvery = 20 * time.Millisecond

// stop waits until the goroutine may go on. An interrupt of its run ends it, with
// the panic of a stop check.
func (d *debugger) stop(t *thread, reason control.StopReason) {
	resume := make(chan control.Step)
	d.mu.Lock()
	d.stopped, d.resume, d.pause = t, resume, false
	t.step = control.StepContinue
	d.mu.Unlock()
	step := control.StepContinue
	defer func() {
		d.mu.Lock()
		d.stopped, d.resume = nil, nil
		t.step, t.depth = step, len(t.frames)
		d.mu.Unlock()
		d.conn.event(control.Resumed{})
	}()
	var id control.RunID
	if r := ofGoroutine(); r != nil {
		id = r.id
	}
	d.conn.event(control.Stopped{Run: id, Reason: reason})
	tick := time.NewTicker(haltEvery)
	defer tick.Stop()
	for {
		select {
		case step = <-resume:
			return
		case <-tick.C:
			halt()
			if !d.on.Load() {
				return
			}
		}
	}
}

// serve carries out a request, nil if it is none of the debugger's.
func (d *debugger) serve(q control.Request) control.Reply {
	switch q := q.(type) {
	case control.Debug:
		if d.on.Swap(q.On) != q.On {
			d.mu.Lock()
			d.breakpoints, d.pause = map[int][]int{}, false
			d.mu.Unlock()
		}
		return control.OK{}
	case control.SetBreakpoints:
		d.mu.Lock()
		d.breakpoints[q.Cell] = q.Lines
		d.mu.Unlock()
		return control.OK{}
	case control.Pause:
		d.mu.Lock()
		d.pause = true
		d.mu.Unlock()
		return control.OK{}
	case control.Resume:
		return or(control.OK{}, d.goOn(q.Step))
	case control.ListFrames:
		frames, err := d.frames()
		return or(control.FrameList{Frames: frames}, err)
	}
	return nil
}

var errNotStopped = errors.New("no goroutine is stopped")

func (d *debugger) goOn(step control.Step) error {
	d.mu.Lock()
	resume := d.resume
	d.mu.Unlock()
	if resume == nil {
		return errNotStopped
	}
	select {
	case resume <- step:
		return nil
	case <-time.After(time.Second): // it was interrupted
		return errNotStopped
	}
}

// frames are those of the stopped goroutine, the innermost first.
func (d *debugger) frames() ([]control.CellFrame, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped == nil {
		return nil, errNotStopped
	}
	var all []control.CellFrame
	for _, f := range slices.Backward(d.stopped.frames) {
		all = append(all, control.CellFrame{Func: f.Func, Cell: f.Cell, Line: f.Line})
	}
	return all, nil
}

// locals are the variables of a frame of the stopped goroutine.
func (d *debugger) locals(frame int) ([]rt.Local, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.stopped == nil {
		return nil, errNotStopped
	}
	n := len(d.stopped.frames)
	if frame < 0 || frame >= n {
		return nil, fmt.Errorf("no frame %d of %d", frame, n)
	}
	return d.stopped.frames[n-1-frame].Locals(), nil
}

// root is where a path begins that leads into the variables of a frame.
func (d *debugger) root(frame int) root {
	return func(name string) (any, error) {
		locals, err := d.locals(frame)
		for _, l := range locals {
			if l.Name == name {
				return l.Pointer, nil
			}
		}
		if err == nil {
			err = fmt.Errorf("no variable %s", name)
		}
		return nil, err
	}
}

// parts are the variables of a frame, copied at one moment.
func (d *debugger) parts(frame int) ([]part, error) {
	locals, err := d.locals(frame)
	if err != nil {
		return nil, err
	}
	pointers := make([]any, len(locals))
	for i, l := range locals {
		pointers[i] = l.Pointer
	}
	parts := make([]part, len(locals))
	for i, v := range still.Copies(pointers, maxCopied) {
		parts[i] = part{locals[i].Name, v}
	}
	return parts, nil
}
