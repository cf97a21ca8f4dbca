package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// ModuleDir is the folder of the session's module.
func (b *Builder) ModuleDir() string { return b.module }

// ResetModule makes the session's go.mod and go.sum what they were.
func (b *Builder) ResetModule() error {
	return errors.Join(
		copyFile(filepath.Join(b.home.mod(), "go.mod"), filepath.Join(b.module, "go.mod")),
		copyFile(filepath.Join(b.home.mod(), "go.sum"), filepath.Join(b.module, "go.sum")))
}

// Loaded says that the worker has loaded a plugin that imports packages.
func (b *Builder) Loaded(imports []string) {
	for _, p := range sortedClosure(b.imports, imports...) {
		b.loaded[p], b.used[p] = true, true
	}
}

// NewWorker says that a new worker process has started.
func (b *Builder) NewWorker() {
	clear(b.loaded)
	clear(b.used)
	in := b.home.InWorker
	if b.plain {
		in = b.home.InPlain
	}
	for _, p := range in {
		b.loaded[p] = true
	}
}

// Worker is the program for the next worker process.
func (b *Builder) Worker() string {
	if b.plain {
		return b.home.plainWorker()
	}
	return b.home.Worker()
}

// Plain makes the next worker process one that holds no packages ahead: cells
// may load them in other versions, and take longer to link.
func (b *Builder) Plain() { b.plain = true }

// Linking says how cells of this session are linked.
func (b *Builder) Linking() string {
	if b.plain {
		return "in full, which takes about 100 ms longer: this session uses other versions of packages than those compiled ahead"
	}
	how, _ := b.home.Linking()
	return how
}

// Needs reports whether packages import another, or are it.
func (b *Builder) Needs(imports []string, path string) bool {
	return slices.Contains(sortedClosure(b.imports, imports...), path)
}

// sortedClosure lists packages and all they import.
func sortedClosure(imports map[string][]string, of ...string) []string {
	seen := map[string]bool{}
	var visit func(p string)
	visit = func(p string) {
		if seen[p] {
			return
		}
		seen[p] = true
		for _, next := range imports[p] {
			visit(next)
		}
	}
	for _, p := range of {
		visit(p)
	}
	return slices.Sorted(maps.Keys(seen))
}

// A RestartError says that packages are needed in another version than the
// one the worker process has loaded; a process cannot load a package twice.
type RestartError struct {
	Packages []string
	// Ahead reports that no cell has loaded them: a new process that holds no
	// packages ahead (Builder.Plain) would do.
	Ahead bool
	// Said is what go get told, upgrades among it.
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

// Obtain compiles packages that were not compiled ahead, with get after "go
// get" where their module is missing. say reports progress. When they need
// loaded packages in other versions, the error is a *RestartError and nothing
// has changed. changed reports that packages known before were replaced.
func (b *Builder) Obtain(ctx context.Context, paths []string, get bool, say func(text string)) (changed bool, err error) {
	return b.obtain(ctx, paths, say, func() (string, error) {
		if !get {
			return "", errNoGet
		}
		say("getting " + strings.Join(paths, ", ") + "\n")
		return b.get(ctx, paths)
	})
}

// ObtainBeside is Obtain after a RestartError: it looks for releases of what is
// missing that go with the packages that the worker process has loaded.
func (b *Builder) ObtainBeside(ctx context.Context, paths []string, restart *RestartError, say func(text string)) (changed bool, err error) {
	if restart.Said == "" {
		return false, restart // go.mod has them in the versions that are wanted
	}
	all, err := b.home.modules(ctx, b.module)
	if err != nil {
		return false, err
	}
	var keep []string
	for { // a release that goes with these may not go with others
		n := len(keep)
		for _, p := range restart.Packages {
			if m := present(all).moduleOf(p); m != "" && !slices.Contains(keep, m) {
				keep = append(keep, m)
			}
		}
		if len(keep) == n {
			return false, restart
		}
		changed, err = b.obtain(ctx, paths, say, func() (string, error) { return b.getKeeping(ctx, paths, keep) })
		if !errors.As(err, &restart) {
			return changed, err
		}
	}
}

var errNoGet = errors.New("nothing is fetched")

func (b *Builder) obtain(ctx context.Context, paths []string, say func(text string), get func() (said string, err error)) (changed bool, err error) {
	restore, err := b.saveModule()
	if err != nil {
		return false, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, restore())
		}
	}()
	pkgs, err := b.home.list(ctx, b.module, paths, nil, b.flags.list...)
	said := ""
	if err != nil && ctx.Err() == nil {
		var bad error
		if said, bad = get(); bad == nil {
			pkgs, err = b.home.list(ctx, b.module, paths, nil, b.flags.list...)
		} else if bad != errNoGet {
			err = bad
		}
	}
	if err != nil {
		return false, err
	}
	if len(b.differing(pkgs)) > 0 {
		// What was compiled ahead must fit too: all of it anew.
		if pkgs, err = b.home.list(ctx, b.module, slices.Concat(b.home.Listed, []string{runtimePackage, testsPackage, steadyPackage, commPackage, widgetsPackage}, b.obtained, paths), nil, b.flags.list...); err != nil {
			return false, err
		}
		changed = true
	}
	var loaded []string
	for _, p := range b.differing(pkgs) {
		if b.loaded[p] {
			loaded = append(loaded, p)
		}
	}
	if len(loaded) > 0 {
		ahead := !b.plain && !slices.ContainsFunc(loaded, func(p string) bool { return b.used[p] || slices.Contains(b.home.InPlain, p) })
		return false, &RestartError{loaded, ahead, said}
	}
	for _, p := range pkgs {
		if p.Export != "" {
			b.archives[p.ImportPath], b.imports[p.ImportPath] = p.Export, p.Imports
			b.embeds[p.ImportPath] = embeds{p.Dir, p.EmbedPatterns}
		}
	}
	for _, p := range paths {
		if !slices.Contains(b.obtained, p) {
			b.obtained = append(b.obtained, p)
		}
	}
	b.lookAtModule(ctx)
	if said != "" {
		say(said)
	}
	return changed, nil
}

// Obtained lists the packages of a module that cells asked for.
func (b *Builder) Obtained(module string) []string {
	var paths []string
	for _, p := range b.obtained {
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
func (b *Builder) Embedded(dir string) (paths []string) {
	for _, e := range b.embeds {
		if e.dir != dir && !strings.HasPrefix(e.dir, dir+string(filepath.Separator)) {
			continue
		}
		for _, pattern := range e.patterns {
			found, err := filepath.Glob(filepath.Join(e.dir, filepath.FromSlash(strings.TrimPrefix(pattern, "all:"))))
			if err == nil { // else the compiler tells
				paths = append(paths, found...)
			}
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// differing lists known packages whose archive is another now.
func (b *Builder) differing(pkgs []Package) []string {
	var paths []string
	for _, p := range pkgs {
		if old := b.archives[p.ImportPath]; old != "" && p.Export != "" && !sameFile(old, p.Export) {
			paths = append(paths, p.ImportPath)
		}
	}
	return paths
}

// saveModule keeps go.mod and go.sum, to put them back.
func (b *Builder) saveModule() (restore func() error, err error) {
	saved := map[string][]byte{}
	for _, name := range []string{"go.mod", "go.sum"} {
		file := filepath.Join(b.module, name)
		if saved[file], err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	return func() error {
		var errs []error
		for file, text := range saved {
			errs = append(errs, os.WriteFile(file, text, 0o644))
		}
		return errors.Join(errs...)
	}, nil
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
