package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"modelbook/kernel/mpi"
	"modelbook/kernel/output"
)

// A RankProgram is a function of the session as a program that all ranks run.
type RankProgram struct {
	Program
	MPI mpi.Program
	// Module is the text of a go.mod like that of the session, which also has what
	// the program needs.
	Module string
	// Left are Trainers of the session that ranks train, if they do, without handing them back.
	Left []string
}

// rankStops end ranks: SIGUSR1 cancels their context, and mpirun and srun hand it
// on; SIGINT makes them end the ranks.
var rankStops = []stop{
	{signal: syscall.SIGUSR1, alone: true, patience: 10 * time.Second},
	{signal: syscall.SIGINT, alone: true, patience: 5 * time.Second},
}

// mpirun calls a function on several ranks, behind the Go code of the cell.
func (r *Run) mpirun(c Call) error {
	launch := mpi.Launch{Hosts: c.Flags["--hosts"], Slurm: c.Has("--srun")}
	if n, ok := c.Flags["-n"]; ok {
		var err error
		if launch.Ranks, err = strconv.Atoi(n); err != nil || launch.Ranks < 1 {
			return r.fail(c.Command, "UsageError", "%%mpirun: -n needs a number of ranks, and %s is none", n)
		}
	}
	if r.After != nil || r.cell.Test != nil {
		return r.fail(c.Command, "UsageError", "%%mpirun needs a cell without another %%mpirun or %%test")
	}
	if err := launch.Check(r.getenv); err != nil {
		return r.fail(c.Command, "MPIError", "%v", err)
	}
	r.After = func(ctx context.Context) error { return r.runRanks(ctx, c, launch) }
	return nil
}

// runRanks builds the program, runs it, and brings back what was trained.
func (r *Run) runRanks(ctx context.Context, c Call, launch mpi.Launch) error {
	place := r.ModuleDir() // a temporary folder
	if launch.Apart() {
		place = r.Dir() // which other machines may share
	}
	dir, err := os.MkdirTemp(place, ".mpirun-")
	if err != nil {
		return r.fail(c.Command, "MPIError", "%v", err)
	}
	defer os.RemoveAll(dir)
	p, err := r.RankProgram(c.Args[0], c.Args[1:], dir)
	if told := new(output.Error); errors.As(err, &told) {
		return told
	}
	if err != nil {
		return r.fail(c.Command, "MPIError", "%v", err)
	}
	if len(p.Zero) > 0 {
		output.Note(r.out, "no statement is known that makes %s: zero on the ranks", strings.Join(p.Zero, ", "))
	}
	for _, name := range p.Left {
		output.Note(r.out, "nothing of %s comes back: it is no parameter of %s, which would be %s", name, c.Args[0], mpi.Form)
	}
	program := filepath.Join(dir, c.Args[0])
	if err := r.buildRanks(ctx, c, p, program); err != nil {
		return err
	}
	for _, name := range p.MPI.Trainers {
		if err := r.RunText(ctx, "%mpirun", fmt.Sprintf("if err := %s.Save(%q); err != nil { panic(err) }", name, p.MPI.Before(name)), r.out); err != nil {
			return err
		}
	}
	reader := &mpi.Reader{Sink: r.out, Place: p.InCells}
	run := process{args: launch.Command(program), dir: r.Dir(), stops: rankStops}
	r.Outside(func() { err = run.run(ctx, r.Environ(), reader) })
	reader.End()
	exit := new(exec.ExitError)
	switch {
	case ctx.Err() != nil:
		return errors.Join(r.bringBack(context.WithoutCancel(ctx), p), r.interrupted(c.Command))
	case errors.As(err, &exit):
		return r.rankError(c, reader, err)
	case err != nil:
		return r.fail(c.Command, "MPIError", "%v", err)
	}
	return r.bringBack(ctx, p)
}

// slowly is how long a build may take before the user is told why.
const slowly = 3 * time.Second

// buildRanks builds the program.
func (r *Run) buildRanks(ctx context.Context, c Call, p *RankProgram, file string) error {
	dir, err := p.write(r.ModuleDir(), "mpi_cell")
	if err != nil {
		return r.fail(c.Command, "MPIError", "%v", err)
	}
	defer os.RemoveAll(dir)
	mod := filepath.Join(dir, "ranks.mod") // beside which the go command keeps ranks.sum
	sums, err := os.ReadFile(filepath.Join(r.ModuleDir(), "go.sum"))
	if err == nil {
		err = errors.Join(os.WriteFile(mod, []byte(p.Module), 0o600), os.WriteFile(filepath.Join(dir, "ranks.sum"), sums, 0o600))
	}
	if err != nil {
		return r.fail(c.Command, "MPIError", "%v", err)
	}
	args := append([]string{ShellPath(), "-c", `exec "$0" "$@"`, "go", "build", "-mod=mod", "-modfile=" + mod, "-o", file}, r.programFlags("-tags")...)
	build := process{args: append(args, "./"+filepath.Base(dir)), dir: r.ModuleDir()}
	waiting := time.AfterFunc(slowly, func() {
		output.Note(r.out, "building the program; the first time on a machine this compiles all that it imports")
	})
	said := &buildOutput{}
	r.Outside(func() { err = build.run(ctx, append(r.Environ(), "CGO_ENABLED=1", "GOFLAGS=", "GOWORK=off"), said) })
	waiting.Stop()
	switch {
	case ctx.Err() != nil:
		return r.interrupted(c.Command)
	case err == nil:
		return nil
	}
	var lines []string
	for line := range strings.Lines(said.text.String()) {
		if line = strings.TrimRight(p.InCells(line), "\n"); line != "" && !strings.HasPrefix(line, "# ") {
			lines = append(lines, line)
		}
	}
	if lines == nil {
		return r.fail(c.Command, "MPIError", "go build: %v", err)
	}
	return compileError(lines)
}

// buildOutput takes what the go command prints.
type buildOutput struct {
	output.Sink
	text strings.Builder
}

func (b *buildOutput) Stream(_, text string) { b.text.WriteString(text) }

// bringBack takes over what rank 0 has left, and shows the history.
func (r *Run) bringBack(ctx context.Context, p *RankProgram) error {
	for _, name := range p.MPI.Trainers {
		file := p.MPI.After(name)
		if _, err := os.Stat(file); err != nil {
			output.Note(r.out, "%s is as it was before", name)
			continue
		}
		text := fmt.Sprintf("if err := %s.Load(%q); err != nil { panic(err) }\n%s.History", name, file, name)
		if err := r.RunText(ctx, "%mpirun", text, r.out); err != nil {
			return err
		}
	}
	return nil
}

// rankError is the error of ranks that have ended, err, with the one that was the
// first.
func (r *Run) rankError(c Call, reader *mpi.Reader, err error) error {
	message, more := reader.Fault()
	if message == "" {
		message = err.Error()
	}
	e := r.fail(c.Command, "RankError", "%s", message)
	e.Traceback = append(e.Traceback, more...)
	return e
}
