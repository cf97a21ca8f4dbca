package module

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Upgraded lists the modules of compiled packages that go.mod requires in another
// version than when it was last looked at ("a.b/c v1.0.0 (now v1.1.0)"). Cells
// keep the packages that are compiled. It is quick when go.mod is unchanged.
func (m *Module) Upgraded(ctx context.Context) []string {
	text, err := os.ReadFile(filepath.Join(m.dir, "go.mod"))
	if err != nil || bytes.Equal(text, m.goMod) {
		return nil
	}
	if m.goMod == nil {
		if original, err := os.ReadFile(filepath.Join(m.home.Module(), "go.mod")); err == nil && bytes.Equal(text, original) {
			return nil
		}
	}
	if m.versions == nil {
		if m.versions, err = m.home.Toolchain.Modules(ctx, m.home.Module()); err != nil {
			return nil
		}
	}
	now, err := m.home.Toolchain.Modules(ctx, m.dir)
	if err != nil {
		return nil // go get has reported it, or the next import will
	}
	var changed []string
	for path, version := range now {
		old, known := m.versions[path]
		same := strings.HasSuffix(strings.TrimSpace(version), path+"@"+old) // the same, by its folder
		if known && old != version && !same && m.compiled(path) {
			changed = append(changed, path+" "+old+" (now "+version+")")
		}
	}
	m.goMod, m.versions = text, now
	slices.Sort(changed)
	return changed
}

// compiled reports whether packages of a module are in use.
func (m *Module) compiled(module string) bool {
	for path := range m.packages.Archives() {
		if path == module || strings.HasPrefix(path, module+"/") {
			return true
		}
	}
	return false
}

// rememberVersions remembers go.mod as it is, after packages were obtained.
func (m *Module) rememberVersions(ctx context.Context) {
	text, err := os.ReadFile(filepath.Join(m.dir, "go.mod"))
	if err != nil || bytes.Equal(text, m.goMod) {
		return
	}
	if now, err := m.home.Toolchain.Modules(ctx, m.dir); err == nil {
		m.goMod, m.versions = text, now
	}
}
