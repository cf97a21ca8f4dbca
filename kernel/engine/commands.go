package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modelbook/kernel/build"
	"modelbook/kernel/cell"
	"modelbook/kernel/complete"
	"modelbook/kernel/session"
	"modelbook/kernel/worker/control"
)

// host is what commands need of the engine that runs them.
type host interface {
	// Dir is the working directory of cells and shell commands.
	Dir() string
	// SetDir changes it, for the worker too. The path is absolute.
	SetDir(dir string) error
	// ModuleDir is the folder of the session's module, with its go.mod.
	ModuleDir() string
	// Environ is the environment of cells and shell commands ("KEY=value").
	Environ() []string
	// SetEnv sets a variable in it, for the worker too.
	SetEnv(key, value string) error
	// Declarations lists what the session has declared, variables included.
	Declarations() []Declaration
	// Variables lists the session's variables with their present values.
	Variables() []Variable
	// Remove forgets a declaration or variable by its name ("T.M" for a
	// method) and returns its kind, or "" when there is none of that name, and
	// the variables that are lost because it was their type.
	Remove(name string) (kind string, lost []string, err error)
	// Reset forgets all declarations and variables.
	Reset(ctx context.Context) error
	// ResetModule makes the session's go.mod and go.sum new.
	ResetModule() error
	// SetAutoGet says whether packages not yet available are fetched.
	SetAutoGet(on bool)
	// ConnectPage makes the page connect that shows the cell, and PingPage asks
	// those that are connected for a sign of life; both report success.
	ConnectPage() bool
	PingPage() bool
	// DocumentName describes a name, with its source if wanted.
	DocumentName(name string, source bool) (complete.Page, bool)
	// RestartWorker starts the process of the cells anew, and returns the
	// names of the variables that are lost.
	RestartWorker(ctx context.Context) (lost []string, err error)
	// RunFile runs the text of a Go file as a cell, with program arguments.
	RunFile(ctx context.Context, name, text string, args []string, out Sink) error
	// History lists the texts of the cells so far, by number less 1.
	History() []string
	// SetGoFlags makes flags of go build those of the cells to come; notes
	// tell which have no effect.
	SetGoFlags(flags []string) (notes []string, err error)
	// GoFlags are the flags set last.
	GoFlags() []string
	// Linking says how cells are linked.
	Linking() string
	// Track adds a file or folder to those whose changes are told, Untrack
	// removes one (or all that begin with a path that ends in "..."), Tracked
	// lists them and the local folders of go.mod and go.work.
	Track(path string) error
	Untrack(path string) error
	Tracked(ctx context.Context) ([]string, error)
	// Save writes the session to a file, and LoadSession makes what a file
	// holds this session's. They tell which variables came along, and which
	// could not.
	Save(path string) (*control.Saved, error)
	LoadSession(ctx context.Context, path string, out Sink) (loaded []string, lost []SavedProblem, err error)
	// PrepareWasm makes the folder from which programs for the browser are
	// served.
	PrepareWasm() error
	// UseWork makes replace rules of what the session's go.work uses, and
	// says each, with the folder of a rule before.
	UseWork(ctx context.Context, say func(l build.Local, before string)) error
}

// A Declaration is one name that the session knows.
type Declaration struct {
	Kind  string // "import", "const", "type", "var", "func" or "method"
	Name  string // "T.M" for a method
	Text  string // its signature or type, one line, or ""
	Where string // the cell or file that declared it, or ""
}

// A Variable is a variable of the session as %who shows it.
type Variable struct {
	Name, Type string
	Value      string // shortened, one line
	Size       int64  // bytes, those it refers to included as far as known; 0 when unknown
	Shape      string // "3×4" or a length, "" for what has none
}

// commandRun executes the commands of one cell.
type commandRun struct {
	host
	ctx    context.Context
	cell   *cell.Cell
	source []string // lines of the cell, for error messages
	out    Sink
	// the next shell command may ask the user for lines
	inputs, password bool
	watch            *stopwatch
	front            []session.Piece // code to run before the cell's statements
	wasm             bool            // the cell is a program for the browser
}

// runCommands executes the commands of a cell, in order, before its Go code
// runs, wherever in the cell they stand. A cell command (%%bash) is all there
// is to its cell. The first command that fails ends the cell. The stopwatch of
// what is returned is to be told when the Go code starts, and to be stopped at
// the cell's end, whatever the outcome.
func runCommands(ctx context.Context, h host, c *cell.Cell, source string, out Sink) (*commandRun, error) {
	run := &commandRun{host: h, ctx: ctx, cell: c, source: strings.Split(source, "\n"), out: out}
	run.watch = &stopwatch{run: run, start: time.Now()}
	if c.Whole != nil {
		return run, run.wholeCell(*c.Whole)
	}
	for _, cmd := range c.Commands {
		if err := run.line(cmd); err != nil {
			return run, err
		}
		if ctx.Err() != nil {
			return run, run.interrupted(cmd)
		}
	}
	return run, nil
}

