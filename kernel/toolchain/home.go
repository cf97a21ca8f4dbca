package toolchain

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/google/renameio/v2"
)

// A Home is an installed folder, made by package prepare:
//
//	src/            modelbook's sources, which cells import
//	mod/            go.mod and go.sum, the template of a session's module
//	overlay/        the changed files of the standard library
//	pkg-HASH/       archives of the packages compiled ahead, importcfg, worker
//	gopls/          the language server
//	manifest.json   what the above was made with
type Home struct {
	Dir string
	Manifest
}

// A Manifest says what a home was made with.
type Manifest struct {
	Toolchain Toolchain
	Hash      string              // of the sources, the toolchain and the package list
	Pkg       string              // name of the pkg folder
	Known     map[string][]string // import paths by name, for cells without import lines
	Listed    []string            // packages compiled ahead by name
	InPlain   []string            // packages linked into the plain worker
	InWorker  []string            // packages linked into the worker
	Assembly  []string            // functions of the worker without Go's calling convention
	Full      string              // why all cells are linked in full, "" if thin links work
	Lacks     []string            // what does not work with this toolchain, as sentences
	Tried     bool                // cells were tried with this toolchain, which is not among Releases
}

const manifestName = "manifest.json"

// OpenHome reads a home and checks that it fits this program.
func OpenHome(dir string) (*Home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	h := &Home{Dir: dir}
	b, err := os.ReadFile(h.manifest())
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: nothing is installed there; run `modelbook install`", dir)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &h.Manifest); err != nil {
		return nil, fmt.Errorf("%s: %w; run `modelbook install` again", h.manifest(), err)
	}
	if v := strings.Fields(runtime.Version())[0]; v != h.Toolchain.GOVERSION {
		return nil, fmt.Errorf("%s was made with %s, this program with %s; run `modelbook install` again", dir, h.Toolchain.GOVERSION, v)
	}
	if _, err := os.Stat(h.Toolchain.tool("link")); err != nil {
		return nil, fmt.Errorf("%s was made with the Go installation %s, which is gone; run install/run.sh again", dir, h.Toolchain.GOROOT)
	}
	return h, nil
}

// CheckHome says why a home cannot run cells.
func CheckHome(home string) error {
	h, err := OpenHome(home)
	if err != nil {
		return err
	}
	if err := h.Toolchain.Check(); err != nil {
		return err
	}
	if err := h.Toolchain.Known(); err != nil && !h.Tried {
		return err
	}
	for _, f := range []string{h.Worker(), h.PlainWorker(), h.Importcfg(), h.Extld()} {
		if _, err := os.Stat(f); err != nil {
			return fmt.Errorf("%w; run `modelbook install` again", err)
		}
	}
	archives, err := ReadImportcfg(h.Importcfg())
	if err != nil {
		return err
	}
	for path, file := range archives {
		if _, err := os.Stat(file); err != nil {
			return fmt.Errorf("archive of %s: %w; run `modelbook install` again", path, err)
		}
	}
	return nil
}

// Worker is the path of the worker program. It holds all packages compiled
// ahead.
func (h *Home) Worker() string { return filepath.Join(h.Archives(), "modelbook-worker") }

// PlainWorker is the path of a worker without them, for sessions that need other
// versions.
func (h *Home) PlainWorker() string { return filepath.Join(h.Archives(), "modelbook-worker-plain") }

// Source is the folder with modelbook's sources.
func (h *Home) Source() string { return filepath.Join(h.Dir, "src") }

// Lang is the language version of cells, "go1.26".
func (h *Home) Lang() string { return h.Toolchain.Lang() }

// Archives is the folder with all that was compiled ahead.
func (h *Home) Archives() string { return filepath.Join(h.Dir, h.Pkg) }

// Importcfg names the archives of the packages compiled ahead.
func (h *Home) Importcfg() string { return filepath.Join(h.Archives(), "importcfg") }

// ImportsFile says which packages each package compiled ahead imports.
func (h *Home) ImportsFile() string { return filepath.Join(h.Archives(), "imports.json") }

// Extld is the script that the linker runs as the C compiler.
func (h *Home) Extld() string { return filepath.Join(h.Archives(), "extld") }

// Module is the folder with the template of a session's module.
func (h *Home) Module() string { return filepath.Join(h.Dir, "mod") }

// Overlay names the files of the standard library that are replaced.
func (h *Home) Overlay() string { return filepath.Join(h.Dir, "overlay", "overlay.json") }

func (h *Home) manifest() string { return filepath.Join(h.Dir, manifestName) }

// WriteManifest makes the folder a home: OpenHome finds none before.
func (h *Home) WriteManifest() error {
	b, err := json.MarshalIndent(h.Manifest, "", "\t")
	if err != nil {
		return err
	}
	return renameio.WriteFile(h.manifest(), b, 0o644)
}

// RemoveManifest makes OpenHome find no home until WriteManifest is called.
func (h *Home) RemoveManifest() error {
	if err := os.Remove(h.manifest()); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	return nil
}

// CompilerFlags are the flags of the go command for everything that the worker
// and the cells share. Without -d=wrapglobalmapctl=1, a program (or plugin) that
// uses a package but not one of its larger package-level maps leaves that map
// empty; the package's initializer runs once in a process, so a later cell would
// find the map empty too.
const CompilerFlags = "-gcflags=all=-d=wrapglobalmapctl=1 -linkshared"

// BuildFlags are the flags of go commands that compile for cells.
func (h *Home) BuildFlags() []string {
	flags := []string{"-trimpath", CompilerFlags}
	if _, err := os.Stat(h.Overlay()); err == nil {
		flags = append(flags, "-overlay="+h.Overlay())
	}
	return flags
}

// Whole lists the packages compiled ahead that the worker is linked with
// as a whole: all but those whose initializers have effects that a user who does
// not import them would notice. Cells that import one of these are linked in full.
func (h *Home) Whole() []string {
	all := append(slices.Clone(h.Listed), TestsPackage, SteadyPackage)
	return slices.DeleteFunc(all, func(p string) bool { return p == "expvar" || p == "unsafe" })
}

// Linking says how cells are linked, and, on an unknown Go release, that it was
// tried; usual is false when there is something to know about it.
func (h *Home) Linking() (how string, usual bool) {
	how, usual = "against the worker", true
	if h.Full != "" {
		how, usual = "in full, which takes about 100 ms longer: "+h.Full, false
	}
	if h.Tried {
		how, usual = how+"; "+h.Toolchain.Known().Error()+", but it does what cells need", false
	}
	return how, usual
}
