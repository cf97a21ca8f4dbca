package command

import (
	"slices"
	"strings"

	"modelbook/kernel/command/usage"
	"modelbook/kernel/mpi"
)

// Group is the part of %help in which a command stands.
type Group string

// The groups of commands.
const (
	InRunning   Group = "running"   // how the Go code of a cell runs
	InDeclared  Group = "session"   // what the session holds
	InSurround  Group = "surround"  // directory, environment, modules
	InTexts     Group = "texts"     // files, earlier cells, outputs
	InFront     Group = "front"     // the page, and help
	InMeasuring Group = "measuring" // time and profiles
	InShell     Group = "shell"     // shell commands
	InWhole     Group = "whole"     // the rest of the cell is not Go
)

// textOnly is the usage of commands that take the text behind them as it is.
const textOnly = "command"

const testHelp = "runs the tests, benchmarks and examples of this cell, or all of the session when it has none, with flags of `go test`: " +
	"`-run`, `-skip`, `-bench`, `-benchmem`, `-benchtime`, `-count`, `-v`, `-short`, `-failfast`, `-list`, `-parallel`, `-shuffle`, `-cpuprofile`, `-memprofile`, " +
	"`-race`, `-cover`, `-coverprofile`"

const testMore = "With `-race`, `-cover`, `-covermode` or `-coverprofile` the tests run in a program of its own, which `go test` builds from the declarations " +
	"of the session that the tests reach, with `-cover` from all of its functions. That program starts afresh: a variable has the value that the statement that " +
	"declares it gives (`x := load()` calls `load` again), and nothing that other statements have computed or assigned. `-cpu` and `-timeout` work there, too. " +
	"Data races and other reports name cells and lines. `-cover` shows the share of statements that ran, and the source of the cells with a mark at each line; " +
	"`-coverprofile` also writes the profile to a file, with cells in place of files. `-race` needs a C compiler."

const mpirunHelp = "calls a function on several processors or machines at once, over MPI: the ranks train a `*train.Trainer` of the session together, " +
	"and its weights, its optimizer's memory and its `History` come back"

const mpirunMore = "The function is one of the session, such as `func fit(ctx context.Context, trainer *train.Trainer) error`, and calls `Fit` as it does on one processor: " +
	"`BatchSize` is that of all ranks together, and each takes its part of every batch. It may have a `context.Context`, which an interrupt of the cell cancels, " +
	"a `train.Ranks` (for a search, a `tune.Ranks`), and Trainers: the variables named behind it, or else those of its parameters' names.\n\n" +
	"The declarations that the function reaches are built as a program, which mpirun starts: `-n 4` on this machine, `--hosts node1:8,node2:8` with so many ranks on each, " +
	"`--srun` with Slurm's srun. It begins with the Trainer's state in the session. All other variables have the value that the statement that declares them gives " +
	"(`digits, err := mnist.Load(ctx)` loads again, on every rank), and nothing that other statements have computed or assigned.\n\n" +
	"The cell shows what rank 0 prints and the figures that it draws (`plotting.Live`, `Show`). A rank that fails ends all; the error names it and its host. " +
	"An interrupt ends the training as it does on one processor: what was learned so far comes back. " +
	"On other machines the program must be found: the folder of the notebook must be one that they share. " +
	"Environment variables of the cells are those of all ranks on this machine; with mpirun, ranks on others have those of their machine. " +
	"Needed is Open MPI: `apt-get install libopenmpi-dev openmpi-bin`.\n\n" +
	"`modelbook export --mpi` makes a program of the whole notebook, with what starts it on a cluster."

// list is the table of commands, in the order of %help.
var list []Command

// usages are the parsed usages of commands, by name.
var usages = map[string]usage.Form{}

