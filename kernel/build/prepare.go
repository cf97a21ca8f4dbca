package build

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// format changes when a home made by an older modelbook must be made again.
const format = "11"

// linkFlags are the linker flags that worker and cells share.
var linkFlags = []string{"-s", "-w"}

// compileFlags are the compiler flags of everything that worker and cells
// share. Without this one, a program (or plugin) that uses a package but not
// one of its larger package-level maps leaves the map empty; the package's
// initializer runs once a process, so a later cell would see it empty too.
const compileFlags = "-gcflags=all=-d=wrapglobalmapctl=1 -linkshared"

// Prepare compiles ahead, from modelbook's source tree, what cells need, and
// puts it into home. With nothing changed since the last time it does nothing.
// progress may be nil; done and total count packages.
func Prepare(ctx context.Context, source, home string, progress func(step string, done, total int)) error {
	return PrepareFor(ctx, source, home, slices.Concat(Libraries(), Own()), progress)
}

// PrepareFor is Prepare with another list of packages.
func PrepareFor(ctx context.Context, source, home string, list []string, progress func(step string, done, total int)) error {
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
	tc, err := FindToolchain(ctx)
	if err != nil {
		return err
	}
	list = slices.Concat(list, added(tc))
	files, err := sourceFiles(source)
	if err != nil {
		return err
	}
	hash, err := hashFiles(source, files, format, hookTexts, tc.GOVERSION, tc.GOROOT, tc.compiler(), home, compileFlags, strings.Join(linkFlags, " "), strings.Join(list, " "))
	if err != nil {
		return err
	}
	if h, err := OpenHome(home); err == nil && h.Hash == hash && Check(home) == nil {
		progress("compiled ahead", 1, 1)
		return nil
	}
	if err := tc.linkRoot(home); err != nil {
		return err
	}
	h := &Home{Dir: home, Manifest: Manifest{Toolchain: *tc, Hash: hash, Pkg: "pkg-" + hash[:12], Listed: list}}
	// What is replaced below belongs to the old manifest: half made, the home
	// must not pass for what it was.
	if err := os.Remove(filepath.Join(home, manifestFile)); err != nil && !os.IsNotExist(err) {
		return err
	}
	progress("copying sources", 0, 1)
	if err := mirror(source, filepath.Join(home, "src"), files); err != nil {
		return err
	}
	if err := errors.Join(h.writeModule(), h.writeOverlay()); err != nil {
		return err
	}
	pkgs, err := h.list(ctx, h.mod(), slices.Concat(list, []string{runtimePackage, testsPackage, steadyPackage, commPackage, widgetsPackage, thinPackage, workerPackage}), func(done, total int) { progress("compiling packages", done, total) })
	if err != nil {
		return err
	}
	if err := h.keep(pkgs); err != nil {
		return err
	}
	progress("building the worker", 0, 1)
	if err := h.buildWorkers(ctx); err != nil {
		return err
	}
	progress("trying what the toolchain makes", 0, 1)
	if err := h.tryAll(ctx); err != nil {
		return err
	}
	b, err := json.MarshalIndent(h.Manifest, "", "\t")
	if err != nil {
		return err
	}
	tmp := filepath.Join(home, manifestFile+".new")
	if err := os.WriteFile(tmp, b, 0o644); err != nil {
		return err
	}
	if err := os.Rename(tmp, filepath.Join(home, manifestFile)); err != nil {
		return err
	}
	progress("compiled ahead", 1, 1)
	return h.sweep()
}

// buildWorkers builds the plain worker and the one with all packages.
func (h *Home) buildWorkers(ctx context.Context) error {
	build := func(program string, linkFlags ...string) error {
		// Where Go is, as programs know it that "go run" runs.
		linkFlags = slices.Concat(linkFlags, []string{"'-X=runtime.defaultGOROOT=" + h.Toolchain.GOROOT + "'"})
		cmd := exec.CommandContext(ctx, h.Toolchain.Go, slices.Concat([]string{"build", "-trimpath", compileFlags}, h.overlay(),
			[]string{"-ldflags=" + strings.Join(linkFlags, " "), "-o", program, workerPackage})...)
		cmd.Dir, cmd.Env = h.mod(), h.Toolchain.env()
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("building the worker: %w\n%s", err, out)
		}
		return nil
	}
	if err := build(h.plainWorker(), linkFlags...); err != nil {
		return err
	}
	archives, err := readImportcfg(h.importcfg())
	if err != nil {
		return err
	}
	if err := h.writeKeep(archives); err != nil {
		return err
	}
	// The generated file refers to a function that the linker reserves.
	if err := build(h.Worker(), append([]string{"-checklinkname=0"}, linkFlags...)...); err != nil {
		return err
	}
	return h.findAssembly(archives)
}

// lock keeps two preparations of one home apart.
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

// writeModule makes the template of session modules: a module that requires
// what modelbook requires, and modelbook itself from home/src.
func (h *Home) writeModule() error {
	mod, err := os.ReadFile(filepath.Join(h.Dir, "src", "go.mod"))
	if err != nil {
		return err
	}
	i := bytes.Index(mod, []byte("\nrequire"))
	if i < 0 {
		return errors.New("modelbook's go.mod requires nothing")
	}
	text := fmt.Sprintf("module session\n\n%s\n\nrequire modelbook v0.0.0\n\nreplace modelbook => %s\n%s",
		strings.Replace(h.Lang(), "go1", "go 1", 1), filepath.Join(h.Dir, "src"), mod[i:])
	if err := os.MkdirAll(h.mod(), 0o755); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(h.mod(), "go.mod"), []byte(text), 0o644); err != nil {
		return err
	}
	// A package to be "in": go get wants a module that it can load.
	if err := os.WriteFile(filepath.Join(h.mod(), "doc.go"), []byte("// Package session holds the cells of one notebook.\npackage session\n"), 0o644); err != nil {
		return err
	}
	return copyFile(filepath.Join(h.Dir, "src", "go.sum"), filepath.Join(h.mod(), "go.sum"))
}

