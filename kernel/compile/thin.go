package compile

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"modelbook/kernel/toolchain"
)

// A plugin as "go build" makes it holds a copy of all code that it reaches,
// including the runtime, although the process has all of it: 3.5 MB for a line
// of code. The thin link leaves out what the worker has. The Go linker is given
// a stub in place of the worker, as a shared library. In the object file that it
// writes, two kinds of names are corrected, and the system's linker makes the
// plugin from it, without compiler driver and C library.
//
// A cell that reaches packages outside the worker, or code that the worker was
// linked without, is linked in full.
var errThin = errors.New("a thin link is not possible")

// A host is the worker as a library that cells are linked against.
type host struct {
	program  *program
	linker   string          // the system's
	assembly map[string]bool // its functions with the calling convention of assembly only
	packages map[string]bool // that it holds
}

// newHost opens the worker of a home for thin links. It is nil if these are not
// possible on this machine.
func newHost(h *toolchain.Home) *host {
	linker, err := exec.LookPath("ld")
	if err != nil {
		return nil
	}
	p, err := openProgram(h.Worker())
	if err != nil {
		return nil
	}
	t := &host{program: p, linker: linker, assembly: map[string]bool{}, packages: map[string]bool{}}
	for _, name := range h.Assembly {
		t.assembly[name] = true
	}
	for _, path := range h.InWorker {
		t.packages[path] = true
	}
	return t
}

// Package thin defines addModule, so that the linker does not add an empty one to
// the plugin; it calls workerModule, which in the worker is addModule.
const addModule, workerModule = "runtime.addmoduledata", toolchain.ThinPackage + ".workerAddModuledata"

// zeroBytes is a variable of the runtime that is always zero.
const zeroBytes = "runtime.zeroVal"

// lacks is errThin with the name that the worker lacks.
func lacks(name string) error { return fmt.Errorf("%w: the worker has no %s", errThin, name) }

// link links a cell whose imports are all in the worker.
func (t *host) link(ctx context.Context, c *Compiler, l linking) error {
	refs := map[reference]bool{{"runtime.unreachableMethod", 1}: true, {workerModule, 0}: true}
	var cfg bytes.Buffer
	stub := filepath.Join(l.dir, stubName)
	for _, archive := range []string{l.cell, l.main} {
		err := mapped(archive, func(data []byte) error {
			objects, err := readObjects(data)
			for _, o := range objects {
				for _, r := range o.refs {
					refs[r] = true
				}
			}
			return err
		})
		if errors.Is(err, errObject) {
			return errThin
		} else if err != nil {
			return err
		}
	}
	for path := range t.packages {
		fmt.Fprintf(&cfg, "packageshlib %s=%s\n", path, stub)
	}
	fmt.Fprintf(&cfg, "packagefile %s=%s\npackagefile %s=%s\n", PackagePath, l.cell, toolchain.ThinPackage, c.packages.Archive(toolchain.ThinPackage))
	cfgFile := filepath.Join(l.dir, "thincfg")
	if err := errors.Join(
		os.WriteFile(stub, t.program.stub(refs, t.assembly), 0o600),
		os.WriteFile(cfgFile, cfg.Bytes(), 0o600),
	); err != nil {
		return err
	}
	args := append([]string{"-o", l.plugin, "-importcfg", cfgFile, "-installsuffix", "dynlink", "-linkshared",
		"-buildmode=plugin", "-pluginpath", l.name, "-tmpdir", l.dir, "-extld=true", "-E", toolchain.ThinPackage + ".first"}, LinkFlags...)
	if _, err := c.run(ctx, l.dir, "link", append(args, l.main)...); err != nil {
		if ctx.Err() != nil {
			return err
		}
		return fmt.Errorf("%w: %w", errThin, err)
	}
	object := filepath.Join(l.dir, "go.o")
	if err := mapped(object, t.repair); err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, t.linker, "-shared", "-o", l.plugin, "-z", "now", "--hash-style=gnu", "--build-id=none",
		"--version-script="+l.script, object)
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		return errThin
	}
	return nil
}

// repair gives the undefined symbols of an object file the names that they have
// in the worker, and checks that it has them all.
func (t *host) repair(data []byte) error {
	f, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return errThin
	}
	defer f.Close()
	names := f.Section(".strtab")
	if names == nil {
		return errThin
	}
	text := data[names.Offset : names.Offset+names.Size]
	rename := func(old, new string) {
		if i := bytes.Index(text, []byte("\x00"+old+"\x00")); i >= 0 && len(new) <= len(old) {
			copy(text[i+1:], new+"\x00")
		}
	}
	symbols, err := f.Symbols()
	if err != nil {
		return errThin
	}
	for _, s := range symbols {
		name := strings.TrimSuffix(s.Name, goFunction)
		switch {
		case s.Name == addModule && s.Section != elf.SHN_UNDEF:
			rename(addModule, "thin.addmodule")
			continue
		case s.Section != elf.SHN_UNDEF || s.Name == "":
			continue
		case s.Name == abiHash:
			name = zeroBytes
		case s.Name == workerModule:
			if name = addModule; t.assembly[name] {
				break
			}
			name += ".abi0"
		}
		if name != s.Name {
			rename(s.Name, name)
		}
		if _, ok := t.program.lookup(name); !ok {
			return lacks(name)
		}
	}
	return nil
}