func init() { // the functions in the table read it: an initializer would be a cycle
	list = []Command{
		{Name: "%%", Aliases: []string{"%main", "%%main"}, Usage: "[args...]", Group: InRunning,
			Help: "the Go code below is the body of `func main()`; `flag.Parse` is called first"},
		{Name: "%args", Usage: "[args...]", Group: InRunning, Help: "sets the program arguments of this cell (`os.Args[1:]`)"},
		{Name: "%exec", Usage: "function [args...]", Group: InRunning, Help: "calls a function as `main`"},
		{Name: "%test", Aliases: []string{"%%test"}, Usage: "[flags...]", Group: InRunning, Help: testHelp, More: testMore, Options: marked(separate, more, shared)},
		{Name: "%run", Usage: "file.go [args...]", Group: InRunning, Run: (*Run).runFile,
			Hint: "its declarations become the session's; !go run file.go runs it as a program of its own",
			Help: "runs a Go file in the session: its declarations stay, and its `main` is called"},
		{Name: "%wasm", Group: InRunning, Run: (*Run).wasm,
			Help: "compiles the cell for the browser and runs it there, below the cell; `GonbWasmDivId` is the id of its element in the page",
			More: "The program has the session's declarations that the cell uses, and none of its variables. Packages that exist for browsers only need an `import` line."},
		{Name: "%mpirun", Usage: "[-n ranks] [--hosts hosts] [--srun] function [trainer...]", Group: InRunning, Run: (*Run).mpirun, Hint: mpi.Form,
			Help: mpirunHelp, More: mpirunMore},
		{Name: "%restart", Group: InRunning, Run: (*Run).restart, Hint: "all variables are lost; %reset forgets the declarations, too",
			Help: "starts a new process for the cells: all values are lost, declarations stay"},

		{Name: "%who", Usage: "[type...]", Group: InDeclared, Run: (*Run).who, Help: "lists the names of the variables, or of those of some types"},
		{Name: "%whos", Usage: "[type...]", Group: InDeclared, Run: (*Run).whos, Help: "shows the variables with type, shape, size and value"},
		{Name: "%ls", Aliases: []string{"%list"}, Group: InDeclared, Run: (*Run).list, Hint: "it lists the declarations of the session; !ls lists files",
			Help: "lists all that the session has declared"},
		{Name: "%rm", Aliases: []string{"%remove"}, Usage: "name...", Group: InDeclared, Run: (*Run).remove, Hint: "%ls lists the names",
			Help: "forgets declarations or variables (`T.M` for a method)"},
		{Name: "%doc", Usage: "[-src] symbol", Group: InDeclared, Run: (*Run).doc, Hint: "pkg.Name, variable.Method, an import path or a command",
			Help: "shows documentation: of `pkg.Name`, `variable.Method`, an import path or a command; with `-src` also the source. `name?` and `name??` in a line do the same"},
		{Name: "%reset", Usage: "[go.mod]", Group: InDeclared, Run: (*Run).reset,
			Help: "forgets everything, and makes `go.mod` new; `%reset go.mod` does only that"},
		{Name: "%save", Usage: "[-key file] [-passphrase] [file]", Group: InDeclared, Run: (*Run).save, Hint: "sealed.NewKey makes a key, age-keygen a file with one",
			Help: "writes declarations and values to a file (`session.mbk`), and lists what cannot be saved; encrypted with the key in a file, or with a passphrase that it asks for",
			More: "Variables of packages (`io.EOF`, `os.Stdout`) are the same variables when they are loaded, and errors keep what they wrap."},
		{Name: "%load_session", Usage: "[-key file] [-passphrase] [file]", Group: InDeclared, Run: (*Run).loadSession, Hint: "an encrypted file needs -key or -passphrase",
			Help: "adds what `%save` has written to this session, after a restart or in another notebook",
			More: "No code of the file runs, and no packages are downloaded for it."},

		{Name: "%cd", Usage: "[directory]", Group: InSurround, Run: (*Run).changeDir, Hint: "a name with blanks goes in double quotes",
			Help: "changes the directory in which cells run; `-` is the previous one"},
		{Name: "%pwd", Group: InSurround, Run: (*Run).printDir, Help: "prints the directory in which cells run"},
		{Name: "%env", Usage: "[NAME [value...]]", Group: InSurround, Run: (*Run).env, Hint: "or %env NAME=value",
			Help: "sets an environment variable (`%env NAME=value` does, too), or shows it, or shows all"},
		{Name: "%autoget", Group: InSurround, Run: (*Run).autoGet,
			Help: "downloads modules that a cell imports (this is the default); modules in use keep their versions where that is possible"},
		{Name: "%noautoget", Group: InSurround, Run: (*Run).autoGet, Help: "does not download modules"},
		{Name: "%goflags", Usage: "[flags...]", Options: []string{"-gcflags", "-mod", "-tags"}, Group: InSurround, Run: (*Run).goFlags,
			Help: "sets flags of `go build` for later cells, as `-gcflags=-m` and `-tags=a,b`, or shows them; `%goflags \"\"` removes them"},
		{Name: "%goworkfix", Group: InSurround, Run: (*Run).goWorkFix, Help: "adds `replace` rules to `go.mod` for the modules that `go.work` uses"},
		{Name: "%track", Usage: "[path...]", Group: InSurround, Run: (*Run).track,
			Help: "reports when Go code at a path changes (folders of `replace` rules in `go.mod` are watched anyway), or lists what is tracked"},
		{Name: "%untrack", Usage: "[path]", Group: InSurround, Run: (*Run).untrack, Hint: "path... stands for all paths that begin so; %track lists what is tracked",
			Help: "stops tracking a path; `path...` stands for all paths that begin so"},

		{Name: "%load", Usage: "file", Group: InTexts, Run: (*Run).load, Help: "puts the text of a file into this cell"},
		{Name: "%history", Aliases: []string{"%hist"}, Usage: "[-n] [first-last]", Group: InTexts, Run: (*Run).history,
			Help: "prints earlier cells, all or some; `-n` with their numbers"},
		{Name: "%recall", Usage: "[number]", Group: InTexts, Run: (*Run).recall, Hint: "the number of a cell",
			Help: "puts an earlier cell, or the previous one, into the next cell"},
		{Name: "%capture", Usage: "[-a] file", Group: InTexts, Run: (*Run).captureFile, Hint: "%%capture variable keeps the output in a variable",
			Help: "copies the output of this cell to a file, or appends it"},

		{Name: "%widgets", Group: InFront, Run: (*Run).widgets,
			Help: "connects the page at once, so that scripts find `gonb_comm`; gonbui's widgets do so when they are first used"},
		{Name: "%widgets_hb", Group: InFront, Run: (*Run).heartbeat, Help: "reports whether a connected page answers"},
		{Name: "%lsmagic", Group: InFront, Run: (*Run).listNames, Help: "lists the names of all commands"},
		{Name: "%version", Group: InFront, Run: (*Run).version, Help: "shows the versions of modelbook and of its libraries"},
		{Name: "%help", Usage: "[command]", Group: InFront, Run: (*Run).help, Help: "shows this page, or what is known of one command"},

		{Name: "%time", Aliases: []string{"%%time"}, Usage: "[statement]", Group: InMeasuring, Run: (*Run).timeCell,
			Help: "prints the processor time and wall time of the statement, or of the cell"},
		{Name: "%timeit", Usage: "[-n loops] [-r runs] [-q] statement", Group: InMeasuring, Run: (*Run).timeitCell, Hint: "%%timeit in the first line measures the whole cell",
			Help: "measures the statement in a compiled loop: mean and deviation of 7 runs, best run, allocations"},
		{Name: "%%timeit", Usage: "[-n loops] [-r runs] [-q] [setup]", Group: InMeasuring,
			Help: "in the first line: measures all statements of the cell; the setup is not measured"},
		{Name: "%prun", Aliases: []string{"%%prun"}, Usage: "[-l functions] [-D file] [-q] [statement]", Group: InMeasuring, Run: (*Run).profileCell,
			Help: "profiles the statement, or the cell: a table and a flame graph, of the layers of networks that it trains, too; `-l` sets the number of functions in the table, `-D` keeps the profile for `go tool pprof`, `-q` shows nothing"},

		{Name: "!", Usage: textOnly, Group: InShell, Run: (*Run).shell, Help: "runs a command in a shell, in the directory of the cells"},
		{Name: "!*", Usage: textOnly, Group: InShell, Run: (*Run).shell,
			Help: "runs a command in the folder of the session's `go.mod`, as `!*go get example.org/pkg@v1.2.3`"},
		{Name: "%with_inputs", Group: InShell, Run: (*Run).withInputs, Help: "the next `!` command may ask for lines of input"},
		{Name: "%with_password", Group: InShell, Run: (*Run).withInputs, Help: "like `%with_inputs`, with the input hidden"},

		{Name: "%%capture", Usage: "[variable]", Group: InWhole, Run: (*Run).captureVariable, Hint: "%capture [-a] file copies the output to a file",
			Help: "runs the Go code of the cell, shows nothing, and assigns a struct of `Stdout`, `Stderr` and `Displays` to the variable"},
		{Name: "%%writefile", Aliases: []string{"%%file"}, Usage: "[-a] path", Group: InWhole, Run: (*Run).writeFile, Hint: "a name with blanks goes in double quotes",
			Help: "writes the cell to a file, or appends it; `~` and `$NAME` are expanded"},
		{Name: "%%bash", Group: InWhole, Run: (*Run).script, Hint: "it takes no arguments; %%script program arguments... does",
			Help: "runs the cell as a script of `bash`; an exit status other than 0 is an error"},
		{Name: "%%sh", Group: InWhole, Run: (*Run).script, Hint: "it takes no arguments; %%script program arguments... does", Help: "runs the cell as a script of `sh`, in the same way"},
		{Name: "%%script", Usage: "program [args...]", Group: InWhole, Run: (*Run).script, Help: "passes the cell to a program as its standard input"},
	}
	for _, kind := range []struct{ name, mime, what string }{
		{"%%html", "text/html", "HTML"}, {"%%markdown", "text/markdown", "Markdown"}, {"%%latex", "text/latex", "LaTeX"},
		{"%%svg", "image/svg+xml", "an SVG image"}, {"%%javascript", "text/javascript", "JavaScript, which it runs"},
	} {
		c := Command{Name: kind.name, Group: InWhole, Hint: "the text is below it", Help: "shows the cell as " + kind.what, mime: kind.mime, Run: (*Run).show}
		if kind.name == "%%javascript" {
			c.Aliases = []string{"%%js"}
		}
		list = append(list, c)
	}
	for _, c := range list {
		usages[c.Name] = usage.Parse(c.Usage)
	}
}

