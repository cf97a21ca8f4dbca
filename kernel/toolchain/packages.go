package toolchain

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
)

// Packages are the compiled packages that the cells of one session can import,
// and which of them its worker process has loaded: a process cannot load a
// package in a second version.
type Packages struct {
	home     *Home
	archives map[string]string   // by import path
	imports  map[string][]string // by import path
	loaded   map[string]bool     // by the worker process
	used     map[string]bool     // of these, the ones that cells imported
	plain    bool                // the worker process holds no packages ahead
}

// NewPackages returns the packages of a home, for a new session.
func NewPackages(h *Home) (*Packages, error) {
	archives, err := ReadImportcfg(h.Importcfg())
	if err != nil {
		return nil, err
	}
	p := &Packages{home: h, archives: archives, loaded: map[string]bool{}, used: map[string]bool{}}
	text, err := os.ReadFile(h.ImportsFile())
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &p.imports); err != nil {
		return nil, fmt.Errorf("%s: %w; run `modelbook install` again", h.ImportsFile(), err)
	}
	p.NewWorker()
	return p, nil
}

// Archive is the file with a compiled package, "" for an unknown package.
func (p *Packages) Archive(importPath string) string { return p.archives[importPath] }

// Archives are the files of all packages, by import path.
func (p *Packages) Archives() map[string]string { return maps.Clone(p.archives) }

// Add makes a compiled package known, or replaces it.
func (p *Packages) Add(importPath, archive string, imports []string) {
	p.archives[importPath], p.imports[importPath] = archive, imports
}

// Closure lists packages and all that they import.
func (p *Packages) Closure(importPaths ...string) []string { return Closure(p.imports, importPaths...) }

// Need reports whether packages import another, or are it.
func (p *Packages) Need(importPaths []string, other string) bool {
	return slices.Contains(p.Closure(importPaths...), other)
}

// NewWorker says that a new worker process has started.
func (p *Packages) NewWorker() {
	clear(p.loaded)
	clear(p.used)
	in := p.home.InWorker
	if p.plain {
		in = p.home.InPlain
	}
	for _, path := range in {
		p.loaded[path] = true
	}
}

// Load says that the worker has loaded a plugin that imports packages.
func (p *Packages) Load(imports []string) {
	for _, path := range p.Closure(imports...) {
		p.loaded[path], p.used[path] = true, true
	}
}

// Loaded reports whether the worker process holds a package, and ahead whether
// a process without packages compiled ahead would not, since no cell has
// imported it.
func (p *Packages) Loaded(importPath string) (loaded, ahead bool) {
	loaded = p.loaded[importPath]
	return loaded, loaded && !p.plain && !p.used[importPath] && !slices.Contains(p.home.InPlain, importPath)
}

// UsePlainWorker makes the next worker process one that holds no packages ahead:
// cells may load them in other versions, and take longer to link.
func (p *Packages) UsePlainWorker() { p.plain = true }

// Plain reports whether the worker process holds no packages ahead.
func (p *Packages) Plain() bool { return p.plain }

// Worker is the program for the next worker process.
func (p *Packages) Worker() string {
	if p.plain {
		return p.home.PlainWorker()
	}
	return p.home.Worker()
}

// Whole reports whether the worker has all of a package, and has registered its
// variables.
func (p *Packages) Whole(importPath string) bool {
	return !p.plain && slices.Contains(p.home.Whole(), importPath)
}

// Linking says how cells of this session are linked.
func (p *Packages) Linking() string {
	if p.plain {
		return "in full, which takes about 100 ms longer: this session uses other versions of packages than those compiled ahead"
	}
	how, _ := p.home.Linking()
	return how
}

// Closure lists packages and all that they import, sorted.
func Closure(imports map[string][]string, importPaths ...string) []string {
	seen := map[string]bool{}
	var visit func(path string)
	visit = func(path string) {
		if seen[path] {
			return
		}
		seen[path] = true
		for _, next := range imports[path] {
			visit(next)
		}
	}
	for _, path := range importPaths {
		visit(path)
	}
	return slices.Sorted(maps.Keys(seen))
}

// ReadImportcfg reads a file that names the archives of packages, by import path.
func ReadImportcfg(file string) (map[string]string, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	archives := map[string]string{}
	for line := range strings.Lines(string(b)) {
		rest, ok := strings.CutPrefix(strings.TrimSpace(line), "packagefile ")
		path, archive, ok2 := strings.Cut(rest, "=")
		if ok && ok2 {
			archives[path] = archive
		}
	}
	if len(archives) == 0 {
		return nil, fmt.Errorf("%s names no packages; run `modelbook install` again", file)
	}
	return archives, nil
}
