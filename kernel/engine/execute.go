package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"modelbook/kernel/build"
	"modelbook/kernel/cell"
	"modelbook/kernel/session"
	"modelbook/kernel/worker"
	"modelbook/kernel/worker/control"
)

// Execute runs a cell. The error is nil or a *CellError; cancelling ctx
// interrupts the cell, and values survive.
func (e *Engine) Execute(ctx context.Context, r Request, out Sink) error {
	e.runMu.Lock()
	defer e.runMu.Unlock()
	defer e.teach()
	e.sources.add(r.Cell, r.Code)
	e.outputs.to(out, r.Silent, e.sources.goroutinePanic)
	if err := e.execute(ctx, r, out); err != nil {
		var cellErr *CellError
		if errors.As(err, &cellErr) {
			return cellErr
		}
		if ctx.Err() != nil {
			return &CellError{Name: "Interrupted", Value: "interrupted before the cell ran", Traceback: []string{red + "Interrupted" + plain + ": before the cell ran"}}
		}
		return &CellError{Name: "EngineError", Value: err.Error(), Traceback: strings.Split(red+"EngineError"+plain+": "+err.Error(), "\n")}
	}
	return nil
}

func (e *Engine) execute(ctx context.Context, r Request, out Sink) error {
	if e.worker == nil {
		return errNoWorker
	}
	select {
	case <-e.worker.Exited(): // between two cells
		if err := e.workerDied(out, &worker.Died{Reason: "after the last cell"}); err != nil {
			note(out, "%s. %s", err.Value, strings.Join(err.Traceback[1:], " "))
		}
	default:
	}
	parsed, err := cell.Parse(r.Code, r.Cell)
	if err != nil {
		var syntax *cell.SyntaxError
		if errors.As(err, &syntax) {
			return e.sources.compileError([]session.Message{{Cell: r.Cell, Line: syntax.Line, Col: syntax.Col, Text: syntax.Msg}})
		}
		return err
	}
	p := e.pipe // a worker that dies gets another one
	p.Begin(r.Code)
	defer p.End()
	watch, err := runCommands(ctx, e, parsed, r.Code, out)
	defer watch.stop()
	if err != nil {
		return err
	}
	if len(parsed.Decls) == 0 && len(parsed.Stmts) == 0 && !parsed.Main {
		return nil
	}
	c := toSession(parsed)
	if err := e.obtain(ctx, session.Imports(c), out); err != nil {
		return err
	}
	plan, err := e.session.Plan(c)
	if err != nil {
		var bad *session.Error
		if errors.As(err, &bad) {
			return e.sources.compileError(bad.Messages)
		}
		return err
	}
	if len(plan.Files) > 0 {
		if err := e.load(ctx, r, parsed, plan); err != nil {
			return e.checkDied(out, err)
		}
	}
	e.session.Commit(plan)
	e.teach()
	for _, n := range plan.Notes {
		note(out, "%s", n)
	}
	if len(plan.Files) == 0 {
		return nil
	}
	watch.running()
	failure, err := e.run(ctx)
	e.pipe.Flush(pipeLimit)
	if err != nil {
		return e.checkDied(out, err)
	}
	if failure != nil && !(failure.Kind == "exit" && failure.Code == 0) {
		return e.sources.failure(failure)
	}
	return nil
}

// toSession translates a parsed cell for the session.
func toSession(c *cell.Cell) session.Cell {
	pieces := func(from []cell.Piece) (to []session.Piece) {
		for _, p := range from {
			to = append(to, session.Piece{Text: p.Text, Line: p.Line, Col: p.Col, Doc: p.Doc})
		}
		return to
	}
	return session.Cell{Number: c.Number, Decls: pieces(c.Decls), Stmts: pieces(c.Stmts), Body: pieces(c.MainBody), Main: c.Main, Quiet: c.Quiet}
}

// load compiles a plan and loads the plugin.
func (e *Engine) load(ctx context.Context, r Request, c *cell.Cell, plan *session.Plan) error {
	p := build.Plugin{Cell: r.Cell, Globals: plan.Globals}
	for _, f := range plan.Files {
		p.Files = append(p.Files, build.File{Name: f.Name, Text: f.Text})
	}
	plugin, err := e.builder.Build(ctx, p)
	if err != nil {
		var bad *build.CompileError
		if errors.As(err, &bad) {
			return e.sources.compilerOutput(bad)
		}
		return err
	}
	defer os.RemoveAll(filepath.Dir(plugin))
	if err := e.worker.Open(plugin, c.Args); err != nil {
		return err
	}
	e.builder.Loaded(plan.Imports)
	return nil
}

// run runs the loaded cell; the end of ctx interrupts it.
func (e *Engine) run(ctx context.Context) (*control.Failure, error) {
	done, stopped := make(chan struct{}), make(chan struct{})
	w := e.worker
	go func() {
		defer close(stopped)
		select {
		case <-ctx.Done():
			w.Interrupt()
		case <-done:
		}
	}()
	failure, err := w.Run()
	close(done)
	<-stopped // a late interrupt must not hit the next cell
	return failure, err
}

// checkDied starts a new worker when the error is that the old one died.
func (e *Engine) checkDied(out Sink, err error) error {
	var died *worker.Died
	if !errors.As(err, &died) {
		return err
	}
	if e := e.workerDied(out, died); e != nil {
		return e
	}
	return err
}

// workerDied starts a new worker and tells what was lost. Declarations stay.
func (e *Engine) workerDied(out Sink, died *worker.Died) *CellError {
	e.stopWorker()
	e.builder.NewWorker()
	lost := e.session.Forget()
	err := &CellError{Name: "WorkerDied", Value: died.Error()}
	err.Traceback = []string{red + err.Name + plain + ": " + err.Value}
	if len(lost) > 0 {
		err.Traceback = append(err.Traceback, "These variables are lost: "+strings.Join(lost, ", ")+".")
	}
	err.Traceback = append(err.Traceback, "Types, functions and imports are kept; a new process has started.")
	if startErr := e.startWorker(); startErr != nil {
		err.Traceback = append(err.Traceback, fmt.Sprintf("A new process could not be started: %v", startErr))
	}
	return err
}
