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

// maxOlder bounds the releases of new modules that get tries.
const maxOlder = 10

// tooNew is what go get says when a module requires another in a newer version
// than the one that it was asked to keep: the two modules with these versions.
var tooNew = regexp.MustCompile(`(?m)^go: ([^@\s]+)@(?:upgrade \()?(v[^\s)]+)\)?.* requires ([^@\s]+)@(\S+), not`)

// get makes the session's module have packages. Modules whose packages are in
// use keep their versions where that is possible: a package of a module that is
// there is taken from it as it is, and of a new module the newest release is
// taken that goes with them. say tells when that is not the newest of all.
// Where none goes with them, they are upgraded, as go get by itself does.
func (b *Builder) get(ctx context.Context, paths []string, say func(text string)) error {
	present, err := b.home.modules(ctx, b.module)
	if err != nil {
		present = nil // go get will say what is wrong with go.mod
	}
	// fixed is the version of a module that is not replaced by a folder.
	fixed := func(module string) (version string, ok bool) {
		version = present[module]
		return version, strings.HasPrefix(version, "v") && !strings.Contains(version, " ")
	}
	var keep, targets []string
	for _, m := range slices.Sorted(maps.Keys(present)) {
		if v, ok := fixed(m); ok && b.compiled(m) {
			keep = append(keep, m+"@"+v)
		}
	}
	for _, p := range paths {
		if v, ok := fixed(moduleOf(p, present)); ok {
			p += "@" + v
		}
		targets = append(targets, p)
	}
	older := map[string]string{} // module to what say tells
	kept := slices.Clone(targets)
	for range maxOlder {
		said, err := b.goGet(ctx, slices.Concat(kept, keep))
		if err == nil {
			say(said)
			for _, m := range slices.Sorted(maps.Keys(older)) {
				say(older[m])
			}
			return nil
		}
		conflict := tooNew.FindStringSubmatch(said)
		if ctx.Err() != nil || conflict == nil && slices.Equal(kept, paths) {
			return getError(paths, err, said) // a typo, or no network
		}
		if conflict == nil || present[conflict[3]] == "" {
			break
		}
		module, version := conflict[1], conflict[2]
		before := b.releaseBefore(ctx, module, version)
		if before == "" || !retarget(kept, module, before) {
			break
		}
		if older[module] == "" {
			older[module] = fmt.Sprintf("%s is not the newest: %s needs %s %s, and %s is in use (!*go get %s@%[2]s gets it; the kernel must be restarted then)\n",
				module, version, conflict[3], conflict[4], present[conflict[3]], module)
		}
	}
	said := ""
	for _, try := range [][]string{targets, paths} {
		if said, err = b.goGet(ctx, try); err == nil {
			say(said)
			return nil
		}
	}
	return getError(paths, err, said)
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

// moduleOf is the module that a package belongs to, "" if none of these.
func moduleOf(path string, modules map[string]string) string {
	for ; path != ""; path = path[:max(0, strings.LastIndexByte(path, '/'))] {
		if _, ok := modules[path]; ok {
			return path
		}
	}
	return ""
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
