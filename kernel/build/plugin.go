package build

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/source/gen"
)

// PackagePath is the import path of all cells: one package.
const PackagePath = gen.Package

// A File is a generated Go source file.
type File struct{ Name, Text string }

// A Plugin is what a cell is compiled from.
type Plugin struct {
	Cell  int
	Files []File
	// Globals are the linker symbols ("sess.x__v1") that all cells share.
	Globals []string
	// Imports are the packages that the files import.
	Imports []string
}

// A Builder compiles the cells of one session.
type Builder struct {
	home     *Home
	dir      string            // scratch, one folder a build
	module   string            // the session's module
	archives map[string]string // import path to archive
	imports  map[string][]string
	obtained []string          // import paths that cells asked for
	embeds   map[string]embeds // by import path: what packages embed
	loaded   map[string]bool   // packages that the worker process holds
	flags    Flags
	said     string          // by the compiler, about the last cell
	used     map[string]bool // of these, the packages that cells imported
	plain    bool            // the worker process is the plain one
	host     *host           // nil: no thin links
	mustThin bool            // in a trial: full links are failures
	thinMain mainTemplate
	goMod    []byte            // go.mod as it was looked at last,
	versions map[string]string // and what it led to
	beyond   []string          // packages of the last cell that the worker lacks
	n        int
}

// Beyond lists the packages of the last cell that the worker lacks, or has in
// part, because of which it was linked in full.
func (b *Builder) Beyond() []string { return b.beyond }