// lineCommands are the commands of one line, by name without mark.
var lineCommands map[string]func(*commandRun, cell.Command) error

// cellCommands are those that take the rest of the cell.
var cellCommands map[string]func(*commandRun, cell.Command) error

func init() { // in init, because help and suggestions read the tables
	lineCommands = map[string]func(*commandRun, cell.Command) error{
		"%%capture":      (*commandRun).capture,
		"%autoget":       (*commandRun).autoGet,
		"%capture":       (*commandRun).capture,
		"%cd":            (*commandRun).changeDir,
		"%doc":           (*commandRun).doc,
		"%env":           (*commandRun).env,
		"%goflags":       (*commandRun).goFlags,
		"%goworkfix":     (*commandRun).goWorkFix,
		"%help":          (*commandRun).help,
		"%hist":          (*commandRun).history,
		"%history":       (*commandRun).history,
		"%list":          (*commandRun).list,
		"%load":          (*commandRun).load,
		"%load_session":  (*commandRun).loadSession,
		"%ls":            (*commandRun).list,
		"%lsmagic":       (*commandRun).listCommands,
		"%noautoget":     (*commandRun).autoGet,
		"%prun":          (*commandRun).measureCell,
		"%pwd":           (*commandRun).printDir,
		"%recall":        (*commandRun).recall,
		"%remove":        (*commandRun).remove,
		"%reset":         (*commandRun).reset,
		"%restart":       (*commandRun).restart,
		"%rm":            (*commandRun).remove,
		"%run":           (*commandRun).runFile,
		"%save":          (*commandRun).save,
		"%time":          (*commandRun).measureCell,
		"%timeit":        (*commandRun).measureCell,
		"%track":         (*commandRun).track,
		"%untrack":       (*commandRun).untrack,
		"%version":       (*commandRun).version,
		"%wasm":          (*commandRun).wasmCell,
		"%who":           (*commandRun).who,
		"%whos":          (*commandRun).whos,
		"%widgets":       (*commandRun).widgets,
		"%widgets_hb":    (*commandRun).heartbeat,
		"%with_inputs":   (*commandRun).withInputs,
		"%with_password": (*commandRun).withInputs,
		"!":              (*commandRun).shell,
		"!*":             (*commandRun).shell,
	}
	cellCommands = map[string]func(*commandRun, cell.Command) error{
		"%%bash":      (*commandRun).script,
		"%%script":    (*commandRun).script,
		"%%sh":        (*commandRun).script,
		"%%writefile": (*commandRun).writeFile,
	}
	for name := range shownAs {
		cellCommands[name] = (*commandRun).show
	}
}

func (r *commandRun) line(cmd cell.Command) error {
	if do := lineCommands[cmd.Name]; do != nil {
		return do(r, cmd)
	}
	return r.unknown(cmd)
}

func (r *commandRun) wholeCell(cmd cell.Command) error {
	if do := cellCommands[cmd.Name]; do != nil {
		return do(r, cmd)
	}
	return r.unknown(cmd)
}

func (r *commandRun) printf(format string, args ...any) {
	r.out.Stream("stdout", fmt.Sprintf(format, args...))
}

func (r *commandRun) autoGet(cmd cell.Command) error {
	r.SetAutoGet(cmd.Name == "%autoget")
	return nil
}

func (r *commandRun) withInputs(cmd cell.Command) error {
	r.inputs, r.password = true, cmd.Name == "%with_password"
	return nil
}

func (r *commandRun) changeDir(cmd cell.Command) error {
	switch len(cmd.Args) {
	case 0:
		r.printf("Current directory: %q\n", r.Dir())
		return nil
	case 1:
	default:
		return r.usage(cmd, "%cd [directory] (a name with blanks goes in double quotes)")
	}
	name := os.Expand(cmd.Args[0], r.getenv)
	if name == "" {
		return r.fail(cmd, "PathError", "%s is empty", cmd.Args[0])
	}
	dir := r.path(name)
	if cmd.Args[0] == "-" {
		if dir = r.getenv("OLDPWD"); dir == "" {
			return r.fail(cmd, "PathError", "there is no directory before this one")
		}
	}
	before := r.Dir()
	if info, err := os.Stat(dir); err != nil {
		return r.fail(cmd, "PathError", "%v", err)
	} else if !info.IsDir() {
		return r.fail(cmd, "PathError", "%s is not a directory", dir)
	}
	if err := r.SetDir(dir); err != nil {
		return r.fail(cmd, "PathError", "%v", err)
	}
	for name, value := range map[string]string{"GONB_DIR": dir, "OLDPWD": before} {
		if err := r.SetEnv(name, value); err != nil {
			return r.fail(cmd, "PathError", "%v", err)
		}
	}
	r.printf("Changed directory to %q\n", dir)
	return nil
}

