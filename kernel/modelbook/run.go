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

func runCommand(args []string) error {
	f := newFlags("run", "NOTEBOOK [-o OUT] [--set NAME=VALUE ...] [--timeout D] [--quiet]")
	out := f.String("o", "", "write the executed notebook to `file` (it may be the notebook itself)")
	timeout := f.Duration("timeout", 0, "longest time a cell may take, as in 10m (default: no limit)")
	quiet := f.Bool("quiet", false, "show errors only")
	home := f.String("home", "", "installed `folder` to use")
	var parameters []notebook.Parameter
	f.Func("set", "`NAME=VALUE`: set a variable behind the cell tagged \"parameters\"; may be repeated", func(s string) error {
		p, err := notebook.ParseParameter(s)
		parameters = append(parameters, p)
		return err
	})
	rest, err := parse(f, args)
	if err != nil {
		return err
	}
	if len(rest) != 1 {
		return usageError{"want one notebook"}
	}
	nb, err := notebook.ReadFile(rest[0])
	if err != nil {
		return err
	}
	if err := nb.Inject(parameters); err != nil {
		return fmt.Errorf("%s: %w", rest[0], err)
	}
	ctx, cancel := interrupted()
	defer cancel()
	e, err := engine.New(engine.Config{Home: findHome(*home), Dir: filepath.Dir(rest[0])})
	if err != nil {
		return err
	}
	defer e.Close()
	w := io.Writer(os.Stdout)
	if *quiet {
		w = io.Discard
	}
	terminal := isTerminal(os.Stdout) && os.Getenv("TERM") != "dumb"
	screen := notebook.NewScreen(w, terminal)
	screen.Width = width(os.Stdout)
	r := notebook.Runner{Engine: e, Screen: screen, Timeout: *timeout}
	if isTerminal(os.Stdin) {
		r.Ask = ask
	}
	begun := time.Now()
	failure := r.Run(ctx, nb)
	if *out != "" {
		nb.SetLanguage(map[string]any{"name": kernelName, "display_name": displayName, "language": "go"},
			kernel.LanguageInfo(runtime.Version()))
		if err := nb.WriteFile(*out); err != nil {
			return errors.Join(failure, err)
		}
	}
	var cell *notebook.CellFailure
	switch {
	case failure == nil:
		if !*quiet {
			fmt.Printf("\n%s: all cells ran in %v\n", rest[0], time.Since(begun).Round(100*time.Millisecond))
		}
		return nil
	case errors.As(failure, &cell):
		if *quiet { // nobody has seen it yet
			notebook.NewScreen(os.Stderr, isTerminal(os.Stderr)).Error(cell.Err)
		}
		fmt.Fprintf(os.Stderr, "modelbook run: %s: %v\n", rest[0], failure)
		return errSilent
	}
	return failure
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
