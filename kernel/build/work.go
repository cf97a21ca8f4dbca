package build

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
)

// A Local is a module in a local folder that the session's go.mod or go.work
// refers to.
type Local struct {
	Path string // of the module
	Dir  string
}

// Replaced lists the modules that the session's go.mod replaces by folders,
// modelbook itself excepted.
func (b *Builder) Replaced(ctx context.Context) ([]Local, error) {
	var mod struct {
		Replace []struct {
			Old, New struct{ Path, Version string }
		}
	}
	if err := b.goJSON(ctx, &mod, "mod", "edit", "-json"); err != nil {
		return nil, err
	}
	var all []Local
	for _, r := range mod.Replace {
		if r.New.Version == "" && r.Old.Path != "modelbook" {
			all = append(all, Local{r.Old.Path, b.inModule(r.New.Path)})
		}
	}
	return all, nil
}

// ErrNoWork says that the session's folder has no go.work.
var ErrNoWork = errors.New("there is no go.work in the session's folder (!*go work init && go work use . DIRECTORY makes one)")

// Used lists the modules that the session's go.work uses, the session itself
// excepted.
func (b *Builder) Used(ctx context.Context) ([]Local, error) {
	if _, err := os.Stat(filepath.Join(b.module, "go.work")); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoWork
	}
	var work struct{ Use []struct{ DiskPath string } }
	if err := b.goJSON(ctx, &work, "work", "edit", "-json"); err != nil {
		return nil, err
	}
	var all []Local
	for _, u := range work.Use {
		dir := b.inModule(u.DiskPath)
		if dir == b.module {
			continue
		}
		var mod struct{ Module struct{ Path string } }
		if err := b.goJSON(ctx, &mod, "mod", "edit", "-json", filepath.Join(dir, "go.mod")); err != nil {
			return nil, err
		}
		all = append(all, Local{mod.Module.Path, dir})
	}
	return all, nil
}

// UseWork makes a replace rule in the session's go.mod of each module that its
// go.work uses, for go get does not look there. It calls say for each, with
// the folder of an older rule or "".
func (b *Builder) UseWork(ctx context.Context, say func(l Local, before string)) error {
	used, err := b.Used(ctx)
	if err != nil {
		return err
	}
	replaced, err := b.Replaced(ctx)
	if err != nil {
		return err
	}
	for _, u := range used {
		before := ""
		if i := slices.IndexFunc(replaced, func(r Local) bool { return r.Path == u.Path }); i >= 0 {
			before = replaced[i].Dir
		}
		if before != u.Dir {
			if _, err := b.goOutput(ctx, "mod", "edit", "-replace="+u.Path+"="+u.Dir); err != nil {
				return err
			}
		}
		say(u, before)
	}
	return nil
}

// inModule makes a path of go.mod or go.work absolute.
func (b *Builder) inModule(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(b.module, path)
	}
	return filepath.Clean(path)
}

func (b *Builder) goJSON(ctx context.Context, to any, args ...string) error {
	out, err := b.goOutput(ctx, args...)
	if err == nil {
		err = json.Unmarshal(out, to)
	}
	return err
}

// goOutput runs a go command in the session's folder, with its go.work.
func (b *Builder) goOutput(ctx context.Context, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, b.home.Toolchain.Go, args...)
	cmd.Dir, cmd.Env = b.module, append(b.home.Toolchain.env(), "GOWORK=")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go %s %s: %w", args[0], args[1], withStderr(err))
	}
	return out, nil
}
