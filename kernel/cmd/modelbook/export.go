package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"modelbook/kernel/engine"
	"modelbook/kernel/export"
	"modelbook/kernel/notebook"
)

func exportCommand(args []string) error {
	f := newFlags("export", "NOTEBOOK [DIR] [--mpi] [--set NAME=VALUE ...]")
	home := f.String("home", "", "installed `folder` to use")
	keepGoing := f.Bool("keep-going", false, "leave out cells that do not compile, with a comment that says why")
	ranks := f.Bool("mpi", false, "make a program of several ranks, which train together where a cell says %mpirun, with a Slurm script, a Kubeflow MPIJob and a Dockerfile")
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
	if len(rest) != 1 && len(rest) != 2 {
		return usageError{"want a notebook and a folder to write the program to"}
	}
	nb, err := notebook.ReadFile(rest[0])
	if err != nil {
		return err
	}
	if l := nb.Language(); l != "" && l != "go" && l != "Go" {
		return fmt.Errorf("%s is a notebook of %s, not of Go", rest[0], l)
	}
	if err := nb.Inject(parameters); err != nil {
		return fmt.Errorf("%s: %w", rest[0], err)
	}
	name := programName(rest[0])
	dir := name
	if len(rest) == 2 {
		dir = rest[1]
	}
	cells := export.Cells(nb, *keepGoing)
	ctx, cancel := interrupted()
	defer cancel()
	e, err := engine.New(engine.Config{Home: findHome(*home), Dir: filepath.Dir(rest[0])})
	if err != nil {
		return err
	}
	defer e.Close()
	program, err := e.Program(ctx, cells, stderrSink{})
	if err != nil {
		return fmt.Errorf("%s: %w", rest[0], err)
	}
	files, remarks, err := export.Write(name, nb, cells, program, *ranks)
	if err != nil {
		return fmt.Errorf("%s: %w", rest[0], err)
	}
	m := export.Module{Dir: dir, Name: name, Mod: e.ModuleDir(), Source: filepath.Join(findHome(*home), "src"), Ranks: *ranks}
	if err := m.Create(ctx, files); err != nil {
		return err
	}
	for _, r := range remarks {
		fmt.Fprintln(os.Stderr, "note:", r)
	}
	run := "./" + name
	if *ranks {
		run = "mpirun --bind-to none -n 2 " + run
	}
	fmt.Printf("%s: a Go module. Build and run it:  cd %s && go build && %s\n", dir, dir, run)
	if *ranks {
		fmt.Println("README.md in it says how it is run on a cluster.")
	}
	return nil
}

// stderrSink shows messages while packages are fetched.
type stderrSink struct{}

func (stderrSink) Stream(_, text string)              { fmt.Fprint(os.Stderr, text) }
func (stderrSink) Display(engine.Display)             {}
func (stderrSink) Result(engine.Display)              {}
func (stderrSink) Clear(bool)                         {}
func (stderrSink) Input(string, bool) (string, error) { return "", errors.New("nobody is asked") }

// programName derives a module name from a notebook's file name.
func programName(path string) string {
	base := strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	name := strings.Map(func(r rune) rune {
		if r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-') {
			return r
		}
		return '_'
	}, base)
	if name = strings.Trim(name, "_-"); name == "" || name == "modelbook" {
		name = "notebook"
	}
	return name
}