// All returns the table of commands, in the order of %help.
func All() []Command { return list }

// Lookup finds a command by one of its names, or returns nil.
func Lookup(name string) *Command {
	for i := range list {
		if list[i].Name == name || slices.Contains(list[i].Aliases, name) {
			return &list[i]
		}
	}
	return nil
}

// Names lists the names of all commands, sorted.
func Names() []string {
	var names []string
	for _, c := range list {
		names = append(append(names, c.Name), c.Aliases...)
	}
	slices.Sort(names)
	return names
}

// Form is what the command takes.
func (c Command) Form() usage.Form { return usages[c.Name] }

// Flags lists the flags of the command.
func (c Command) Flags() []string {
	flags := slices.Clone(c.Options)
	for _, f := range c.Form().Flags {
		flags = append(flags, f.Name)
	}
	slices.Sort(flags)
	return flags
}

// Argument says how the argument behind some others is completed, see operands.
func (c Command) Argument(before []string) string {
	form, position := c.Form(), 0
	for i := 0; i < len(before); i++ {
		k := slices.IndexFunc(form.Flags, func(f usage.Flag) bool { return f.Name == before[i] })
		switch {
		case k < 0:
			position++
		case form.Flags[k].Value == "":
		case i+1 == len(before):
			return operands[form.Flags[k].Value]
		default:
			i++
		}
	}
	return operands[form.Operand(position).Name]
}

