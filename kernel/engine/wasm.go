package engine

import (
	"context"
	"errors"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
	"modelbook/kernel/session"
	"modelbook/kernel/toolchain"
)

// BuildWasm compiles a cell for the browser to a file. consts are string
// constants that it can use.
func (e *Engine) BuildWasm(ctx context.Context, c *cell.Cell, consts map[string]string, file string, out *command.Output) error {
	s, err := toSession(c, nil)
	if err != nil {
		return err
	}
	text, err := e.session.Standalone(s, consts)
	if bad := new(session.Error); errors.As(err, &bad) {
		return e.sources.compileError(bad.Messages)
	}
	if err != nil {
		return err
	}
	err = e.module.Wasm(ctx, text, file, e.autoGet, func(text string) { out.Stream("stderr", text) })
	if bad := new(toolchain.CompileError); errors.As(err, &bad) {
		return e.sources.compilerOutput(bad)
	}
	return err
}

// WasmScript is the file of the Go installation that runs such programs.
func (e *Engine) WasmScript() string { return e.module.WasmScript() }
