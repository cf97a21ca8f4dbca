package build

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// maxOlder bounds the releases of new modules that are tried.
const maxOlder = 10

// tooNew is what go get says when a module requires another in a newer version
// than the one that it was asked to keep: the two modules with these versions.
var tooNew = regexp.MustCompile(`(?m)^go: ([^@\s]+)@(?:upgrade \()?(v[^\s)]+)\)?.* requires ([^@\s]+)@(\S+), not`)

// present are the modules of the session's go.mod with their versions; fixed is
// the version of one that is there and is not replaced by a folder.
type present map[string]string

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

// targets are the arguments of go get for packages: those of a module that is
// there are taken from it as it is. go get by itself would upgrade it.
func (p present) targets(paths []string) []string {
	targets := slices.Clone(paths)
	for i, path := range paths {
		if v, ok := p.fixed(p.moduleOf(path)); ok {
			targets[i] += "@" + v
		}
	}
	return targets
}

// get makes the session's module have packages, of new modules the newest
// release, with what that requires. said is what go get tells.
func (b *Builder) get(ctx context.Context, paths []string) (said string, err error) {
	p, err := b.home.modules(ctx, b.module)
	if err != nil {
		p = nil // go get will say what is wrong with go.mod
	}
	targets := present(p).targets(paths)
	if said, err = b.goGet(ctx, targets); err != nil && ctx.Err() == nil && !slices.Equal(targets, paths) {
		said, err = b.goGet(ctx, paths) // the module that is there lacks it
	}
	if err != nil {
		return "", getError(paths, err, said)
	}
	return said, nil
}

// getKeeping is get with modules that must keep the versions that they have: of
// new modules the newest release is taken that goes with them. said tells which
// are not the newest.
func (b *Builder) getKeeping(ctx context.Context, paths, modules []string) (said string, err error) {
	all, err := b.home.modules(ctx, b.module)
	if err != nil {
		return "", err
	}
	p := present(all)
	var keep []string
	for _, m := range modules {
		if v, ok := p.fixed(m); ok {
			keep = append(keep, m+"@"+v)
		}
	}
	targets := p.targets(paths)
	older := map[string]string{} // module to what is said of it
	for range maxOlder {
		if said, err = b.goGet(ctx, slices.Concat(targets, keep)); err == nil {
			for _, m := range slices.Sorted(maps.Keys(older)) {
				said += older[m]
			}
			return said, nil
		}
		conflict := tooNew.FindStringSubmatch(said)
		if ctx.Err() != nil || conflict == nil || p[conflict[3]] == "" {
			break
		}
		module, version := conflict[1], conflict[2]
		before := b.releaseBefore(ctx, module, version)
		if before == "" || !retarget(targets, module, before) {
			break
		}
		if older[module] == "" {
			older[module] = fmt.Sprintf("%s is not the newest: %s needs %s %s, and %s is in use (!*go get %s@%[2]s gets it; the kernel must be restarted then)\n",
				module, version, conflict[3], conflict[4], p[conflict[3]], module)
		}
	}
	return "", getError(paths, err, said)
}

func getError(paths []string, err error, said string) error {
	return fmt.Errorf("go get %s: %w", strings.Join(paths, " "), saying(err, said))
}

func (b *Builder) goGet(ctx context.Context, args []string) (said string, err error) {
	cmd := exec.CommandContext(ctx, b.home.Toolchain.Go, slices.Concat([]string{"get"}, b.flags.list, args)...)
	cmd.Dir, cmd.Env = b.module, b.home.Toolchain.env()
	var out bytes.Buffer
	cmd.Stderr = &out
	err = cmd.Run()
	return out.String(), err
}

// retarget gives the arguments of go get that are of a module another version.
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
func (b *Builder) releaseBefore(ctx context.Context, module, version string) string {
	out, err := b.goOutput(ctx, "list", "-m", "-versions", "-f", `{{join .Versions "\n"}}`, module)
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
