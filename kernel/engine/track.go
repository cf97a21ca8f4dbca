package engine

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modelbook/kernel/module"
)

// tracked are the files and folders of %track, with the state of their Go code
// that was last reported.
type tracked map[string]codeState

// Track adds a file or folder to those whose changes are reported.
func (e *Engine) Track(path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	e.tracked[path] = stateOf(path)
	return nil
}

// Untrack removes a tracked path, or all with a prefix that is followed by "...".
func (e *Engine) Untrack(path string) error {
	if prefix, ok := strings.CutSuffix(path, "..."); ok {
		maps.DeleteFunc(e.tracked, func(p string, _ codeState) bool { return strings.HasPrefix(p, prefix) })
		return nil
	}
	if _, ok := e.tracked[path]; !ok {
		return fmt.Errorf("%s is not tracked (%%track lists what is)", path)
	}
	delete(e.tracked, path)
	return nil
}

// Tracked lists the paths of %track and the folders that the session's go.mod and
// go.work refer to.
func (e *Engine) Tracked(ctx context.Context) ([]string, error) {
	all := maps.Clone(e.tracked)
	for _, list := range []func(context.Context) ([]module.Local, error){e.module.Replaced, e.module.Used} {
		locals, err := list(ctx)
		if err != nil && !errors.Is(err, module.ErrNoWork) {
			return nil, err
		}
		for _, l := range locals {
			all[l.Dir] = 0
		}
	}
	return slices.Sorted(maps.Keys(all)), nil
}

// UseWork adds replace rules for the modules that the session's go.work uses.
func (e *Engine) UseWork(ctx context.Context, report func(path, dir, before string)) error {
	return e.module.UseWork(ctx, func(l module.Local, before string) { report(l.Path, l.Dir, before) })
}

// localModules are the local folders that replace modules in the session's
// go.mod.
type localModules struct {
	read time.Time // modification time of the go.mod that list is read from
	list []module.Local
	seen map[string]codeState // of each folder, when it was last looked at
}

// pickUp looks for changes of Go code in local modules and tracked paths. Code
// that the worker has not loaded yet is compiled again, for this cell and later
// ones; for other code a note says what to do.
func (e *Engine) pickUp(ctx context.Context, out Sink) {
	l := &e.local
	if info, err := os.Stat(filepath.Join(e.ModuleDir(), "go.mod")); err == nil && !info.ModTime().Equal(l.read) {
		if list, err := e.module.Replaced(ctx); err == nil {
			l.list, l.read = list, info.ModTime()
		}
	}
	inModule := func(path string) bool {
		return slices.ContainsFunc(l.list, func(m module.Local) bool { return path == m.Dir || strings.HasPrefix(path, m.Dir+"/") })
	}
	for _, m := range l.list {
		now := stateOf(m.Dir, e.module.Embedded(m.Dir)...)
		before, seen := l.seen[m.Dir]
		l.seen[m.Dir] = now
		if seen && now != before {
			e.renewModule(ctx, m, out)
		}
	}
	for _, path := range slices.Sorted(maps.Keys(e.tracked)) {
		if now := stateOf(path); now != e.tracked[path] {
			e.tracked[path] = now
			if !inModule(path) {
				note(out, "%s has changed; no replace rule in go.mod makes the cells use it", path)
			}
		}
	}
}

// renewModule compiles what cells import of a changed module.
func (e *Engine) renewModule(ctx context.Context, m module.Local, out Sink) {
	paths := e.module.Obtained(m.Path)
	if len(paths) == 0 {
		return
	}
	changed, err := e.module.Obtain(ctx, paths, false, func(string) {})
	restart := new(module.RestartError)
	switch {
	case errors.As(err, &restart):
		lost := ""
		if names := e.variableNames(); len(names) > 0 {
			lost = ", and the values of " + strings.Join(names, ", ") + " are lost"
		}
		note(out, "%s has changed, and the process of the cells has loaded the old code. After %%restart cells use the new code%s.", m.Path, lost)
	case err != nil:
		note(out, "%s has changed, and the cells continue to use the old code: %v", m.Path, err)
	case changed:
		e.imp.renew()
		note(out, "%s has changed: the cells use the new code", m.Path)
	}
}

// renewModules compiles what cells import of local modules, for a new worker.
func (e *Engine) renewModules(ctx context.Context) error {
	var paths []string
	for _, m := range e.local.list {
		paths = append(paths, e.module.Obtained(m.Path)...)
	}
	if len(paths) == 0 {
		return nil
	}
	changed, err := e.module.Obtain(ctx, paths, false, func(string) {})
	if changed {
		e.imp.renew()
	}
	return err
}

// maxTracked bounds the files that are looked at before each cell.
const maxTracked = 10_000

// A codeState is a checksum of the state of code: it differs when the code has
// changed.
type codeState uint64

// code are the extensions of files that packages are compiled from.
var code = []string{".go", ".s", ".S", ".c", ".cc", ".cpp", ".cxx", ".h", ".hh", ".hpp", ".hxx", ".syso"}

// stateOf is the state of the Go code in a file or folder, and of the files that
// it embeds: names, sizes and times.
func stateOf(path string, embedded ...string) codeState {
	sum, n := fnv.New64a(), 0
	walk := func(root string, isCode func(name string) bool) {
		filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
			if err != nil || n > maxTracked {
				return filepath.SkipDir
			}
			n++
			base := d.Name()
			if d.IsDir() && name != root && isCode != nil && (strings.HasPrefix(base, ".") || base == "testdata") {
				return filepath.SkipDir
			}
			if d.IsDir() || isCode != nil && !isCode(base) {
				return nil
			}
			if info, err := d.Info(); err == nil {
				fmt.Fprintln(sum, name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	walk(path, func(name string) bool {
		return name == "go.mod" || !strings.HasPrefix(name, ".") && slices.Contains(code, filepath.Ext(name))
	})
	for _, e := range embedded {
		walk(e, nil)
	}
	return codeState(sum.Sum64())
}
