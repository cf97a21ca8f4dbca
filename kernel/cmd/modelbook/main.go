// Modelbook is a Jupyter kernel for Go: it serves front ends, installs itself, runs
// notebooks in a terminal, exports them as programs, and reports what a machine
// lacks.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
)

const usage = `modelbook: Go notebooks in Jupyter.

usage:
  modelbook install [--user | --sys-prefix | --prefix DIR] [--source DIR] [--home DIR]
        compile ahead what cells use and install the kernel for Jupyter
  modelbook run NOTEBOOK [-o OUT.ipynb] [--html OUT.html] [--set NAME=VALUE ...] [--timeout D]
        execute a notebook in this terminal; neither Jupyter nor Python is needed
  modelbook export NOTEBOOK [DIR] [--set NAME=VALUE ...]
        write a notebook as an ordinary Go program
  modelbook doctor
        tell what this machine lacks, and how to get it
  modelbook kernel CONNECTION_FILE
        serve a Jupyter front end (Jupyter starts this)
  modelbook version

"modelbook COMMAND -h" lists the options of a command.
`

// Version is modelbook's version.
const Version = "0.1.0"

// commands are the subcommands by name.
var commands = map[string]func(args []string) error{
	"kernel":  kernelCommand,
	"install": installCommand,
	"run":     runCommand,
	"export":  exportCommand,
	"doctor":  doctorCommand,
	"version": versionCommand,
}

// A usageError is a mistake in the command line.
type usageError struct{ string }

func (e usageError) Error() string { return e.string }

// errSilent ends with status 1 after the reason was shown already.
var errSilent = errors.New("failed")

func main() {
	if len(os.Args) < 2 {
		fmt.Print(usage)
		return
	}
	command, known := commands[os.Args[1]]
	if !known {
		switch os.Args[1] {
		case "help", "-h", "--help":
			fmt.Print(usage)
			return
		case "--version":
			command = versionCommand
		default:
			fmt.Fprintf(os.Stderr, "modelbook: unknown command %q\n\n%s", os.Args[1], usage)
			os.Exit(2)
		}
	}
	err := command(os.Args[2:])
	var wrong usageError
	switch {
	case err == nil, errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errInterrupted):
		os.Exit(130)
	case errors.Is(err, errSilent):
		os.Exit(1)
	case errors.As(err, &wrong):
		fmt.Fprintf(os.Stderr, "modelbook %s: %v\n", os.Args[1], err)
		os.Exit(2)
	default:
		fmt.Fprintf(os.Stderr, "modelbook %s: %v\n", os.Args[1], err)
		os.Exit(1)
	}
}

// parse reads the options of a command and returns its other arguments,
// which may come before, between and after the options.
func parse(f *flag.FlagSet, args []string) (rest []string, err error) {
	f.SetOutput(io.Discard)
	usage := f.Usage
	f.Usage = func() {}
	for {
		if err := f.Parse(args); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				f.SetOutput(os.Stdout)
				usage()
				return nil, err
			}
			return nil, usageError{err.Error()}
		}
		if f.NArg() == 0 {
			return rest, nil
		}
		rest = append(rest, f.Arg(0))
		args = f.Args()[1:]
	}
}

// newFlags makes the options of a command; synopsis is shown by -h.
func newFlags(name, synopsis string) *flag.FlagSet {
	f := flag.NewFlagSet(name, flag.ContinueOnError)
	f.Usage = func() {
		fmt.Fprintf(f.Output(), "usage: modelbook %s %s\n", name, synopsis)
		f.PrintDefaults()
	}
	return f
}

func versionCommand([]string) error {
	revision := ""
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				revision = " (" + s.Value[:12] + ")"
			}
		}
	}
	fmt.Printf("modelbook %s%s %s %s/%s\n", Version, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
