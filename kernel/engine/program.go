package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os/exec"
	"slices"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
	"modelbook/kernel/session"
)

// A ProgramCell is a cell of a notebook that becomes a program.
type ProgramCell struct {
	*cell.Cell
	Wrong    error // why it could not be parsed, or nil
	Raises   bool  // the notebook expects an error of it
	Optional bool  // it is left out if it does not compile
}

// CaptureCell is added to the number of a cell with %%capture v to make that
// of the cell behind it, which makes the variable v.
const CaptureCell = 1 << 20

// Program translates the cells of a notebook into the parts of an ordinary
// program without running them: it only makes packages available, and runs the
// commands of the cells that change go.mod. The engine must be new, and serves
// for nothing else afterwards.
func (e *Engine) Program(ctx context.Context, cells []ProgramCell, out Sink) (*session.Program, error) {
	e.turn.take(context.Background())
	defer e.turn.give()
	var all []session.Cell
	left := map[int]error{}
	for _, c := range cells {
		e.sources.add(c.Number, c.Go)
		s, err := e.programCell(ctx, c, out)
		switch {
		case err == nil:
			all = append(all, s...)
		case c.Optional && ctx.Err() == nil || errors.Is(err, errInBrowser):
			left[c.Number] = err
		default:
			return nil, err
		}
	}
	p, err := e.session.Program(all)
	if err != nil {
		return nil, err
	}
	maps.Copy(left, p.Left)
	p.Left = left
	return p, nil
}

var errInBrowser = errors.New("it is a program for the browser (%wasm)")

// programCell is what the session gets of one cell.
func (e *Engine) programCell(ctx context.Context, c ProgramCell, out Sink) ([]session.Cell, error) {
	if c.Wrong != nil {
		return nil, fmt.Errorf("cell %d: %w", c.Number, c.Wrong)
	}
	var captured []session.Cell
	for _, cmd := range c.Commands {
		switch {
		case cmd.Name == "%wasm":
			return nil, errInBrowser
		case command.ChangesModules(cmd.Name, cmd.Text):
			change := exec.CommandContext(ctx, command.ShellPath(), "-c", cmd.Text)
			change.Dir, change.Env = e.ModuleDir(), e.Environ()
			if text, err := change.CombinedOutput(); err != nil {
				return nil, fmt.Errorf("cell %d: %s: %w\n%s", c.Number, cmd.Text, err, text)
			}
		case cmd.Name == "%%capture" && len(cmd.Args) == 1:
			captured = []session.Cell{{Number: c.Number + CaptureCell, Optional: c.Optional,
				Stmts: []session.Piece{{Text: cmd.Args[0] + " := " + command.CapturedType + "{}", Line: 1, Col: 1}}}}
		}
	}
	s, err := toSession(unmeasured(c.Cell), nil)
	if err != nil {
		return nil, err
	}
	s.Raises, s.Optional = c.Raises, c.Optional
	if err := e.obtain(ctx, session.Imports(s), out); err != nil {
		return nil, fmt.Errorf("cell %d: %w", c.Number, err)
	}
	return slices.Concat([]session.Cell{s}, captured), nil
}
