package module

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/toolchain"
)

// maxOlder limits how many releases of new modules are tried.
const maxOlder = 10

// present are the modules of the session's go.mod with their versions.
type present map[string]string

// fixed returns the version of a module that is required and not replaced by a
// folder.
func (p present) fixed(module string) (version string, ok bool) {
	version = p[module]
	return version, strings.HasPrefix(version, "v") && !strings.Contains(version, " ")
}

// moduleOf is the module that a package belongs to, "" if none of these.
func (p present) moduleOf(path string) string {
	for ; path != ""; path = path[:max(0, strings.LastIndexByte(path, '/'))] {
		if _, ok := p[path]; ok {
			return path
		}
	}
	return ""
}

// targets are the arguments of go get for packages: those of a required module
// are taken from it in its present version. go get by itself would upgrade it.
func (p present) targets(paths []string) []string {
	targets := slices.Clone(paths)
	for i, path := range paths {
		if v, ok := p.fixed(p.moduleOf(path)); ok {
			targets[i] += "@" + v
		}
	}
	return targets
}

// get adds packages to the session's module: of new modules the newest release,
// with what that requires. said is what go get printed.
func (m *Module) get(ctx context.Context, paths []string) (said string, err error) {
	p, err := m.home.Toolchain.Modules(ctx, m.dir)
	if err != nil {
		p = nil // go get will report what is wrong with go.mod
	}
	targets := present(p).targets(paths)
	if said, err = m.goGet(ctx, targets); err != nil && ctx.Err() == nil && !slices.Equal(targets, paths) {
		said, err = m.goGet(ctx, paths) // the required version lacks it
	}
	if err != nil {
		return "", getError(paths, err, said)
	}
	return said, nil
}

// getKeeping is get with modules that must keep their versions: of new modules
// the newest release is taken that works with them. said includes which are not
// the newest.
func (m *Module) getKeeping(ctx context.Context, paths, modules []string) (said string, err error) {
	all, err := m.home.Toolchain.Modules(ctx, m.dir)
	if err != nil {
		return "", err
	}
	p := present(all)
	var keep []string
	for _, module := range modules {
		if v, ok := p.fixed(module); ok {
			keep = append(keep, module+"@"+v)
		}
	}
	targets := p.targets(paths)
	older := map[string]string{} // what to report, by module
	for range maxOlder {
		if said, err = m.goGet(ctx, slices.Concat(targets, keep)); err == nil {
			for _, module := range slices.Sorted(maps.Keys(older)) {
				said += older[module]
			}
			return said, nil
		}
		c, ok := toolchain.FindConflict(said)
		if ctx.Err() != nil || !ok || p[c.Needs] == "" {
			break
		}
		before := m.releaseBefore(ctx, c.Module, c.Version)
		if before == "" || !retarget(targets, c.Module, before) {
			break
		}
		if older[c.Module] == "" {
			older[c.Module] = fmt.Sprintf("%s is not the newest: %s needs %s %s, and %s is in use (!*go get %s@%[2]s gets it; the kernel must be restarted then)\n",
				c.Module, c.Version, c.Needs, c.NeedsVersion, p[c.Needs], c.Module)
		}
	}
	return "", getError(paths, err, said)
}

func getError(paths []string, err error, said string) error {
	return fmt.Errorf("go get %s: %w", strings.Join(paths, " "), toolchain.Failure(err, said))
}

func (m *Module) goGet(ctx context.Context, args []string) (said string, err error) {
	cmd := m.home.Toolchain.Command(ctx, m.dir, slices.Concat([]string{"get"}, m.flags, args)...)
	var out strings.Builder
	cmd.Stderr = &out
	err = cmd.Run()
	return out.String(), err
}

// retarget changes the version in those arguments of go get that belong to a
// module.
func retarget(args []string, module, version string) (any bool) {
	for i, a := range args {
		path, _, _ := strings.Cut(a, "@")
		if path == module || strings.HasPrefix(path, module+"/") {
			args[i], any = path+"@"+version, true
		}
	}
	return any
}

// releaseBefore is the release of a module before another, "" if there is none.
func (m *Module) releaseBefore(ctx context.Context, module, version string) string {
	out, err := m.goOutput(ctx, "list", "-m", "-versions", "-f", `{{join .Versions "\n"}}`, module)
	if err != nil {
		return ""
	}
	all := strings.Fields(string(out)) // in order
	for i := slices.Index(all, version) - 1; i >= 0; i-- {
		if !strings.Contains(all[i], "-") {
			return all[i]
		}
	}
	return ""
}
