package compile

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"modelbook/kernel/source/gen"
	"modelbook/kernel/toolchain"
)

// PackagePath is the import path of all cells: one package.
const PackagePath = gen.Package

// A File is a generated Go source file.
type File struct{ Name, Text string }

// A Plugin is what the plugin of a cell is made of.
type Plugin struct {
	Cell  int
	Files []File
	// Globals are the linker symbols ("sess.x__v1") that all cells share.
	Globals []string
	// Imports are the packages that the files import.
	Imports []string
}

// A Compiler makes the plugins of one session.
type Compiler struct {
	home     *toolchain.Home
	packages *toolchain.Packages
	dir      string   // scratch, one folder a cell
	flags    []string // of the compiler
	printed  string   // by the compiler, about the last cell
	beyond   []string // packages of the last cell that the worker lacks
	host     *host    // nil: no thin links
	mustThin bool     // in a trial: full links are failures
	thinMain mainTemplate
	n        int // of the last plugin
}

// New makes a compiler that works in the scratch folder dir.
func New(h *toolchain.Home, packages *toolchain.Packages, dir string) *Compiler {
	return &Compiler{home: h, packages: packages, dir: dir, host: newHost(h)}
}

// SetFlags sets the compiler's flags for the cells to come; see ParseFlags.
func (c *Compiler) SetFlags(flags []string) { c.flags = flags }

// Beyond lists the packages of the last cell that the worker lacks, or has only
// in part, because of which it was linked in full.
func (c *Compiler) Beyond() []string { return c.beyond }

// Remarks is what the compiler printed about the last cell, which it compiled
// (-gcflags=-m).
func (c *Compiler) Remarks() []string { return toolchain.Remarks(c.printed) }

// thinMain is the main package of a thin plugin. It imports the runtime's packages
// for their hashes, which the process compares.
const thinMain = "package main\nimport _ \"" + toolchain.ThinPackage + "\"\nimport _ \"" + PackagePath + "\"\nimport _ \"runtime\"\nimport _ \"runtime/cgo\"\nfunc main() {}\n"

// Build compiles and links a cell. Complaints of the compiler are a
// *toolchain.CompileError. The caller removes the plugin's folder when the plugin
// is loaded.
func (c *Compiler) Build(ctx context.Context, p Plugin) (plugin string, err error) {
	c.n++
	c.beyond = nil
	dir := filepath.Join(c.dir, "cell"+strconv.Itoa(c.n))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	defer func() {
		if err != nil {
			os.RemoveAll(dir)
		}
	}()
	l := linking{dir: dir, name: pluginName(c.n), plugin: filepath.Join(dir, "cell.so"), cell: filepath.Join(dir, "cell.a"), main: filepath.Join(dir, "main.a"),
		importcfg: filepath.Join(dir, "importcfg"), script: filepath.Join(dir, "symbols")}
	files := slices.Clone(c.flags)
	for _, f := range p.Files {
		file := filepath.Join(dir, f.Name)
		if err := os.WriteFile(file, []byte(f.Text), 0o600); err != nil {
			return "", err
		}
		files = append(files, file)
	}
	if err := errors.Join(
		os.WriteFile(l.importcfg, c.importcfg(l.cell), 0o600),
		os.WriteFile(l.script, versionScript(p.Globals), 0o600),
	); err != nil {
		return "", err
	}
	if c.printed, err = c.compile(ctx, dir, PackagePath, l.cell, l.importcfg, files...); err != nil {
		return "", err
	}
	if err := mapped(l.cell, renameTypes); err != nil && !errors.Is(err, errObject) {
		return "", err
	}
	err = c.linkThin(ctx, l, p.Imports)
	if errors.Is(err, errThin) && !c.mustThin {
		err = c.linkInFull(ctx, l, p.Imports)
	}
	return l.plugin, cmp.Or(err, renameFunctions(l.plugin))
}

