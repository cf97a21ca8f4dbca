// Package module is the Go module of a session: what its go.mod, go.sum and
// go.work say, and the packages of other modules that cells import.
//
//   - module.go makes the module from the home's template.
//   - obtain.go compiles packages that were not compiled ahead, and finds out
//     whether the worker process can load them.
//   - get.go fetches modules; upgraded.go notices new versions of loaded ones.
//   - local.go knows modules in local folders (replace, go.work); wasm.go builds
//     a program for the browser in the session's module, ranks.go says what one
//     for MPI needs.
//
// It starts the go command by way of kernel/toolchain, which is all of the project
// that it imports; it knows nothing of plugins and linking. What the go command
// prints is read in toolchain/output.go and toolchain/list.go.
package module

import (
	"errors"
	"os"
	"path/filepath"

	"modelbook/kernel/toolchain"
)

// A Module is the module of one session.
type Module struct {
	home     *toolchain.Home
	packages *toolchain.Packages
	dir      string
	flags    []string          // of go list, go build and go get
	obtained []string          // import paths that cells asked for
	embeds   map[string]embeds // by import path: what packages embed
	goMod    []byte            // go.mod when it was last looked at,
	versions map[string]string // and the versions of modules then
}

// New makes a module in the folder dir. Packages that cells obtain are added to
// packages.
func New(h *toolchain.Home, packages *toolchain.Packages, dir string) (*Module, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	m := &Module{home: h, packages: packages, dir: dir, embeds: map[string]embeds{}}
	return m, errors.Join(m.Reset(), m.copyTemplate("doc.go"))
}

// Dir is the folder of the module.
func (m *Module) Dir() string { return m.dir }

// Reset makes go.mod and go.sum what they were at first.
func (m *Module) Reset() error {
	return errors.Join(m.copyTemplate("go.mod"), m.copyTemplate("go.sum"))
}

func (m *Module) copyTemplate(name string) error {
	text, err := os.ReadFile(filepath.Join(m.home.Module(), name))
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(m.dir, name), text, 0o644)
}

// SetFlags sets the flags of the go command (-tags, -mod) for packages to come.
func (m *Module) SetFlags(flags []string) { m.flags = flags }

// save keeps go.mod and go.sum; restore puts them back.
func (m *Module) save() (restore func() error, err error) {
	saved := map[string][]byte{}
	for _, name := range []string{"go.mod", "go.sum"} {
		file := filepath.Join(m.dir, name)
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
