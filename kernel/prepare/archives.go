package prepare

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"modelbook/kernel/toolchain"
)

// unlisted are packages that no cell names.
var unlisted = []string{toolchain.RuntimePackage, toolchain.TestsPackage, toolchain.SteadyPackage, toolchain.ThinPackage}

// keep puts the archives into the home and writes the importcfg that names them.
// It sets what the manifest says about packages.
func keep(h *toolchain.Home, pkgs []toolchain.Package) error {
	var cfg strings.Builder
	h.Known = map[string][]string{}
	imports := map[string][]string{}
	slices.SortStableFunc(pkgs, func(a, b toolchain.Package) int {
		return slices.Index(h.Listed, a.ImportPath) - slices.Index(h.Listed, b.ImportPath)
	})
	for _, p := range pkgs {
		imports[p.ImportPath] = p.Imports
		if p.Export == "" || p.ImportPath == toolchain.WorkerPackage {
			continue
		}
		file := filepath.Join(h.Archives(), filepath.FromSlash(p.ImportPath)+".a")
		if err := link(p.Export, file); err != nil {
			return err
		}
		fmt.Fprintf(&cfg, "packagefile %s=%s\n", p.ImportPath, file)
		if !p.DepOnly && p.Name != "main" && !slices.Contains(unlisted, p.ImportPath) {
			learn(h, p.Name, p.ImportPath)
		}
	}
	h.InPlain = toolchain.Closure(imports, toolchain.WorkerPackage)
	h.InWorker = toolchain.Closure(imports, append(h.Whole(), toolchain.WorkerPackage, "runtime", "runtime/cgo")...)
	b, err := json.Marshal(imports)
	if err != nil {
		return err
	}
	if err := os.WriteFile(h.ImportsFile(), b, 0o644); err != nil {
		return err
	}
	if err := os.WriteFile(h.Importcfg(), []byte(cfg.String()), 0o644); err != nil {
		return err
	}
	// In each link, cmd/link compiles trivial.c three times to find out which flags
	// the C compiler has. To fail at once is a valid answer, and saves most of
	// 100 ms.
	script := fmt.Sprintf("#!/bin/sh\ncase \"$*\" in *trivial.c*) exit 1;; esac\nexec %s \"$@\"\n", h.Toolchain.CC)
	return os.WriteFile(h.Extld(), []byte(script), 0o755)
}

// learn records which packages a bare name may mean: the preferred one first,
// then in the order of the list.
func learn(h *toolchain.Home, name, importPath string) {
	if toolchain.Preferred[name] == importPath {
		h.Known[name] = slices.Insert(h.Known[name], 0, importPath)
	} else {
		h.Known[name] = append(h.Known[name], importPath)
	}
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
