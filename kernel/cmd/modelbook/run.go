package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"modelbook/kernel"
	"modelbook/kernel/engine"
	"modelbook/kernel/notebook"
)

// errInterrupted ends with status 130, as shells do after an interrupt.
var errInterrupted = errors.New("interrupted")

// runOptions are what `modelbook run` was asked for.
type runOptions struct {
	notebook, out, html, home, cwd, file string
	parameters                           []notebook.Parameter
	timeout                              time.Duration
	quiet, keepGoing, noInput, list      bool
	prepare                              bool
}

func runCommand(args []string) error {
	var o runOptions
	f := newFlags("run", "NOTEBOOK [-o OUT.ipynb] [--html OUT.html] [--set NAME=VALUE ...] [--timeout D] [--quiet]")
	f.StringVar(&o.out, "o", "", "write the executed notebook to `file`, after every cell and every 30 s (it may be the notebook itself;\n- is standard output; {name} in it becomes the value of a parameter)")
	f.StringVar(&o.html, "html", "", "write the result as a page to `file`, which needs nothing else")
	f.BoolVar(&o.noInput, "no-input", false, "leave the code out of the page")
	f.DurationVar(&o.timeout, "timeout", 0, "longest time a cell may take, as in 10m (default: no limit)")
	f.BoolVar(&o.keepGoing, "keep-going", false, "run the cells behind one that fails, too")
	f.BoolVar(&o.quiet, "quiet", false, "show errors only")
	f.StringVar(&o.cwd, "cwd", "", "working `folder` of the cells (default: the notebook's)")
	f.StringVar(&o.home, "home", "", "installed `folder` to use")
	f.StringVar(&o.file, "parameters", "", "set variables from the JSON object in `file`")
	f.BoolVar(&o.list, "list-parameters", false, "print the notebook's parameters and run nothing")
	f.BoolVar(&o.prepare, "prepare-only", false, "write the notebook with its parameters to the file of -o, and run nothing")
	f.Func("set", "`NAME=VALUE`: set a variable behind the cell tagged \"parameters\"; may be repeated", func(s string) error {
		p, err := notebook.ParseParameter(s)
		o.parameters = append(o.parameters, p)
		return err
	})
	rest, err := parse(f, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError{"want one notebook"}
	}
	o.notebook = rest[0]
	nb, err := notebook.ReadFile(o.notebook)
	if err != nil {
		return err
	}
	if o.list {
		for _, p := range nb.Declared() {
			fmt.Println(p)
		}
		return nil
	}
	if l := nb.Language(); l != "" && l != "go" && l != "Go" {
		return fmt.Errorf("%s is a notebook of %s, not of Go", o.notebook, l)
	}
	if err := o.inject(nb); err != nil {
		return fmt.Errorf("%s: %w", o.notebook, err)
	}
	o.out, o.html = nb.Fill(o.out, o.parameters), nb.Fill(o.html, o.parameters)
	if o.prepare {
		if o.out == "" {
			return usageError{"--prepare-only needs a file to write to: -o FILE"}
		}
		return o.save(nb)
	}
	return o.run(nb)
}

// save writes the notebook to the file of -o.
func (o *runOptions) save(nb *notebook.Notebook) error {
	if o.out != "-" {
		return nb.WriteFile(o.out)
	}
	b, err := nb.Encode()
	if err != nil {
		return err
	}
	_, err = os.Stdout.Write(b)
	return err
}

// folders makes the folders of the files to write, so that a failure shows before
// the run.
func (o *runOptions) folders() error {
	for _, file := range []string{o.out, o.html} {
		if file != "" && file != "-" {
			if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
				return err
			}
		}
	}
	return nil
}

// isFile reports whether the file of -o can be written again and again.
func (o *runOptions) isFile() bool {
	st, err := os.Stat(o.out)
	return o.out != "" && o.out != "-" && (err != nil || st.Mode().IsRegular())
}

const (
	// autosave is the time between two saves while a cell runs.
	autosave = 30 * time.Second
	// savingShare is how many times the time that a save took passes before
	// the next one, so that saving a large notebook does not slow its run down.
	savingShare = 4
)

// inject sets the parameters of the file, overridden by those of the command line.
func (o *runOptions) inject(nb *notebook.Notebook) error {
	if o.file != "" {
		b, err := os.ReadFile(o.file)
		if err != nil {
			return err
		}
		fromFile, err := nb.ReadParameters(b)
		if err != nil {
			return fmt.Errorf("%s: %w", o.file, err)
		}
		o.parameters = append(fromFile, o.parameters...)
	}
	return nb.Inject(o.parameters)
}

