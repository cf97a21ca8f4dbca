package toolchain

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
)

// Command returns a go command that is to run in dir, in an environment of this
// toolchain alone. The caller adds what it needs to its Env.
func (t *Toolchain) Command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.Go, args...)
	cmd.Dir, cmd.Env = dir, t.environ()
	return cmd
}

// ToolCommand returns the command of one of Go's tools, such as the compiler or
// the linker.
func (t *Toolchain) ToolCommand(ctx context.Context, dir, tool string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, t.tool(tool), args...)
	cmd.Dir = dir
	cmd.Env = append(environ("GOEXPERIMENT", "GOGC"), "GOROOT="+t.GOROOT, "GOGC=400")
	return cmd
}

// UserCommand returns a run of the go command in PATH, in the user's own
// environment: it does what the user would see in a terminal.
func UserCommand(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, "go", args...)
}

// Output runs a go command and returns its standard output. The error has what
// the command wrote to its standard error.
func Output(cmd *exec.Cmd) ([]byte, error) {
	out, err := cmd.Output()
	if exit := new(exec.ExitError); errors.As(err, &exit) && len(exit.Stderr) > 0 {
		err = fmt.Errorf("%w\n%s", err, bytes.TrimSpace(exit.Stderr))
	}
	return out, err
}

// Failure is the error of a command that printed what was wrong, otherwise err.
func Failure(err error, printed string) error {
	if printed = strings.TrimSpace(printed); printed != "" {
		return errors.New(printed)
	}
	return err
}

// environ is the environment of this toolchain's go commands.
func (t *Toolchain) environ() []string { return append(goEnviron(), "GOROOT="+t.Root) }

// goEnviron is the environment of go commands. The toolchain is pinned to the one
// that compiled this program; the user's flags and workspace are left out.
func goEnviron() []string {
	env := environ("GOTOOLCHAIN", "GOFLAGS", "GOROOT", "GOWORK", "GOEXPERIMENT", "GODEBUG", "GOOS", "GOARCH")
	return append(env, "GOTOOLCHAIN="+pinned(), "GOFLAGS=", "GOWORK=off", "CGO_ENABLED=1")
}

// environ is this process's environment without some variables.
func environ(without ...string) []string {
	return slices.DeleteFunc(os.Environ(), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(without, name)
	})
}

// pinned is the value of GOTOOLCHAIN that selects this program's toolchain.
func pinned() string {
	v := strings.Fields(runtime.Version())[0]
	if !strings.HasPrefix(v, "go1.") {
		return "local"
	}
	return v
}
