package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
	"modelbook/kernel/compile"
	"modelbook/kernel/program"
	"modelbook/kernel/session"
	"modelbook/kernel/toolchain"
	"modelbook/kernel/worker"
	"modelbook/kernel/worker/control"
)

// byteOrderMark is what some editors put in front of a text.
const byteOrderMark = "\uFEFF"

// A cellRun is what Execute does for one cell. Its commands use the engine
// through it.
type cellRun struct {
	*Engine
	id     control.RunID
	ctx    context.Context
	target *target
	turns  bool           // it has the turn
	tests  bool           // it runs tests
	ran    *worker.Worker // that was asked to run it last
}

// take waits for the turn, unless it has it.
func (e *cellRun) take(ctx context.Context) error {
	if e.turns {
		return nil
	}
	err := e.turn.take(ctx)
	e.turns = err == nil
	return err
}

// give gives the turn to other cells, if it has it.
func (e *cellRun) give() {
	if e.turns {
		e.turns = false
		e.turn.give()
	}
}

// Outside calls f, which may take long, while other cells may be compiled.
func (e *cellRun) Outside(f func()) {
	e.give()
	defer e.take(context.Background())
	f()
}

// Execute runs a cell. The error is nil or a *CellError; cancelling ctx
// interrupts the cell, and values survive. Several cells may be executed at the
// same time.
func (e *Engine) Execute(ctx context.Context, r Request, out Sink) error {
	e.mu.Lock()
	e.cells++
	c := &cellRun{Engine: e, id: e.cells, ctx: ctx}
	e.mu.Unlock()
	r.Code = strings.TrimPrefix(r.Code, byteOrderMark)
	sink := command.NewOutput(out)
	err := c.take(ctx)
	if err == nil {
		defer c.give()
		e.sources.add(r.Cell, r.Code)
		c.target = e.outputs.begin(c.id, sink, r.Silent)
		defer e.outputs.end(c.target)
		err = c.execute(ctx, r, sink)
		if c.turns {
			defer e.teach()
		}
	}
	variable, captureErr := sink.End()
	if captureErr != nil {
		note(out, "%v", captureErr)
	}
	if variable != "" {
		if err := c.execute(ctx, Request{Code: variable, Cell: r.Cell, Silent: true}, sink); err != nil {
			note(out, "%%%%capture: %v", err)
		}
	}
	if err != nil {
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

func (e *cellRun) execute(ctx context.Context, r Request, out *command.Output) (err error) {
	if err := e.take(ctx); err != nil {
		return err
	}
	parsed, err := cell.Parse(r.Code, r.Cell)
	if err == nil && parsed.Test != nil && !e.tests { // package testing can run one set of tests at a time
		var interrupted error
		e.Outside(func() { interrupted = e.testing.take(ctx) })
		if interrupted != nil {
			return interrupted
		}
		e.tests = true
		defer func() { e.tests = false; e.testing.give() }()
	}
	if err := e.revive(out); err != nil {
		return err
	}
	if err != nil {
		return e.syntaxError(r, err)
	}
	if r.args != nil {
		parsed.Args = r.args
	}
	p, files := e.pipe, e.files
	id := int64(e.id)
	p.Begin(id, r.Code)
	defer func() { p.End(id) }()
	commands, err := e.commands.Run(ctx, e.host(), parsed, r.Code, out)
	if (e.pipe != p || e.files != files) && e.pipe != nil { // a new worker's, or one that ran a file
		p.End(id)
		p = e.pipe
		p.Begin(id, r.Code)
	}
	defer commands.End()
	if len(parsed.Commands) > 0 {
		e.sayUpgraded(ctx, out)
	}
	if err != nil {
		return e.checkDied(out, err)
	}
	e.pickUp(ctx, out)
	if commands.After != nil { // the tests of the cell run apart from it
		plain := *parsed
		plain.Test, parsed = nil, &plain
		defer func() {
			if err == nil {
				e.take(context.Background())
				err = commands.After(ctx)
			}
		}()
	}
	if len(parsed.Decls) == 0 && len(parsed.Stmts) == 0 && !parsed.Main && parsed.Test == nil {
		return nil
	}
	c, err := toSession(parsed, commands.Measured)
	if err != nil {
		return e.syntaxError(r, err)
	}
	c.Restored, c.Debug = r.restored, r.Debug
	if commands.Instead != nil {
		return commands.Instead(ctx)
	}
	if err := e.obtain(ctx, session.Imports(c), out); err != nil {
		return err
	}
	failure, ran, err := e.attempt(ctx, r, parsed, c, commands, out)
	if e.diedBefore(out, err) {
		p.End(id)
		p = e.pipe
		p.Begin(id, r.Code)
		failure, ran, err = e.attempt(ctx, r, parsed, c, commands, out)
	}
	if err != nil {
		return e.checkDied(out, err)
	}
	if ran {
		if err := commands.ShowTests(); err != nil && (failure == nil || failure.Kind == control.Exited) {
			return err
		}
	}
	if failure != nil && !(failure.Kind == control.Exited && failure.Code == 0) {
		return e.sources.failure(failure)
	}
	return nil
}

// attempt compiles, loads and runs a cell. It reports whether code of the cell
// ran.
func (e *cellRun) attempt(ctx context.Context, r Request, parsed *cell.Cell, c session.Cell, commands *command.Run, out *command.Output) (failure *control.Failure, ran bool, err error) {
	plan, err := e.session.Plan(c)
	var bad *session.Error
	if errors.As(err, &bad) {
		got, obtainErr := e.obtainNamed(ctx, bad.Messages, out)
		if ctx.Err() != nil {
			return nil, false, ctx.Err()
		}
		if got && obtainErr == nil { // else it is a package that an experiment hides
			plan, err = e.session.Plan(c)
		}
	}
	if err != nil {
		if errors.As(err, &bad) {
			return nil, false, e.sources.compileError(e.suggest(r, e.nameLost(bad.Messages)))
		}
		return nil, false, err
	}
	if len(plan.Files) > 0 {
		if err := e.load(ctx, r, parsed, plan, out); err != nil {
			return nil, false, err
		}
	}
	session := e.session
	session.Commit(plan)
	e.initials = append(e.initials, program.Initials(c.Number, c.Stmts)...)
	e.teach()
	for _, n := range plan.Notes {
		note(out, "%s", e.sources.named(n))
	}
	if len(plan.Files) == 0 {
		return nil, false, nil
	}
	e.listen(commands)
	commands.Started()
	if r.Debug {
		if err := e.worker.SetBreakpoints(r.Cell, r.Breakpoints); err != nil {
			return nil, false, err
		}
	}
	p := e.pipe
	var made int
	failure, made, err = e.run(ctx, out)
	p.Flush(pipeLimit)
	if err == nil && !plan.Made(made) {
		err = e.unmade(session, plan, made, out)
	}
	return failure, true, err
}

// listen gives the commands of a cell what the worker measures.
func (e *cellRun) listen(commands *command.Run) {
	commands.Listen()
	e.target.measures(func(event control.Event) {
		switch event := event.(type) {
		case control.Profile:
			commands.Profiled(cell.Fields(event.Options), event.Data)
		case control.Tested:
			commands.Tested(command.Test(event.Test))
		}
	})
}

// unmade takes back the variables of statements that did not run.
func (e *cellRun) unmade(s *session.Session, plan *session.Plan, made int, out Sink) error {
	e.take(context.Background())
	if s != e.session {
		return nil // there was a restart
	}
	changed, notes := s.Unmade(plan, made)
	for _, n := range notes {
		note(out, "%s", n)
	}
	if len(changed) == 0 {
		return nil
	}
	e.teach()
	return e.worker.Revert(e.id, changed)
}

// syntaxError is the error of a cell that cell.Parse or toSession refuse.
func (e *Engine) syntaxError(r Request, err error) error {
	var syntax *cell.SyntaxError
	if errors.As(err, &syntax) {
		return e.sources.compileError([]session.Message{{Cell: r.Cell, Line: syntax.Line, Col: syntax.Col, Text: syntax.Msg}})
	}
	return err
}

// load compiles a plan and loads the plugin.
func (e *cellRun) load(ctx context.Context, r Request, c *cell.Cell, plan *session.Plan, out Sink) error {
	if err := e.uninitialized(plan.Imports); err != nil {
		return err
	}
	p := compile.Plugin{Cell: r.Cell, Globals: plan.Globals, Imports: plan.Imports}
	for _, f := range plan.Files {
		p.Files = append(p.Files, compile.File{Name: f.Name, Text: f.Text})
	}
	started := time.Now()
	plugin, err := e.compiler.Build(ctx, p)
	e.saySlow(time.Since(started), out)
	if err != nil {
		var bad *toolchain.CompileError
		if errors.As(err, &bad) {
			return e.sources.compilerOutput(bad)
		}
		return err
	}
	defer os.RemoveAll(filepath.Dir(plugin))
	if remarks := e.compiler.Remarks(); len(remarks) > 0 {
		out.Stream("stderr", strings.Join(remarks, "\n")+"\n")
	}
	e.ran = e.worker
	if err := e.worker.Open(e.id, plugin, c.Args); err != nil {
		var bad *worker.InitError
		if errors.As(err, &bad) {
			e.packages.Load(plan.Imports)
			return e.initFailed(bad.Failure)
		}
		return err
	}
	e.packages.Load(plan.Imports)
	for _, path := range plan.Imports {
		e.named[path] = true
	}
	return nil
}

// slowBuild is how long compiling a cell may take before the reason is told.
// (A variable for tests, which cannot know how fast the machine is.)
var slowBuild = 5 * time.Second

// saySlow tells once a package why cells that use it take longer than others.
func (e *Engine) saySlow(took time.Duration, out Sink) {
	beyond := slices.DeleteFunc(slices.Clone(e.compiler.Beyond()), func(path string) bool { return e.slow[path] })
	if took < slowBuild || len(beyond) == 0 {
		return
	}
	for _, path := range beyond {
		e.slow[path] = true
	}
	note(out, "compiling this cell took %.1f s: %s is not compiled ahead, and cells that use it, or a variable of its types, are linked in full", took.Seconds(), strings.Join(beyond, ", "))
}

// deafAfter is how long a worker may take to tell what became of an interrupt:
// longer than the functions may run that the cell has deferred.
const deafAfter = 2*control.DeferredFor + 5*time.Second

// setRunning notes whether the worker runs the cell.
func (e *cellRun) setRunning(on bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if on {
		e.running = append(e.running, e)
	} else {
		e.running = slices.DeleteFunc(e.running, func(other *cellRun) bool { return other == e })
	}
}

// run runs the loaded cell, without the turn; the end of ctx interrupts it.
func (e *cellRun) run(ctx context.Context, out *command.Output) (failure *control.Failure, made int, err error) {
	done, stopped := make(chan struct{}), make(chan struct{})
	w, alone := e.worker, e.outputs.alone()
	if alone {
		if err := w.Stdin().Renew(); err != nil {
			e.logf("the cells' input: %v", err)
		}
	}
	if !alone || !w.Stdin().Wanted() { // else by a goroutine of an earlier cell, which may wait
		go feed(ctx, w, out, e.target, done)
	}
	if w.Several() {
		e.give()
	}
	go func() {
		defer close(stopped)
		select {
		case <-ctx.Done():
			w.Interrupt(e.id)
		case <-done:
			return
		}
		select {
		case <-time.After(control.ListenFor + endInput):
			if e.target.asks() {
				w.Stdin().End() // the cell must not go on to wait for the user
			}
		case <-done:
			return
		}
		select {
		case <-time.After(deafAfter):
			note(out, "the process of the cells does not answer to the interrupt; a restart of the kernel ends it, and with it all values")
		case <-done:
		}
	}()
	e.setRunning(true)
	failure, made, err = w.Run(e.id)
	e.setRunning(false)
	close(done)
	<-stopped
	return failure, made, err
}
