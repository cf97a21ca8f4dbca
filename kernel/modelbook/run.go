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
}

func runCommand(args []string) error {
	var o runOptions
	f := newFlags("run", "NOTEBOOK [-o OUT.ipynb] [--html OUT.html] [--set NAME=VALUE ...] [--timeout D] [--quiet]")
	f.StringVar(&o.out, "o", "", "write the executed notebook to `file`, after every cell (it may be the notebook itself)")
	f.StringVar(&o.html, "html", "", "write the result as a page to `file`, which needs nothing else")
	f.BoolVar(&o.noInput, "no-input", false, "leave the code out of the page")
	f.DurationVar(&o.timeout, "timeout", 0, "longest time a cell may take, as in 10m (default: no limit)")
	f.BoolVar(&o.keepGoing, "keep-going", false, "run the cells behind one that fails, too")
	f.BoolVar(&o.quiet, "quiet", false, "show errors only")
	f.StringVar(&o.cwd, "cwd", "", "working `folder` of the cells (default: the notebook's)")
	f.StringVar(&o.home, "home", "", "installed `folder` to use")
	f.StringVar(&o.file, "parameters", "", "set variables from the JSON object in `file`")
	f.BoolVar(&o.list, "list-parameters", false, "print the notebook's parameters and run nothing")
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
	if err := o.inject(nb); err != nil {
		return fmt.Errorf("%s: %w", o.notebook, err)
	}
	return o.run(nb)
}

// inject sets the parameters of the file, and over them those of the command line.
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
	w := io.Writer(os.Stdout)
	if o.quiet {
		w = io.Discard
	}
	screen := notebook.NewScreen(w, isTerminal(os.Stdout) && os.Getenv("TERM") != "dumb")
	screen.Width = width(os.Stdout)
	r := notebook.Runner{Engine: e, Screen: screen, Timeout: o.timeout, KeepGoing: o.keepGoing}
	if isTerminal(os.Stdin) {
		r.Ask = ask
	}
	nb.SetLanguage(map[string]any{"name": kernelName, "display_name": displayName, "language": "go"},
		kernel.LanguageInfo(runtime.Version()))
	if o.out != "" {
		r.After = func() error { return nb.WriteFile(o.out) }
	}
	begun := time.Now()
	failure := r.Run(ctx, nb)
	nb.Record(o.notebook, o.out, o.parameters, begun, failure != nil)
	if err := o.write(nb); err != nil {
		return errors.Join(failure, err)
	}
	var cell *notebook.CellFailure
	switch {
	case failure == nil:
		if !o.quiet {
			fmt.Printf("\n%s: all cells ran in %v\n", o.notebook, time.Since(begun).Round(100*time.Millisecond))
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
		if err := nb.WriteFile(o.out); err != nil {
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