// NewBuilder makes a builder that works in the scratch folder dir.
func NewBuilder(h *Home, dir string) (*Builder, error) {
	archives, err := readImportcfg(h.importcfg())
	if err != nil {
		return nil, err
	}
	b := &Builder{home: h, dir: dir, module: filepath.Join(dir, "module"), archives: archives, embeds: map[string]embeds{}, loaded: map[string]bool{}, used: map[string]bool{}}
	text, err := os.ReadFile(h.importsFile())
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &b.imports); err != nil {
		return nil, fmt.Errorf("%s: %w; run `modelbook install` again", h.importsFile(), err)
	}
	b.NewWorker()
	b.host = newHost(h)
	for _, name := range []string{"go.mod", "go.sum", "doc.go"} {
		if err := copyFile(filepath.Join(h.mod(), name), filepath.Join(b.module, name)); err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Archive is the file with the compiled package, "" for an unknown package.
func (b *Builder) Archive(importPath string) string { return b.archives[importPath] }

// Archives are the files of all packages that cells can import at once.
func (b *Builder) Archives() map[string]string { return maps.Clone(b.archives) }

// A CompileError is what the compiler said about a cell, where the type check
// before it had said nothing.
type CompileError struct {
	Messages []Message
	Output   string
}

// A Message is one complaint of the compiler.
type Message struct {
	Cell, Line, Col int
	Text            string
}

// Error returns the compiler's words.
func (e *CompileError) Error() string { return strings.TrimSpace(e.Output) }

// thinMain is the main package of a thin plugin. The runtime's packages are
// named for the sake of their hashes, which the process compares.
const thinMain = "package main\nimport _ \"" + thinPackage + "\"\nimport _ \"" + PackagePath + "\"\nimport _ \"runtime\"\nimport _ \"runtime/cgo\"\nfunc main() {}\n"

// Build compiles and links a cell. The caller removes the plugin's folder
// when it is loaded.
func (b *Builder) Build(ctx context.Context, p Plugin) (plugin string, err error) {
	b.n++
	b.beyond = nil
	dir := filepath.Join(b.dir, "cell"+strconv.Itoa(b.n))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	name := pluginName(b.n)
	cellArchive, mainArchive := filepath.Join(dir, "cell.a"), filepath.Join(dir, "main.a")
	var files []string
	for _, f := range p.Files {
		file := filepath.Join(dir, f.Name)
		if err := os.WriteFile(file, []byte(f.Text), 0o600); err != nil {
			return "", err
		}
		files = append(files, file)
	}
	main, cfg, script := filepath.Join(dir, "main.go"), filepath.Join(dir, "importcfg"), filepath.Join(dir, "symbols")
	if err := errors.Join(
		os.WriteFile(cfg, b.importcfg(cellArchive), 0o600),
		os.WriteFile(script, versionScript(p.Globals), 0o600),
	); err != nil {
		return "", err
	}
	if err := b.compile(ctx, dir, PackagePath, cellArchive, cfg, slices.Concat(b.flags.compile, files)...); err != nil {
		return "", err
	}
	said := b.said
	if err := mapped(cellArchive, renameTypes); err != nil && !errors.Is(err, errObject) {
		return "", err
	}
	compileMain := func(text []byte) error {
		if err := os.WriteFile(main, text, 0o600); err != nil {
			return err
		}
		err := b.compile(ctx, dir, name, mainArchive, cfg, main)
		b.said = said
		return err
	}
	plugin = filepath.Join(dir, "cell.so")
	if b.host != nil && !b.plain && (b.home.Full == "" || b.mustThin) && b.isThin(p.Imports) {
		if b.thinMain.write(mainArchive, name) != nil {
			if err := compileMain([]byte(thinMain)); err != nil {
				return "", err
			}
			b.thinMain.keep(mainArchive, name)
		}
		err := b.host.link(ctx, b, dir, name, script, plugin, cellArchive, mainArchive)
		if b.said = said; !errors.Is(err, errThin) || b.mustThin {
			return plugin, cmp.Or(err, renameFunctions(plugin))
		}
	}
	if b.mustThin {
		return "", errThin
	}
	if b.host != nil && !b.plain {
		for _, path := range p.Imports {
			if !b.Keeps(path) && path != "unsafe" && !strings.HasPrefix(path, "modelbook/kernel/worker/") && !slices.Contains(b.beyond, path) {
				b.beyond = append(b.beyond, path)
			}
		}
	}
	if err := compileMain(b.main(p.Imports)); err != nil {
		return "", err
	}
	args := append([]string{"-o", plugin, "-importcfg", cfg, "-installsuffix", "dynlink",
		"-buildmode=plugin", "-pluginpath", name, "-extld=" + b.home.extld(),
		"-extldflags=-Wl,--version-script=" + script}, linkFlags...)
	err = b.run(ctx, dir, "link", append(args, mainArchive)...)
	b.said = said
	return plugin, cmp.Or(err, renameFunctions(plugin))
}

// isThin reports whether the worker has all that is imported, as it is here.
func (b *Builder) isThin(imports []string) bool {
	for _, p := range sortedClosure(b.imports, imports...) {
		if !b.host.packages[p] {
			return false
		}
	}
	return true
}

// compile runs the compiler as "go build -buildmode=plugin" does, on files that
// more flags may stand before.
func (b *Builder) compile(ctx context.Context, dir, path, archive, cfg string, files ...string) error {
	tc := &b.home.Toolchain
	return b.run(ctx, dir, "compile", append([]string{"-o", archive, "-p", path, "-lang=" + tc.lang(), "-dynlink", "-linkshared",
		"-installsuffix", "dynlink", "-goversion", tc.GOVERSION, "-c=2", "-nolocalimports", "-importcfg", cfg, "-pack"}, files...)...)
}

func (b *Builder) run(ctx context.Context, dir, tool string, args ...string) error {
	cmd := exec.CommandContext(ctx, b.home.Toolchain.tool(tool), args...)
	var out bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, &out, &out
	cmd.Env = append(environ("GOEXPERIMENT", "GOGC"), "GOROOT="+b.home.Toolchain.GOROOT, "GOGC=400")
	err := cmd.Run()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err == nil {
		b.said = out.String()
		return nil
	}
	if tool == "compile" {
		return &CompileError{Messages: messages(out.String()), Output: out.String()}
	}
	if told := linkError(out.String()); told != nil {
		return told
	}
	return fmt.Errorf("%s: %w\n%s", tool, err, out.String())
}

var position = regexp.MustCompile(`(?m)^(?:[^\n\[]*/)?cell\[(\d+)\]:(\d+):(\d+): (.*)$`)

func messages(out string) []Message {
	var all []Message
	for _, m := range position.FindAllStringSubmatch(out, -1) {
		cell, _ := strconv.Atoi(m[1])
		line, _ := strconv.Atoi(m[2])
		col, _ := strconv.Atoi(m[3])
		all = append(all, Message{cell, line, col, m[4]})
	}
	return all
}

// main is the plugin's main package. It links the cell.
func (b *Builder) main(imports []string) []byte {
	also := ""
	if slices.Contains(sortedClosure(b.imports, imports...), displayPackage) {
		also = "import _ \"" + steadyPackage + "\"\n"
	}
	return []byte("package main\n" + also + "import _ \"" + PackagePath + "\"\nfunc main() {}\n")
}

func (b *Builder) importcfg(cell string) []byte {
	var cfg bytes.Buffer
	for path, file := range b.archives {
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", path, file)
	}
	fmt.Fprintf(&cfg, "packagefile %s=%s\n", PackagePath, cell)
	return cfg.Bytes()
}

// versionScript shares the session variables among plugins and hides the rest
// of the package. The placeholder keeps the list from being empty.
func versionScript(globals []string) []byte {
	var s bytes.Buffer
	s.WriteString("{ global: ")
	for _, g := range globals {
		fmt.Fprintf(&s, "%q; ", g)
	}
	s.WriteString("go?link.none; local: sess.*; go?link.pkghash*.sess; };\n")
	return s.Bytes()
}
