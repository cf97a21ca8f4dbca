package engine

import (
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/session"
)

// Program translates the cells of a notebook into the parts of an ordinary
// program without running them: only packages are made available, and the "go
// get" commands of the cells obeyed. The engine must be new; it is used up.
func (e *Engine) Program(ctx context.Context, cells []*cell.Cell, out Sink) (*session.Program, error) {
	e.runMu.Lock()
	defer e.runMu.Unlock()
	var all []session.Cell
	for _, c := range cells {
		e.sources.add(c.Number, c.Go)
		for _, cmd := range c.Commands {
			if words := strings.Fields(cmd.Text); cmd.Name == "!*" && len(words) > 2 && words[0] == "go" && words[1] == "get" {
				get := exec.CommandContext(ctx, words[0], words[1:]...)
				get.Dir, get.Env = e.ModuleDir(), e.Environ()
				if text, err := get.CombinedOutput(); err != nil {
					return nil, fmt.Errorf("cell %d: %s: %w\n%s", c.Number, cmd.Text, err, text)
				}
			}
		}
		s, err := toSession(unmeasured(c), nil)
		if err != nil {
			return nil, err
		}
		if err := e.obtain(ctx, session.Imports(s), out); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	p, err := e.session.Program(all)
	if bad := new(session.Error); errors.As(err, &bad) {
		return nil, e.sources.compileError(bad.Messages)
	}
	return p, err
}
