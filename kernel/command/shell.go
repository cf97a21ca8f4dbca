package command

import (
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/janpfeifer/gonb/gonbui/protocol"

	"modelbook/kernel/output"
)

const (
	// patience is how long an interrupted command may take to clean up.
	patience = time.Second
	// tail is how long the output of a shell is waited for after its end:
	// processes that it has left in the background keep its pipes open.
	tail = 200 * time.Millisecond
)

// withInputs is %with_inputs and %with_password.
func (r *Run) withInputs(c Call) error {
	r.inputs, r.password = true, c.Name == "%with_password"
	return nil
}

// shell runs "!command" in the cells' directory or "!*command" in the folder
// of the session's module. As in GoNB and IPython a command that fails does not
// fail the cell: its exit status is printed on stderr.
func (r *Run) shell(c Call) error {
	p := process{args: []string{ShellPath(), "-c", c.Text}, dir: r.Dir()}
	if c.Name == "!*" {
		p.dir = r.ModuleDir()
	}
	p.inputs, p.password = r.inputs, r.password
	r.inputs, r.password = false, false
	var err error
	run := func() { err = p.run(r.ctx, r.Environ(), r.out) }
	if c.Name == "!*" { // which may change what cells are compiled with
		run()
	} else {
		r.Outside(run)
	}
	var exit *exec.ExitError
	switch {
	case r.ctx.Err() != nil:
		return r.interrupted(c.Command)
	case errors.As(err, &exit):
		r.out.Stream("stderr", err.Error()+"\n")
	case err != nil:
		return r.fail(c.Command, "ShellError", "%v", err)
	}
	return nil
}

// script runs the cell's text with bash, sh or a given program. Here, as in
// IPython, an exit status other than 0 is an error of the cell.
func (r *Run) script(c Call) error {
	args := c.Args
	if c.Name != "%%script" {
		args = []string{strings.TrimPrefix(c.Name, "%%")}
	}
	body := c.Body
	if !strings.HasSuffix(body, "\n") {
		body += "\n"
	}
	p := process{args: args, dir: r.Dir(), stdin: body}
	var err error
	r.Outside(func() { err = p.run(r.ctx, r.Environ(), r.out) })
	var exit *exec.ExitError
	switch {
	case r.ctx.Err() != nil:
		return r.interrupted(c.Command)
	case errors.As(err, &exit):
		return r.fail(c.Command, "ExitError", "%s: %v", strings.Join(args, " "), err)
	case err != nil:
		return r.fail(c.Command, "ShellError", "%v", err)
	}
	return nil
}

// shellEnv is the environment of commands: that of cells without gonbui's
// pipe, whose answers are for the cells' process.
func shellEnv(env []string, dir string) []string {
	env = slices.DeleteFunc(slices.Clone(env), func(entry string) bool {
		return strings.HasPrefix(entry, protocol.GONB_PIPE_ENV+"=") || strings.HasPrefix(entry, protocol.GONB_PIPE_BACK_ENV+"=")
	})
	return append(env, "PWD="+dir)
}

// ShellPath is the shell that runs commands.
func ShellPath() string {
	if path, err := exec.LookPath("bash"); err == nil {
		return path
	}
	return "/bin/sh"
}

// process is a program whose output goes to a cell while it runs.
type process struct {
	args  []string
	dir   string
	stdin string
	// inputs says that the user is asked for lines of stdin
	inputs, password bool
	// stops are what an interrupt sends, one after the other until the program
	// ends; in the end it is killed. nil: SIGINT to it and all its children.
	stops []stop
}

// A stop is a signal that is to end a program, and how long that may take.
type stop struct {
	signal   syscall.Signal
	alone    bool // not to its children
	patience time.Duration
}

// run waits for the program's end. When ctx ends first, the program and all
// its children are interrupted, and killed if that does not end them.
func (p *process) run(ctx context.Context, env []string, out output.Sink) error {
	// Pdeathsig, which ends the command with the kernel, follows the thread
	// that started it.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()

	cmd := exec.Command(p.args[0], p.args[1:]...)
	cmd.Dir, cmd.Env = p.dir, shellEnv(env, p.dir)
	cmd.WaitDelay = tail // for a command that does not read its stdin
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}

	text := output.NewReader(out.Stream)
	var ends []*os.File
	closeEnds := func() {
		for _, f := range ends {
			f.Close()
		}
		ends = nil
	}
	defer closeEnds()
	for _, s := range []struct {
		name string
		to   *io.Writer
	}{{"stdout", &cmd.Stdout}, {"stderr", &cmd.Stderr}} {
		end, err := text.Pipe(s.name)
		if err != nil {
			text.Close()
			return err
		}
		ends = append(ends, end)
		*s.to = end
	}
	var stdin io.WriteCloser
	if p.inputs {
		var err error
		if stdin, err = cmd.StdinPipe(); err != nil {
			return err
		}
	} else if p.stdin != "" {
		cmd.Stdin = strings.NewReader(p.stdin)
	}
	if err := cmd.Start(); err != nil {
		text.Close()
		return err
	}
	closeEnds()
	drained := make(chan struct{})
	go func() {
		defer close(drained)
		text.Read()
	}()

	ended := make(chan struct{})
	if p.inputs {
		go p.ask(cmd.Process.Pid, stdin, ended, out)
	}
	var killing sync.WaitGroup
	killing.Go(func() {
		select {
		case <-ctx.Done():
		case <-ended:
			return
		}
		group := -cmd.Process.Pid
		defer syscall.Kill(group, syscall.SIGKILL)
		stops := p.stops
		if stops == nil {
			stops = []stop{{signal: syscall.SIGINT, patience: patience}}
		}
		for _, s := range stops {
			to := group
			if s.alone {
				to = cmd.Process.Pid
			}
			syscall.Kill(to, s.signal)
			select {
			case <-ended:
				return
			case <-time.After(s.patience):
			}
		}
	})
	err := cmd.Wait()
	if errors.Is(err, exec.ErrWaitDelay) {
		err = nil // it ended without reading all of its stdin
	}
	close(ended)
	killing.Wait()

	select {
	case <-drained:
	case <-time.After(tail):
		text.Mute() // the output of a cell ends with it
	}
	return err
}