// A linking is the link of one cell: the name of the plugin and the files.
type linking struct {
	dir, name, plugin string
	cell, main        string // archives
	importcfg, script string
}

// compileMain compiles the plugin's main package.
func (c *Compiler) compileMain(ctx context.Context, l linking, text []byte) error {
	file := filepath.Join(l.dir, "main.go")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return err
	}
	_, err := c.compile(ctx, l.dir, l.name, l.main, l.importcfg, file)
	return err
}

// linkThin links a cell against the worker, unless it is not for a thin link.
func (c *Compiler) linkThin(ctx context.Context, l linking, imports []string) error {
	if c.host == nil || c.packages.Plain() || c.home.Full != "" && !c.mustThin || !c.isThin(imports) {
		return errThin
	}
	if c.thinMain.write(l.main, l.name) != nil {
		if err := c.compileMain(ctx, l, []byte(thinMain)); err != nil {
			return err
		}
		c.thinMain.keep(l.main, l.name)
	}
	return c.host.link(ctx, c, l)
}

// linkInFull links a cell with copies of all that it reaches.
func (c *Compiler) linkInFull(ctx context.Context, l linking, imports []string) error {
	if c.host != nil && !c.packages.Plain() {
		for _, path := range imports {
			if !c.packages.Whole(path) && path != "unsafe" && !strings.HasPrefix(path, "modelbook/kernel/worker/") && !slices.Contains(c.beyond, path) {
				c.beyond = append(c.beyond, path)
			}
		}
	}
	if err := c.compileMain(ctx, l, c.main(imports)); err != nil {
		return err
	}
	args := append([]string{"-o", l.plugin, "-importcfg", l.importcfg, "-installsuffix", "dynlink",
		"-buildmode=plugin", "-pluginpath", l.name, "-extld=" + c.home.Extld(),
		"-extldflags=-Wl,--version-script=" + l.script}, LinkFlags...)
	_, err := c.run(ctx, l.dir, "link", append(args, l.main)...)
	return err
}

// isThin reports whether the worker holds all packages that a cell reaches.
func (c *Compiler) isThin(imports []string) bool {
	for _, p := range c.packages.Closure(imports...) {
		if !c.host.packages[p] {
			return false
		}
	}
	return true
}

// compile runs the compiler as "go build -buildmode=plugin" does, on files, which
// flags may precede. It returns what the compiler printed.
func (c *Compiler) compile(ctx context.Context, dir, path, archive, cfg string, files ...string) (printed string, err error) {
	tc := &c.home.Toolchain
	return c.run(ctx, dir, "compile", append([]string{"-o", archive, "-p", path, "-lang=" + tc.Lang(), "-dynlink", "-linkshared",
		"-installsuffix", "dynlink", "-goversion", tc.GOVERSION, "-c=2", "-nolocalimports", "-importcfg", cfg, "-pack"}, files...)...)
}

// run runs the compiler or the linker.
func (c *Compiler) run(ctx context.Context, dir, tool string, args ...string) (printed string, err error) {
	out, err := c.home.Toolchain.ToolCommand(ctx, dir, tool, args...).CombinedOutput()
	printed = string(out)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil:
		return printed, nil
	case tool == "compile":
		return "", &toolchain.CompileError{Messages: toolchain.Messages(printed), Output: printed}
	}
	if explained := toolchain.LinkError(printed); explained != nil {
		return "", explained
	}
	return "", fmt.Errorf("%s: %w\n%s", tool, err, printed)
}

// main is the plugin's main package. It links the cell.
func (c *Compiler) main(imports []string) []byte {
	also := ""
	if slices.Contains(c.packages.Closure(imports...), toolchain.DisplayPackage) {
		also = "import _ \"" + toolchain.SteadyPackage + "\"\n"
	}
	return []byte("package main\n" + also + "import _ \"" + PackagePath + "\"\nfunc main() {}\n")
}

func (c *Compiler) importcfg(cell string) []byte {
	var cfg bytes.Buffer
	for path, file := range c.packages.Archives() {
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
