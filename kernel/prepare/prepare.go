// Package prepare makes a home folder: it compiles ahead, from modelbook's source
// tree, what cells need.
//
//   - prepare.go is the order of steps; it does nothing when nothing has changed.
//   - source.go copies the sources that cells import; template.go makes the module
//     that sessions begin with.
//   - archives.go keeps the compiled packages, and which names they have.
//   - overlay.go has the standard library changed (toolchain/hook).
//
// It imports kernel/toolchain, which describes a home, and kernel/compile, which
// builds the workers and tries how cells can be linked. It is imported by the
// programs that install, and by tests (prepare/testhome).
package prepare

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"modelbook/kernel/compile"
	"modelbook/kernel/toolchain"
	"modelbook/kernel/toolchain/hook"
)

// format is changed when homes that an older modelbook made must be made again.
const format = "12"

// Home compiles ahead what cells need, from modelbook's source tree, and puts it
// into home. With nothing changed since the last time it does nothing. progress
// may be nil; done and total count packages.
func Home(ctx context.Context, source, home string, progress func(step string, done, total int)) error {
	return HomeWith(ctx, source, home, slices.Concat(toolchain.Libraries(), toolchain.Own()), progress)
}

// HomeWith is Home with another list of packages.
func HomeWith(ctx context.Context, source, home string, list []string, progress func(step string, done, total int)) error {
	if progress == nil {
		progress = func(string, int, int) {}
	}
	home, err := filepath.Abs(home)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	unlock, err := lock(filepath.Join(home, ".lock"))
	if err != nil {
		return err
	}
	defer unlock()
	tc, err := toolchain.Find(ctx)
	if err != nil {
		return err
	}
	list = slices.Concat(list, toolchain.Added(tc))
	files, err := sourceFiles(source)
	if err != nil {
		return err
	}
	hash, err := hashFiles(source, files, format, hook.Texts, tc.GOVERSION, tc.GOROOT, tc.Compiler(), home, toolchain.CompilerFlags, strings.Join(compile.LinkFlags, " "), strings.Join(list, " "))
	if err != nil {
		return err
	}
	if h, err := toolchain.OpenHome(home); err == nil && h.Hash == hash && toolchain.CheckHome(home) == nil {
		progress("compiled ahead", 1, 1)
		return nil
	}
	if err := tc.LinkRoot(home); err != nil {
		return err
	}
	h := &toolchain.Home{Dir: home, Manifest: toolchain.Manifest{Toolchain: *tc, Hash: hash, Pkg: "pkg-" + hash[:12], Listed: list}}
	// The old manifest describes what is replaced below: a half-made home must not
	// pass for the old one.
	if err := h.RemoveManifest(); err != nil {
		return err
	}
	progress("copying sources", 0, 1)
	if err := mirror(source, h.Source(), files); err != nil {
		return err
	}
	if err := errors.Join(writeTemplate(h), writeOverlay(h)); err != nil {
		return err
	}
	all := slices.Concat(list, toolchain.Always(), []string{toolchain.ThinPackage, toolchain.WorkerPackage})
	pkgs, err := h.List(ctx, h.Module(), all, func(done, total int) { progress("compiling packages", done, total) })
	if err != nil {
		return err
	}
	if err := keep(h, pkgs); err != nil {
		return err
	}
	progress("building the worker", 0, 1)
	if err := compile.Workers(ctx, h); err != nil {
		return err
	}
	progress("trying what the toolchain makes", 0, 1)
	if err := compile.Decide(ctx, h); err != nil {
		return err
	}
	if err := h.WriteManifest(); err != nil {
		return err
	}
	progress("compiled ahead", 1, 1)
	return sweep(h)
}

// lock makes another preparation of the same home wait.
func lock(file string) (unlock func(), err error) {
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		f.Close()
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return func() { f.Close() }, nil
}

// sweep removes what older preparations left, except the latest: a running kernel
// may use it.
func sweep(h *toolchain.Home) error {
	old, err := filepath.Glob(filepath.Join(h.Dir, "pkg-*"))
	if err != nil {
		return err
	}
	age := map[string]int64{}
	for _, dir := range old {
		if st, err := os.Stat(dir); err == nil && dir != h.Archives() {
			age[dir] = st.ModTime().UnixNano()
		}
	}
	dirs := slices.SortedFunc(maps.Keys(age), func(a, b string) int { return int(min(1, max(-1, age[b]-age[a]))) })
	for i, dir := range dirs {
		if i > 0 {
			os.RemoveAll(dir)
		}
	}
	return nil
}
