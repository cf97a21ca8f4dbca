package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"modelbook/kernel/session"
	"modelbook/kernel/source"
	"modelbook/kernel/worker"
)

// revive starts a new worker if the old one has ended since the last cell, and
// says what was lost.
func (e *cellRun) revive(out Sink) error {
	if e.closed {
		return errClosed
	}
	e.lostNow = nil
	var died *worker.Died
	if e.worker == nil { // the last start failed
		if err := e.startWorker(); err != nil {
			return fmt.Errorf("a process for the cells could not be started: %w", err)
		}
	} else if err := e.worker.Ping(); errors.As(err, &died) {
		died.Idle = true
		e.ran = e.worker
		e.diedBefore(out, err)
	}
	if e.worker == nil {
		return errNoWorker
	}
	return nil
}

// diedBefore reports whether the worker died before it ran anything of the
// cell. There is a new one then, and a note of what is lost.
func (e *cellRun) diedBefore(out Sink, err error) bool {
	var died *worker.Died
	if !errors.As(err, &died) || !died.Idle {
		return false
	}
	told := e.workerDied(died)
	note(out, "%s. It was between two cells. %s", told.Value, strings.Join(told.Traceback[1:], " "))
	return e.worker != nil
}

// checkDied starts a new worker when the error is that the old one died.
func (e *cellRun) checkDied(out Sink, err error) error {
	var died *worker.Died
	if !errors.As(err, &died) {
		return err
	}
	return e.workerDied(died)
}

// A death is how a worker ended.
type death struct {
	of   *worker.Worker
	told *CellError
}

// RestartWorker starts a new worker and returns the names of the variables
// that are lost. Declarations stay.
func (e *Engine) RestartWorker(ctx context.Context) (lost []string, err error) {
	e.stopWorker()
	e.packages.NewWorker()
	lost = e.session.Forget()
	if err := e.startWorker(); err != nil {
		return lost, err
	}
	return lost, e.renewModules(ctx)
}

// workerDied starts a new worker and says what was lost. Declarations stay.
// Of several cells that the worker ran, the first one does it.
func (e *cellRun) workerDied(died *worker.Died) *CellError {
	e.take(context.Background())
	switch {
	case e.ran != nil && e.death.of == e.ran:
		return e.death.told
	case e.ran != nil && e.worker != e.ran:
		const why = "the process that ran the cells was ended by a restart while this cell ran"
		return &CellError{Name: "WorkerDied", Value: why, Traceback: []string{red + "WorkerDied" + plain + ": " + why}}
	}
	ended := e.worker
	lost, startErr := e.RestartWorker(context.Background())
	e.lost, e.lostNow = append(e.lost, lost...), lost
	err := &CellError{Name: "WorkerDied", Value: died.Error()}
	err.Traceback = []string{red + err.Name + plain + ": " + err.Value}
	if len(lost) > 0 {
		err.Traceback = append(err.Traceback, "These variables are lost: "+strings.Join(lost, ", ")+".")
	}
	if startErr != nil {
		err.Traceback = append(err.Traceback, "Types, functions and imports are kept.", fmt.Sprintf("A new process could not be started: %v", startErr))
	} else {
		err.Traceback = append(err.Traceback, "Types, functions and imports are kept; a new process has started.")
	}
	e.death, e.ran = death{ended, err}, nil
	return err
}

// nameLost says of undefined names that they were variables that are lost.
func (e *Engine) nameLost(messages []session.Message) []session.Message {
	messages = slices.Clone(messages)
	for i, m := range messages {
		if m.Problem == source.UndefinedName && slices.Contains(e.lost, m.Name) {
			messages[i].Problem = source.OtherProblem // nothing else is to be said of it
			messages[i].Text += " (it was lost when the process of the cells ended; run the cell that made it again)"
		}
	}
	return messages
}
