package module

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"modelbook/kernel/toolchain"
)

// Wasm compiles a program for browsers, in the session's module, to the file
// out. With get, missing modules are fetched. say reports progress.
// Complaints about the program are a *toolchain.CompileError.
func (m *Module) Wasm(ctx context.Context, text, out string, get bool, say func(string)) (err error) {
	restore, err := m.save()
	if err != nil {
		return err
	}
	dir := filepath.Join(m.dir, "wasm_cell")
	defer func() {
		os.RemoveAll(dir)
		if err != nil {
			err = errors.Join(err, restore())
		}
	}()
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "main.go"), []byte(text), 0o600); err != nil {
		return err
	}
	run := func(args ...string) (string, error) {
		cmd := m.home.Toolchain.Command(ctx, m.dir, args...)
		cmd.Env = append(cmd.Env, "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	build := slices.Concat([]string{"build", "-o", out}, m.flags, []string{"./wasm_cell"})
	said, err := run(build...)
	if err != nil && get && ctx.Err() == nil && toolchain.LacksModule(said) {
		if said, err = run("get", "./wasm_cell"); err == nil {
			say(said)
			said, err = run(build...)
		}
	}
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	}
	if found := toolchain.Messages(said); len(found) > 0 {
		return &toolchain.CompileError{Messages: found, Output: said}
	}
	return fmt.Errorf("building for the browser: %w", toolchain.Failure(err, said))
}

// WasmScript is the file of the Go installation that runs such programs.
func (m *Module) WasmScript() string {
	return filepath.Join(m.home.Toolchain.GOROOT, "lib", "wasm", "wasm_exec.js")
}
