package compile

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"modelbook/kernel/toolchain"
)

// Decide finds out how cells can be linked with the toolchain of a home, and
// notes it in the manifest (Full, Tried). With a release that is not known, all
// facts must hold; where they do not with thin links, cells are linked in full.
func Decide(ctx context.Context, h *toolchain.Home) error {
	if err := h.Toolchain.Known(); err != nil {
		if bad := Try(ctx, h, false); bad != nil {
			return fmt.Errorf("%w, and cells do not work with it: %w", err, bad)
		}
		h.Tried = true
	}
	if err := Try(ctx, h, true); err != nil {
		h.Full = err.Error()
	}
	return ctx.Err()
}

// Try checks all facts with the toolchain of a home, with thin links or full
// ones, and names the first that does not hold.
func Try(ctx context.Context, h *toolchain.Home, thin bool) error {
	dir, err := os.MkdirTemp("", "modelbook-trial-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	packages, err := toolchain.NewPackages(h)
	if err != nil {
		return err
	}
	c := New(h, packages, dir)
	if c.mustThin = thin; !thin {
		c.host = nil
	} else if c.host == nil {
		return errThin
	}
	for _, f := range facts {
		if err := c.try(ctx, f); err != nil {
			return fmt.Errorf("%s does not do what cells need (%s): %w", h.Toolchain.GOVERSION, f.name, err)
		}
	}
	return nil
}

// try checks one fact.
func (c *Compiler) try(ctx context.Context, f fact) error {
	args, want := []string{"try"}, ""
	for i, cell := range f.cells {
		p := Plugin{Cell: i + 1, Imports: []string{toolchain.RuntimePackage}}
		var vars strings.Builder
		for _, v := range cell.shared {
			p.Globals = append(p.Globals, PackagePath+"."+v)
			fmt.Fprintf(&vars, "\trt.Var(%q, &%s)\n", v, v)
		}
		p.Files = []File{{"cell.go", "package sess\n" + cell.source},
			{"z.go", fmt.Sprintf("package sess\nimport %q\nvar cell rt.Cell\nfunc init() {\n\trt.Load(&cell, %d, run)\n%s}\n", toolchain.RuntimePackage, i+1, vars.String())}}
		plugin, err := c.Build(ctx, p)
		if err != nil {
			return err
		}
		defer os.RemoveAll(filepath.Dir(plugin))
		args, want = append(args, plugin), want+cell.prints+"\n"
	}
	out, err := exec.CommandContext(ctx, c.packages.Worker(), args...).CombinedOutput()
	if err == nil && string(out) != want {
		err = errors.New("another output")
	}
	if err != nil {
		return fmt.Errorf("%w: %q, want %q", err, out, want)
	}
	return nil
}
