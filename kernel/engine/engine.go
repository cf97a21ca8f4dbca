package engine

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"modelbook/kernel/command"
	"modelbook/kernel/comms"
	"modelbook/kernel/compile"
	"modelbook/kernel/complete"
	"modelbook/kernel/module"
	"modelbook/kernel/pipe"
	"modelbook/kernel/program"
	"modelbook/kernel/session"
	"modelbook/kernel/toolchain"
	"modelbook/kernel/worker"
	"modelbook/kernel/worker/control"
)

// Config says where an engine finds things and where its cells start.
type Config struct {
	Home string      // installed folder made by prepare.Home
	Dir  string      // working directory of cells at start; "" is the present one
	Log  *log.Logger // or nil
	// JupyterRoot and KernelID become GONB_JUPYTER_ROOT and
	// GONB_JUPYTER_KERNEL_ID, when known.
	JupyterRoot, KernelID string
	// Page is what shows the notebook, or nil where nothing does that runs
	// scripts.
	Page Page
	// Comms is where programs open comms and handle targets of their own, or nil.
	Comms *comms.Registry
}

// Engine runs the cells of one session. Several can run at the same time; one
// at a time is compiled.
type Engine struct {
	cfg      Config
	home     *toolchain.Home
	scratch  *scratch // removed by Close
	imp      *importer
	session  *session.Session
	packages *toolchain.Packages
	module   *module.Module
	compiler *compile.Compiler
	sources  *sources
	outputs  *outputs
	debug    debugging
	autoGet  bool
	goFlags  []string // as %goflags was told them
	tracked  tracked
	local    localModules
	files    int // that %run ran
	commands *command.Set
	initials []program.Initial // the statements that have made variables, in order
	halfMade []string          // packages of this worker whose initialization failed
	lost     []string          // variables that ended with a worker
	lostNow  []string          // those whose loss was told in this cell
	named    map[string]bool   // packages whose variables the worker has registered, beside those that it keeps
	slow     map[string]bool   // packages of which it was told that they take longer
	closed   bool

	completer *complete.Completer

	turn    turn  // whoever has it may use what is above
	testing turn  // of cells with %test
	death   death // of the worker before this one

	mu      sync.Mutex    // guards what follows; worker and pipe are changed by who has the turn, too
	cells   control.RunID // of the latest call of Execute
	running []*cellRun    // what the worker runs at the moment
	worker  *worker.Worker
	pipe    *pipe.Pipe // gonbui's, of this worker
	dir     string
	env     map[string]string // set by %env, on top of this process's
}

// New starts an engine with its worker.
func New(cfg Config) (*Engine, error) {
	home, err := toolchain.OpenHome(cfg.Home)
	if err != nil {
		return nil, err
	}
	if cfg.Dir == "" {
		if cfg.Dir, err = os.Getwd(); err != nil {
			return nil, err
		}
	}
	if cfg.Dir, err = filepath.Abs(cfg.Dir); err != nil {
		return nil, err
	}
	if cfg.Log == nil {
		cfg.Log = log.New(os.Stderr, "", 0)
		cfg.Log.SetOutput(discard{})
	}
	e := &Engine{cfg: cfg, home: home, dir: cfg.Dir, env: map[string]string{}, autoGet: true, slow: map[string]bool{}, tracked: tracked{}, local: localModules{seen: map[string]codeState{}},
		sources: newSources(), turn: make(turn, 1), testing: make(turn, 1)}
	e.outputs = &outputs{explain: e.sources.goroutinePanic}
	if e.scratch, err = newScratch(os.TempDir()); err != nil {
		return nil, err
	}
	e.completer = e.newCompleter()
	e.commands = command.New()
	if err := e.start(); err != nil {
		e.scratch.remove()
		return nil, err
	}
	return e, nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }

// start makes an empty session and a worker for it.
func (e *Engine) start() error {
	dir := filepath.Join(e.scratch.dir, "session")
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	var err error
	if e.packages, err = toolchain.NewPackages(e.home); err != nil {
		return err
	}
	if e.module, err = module.New(e.home, e.packages, filepath.Join(dir, "module")); err != nil {
		return err
	}
	e.compiler = compile.New(e.home, e.packages, dir)
	e.imp = newImporter(e.packages.Archive)
	e.session = session.New(e.imp, e.known, e.home.Lang())
	e.session.ShowAs("*gonum.org/v1/plot.Plot", "modelbook/plotting.Of")
	for _, name := range []string{"Live", "LiveTable", "Show"} { // gonbui, and all it imports, only where it is needed
		e.session.With("modelbook/plotting."+name, "modelbook/plotting/inline")
	}
	e.session.Globals(e.globals)
	e.initials = nil
	e.teach()
	return e.startWorker()
}