// path makes a path of an argument: ~ is the home folder, and a relative path
// starts at the working directory of cells.
func (r *commandRun) path(name string) string {
	if name == "~" || strings.HasPrefix(name, "~/") {
		if home := r.getenv("HOME"); home != "" {
			name = home + name[1:]
		}
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(r.Dir(), name)
	}
	return filepath.Clean(name)
}

// getenv returns the value of a variable in the cells' environment.
func (r *commandRun) getenv(key string) string {
	value := ""
	for _, entry := range r.Environ() {
		if v, ok := strings.CutPrefix(entry, key+"="); ok {
			value = v // the last one counts
		}
	}
	return value
}

func (r *commandRun) env(cmd cell.Command) error {
	if len(cmd.Args) == 0 {
		vars := slices.Clone(r.Environ())
		slices.Sort(vars)
		r.printf("%s\n", strings.Join(vars, "\n"))
		return nil
	}
	key, value, assigned := strings.Cut(cmd.Args[0], "=")
	if rest := cmd.Args[1:]; len(rest) > 0 {
		if assigned {
			value += " "
		}
		value += strings.Join(rest, " ")
		assigned = true
	}
	if key == "" {
		return r.usage(cmd, "%env [NAME [value]] or %env NAME=value")
	}
	if !assigned {
		r.printf("%s=%q\n", key, r.getenv(key))
		return nil
	}
	if err := r.SetEnv(key, value); err != nil {
		return r.fail(cmd, "EnvError", "%v", err)
	}
	r.printf("Set: %s=%q\n", key, value)
	return nil
}

func (r *commandRun) remove(cmd cell.Command) error {
	if len(cmd.Args) == 0 {
		return r.usage(cmd, cmd.Name+" name... (%ls lists the names)")
	}
	for _, name := range cmd.Args {
		kind, lost, err := r.Remove(strings.Replace(name, "~", ".", 1)) // GoNB writes T~M
		switch {
		case err != nil:
			return r.fail(cmd, "RemoveError", "%s: %v", name, err)
		case kind == "": // no error, as in GoNB: what is to be gone is gone
			r.out.Stream("stderr", fmt.Sprintf(". key %q not found in any definition, not removed (%%ls lists the names)\n", name))
		default:
			r.printf(". removed %s %s\n", kind, name)
		}
		for _, v := range lost {
			note(r.out, "the variable %s is gone: its type %s was removed", v, name)
		}
	}
	return nil
}

func (r *commandRun) reset(cmd cell.Command) error {
	if len(cmd.Args) > 1 || len(cmd.Args) == 1 && cmd.Args[0] != "go.mod" {
		return r.usage(cmd, "%reset [go.mod]")
	}
	if len(cmd.Args) == 0 {
		if err := r.Reset(r.ctx); err != nil {
			return r.fail(cmd, "ResetError", "%v", err)
		}
		r.printf("* State reset: all memorized declarations discarded.\n")
	}
	if err := r.ResetModule(); err != nil {
		return r.fail(cmd, "ResetError", "%v", err)
	}
	if len(cmd.Args) == 1 {
		r.printf("* go.mod is as at the start of the session.\n")
	}
	return nil
}

func (r *commandRun) writeFile(cmd cell.Command) error {
	args := cmd.Args
	add := len(args) > 1 && args[0] == "-a"
	if add {
		args = args[1:]
	}
	if len(args) != 1 {
		return r.usage(cmd, "%%writefile [-a] path (a name with blanks goes in double quotes)")
	}
	name := r.path(os.Expand(args[0], r.getenv))
	body := cmd.Body
	if body != "" && !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	flags, done := os.O_WRONLY|os.O_CREATE|os.O_TRUNC, "written"
	if add {
		flags, done = os.O_WRONLY|os.O_CREATE|os.O_APPEND, "appended"
	}
	f, err := os.OpenFile(name, flags, 0o644)
	if err == nil {
		_, err = f.WriteString(body)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return r.fail(cmd, "PathError", "%v", err)
	}
	r.printf("Cell contents %s to %q.\n", done, name)
	return nil
}
