package notebook

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/engine"
)

// An Engine runs cells. *engine.Engine is one.
type Engine interface {
	Execute(ctx context.Context, r engine.Request, out engine.Sink) error
}

// A Runner executes notebooks.
type Runner struct {
	Engine Engine
	Screen *Screen // shows the run, or nil
	// Timeout is the longest a cell may take; 0 is no limit.
	Timeout time.Duration
	// KeepGoing also runs the cells after one that fails.
	KeepGoing bool
	// After is called after every cell, to save what is there, or is nil.
	After func() error
	// SaveEvery is the time between two calls of After while a cell runs; 0 is
	// none.
	SaveEvery time.Duration
	// Ask reads a line from the user when a cell wants one, or is nil.
	Ask func(ctx context.Context, prompt string, password bool) (string, error)
}

// A CellFailure says which cell of a notebook failed.
type CellFailure struct {
	Index  int // position in the notebook, from 0
	Number int // execution count
	Err    *engine.CellError
}

func (f *CellFailure) Error() string { return fmt.Sprintf("cell [%d] failed: %v", f.Number, f.Err) }

// Unwrap returns the cell's error.
func (f *CellFailure) Unwrap() error { return f.Err }

// Run executes the code cells of the notebook from top to bottom and stores
// their outputs in it, and their times in their metadata, as papermill does.
// It stops at the first cell that fails, with a *CellFailure, unless the cell
// is tagged "raises-exception"; with KeepGoing it returns the first failure at
// the end.
func (r *Runner) Run(ctx context.Context, nb *Notebook) error {
	screen := r.Screen
	if screen == nil {
		screen = NewScreen(discard{}, false)
	}
	nb.Cells = slices.DeleteFunc(nb.Cells, func(c *Cell) bool { return hasTag(c, failureTag) })
	for _, c := range nb.Cells {
		if c.Type == "code" { // what an earlier run left
			c.ran, c.number, c.outputs = true, 0, nil
			c.note(papermill, nil)
			if strings.TrimSpace(c.Source) != "" {
				screen.Total++
			}
		}
	}
	displays := map[string][]*output{}
	number := 0
	var failure *CellFailure
	for i, c := range nb.Cells {
		if c.Type == "markdown" {
			screen.Markdown(c.Source)
		}
		if c.Type != "code" || strings.TrimSpace(c.Source) == "" {
			continue
		}
		number++
		c.number = number
		screen.Code(number, c.Source)
		start := time.Now()
		err := r.cell(ctx, c, displays, screen)
		screen.End()
		c.timed(start, err != nil)
		expected := hasTag(c, "raises-exception") && ctx.Err() == nil
		if err != nil && !expected && failure == nil {
			failure = &CellFailure{i, number, err}
		}
		if r.After != nil {
			if err := r.After(); err != nil {
				return err
			}
		}
		if failure != nil && (!r.KeepGoing || ctx.Err() != nil) {
			return failure
		}
	}
	if failure != nil {
		return failure
	}
	return nil
}

func hasTag(c *Cell, tag string) bool {
	for _, t := range c.Tags {
		if t == tag {
			return true
		}
	}
	return false
}

// cell executes one cell.
func (r *Runner) cell(ctx context.Context, c *Cell, displays map[string][]*output, screen *Screen) *engine.CellError {
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	s := &sink{outputs: outputs{cell: c, displays: displays}, screen: screen, ctx: ctx, ask: r.Ask}
	stop := r.saving(s)
	err := r.Engine.Execute(ctx, engine.Request{Code: c.Source, Cell: c.number}, s)
	stop()
	if err == nil {
		return nil
	}
	var failure *engine.CellError
	if !errors.As(err, &failure) {
		failure = &engine.CellError{Name: "KernelError", Value: err.Error(), Traceback: []string{err.Error()}}
	}
	if r.Timeout > 0 && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		failure = &engine.CellError{Name: "Timeout", Value: fmt.Sprintf("the cell took longer than %v", r.Timeout), Traceback: failure.Traceback}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outputs.add(&output{kind: "error", err: failure})
	screen.Error(failure)
	return failure
}

// saving saves at intervals while a cell runs, until stop is called. An error is
// ignored: the save at the end of the cell reports it.
func (r *Runner) saving(s *sink) (stop func()) {
	if r.After == nil || r.SaveEvery <= 0 {
		return func() {}
	}
	done, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(r.SaveEvery)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				s.mu.Lock()
				r.After()
				s.mu.Unlock()
			case <-done:
				return
			}
		}
	}()
	return func() { close(done); <-ended }
}

// A sink stores the output of a cell and shows it.
type sink struct {
	mu      sync.Mutex
	outputs outputs
	screen  *Screen
	ctx     context.Context
	ask     func(context.Context, string, bool) (string, error)
}

func (s *sink) Stream(name, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outputs.stream(name, text)
	s.screen.Stream(name, text)
}

func (s *sink) Display(d engine.Display) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outputs.display("display_data", d, 0)
	s.screen.Display(d)
}

func (s *sink) Result(d engine.Display) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outputs.display("execute_result", d, s.outputs.cell.number)
	s.screen.Display(d)
}

func (s *sink) Clear(wait bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.outputs.clear = true
	if !wait {
		s.outputs.cleared()
	}
}

func (s *sink) Input(prompt string, password bool) (string, error) {
	if s.ask == nil {
		return "", errors.New("there is nobody to answer: this notebook runs without a user")
	}
	s.screen.End()
	return s.ask(s.ctx, prompt, password)
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