// marked are flags with their marks.
func marked(names ...[]string) []string {
	var flags []string
	for _, name := range slices.Concat(names...) {
		flags = append(flags, "-"+name)
	}
	return flags
}

// Usages are the names of the command, the first with its arguments.
func (c Command) Usages() []string {
	separator := " "
	if c.Usage == "" || strings.HasPrefix(c.Name, "!") {
		separator = ""
	}
	return append([]string{c.Name + separator + c.Usage}, c.Aliases...)
}

// ShownAs is the MIME type as which a command shows the rest of its cell, or "".
func ShownAs(name string) string {
	if c := Lookup(name); c != nil {
		return c.mime
	}
	return ""
}

// ChangesModules reports whether a command does nothing but change the session's
// go.mod: a program made of the notebook is compiled with what it asks for.
func ChangesModules(name, text string) bool {
	return name == "!*" && (strings.HasPrefix(text, "go get ") || strings.HasPrefix(text, "go mod edit ")) &&
		!strings.ContainsAny(text, ";|&<>`\n") && !strings.Contains(text, "$(")
}

// operands says what the operands of commands are, so that they can be
// completed: a "file", a "directory", a "name" that the session has declared, a
// "type", a "function", a "variable" of the environment, a "program", a
// "command", a "symbol" that has documentation, or "text" that is not completed.
var operands = map[string]string{
	"file": "file", "file.go": "file", "path": "file", "directory": "directory",
	"name": "name", "type": "type", "function": "function", "NAME": "variable",
	"program": "program", "command": "command", "symbol": "symbol",
	"trainer": "name", "ranks": "text", "hosts": "text",
	"args": "file", "flags": "text", "value": "text", "variable": "text", "number": "text", "first-last": "text",
	"loops": "text", "runs": "text", "functions": "text", "statement": "text", "setup": "text", "go.mod": "text",
}
