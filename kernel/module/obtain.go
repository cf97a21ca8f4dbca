package module

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbook/kernel/toolchain"
)

// A RestartError says that packages are needed in another version than the
// one that the worker process has loaded; a process cannot load a package twice.
type RestartError struct {
	Packages []string
	// Ahead reports that no cell has loaded them: a new process that holds no
	// packages ahead (Packages.UsePlainWorker) can load them.
	Ahead bool
	// Said is what go get printed, upgrades among it.
	Said string
}

// Error names the packages.
func (e *RestartError) Error() string {
	names := strings.Join(e.Packages[:min(5, len(e.Packages))], ", ")
	if n := len(e.Packages) - 5; n > 0 {
		names += fmt.Sprintf(" and %d more", n)
	}
	return "the kernel has loaded other versions of packages than are needed now: " + names
}

// Obtain compiles packages that were not compiled ahead. With get, modules that
// are missing are fetched by go get. say reports progress. If the packages need
// loaded packages in other versions, the error is a *RestartError and nothing has
// changed. changed reports that packages known before were replaced.
func (m *Module) Obtain(ctx context.Context, paths []string, get bool, say func(text string)) (changed bool, err error) {
	return m.obtain(ctx, paths, say, func() (string, error) {
		if !get {
			return "", errNoGet
		}
		say("getting " + strings.Join(paths, ", ") + "\n")
		return m.get(ctx, paths)
	})
}

// ObtainBeside is Obtain after a RestartError: it looks for releases of the
// missing modules that work with the packages that the worker process has loaded.
func (m *Module) ObtainBeside(ctx context.Context, paths []string, restart *RestartError, say func(text string)) (changed bool, err error) {
	if restart.Said == "" {
		return false, restart // go.mod asks for these versions: nothing to choose
	}
	all, err := m.home.Toolchain.Modules(ctx, m.dir)
	if err != nil {
		return false, err
	}
	var keep []string
	for { // a release that works with these may not work with others
		n := len(keep)
		for _, p := range restart.Packages {
			if module := present(all).moduleOf(p); module != "" && !slices.Contains(keep, module) {
				keep = append(keep, module)
			}
		}
		if len(keep) == n {
			return false, restart
		}
		changed, err = m.obtain(ctx, paths, say, func() (string, error) { return m.getKeeping(ctx, paths, keep) })
		if !errors.As(err, &restart) {
			return changed, err
		}
	}
}

var errNoGet = errors.New("nothing is fetched")

// obtain compiles packages, and if that fails, once more after get.
func (m *Module) obtain(ctx context.Context, paths []string, say func(text string), get func() (said string, err error)) (changed bool, err error) {
	restore, err := m.save()
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, restore())
		}
	}()
	pkgs, err := m.home.List(ctx, m.dir, paths, nil, m.flags...)
	said := ""
	if err != nil && ctx.Err() == nil {
		var bad error
		if said, bad = get(); bad == nil {
			pkgs, err = m.home.List(ctx, m.dir, paths, nil, m.flags...)
		} else if bad != errNoGet {
			err = bad
		}
	}
	if err != nil {
		return false, err
	}
	if len(m.differing(pkgs)) > 0 {
		// What was compiled ahead must match: compile all of it again.
		all := slices.Concat(m.home.Listed, toolchain.Always(), m.obtained, paths)
		if pkgs, err = m.home.List(ctx, m.dir, all, nil, m.flags...); err != nil {
			return false, err
		}
		changed = true
	}
	if err := m.restartNeeded(m.differing(pkgs), said); err != nil {
		return false, err
	}
	for _, p := range pkgs {
		if p.Export != "" {
			m.packages.Add(p.ImportPath, p.Export, p.Imports)
			m.embeds[p.ImportPath] = embeds{p.Dir, p.EmbedPatterns}
		}
	}
	for _, p := range paths {
		if !slices.Contains(m.obtained, p) {
			m.obtained = append(m.obtained, p)
		}
	}
	m.rememberVersions(ctx)
	if said != "" {
		say(said)
	}
	return changed, nil
}

// restartNeeded is a *RestartError if the worker process holds one of the
// packages that are to be replaced.
func (m *Module) restartNeeded(replaced []string, said string) error {
	var held []string
	allAhead := true
	for _, p := range replaced {
		if loaded, ahead := m.packages.Loaded(p); loaded {
			held = append(held, p)
			allAhead = allAhead && ahead
		}
	}
	if len(held) == 0 {
		return nil
	}
	return &RestartError{held, allAhead, said}
}

// Obtained lists the packages of a module that cells asked for.
func (m *Module) Obtained(module string) []string {
	var paths []string
	for _, p := range m.obtained {
		if p == module || strings.HasPrefix(p, module+"/") {
			paths = append(paths, p)
		}
	}
	return paths
}

// embeds are the patterns of files that the package in a folder embeds.
type embeds struct {
	dir      string
	patterns []string
}

// Embedded lists the files and folders that packages in a folder, and in those
// below it, embed.
func (m *Module) Embedded(dir string) (paths []string) {
	for _, e := range m.embeds {
		if e.dir != dir && !strings.HasPrefix(e.dir, dir+string(filepath.Separator)) {
			continue
		}
		for _, pattern := range e.patterns {
			found, err := filepath.Glob(filepath.Join(e.dir, filepath.FromSlash(strings.TrimPrefix(pattern, "all:"))))
			if err == nil { // otherwise the compiler reports it
				paths = append(paths, found...)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// differing lists the known packages whose archive has other content now.
func (m *Module) differing(pkgs []toolchain.Package) []string {
	var paths []string
	for _, p := range pkgs {
		if old := m.packages.Archive(p.ImportPath); old != "" && p.Export != "" && !sameFile(old, p.Export) {
			paths = append(paths, p.ImportPath)
		}
	}
	return paths
}

// sameFile reports whether two archives have the same content.
func sameFile(a, b string) bool {
	sa, err1 := os.Stat(a)
	sb, err2 := os.Stat(b)
	if err1 != nil || err2 != nil {
		return false
	}
	if os.SameFile(sa, sb) {
		return true
	}
	if sa.Size() != sb.Size() {
		return false
	}
	ta, err1 := os.ReadFile(a)
	tb, err2 := os.ReadFile(b)
	return err1 == nil && err2 == nil && bytes.Equal(ta, tb)
}
