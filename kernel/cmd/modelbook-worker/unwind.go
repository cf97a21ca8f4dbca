package main

import (
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"modelbook/kernel/worker/control"
)

// unwinding is how long a cell that must not go on may take to end by itself:
// a deep stack takes its time.
const unwinding = 3 * time.Second

// stopFor makes a run end, and fail for that reason. It reports whether it was
// active.
func (r *runner) stopFor(run *run, why *control.Failure) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !slices.Contains(r.active, run) {
		return false
	}
	if run.why == nil {
		run.why = why
		r.stopRun(run, stopped)
		run.cancel()
		close(run.wrong)
	}
	return true
}

// interrupt asks a run to end, 0 all of them: its context is cancelled, and a
// moment later, for those who listen to it, its code panics at the next check.
// A further interrupt is for the deferred function that runs by then.
func (r *runner) interrupt(id control.RunID) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, run := range r.active {
		switch {
		case id != 0 && run.id != id:
		case !run.stopped:
			run.stopped = true
			run.cancel()
			close(run.stop)
		default:
			select {
			case run.again <- struct{}{}:
			default:
			}
		}
	}
}

// patience is how often the deferred functions of an interrupted cell are
// interrupted, too.
const patience = 2

// unwind waits for an interrupted cell to end. A blocked cell is left behind;
// its run stays stopped, so that it never goes on.
func (r *runner) unwind(run *run, done <-chan *control.Failure) *control.Failure {
	wait := func(d time.Duration) (*control.Failure, bool) {
		select {
		case f := <-done:
			if f == nil && atomic.LoadUint32(&run.level) != goesOn { // it had nothing more to do
				f = &control.Failure{Kind: control.Interrupted, Type: "Interrupted", Message: "the cell was interrupted"}
			}
			return f, true
		case <-run.exited: // in a deferred function
			return r.leave(run, done), true
		case <-run.again:
			return nil, false
		case <-time.After(d):
			return nil, false
		}
	}
	stop := func(level uint32) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.stopRun(run, level)
	}
	if f, ok := wait(control.ListenFor); ok {
		return f
	}
	stop(stopped)
	r.endChildren(run)
	f, ok := wait(control.BlockedAfter)
	for level := uint32(stopped + 1); !ok && run.hit.Load() && level <= stopped+patience; level++ {
		if f, ok = wait(control.DeferredFor); !ok {
			stop(level)
			f, ok = wait(control.BlockedAfter)
		}
	}
	if ok {
		return f
	}
	run.cell.LeftBehind = true
	message := "interrupted; the cell is blocked, its goroutine is left behind"
	if isRunning(run.main) {
		message = "interrupted, but a package that the cell called is still at work and goes on in the background; functions that take a context stop with it: pass them ctx"
	}
	return &control.Failure{Kind: control.Blocked, Type: "Interrupted", Message: message}
}

// leave waits for the goroutine of a cell that has exited to end, but not for
// long: what is blocked is left behind.
func (r *runner) leave(run *run, done <-chan *control.Failure) *control.Failure {
	run.cancel()
	select {
	case <-run.gone:
	case <-done: // at the same time
	case <-time.After(control.BlockedAfter):
		run.cell.LeftBehind = true
	}
	return &control.Failure{Kind: control.Exited, Type: "ExitError", Code: run.code, Frames: run.frames, Message: fmt.Sprintf("exit status %d", run.code)}
}