// run executes the notebook and writes what was asked for.
func (o *runOptions) run(nb *notebook.Notebook) error {
	ctx, cancel := interrupted()
	defer cancel()
	dir := o.cwd
	if dir == "" {
		dir = filepath.Dir(o.notebook)
	}
	e, err := engine.New(engine.Config{Home: findHome(o.home), Dir: dir})
	if err != nil {
		return err
	}
	defer e.Close()
	shows := os.Stdout
	if o.out == "-" {
		shows = os.Stderr
	}
	w := io.Writer(shows)
	if o.quiet {
		w = io.Discard
	}
	screen := notebook.NewScreen(w, isTerminal(shows) && os.Getenv("TERM") != "dumb")
	screen.Width = width(shows)
	r := notebook.Runner{Engine: e, Screen: screen, Timeout: o.timeout, KeepGoing: o.keepGoing, SaveEvery: autosave}
	if isTerminal(os.Stdin) {
		r.Ask = ask
	}
	nb.SetLanguage(notebook.Kernelspec{Name: kernelName, DisplayName: displayName, Language: "go"},
		kernel.LanguageInfo(runtime.Version()))
	if err := o.folders(); err != nil {
		return err
	}
	if o.isFile() {
		var last time.Time
		var took time.Duration
		r.After = func() error {
			if begin := time.Now(); begin.Sub(last) >= savingShare*took {
				defer func() { last, took = time.Now(), time.Since(begin) }()
				return nb.WriteFile(o.out)
			}
			return nil
		}
		if err := r.After(); err != nil { // a failure shows now, not after an hour
			return err
		}
	}
	begun := time.Now()
	failure := r.Run(ctx, nb)
	if cell := new(notebook.CellFailure); errors.As(failure, &cell) && ctx.Err() == nil {
		nb.MarkFailure(cell)
	}
	nb.Record(o.notebook, o.out, o.parameters, begun, failure != nil)
	if err := o.write(nb); err != nil {
		return errors.Join(failure, err)
	}
	var cell *notebook.CellFailure
	switch {
	case failure == nil:
		if !o.quiet {
			fmt.Fprintf(shows, "\n%s: all cells ran in %v\n", o.notebook, time.Since(begun).Round(100*time.Millisecond))
		}
		return nil
	case errors.As(failure, &cell):
		if o.quiet { // nobody has seen it yet
			notebook.NewScreen(os.Stderr, isTerminal(os.Stderr)).Error(cell.Err)
		}
		fmt.Fprintf(os.Stderr, "modelbook run: %s: %v\n", o.notebook, failure)
		if ctx.Err() != nil {
			return errInterrupted
		}
		return errSilent
	}
	return failure
}

// write writes the notebook and the page, also of a run that failed.
func (o *runOptions) write(nb *notebook.Notebook) error {
	if o.out != "" {
		if err := o.save(nb); err != nil {
			return err
		}
	}
	if o.html == "" {
		return nil
	}
	title := nb.Title()
	if title == "" {
		title = strings.TrimSuffix(filepath.Base(o.notebook), ".ipynb")
	}
	page, err := nb.HTML(title, o.noInput)
	if err != nil {
		return err
	}
	return os.WriteFile(o.html, page, 0o644)
}

// lines are the lines the user types, read ahead so that a question can be
// interrupted.
var lines = func() func(ctx context.Context) (string, error) {
	type line struct {
		text string
		err  error
	}
	var typed chan line
	return func(ctx context.Context) (string, error) {
		if typed == nil {
			typed = make(chan line)
			go func() {
				in := bufio.NewReader(os.Stdin)
				for {
					text, err := in.ReadString('\n')
					typed <- line{strings.TrimRight(text, "\r\n"), err}
					if err != nil {
						close(typed)
						return
					}
				}
			}()
		}
		select {
		case l, ok := <-typed:
			if !ok {
				return "", io.EOF
			}
			return l.text, l.err
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}()

// ask asks the user at the terminal.
func ask(ctx context.Context, prompt string, password bool) (string, error) {
	fmt.Print(prompt)
	if password {
		defer fmt.Println()
		defer hideTyping(os.Stdin)()
	}
	return lines(ctx)
}
