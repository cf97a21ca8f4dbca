package build

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// modules tells the version of every module that go.mod in dir leads to, with
// what it is replaced by.
func (h *Home) modules(ctx context.Context, dir string) (map[string]string, error) {
	cmd := exec.CommandContext(ctx, h.Toolchain.Go, "list", "-mod=mod", "-m", "-f", "{{.Path}} {{.Version}}{{with .Replace}} => {{.Path}} {{.Version}}{{end}}", "all")
	cmd.Dir, cmd.Env = dir, h.Toolchain.env()
	out, err := cmd.Output()
	if err != nil {
		return nil, withStderr(err)
	}
	versions := map[string]string{}
	for line := range strings.Lines(string(out)) {
		path, version, _ := strings.Cut(strings.TrimSpace(line), " ")
		versions[path] = strings.TrimSpace(version)
	}
	return versions, nil
}

// Upgraded says which modules of compiled packages are wanted in another
// version since go.mod was looked at last ("a.b/c v1.0.0 (now v1.1.0)"). Cells
// go on with the packages that are there. It is quick when go.mod is the same.
func (b *Builder) Upgraded(ctx context.Context) []string {
	text, err := os.ReadFile(filepath.Join(b.module, "go.mod"))
	if err != nil || bytes.Equal(text, b.goMod) {
		return nil
	}
	if b.goMod == nil {
		if original, err := os.ReadFile(filepath.Join(b.home.mod(), "go.mod")); err == nil && bytes.Equal(text, original) {
			return nil
		}
	}
	if b.versions == nil {
		if b.versions, err = b.home.modules(ctx, b.home.mod()); err != nil {
			return nil
		}
	}
	now, err := b.home.modules(ctx, b.module)
	if err != nil {
		return nil // go get has said so, or the next import will
	}
	var changed []string
	for path, version := range now {
		old, known := b.versions[path]
		same := strings.HasSuffix(strings.TrimSpace(version), path+"@"+old) // the same, by its folder
		if known && old != version && !same && b.compiled(path) {
			changed = append(changed, path+" "+old+" (now "+version+")")
		}
	}
	b.goMod, b.versions = text, now
	slices.Sort(changed)
	return changed
}

// compiled reports whether packages of a module are in use.
func (b *Builder) compiled(module string) bool {
	for path := range b.archives {
		if path == module || strings.HasPrefix(path, module+"/") {
			return true
		}
	}
	return false
}

// lookAtModule remembers go.mod as it is, after packages were obtained.
func (b *Builder) lookAtModule(ctx context.Context) {
	text, err := os.ReadFile(filepath.Join(b.module, "go.mod"))
	if err != nil || bytes.Equal(text, b.goMod) {
		return
	}
	if now, err := b.home.modules(ctx, b.module); err == nil {
		b.goMod, b.versions = text, now
	}
}
