package build

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// ModuleDir is the folder of the session's module.
func (b *Builder) ModuleDir() string { return b.module }

// ResetModule makes the session's go.mod and go.sum what they were.
func (b *Builder) ResetModule() error {
	return errors.Join(
		copyFile(filepath.Join(b.home.mod(), "go.mod"), filepath.Join(b.module, "go.mod")),
		copyFile(filepath.Join(b.home.mod(), "go.sum"), filepath.Join(b.module, "go.sum")))
}

// Obtain compiles packages that were not compiled ahead, with get after "go
// get" where their module is missing. say reports progress. It returns the
// packages that cells may already use and whose new version differs: the old
// one stays, because a process cannot load a package twice.
func (b *Builder) Obtain(ctx context.Context, paths []string, get bool, say func(text string)) (conflicts []string, err error) {
	pkgs, err := b.home.list(ctx, b.module, paths, nil)
	if err != nil && get {
		say("getting " + strings.Join(paths, ", ") + "\n")
		if err := b.get(ctx, paths, say); err != nil {
			return nil, err
		}
		pkgs, err = b.home.list(ctx, b.module, paths, nil)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", strings.Join(paths, ", "), err)
	}
	for _, p := range pkgs {
		if p.Export == "" {
			continue
		}
		old := b.archives[p.ImportPath]
		if old == "" {
			b.archives[p.ImportPath] = p.Export
		} else if !sameFile(old, p.Export) {
			conflicts = append(conflicts, p.ImportPath)
		}
	}
	return conflicts, nil
}

// get runs go get in the session's module.
func (b *Builder) get(ctx context.Context, paths []string, say func(text string)) error {
	cmd := exec.CommandContext(ctx, b.home.Toolchain.Go, append([]string{"get"}, paths...)...)
	cmd.Dir, cmd.Env = b.module, goEnv("")
	var out bytes.Buffer
	cmd.Stderr = &out
	err := cmd.Run()
	say(out.String())
	if err != nil {
		return fmt.Errorf("go get %s: %w", strings.Join(paths, " "), err)
	}
	return nil
}

// sameFile reports whether two archives have the same content.
func sameFile(a, b string) bool {
	sa, err1 := os.Stat(a)
	sb, err2 := os.Stat(b)
	if err1 != nil || err2 != nil {
		return false
	}
	if os.SameFile(sa, sb) {
		return true
	}
	if sa.Size() != sb.Size() {
		return false
	}
	ta, err1 := os.ReadFile(a)
	tb, err2 := os.ReadFile(b)
	return err1 == nil && err2 == nil && bytes.Equal(ta, tb)
}
