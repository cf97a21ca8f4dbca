package build

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
)

// A Home is an installed folder made by Prepare:
//
//	src/            modelbook's sources, which cells import
//	mod/            go.mod and go.sum, the template of a session's module
//	pkg-HASH/       archives of the packages compiled ahead, importcfg, worker
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
	Known     map[string][]string // name to import paths, for cells without import lines
	Listed    []string            // packages compiled ahead by name
	InPlain   []string            // packages linked into the plain worker
	InWorker  []string            // packages linked into the worker
	Assembly  []string            // functions of the worker without Go's calling convention
	Full      string              // why all cells are linked in full, "" when thin links passed the trial
	Lacks     []string            // what does not work with this toolchain, as sentences
	Tried     bool                // a toolchain that is not known passed the trial
}

const manifestFile = "manifest.json"

// OpenHome reads a home and checks that it fits this program.
func OpenHome(dir string) (*Home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	h := &Home{Dir: dir}
	b, err := os.ReadFile(filepath.Join(dir, manifestFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%s: nothing is installed there; run `modelbook install`", dir)
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(b, &h.Manifest); err != nil {
		return nil, fmt.Errorf("%s: %w; run `modelbook install` again", filepath.Join(dir, manifestFile), err)
	}
	if v := strings.Fields(runtime.Version())[0]; v != h.Toolchain.GOVERSION {
		return nil, fmt.Errorf("%s was made with %s, this program with %s; run `modelbook install` again", dir, h.Toolchain.GOVERSION, v)
	}
	if _, err := os.Stat(h.Toolchain.tool("link")); err != nil {
		return nil, fmt.Errorf("%s was made with the Go installation %s, which is gone; run install/run.sh again", dir, h.Toolchain.GOROOT)
	}
	return h, nil
}

// Check says whether a home can run cells.
func Check(home string) error {
	h, err := OpenHome(home)
	if err != nil {
		return err
	}
	if err := h.Toolchain.check(); err != nil {
		return err
	}
	if err := h.Toolchain.known(); err != nil && !h.Tried {
		return err
	}
	for _, f := range []string{h.Worker(), h.plainWorker(), h.importcfg(), h.extld()} {
		if _, err := os.Stat(f); err != nil {
			return fmt.Errorf("%w; run `modelbook install` again", err)
		}
	}
	archives, err := readImportcfg(h.importcfg())
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
func (h *Home) Worker() string { return filepath.Join(h.pkg(), "modelbook-worker") }

// plainWorker is a worker without them, for sessions that need other versions.
func (h *Home) plainWorker() string { return filepath.Join(h.pkg(), "modelbook-worker-plain") }

// Source is the folder with modelbook's sources.
func (h *Home) Source() string { return filepath.Join(h.Dir, "src") }

// Lang is the language version of cells, "go1.26".
func (h *Home) Lang() string { return h.Toolchain.lang() }

func (h *Home) pkg() string       { return filepath.Join(h.Dir, h.Pkg) }
func (h *Home) importcfg() string { return filepath.Join(h.pkg(), "importcfg") }

// importsFile says which packages each package compiled ahead imports.
func (h *Home) importsFile() string { return filepath.Join(h.pkg(), "imports.json") }
func (h *Home) extld() string       { return filepath.Join(h.pkg(), "extld") }
func (h *Home) mod() string         { return filepath.Join(h.Dir, "mod") }

// readImportcfg reads the archives of packages: import path to file. A file
// in the same folder is named without it.
func readImportcfg(file string) (map[string]string, error) {
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

// link makes a file at dst with the content of src, sharing the storage where
// the file system can.
func link(src, dst string) error {
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	os.Remove(dst)
	if os.Link(src, dst) == nil {
		return nil
	}
	return copyFile(src, dst)
}

func copyFile(src, dst string) error {
	in, err := os.Open(src)
	if err != nil {
		return err
	}
	defer in.Close()
	st, err := in.Stat()
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dst), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(dst), ".copy-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = io.Copy(tmp, in)
	if err == nil {
		err = tmp.Chmod(st.Mode().Perm() | 0o600)
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), dst)
}
