package build

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// Wasm compiles a program for browsers, in the session's module, to the file
// out. With get, modules that it lacks are fetched. say reports progress.
// Complaints about the program are a *CompileError.
func (b *Builder) Wasm(ctx context.Context, text, out string, get bool, say func(string)) (err error) {
	restore, err := b.saveModule()
	if err != nil {
		return err
	}
	dir := filepath.Join(b.module, "wasm_cell")
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
		cmd := exec.CommandContext(ctx, b.home.Toolchain.Go, args...)
		cmd.Dir, cmd.Env = b.module, append(b.home.Toolchain.env(), "GOOS=js", "GOARCH=wasm", "CGO_ENABLED=0")
		said, err := cmd.CombinedOutput()
		return string(said), err
	}
	build := slices.Concat([]string{"build", "-o", out}, b.flags.list, []string{"./wasm_cell"})
	said, err := run(build...)
	if err != nil && get && ctx.Err() == nil && strings.Contains(said, "; to add") {
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
	if m := messages(said); len(m) > 0 {
		return &CompileError{Messages: m, Output: said}
	}
	return fmt.Errorf("building for the browser: %w", saying(err, said))
}

// WasmScript is the file of the Go installation that runs such programs.
func (b *Builder) WasmScript() string {
	return filepath.Join(b.home.Toolchain.GOROOT, "lib", "wasm", "wasm_exec.js")
}
