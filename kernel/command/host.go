package command

import (
	"context"

	"modelbook/dl/privacy/sealed"
	"modelbook/kernel/cell"
)

// Host is what commands need of the engine that runs them, one interface for
// each concern. A command uses those that it needs; the others may be nil.
type Host struct {
	Environment
	Session
	Modules
	Tracking
	Saving
	Running
	Page
	Documentation
	Programs
}

// Environment is where cells and shell commands run.
type Environment interface {
	// Dir is the working directory of cells and shell commands.
	Dir() string
	// SetDir changes it, in the worker too. The path is absolute.
	SetDir(dir string) error
	// Environ is the environment of cells and shell commands ("KEY=value").
	Environ() []string
	// SetEnv sets a variable in it, in the worker too.
	SetEnv(key, value string) error
}

// Session is what the cells have declared.
type Session interface {
	// Declarations lists all that is declared, variables included.
	Declarations() []Declaration
	// Variables lists the variables with their present values.
	Variables() []Variable
	// Remove forgets a declaration or variable by its name ("T.M" for a
	// method). It returns its kind, or "" when there is none of that name, and
	// the variables that are lost because it was their type.
	Remove(name string) (kind string, lost []string, err error)
	// Reset forgets all declarations and variables.
	Reset(ctx context.Context) error
}

// A Declaration is one name that the session knows.
type Declaration struct {
	Kind  string // "import", "const", "type", "var", "func" or "method"
	Name  string // "T.M" for a method
	Text  string // its signature or type, one line, or ""
	Where string // the cell or file that declared it, or ""
}

// A Variable is a variable of the session with its present value.
type Variable struct {
	Name, Type string
	Value      string // shortened, one line
	Size       int64  // bytes, including what it refers to as far as known; 0 when unknown
	Shape      string // "3×4" or a length, "" for what has none
}

// Modules is how cells find packages, and how they are compiled.
type Modules interface {
	// ModuleDir is the folder of the session's module, with its go.mod.
	ModuleDir() string
	// ResetModule makes go.mod and go.sum what they were at the start.
	ResetModule() error
	// SetAutoGet says whether missing modules are downloaded.
	SetAutoGet(on bool)
	// SetGoFlags sets flags of go build for later cells; notes name those that
	// have no effect.
	SetGoFlags(flags []string) (notes []string, err error)
	// GoFlags are the flags set last.
	GoFlags() []string
	// Linking says how cells are linked.
	Linking() string
	// UseWork adds replace rules for the modules that the session's go.work
	// uses, and reports each: the module's path, its folder, and the folder
	// that a rule named before, or "".
	UseWork(ctx context.Context, report func(path, dir, before string)) error
}

// Tracking watches Go code outside of cells for changes.
type Tracking interface {
	// Track adds a file or folder to those that are watched.
	Track(path string) error
	// Untrack removes one, or all with a prefix that is followed by "...".
	Untrack(path string) error
	// Tracked lists them, and the local folders of go.mod and go.work.
	Tracked(ctx context.Context) ([]string, error)
}

// Saving writes the session to a file and reads it back.
type Saving interface {
	// Save encrypts the file when there is a key.
	Save(path string, key *sealed.Key) (Saved, error)
	// LoadSession adds the declarations and variables of a file to the session; one that is encrypted needs a key.
	LoadSession(ctx context.Context, path string, key *sealed.Key, out *Output) (Saved, error)
}

// Saved says which variables were saved or loaded.
type Saved struct {
	Done    []string
	Skipped []Skipped
	Apart   []string // variables, or pairs of them, that share memory and will not when they are loaded
}

// Skipped is a variable that could not be saved or loaded, and why.
type Skipped struct{ Name, Why string }

// Running runs code, and the process that runs it.
type Running interface {
	// RunFile runs the text of a Go file as a cell, with program arguments.
	RunFile(ctx context.Context, name, text string, args []string, out *Output) error
	// RunText runs Go code as a cell that is not the user's; name is what errors
	// call it.
	RunText(ctx context.Context, name, text string, out *Output) error
	// RestartWorker starts a new process for the cells, and returns the names
	// of the variables that are lost.
	RestartWorker(ctx context.Context) (lost []string, err error)
	// History lists the texts of the cells so far; that of cell n has index n-1.
	History() []string
	// Outside calls f, which may take long and does nothing to the session.
	// Other cells may be compiled and run meanwhile.
	Outside(f func())
}

// Page is the page that shows the notebook.
type Page interface {
	// ConnectPage makes the page connect that shows the cell. It reports success.
	ConnectPage() bool
	// PingPage reports whether a connected page answers.
	PingPage() bool
}

// Documentation is what completion knows of names.
type Documentation interface {
	// DocumentName describes a name, with its source if wanted, by MIME type.
	DocumentName(name string, source bool) (data map[string]any, ok bool)
}

// Programs builds cells as programs that run in a process of their own.
type Programs interface {
	// BuildWasm compiles a cell for the browser to a file. consts are string
	// constants that it can use.
	BuildWasm(ctx context.Context, c *cell.Cell, consts map[string]string, file string, out *Output) error
	// TestPackage writes the declarations that tests reach as a package for go
	// test: with own those of the cell, if it has any, else all of the
	// session; with all every function of the session. An error in the text is
	// an *output.Error.
	TestPackage(c *cell.Cell, own, all bool) (*TestPackage, error)
	// RankProgram writes a function of the session, and what it reaches, as a
	// program that calls it on all ranks. trainers are the variables that it
	// trains, nil those that its parameters are named after. dir is where session
	// and program leave each other files.
	RankProgram(function string, trainers []string, dir string) (*RankProgram, error)
	// WasmScript is the file of the Go installation that runs such programs.
	WasmScript() string
}