// A Package is what go list tells about one.
type Package struct {
	ImportPath, Name, Export string
	Imports                  []string
	DepOnly                  bool
	Dir                      string
	EmbedPatterns            []string // of the files that it embeds
	Error                    *struct{ Err string }
}

// list compiles packages and all they import for use in plugins, in the
// module in dir, with more flags of go list.
func (h *Home) list(ctx context.Context, dir string, paths []string, progress func(done, total int), flags ...string) ([]Package, error) {
	total := 0
	if progress != nil { // count first, so that progress has a total
		cmd := exec.CommandContext(ctx, h.Toolchain.Go, append([]string{"list", "-deps", "-e", "-buildmode=plugin"}, paths...)...)
		cmd.Dir, cmd.Env = dir, h.Toolchain.env()
		out, _ := cmd.Output()
		total = bytes.Count(out, []byte("\n"))
		progress(0, total)
	}
	args := []string{"list", "-export", "-deps", "-v", "-trimpath", compileFlags, "-buildmode=plugin", "-json=ImportPath,Name,Export,Imports,DepOnly,Dir,EmbedPatterns,Error"}
	cmd := exec.CommandContext(ctx, h.Toolchain.Go, slices.Concat(args, h.overlay(), flags, paths)...)
	cmd.Dir, cmd.Env = dir, h.Toolchain.env()
	var stdout bytes.Buffer
	cmd.Stdout = &stdout
	said := &lineCounter{report: func(n int) {
		if progress != nil && n < total {
			progress(n, total)
		}
	}}
	cmd.Stderr = said
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("compiling packages: %w", saying(err, said.complaints()))
	}
	var pkgs []Package
	for dec := json.NewDecoder(&stdout); ; {
		var p Package
		err := dec.Decode(&p)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Error != nil {
			return nil, fmt.Errorf("package %s: %s", p.ImportPath, p.Error.Err)
		}
		pkgs = append(pkgs, p)
	}
	if progress != nil {
		progress(total, total)
	}
	return pkgs, nil
}

// keep stores the archives in home and writes the importcfg that names them.
func (h *Home) keep(pkgs []Package) error {
	var cfg strings.Builder
	h.Known = map[string][]string{}
	imports := map[string][]string{}
	slices.SortStableFunc(pkgs, func(a, b Package) int {
		return slices.Index(h.Listed, a.ImportPath) - slices.Index(h.Listed, b.ImportPath)
	})
	for _, p := range pkgs {
		imports[p.ImportPath] = p.Imports
		if p.Export == "" || p.ImportPath == workerPackage {
			continue
		}
		file := filepath.Join(h.pkg(), filepath.FromSlash(p.ImportPath)+".a")
		if err := link(p.Export, file); err != nil {
			return err
		}
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", p.ImportPath, file)
		if !p.DepOnly && p.Name != "main" && p.ImportPath != runtimePackage && p.ImportPath != testsPackage && p.ImportPath != steadyPackage && p.ImportPath != thinPackage {
			h.learn(p.Name, p.ImportPath)
		}
	}
	h.InPlain = sortedClosure(imports, workerPackage)
	h.InWorker = sortedClosure(imports, append(h.whole(), workerPackage, "runtime", "runtime/cgo")...)
	b, err := json.Marshal(imports)
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.importsFile(), b, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(h.importcfg(), []byte(cfg.String()), 0o644); err != nil {
		return err
	}
	// cmd/link tries three times a link what the C compiler understands, by
	// compiling trivial.c. "No" is a fine answer, and saves most of 100 ms.
	script := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *trivial.c*) exit 1;; esac\nexec %s \"$@\"\n", h.Toolchain.CC)
	return os.WriteFile(h.extld(), []byte(script), 0o755)
}

// learn notes which packages a bare name may mean: the preferred one first,
// then in the order of the list.
func (h *Home) learn(name, importPath string) {
	if preferred[name] == importPath {
		h.Known[name] = slices.Insert(h.Known[name], 0, importPath)
	} else {
		h.Known[name] = append(h.Known[name], importPath)
	}
}

// sweep removes what older preparations left, except what changed last: a
// running kernel may use it.
func (h *Home) sweep() error {
	old, err := filepath.Glob(filepath.Join(h.Dir, "pkg-*"))
	if err != nil {
		return err
	}
	age := map[string]int64{}
	for _, dir := range old {
		if st, err := os.Stat(dir); err == nil && dir != h.pkg() {
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

// lineCounter counts the lines of go list -v, which are import paths, and
// keeps the others, which are complaints.
type lineCounter struct {
	text   bytes.Buffer
	n      int
	report func(n int)
}

func (c *lineCounter) Write(p []byte) (int, error) {
	c.text.Write(p)
	if k := bytes.Count(p, []byte("\n")); k > 0 {
		c.n += k
		c.report(c.n)
	}
	return len(p), nil
}

// complaints is what was said, without the lines that only name a package.
func (c *lineCounter) complaints() string {
	var b strings.Builder
	for line := range strings.Lines(c.text.String()) {
		if strings.ContainsAny(strings.TrimSpace(line), " :") {
			b.WriteString(line)
		}
	}
	return b.String()
}