// globals names the variables of a package that a saved session may name, where
// the worker has not registered them.
func (e *Engine) globals(path string) []string {
	if e.named[path] || e.packages.Whole(path) || path == "unsafe" || strings.HasPrefix(path, "modelbook/") {
		return nil
	}
	pkg, err := e.imp.Import(path)
	if err != nil {
		return nil
	}
	return compile.Globals(pkg)
}

// known lists the packages that a name without import line may mean.
func (e *Engine) known(name string) []string {
	if known := e.home.Known[name]; known != nil {
		return known
	}
	var got []string
	for _, path := range e.home.Standard()[name] {
		if e.packages.Archive(path) != "" {
			got = append(got, path)
		}
	}
	return got
}

// startWorker starts a worker with its own display pipe.
func (e *Engine) startWorker() error {
	p, err := pipe.Open(e.scratch.dir, e.page())
	if err != nil {
		return err
	}
	e.mu.Lock()
	e.pipe = p
	e.mu.Unlock()
	w, err := worker.Start(worker.Options{Path: e.packages.Worker(), Dir: e.Dir(), Env: e.Environ(), Handler: stopHandler{e.outputs, &e.debug}})
	if err != nil {
		p.Close()
		return err
	}
	e.mu.Lock()
	e.worker = w
	e.mu.Unlock()
	e.halfMade, e.named = nil, map[string]bool{}
	e.connectComms(w)
	// What stands in front of an output in time stands in front of it on the
	// page: each way out is emptied before another is used.
	e.outputs.connect(w.Flush, func() { p.Flush(orderLimit) })
	if e.cfg.Page != nil {
		e.cfg.Page.Receive(p.Deliver, p.Connected)
	}
	go func() {
		if err := p.Serve(e.outputs.pipeSink, w.Stdin()); err != nil {
			e.logf("%v", err)
		}
	}()
	if e.debug.who() != nil {
		return w.Debug(true)
	}
	return nil
}

const (
	// pipeLimit is how long the end of a cell waits for its last displays.
	pipeLimit = 200 * time.Millisecond
	// orderLimit is how long other output waits for the displays before it.
	orderLimit = 1500 * time.Millisecond
)

func (e *Engine) stopWorker() {
	e.mu.Lock()
	w, p := e.worker, e.pipe
	e.worker, e.pipe = nil, nil
	e.mu.Unlock()
	if w != nil {
		w.Close()
		e.outputs.endComms()
	}
	if p != nil {
		p.Close()
	}
}

// Restart ends the worker and forgets everything. A running cell ends with an
// error.
func (e *Engine) Restart() error {
	e.killRunning()
	e.turn.take(context.Background())
	defer e.turn.give()
	e.stopWorker()
	e.mu.Lock()
	e.dir, e.env = e.cfg.Dir, map[string]string{}
	e.mu.Unlock()
	e.lost = nil
	return e.start()
}

// Close ends the worker and removes what the engine stored.
func (e *Engine) Close() error {
	e.killRunning()
	e.turn.take(context.Background())
	defer e.turn.give()
	e.stopWorker()
	e.closed = true
	e.commands.Close()
	return errors.Join(e.completer.Close(), e.scratch.remove())
}

// killRunning makes running cells end, by ending their worker.
func (e *Engine) killRunning() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.worker != nil {
		e.worker.Kill()
	}
}

// Reset forgets all declarations and variables; the worker stays.
func (e *Engine) Reset(ctx context.Context) error {
	names := e.session.Forget()
	e.session.Reset()
	e.initials = nil
	return e.worker.Forget(names)
}

// ResetModule makes the session's go.mod and go.sum new.
func (e *Engine) ResetModule() error { return e.module.Reset() }

// ModuleDir is the folder of the session's module.
func (e *Engine) ModuleDir() string { return e.module.Dir() }

// SetGoFlags makes flags of go build those of the cells to come.
func (e *Engine) SetGoFlags(flags []string) (notes []string, err error) {
	f, notes, err := compile.ParseFlags(flags)
	if err == nil {
		e.goFlags = flags
		e.compiler.SetFlags(f.Compiler)
		e.module.SetFlags(f.Module)
	}
	return notes, err
}

// GoFlags are the flags set last.
func (e *Engine) GoFlags() []string { return e.goFlags }

// Linking says how cells are linked.
func (e *Engine) Linking() string { return e.packages.Linking() }

// SetAutoGet says whether packages not yet available are fetched.
func (e *Engine) SetAutoGet(on bool) { e.autoGet = on }

var (
	errClosed   = errors.New("the engine is closed")
	errNoWorker = errors.New("there is no process that runs cells; the next cell tries to start one")
)

func (e *Engine) logf(format string, args ...any) {
	e.cfg.Log.Output(2, fmt.Sprintf(format, args...))
}

// Insist interrupts the running cells once more that were interrupted: the
// functions that they deferred end by this, too.
func (e *Engine) Insist() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, c := range e.running {
		if c.ctx.Err() != nil {
			c.ran.Interrupt(c.id)
		}
	}
}
