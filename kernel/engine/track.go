package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"modelbook/kernel/build"
)

// tracked are the files and folders named by %track, with the time of the
// last change of Go code in them that was told.
type tracked map[string]time.Time

// Track adds a file or folder to those whose changes are told.
func (e *Engine) Track(path string) error {
	if _, err := os.Stat(path); err != nil {
		return err
	}
	e.tracked[path] = lastChange(path)
	return nil
}

// Untrack removes a tracked path, or with "..." at its end all that begin so.
func (e *Engine) Untrack(path string) error {
	if prefix, ok := strings.CutSuffix(path, "..."); ok {
		maps.DeleteFunc(e.tracked, func(p string, _ time.Time) bool { return strings.HasPrefix(p, prefix) })
		return nil
	}
	if _, ok := e.tracked[path]; !ok {
		return fmt.Errorf("%s is not tracked (%%track lists what is)", path)
	}
	delete(e.tracked, path)
	return nil
}

// Tracked lists what is tracked: by %track, and the folders that the session's
// go.mod and go.work refer to.
func (e *Engine) Tracked(ctx context.Context) ([]string, error) {
	all := maps.Clone(e.tracked)
	for _, list := range []func(context.Context) ([]build.Local, error){e.builder.Replaced, e.builder.Used} {
		locals, err := list(ctx)
		if err != nil && !errors.Is(err, build.ErrNoWork) {
			return nil, err
		}
		for _, l := range locals {
			all[l.Dir] = time.Time{}
		}
	}
	return slices.Sorted(maps.Keys(all)), nil
}

// UseWork makes replace rules of what the session's go.work uses.
func (e *Engine) UseWork(ctx context.Context, say func(l build.Local, before string)) error {
	return e.builder.UseWork(ctx, say)
}

// tellChanges says which tracked Go code has changed.
func (e *Engine) tellChanges(out Sink) {
	for _, path := range slices.Sorted(maps.Keys(e.tracked)) {
		if last := lastChange(path); last.After(e.tracked[path]) {
			e.tracked[path] = last
			note(out, "%s has changed. A package that the cells have loaded stays as it was loaded; %%restart and an import load it anew.", path)
		}
	}
}

// maxTracked bounds the files that are looked at before each cell.
const maxTracked = 10_000

// lastChange is when Go code in a file or folder changed last.
func lastChange(path string) (last time.Time) {
	n := 0
	filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err != nil || n > maxTracked {
			return filepath.SkipDir
		}
		n++
		base := d.Name()
		switch {
		case d.IsDir() && name != path && (strings.HasPrefix(base, ".") || base == "testdata"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(base, ".go") && base != "go.mod":
			return nil
		}
		if info, err := d.Info(); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
		return nil
	})
	return last
}
