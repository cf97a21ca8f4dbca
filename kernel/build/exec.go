package build

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// environ is this process's environment without some variables.
func environ(without ...string) []string {
	var env []string
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !slices.Contains(without, name) {
			env = append(env, kv)
		}
	}
	return env
}

// withStderr adds to the error of a command what the command said.
func withStderr(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) && len(exit.Stderr) > 0 {
		return fmt.Errorf("%w\n%s", err, bytes.TrimSpace(exit.Stderr))
	}
	return err
}

// saying is the error of a command that said what was wrong, else err.
func saying(err error, said string) error {
	if said = strings.TrimSpace(said); said != "" {
		return errors.New(said)
	}
	return err
}
