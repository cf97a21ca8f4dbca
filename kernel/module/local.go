package module

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"modelbook/kernel/toolchain"
)

// A Local is a module in a local folder that the session's go.mod or go.work
// refers to.
type Local struct {
	Path string // of the module
	Dir  string
}

// Replaced lists the modules that the session's go.mod replaces by folders, except
// modelbook itself.
func (m *Module) Replaced(ctx context.Context) ([]Local, error) {
	var mod struct {
		Replace []struct {
			Old, New struct{ Path, Version string }
		}
	}
	if err := m.goJSON(ctx, &mod, "mod", "edit", "-json"); err != nil {
		return nil, err
	}
	var all []Local
	for _, r := range mod.Replace {
		if r.New.Version == "" && r.Old.Path != "modelbook" {
			all = append(all, Local{r.Old.Path, m.inModule(r.New.Path)})
		}
	}
	return all, nil
}

// ErrNoWork says that the session's folder has no go.work.
var ErrNoWork = errors.New("there is no go.work in the session's folder (!*go work init && go work use . DIRECTORY makes one)")

// Used lists the modules that the session's go.work uses, except the session's
// own.
func (m *Module) Used(ctx context.Context) ([]Local, error) {
	if _, err := os.Stat(filepath.Join(m.dir, "go.work")); errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoWork
	}
	var work struct{ Use []struct{ DiskPath string } }
	if err := m.goJSON(ctx, &work, "work", "edit", "-json"); err != nil {
		return nil, err
	}
	var all []Local
	for _, u := range work.Use {
		dir := m.inModule(u.DiskPath)
		if dir == m.dir {
			continue
		}
		var mod struct{ Module struct{ Path string } }
		if err := m.goJSON(ctx, &mod, "mod", "edit", "-json", filepath.Join(dir, "go.mod")); err != nil {
			return nil, err
		}
		all = append(all, Local{mod.Module.Path, dir})
	}
	return all, nil
}

// UseWork adds a replace directive to the session's go.mod for each module that
// its go.work uses, because go get does not heed go.work. It calls say for each,
// with the folder of an older directive or "".
func (m *Module) UseWork(ctx context.Context, say func(l Local, before string)) error {
	used, err := m.Used(ctx)
	if err != nil {
		return err
	}
	replaced, err := m.Replaced(ctx)
	if err != nil {
		return err
	}
	for _, u := range used {
		before := ""
		if i := slices.IndexFunc(replaced, func(r Local) bool { return r.Path == u.Path }); i >= 0 {
			before = replaced[i].Dir
		}
		if before != u.Dir {
			if _, err := m.goOutput(ctx, "mod", "edit", "-replace="+u.Path+"="+u.Dir); err != nil {
				return err
			}
		}
		say(u, before)
	}
	return nil
}

// inModule makes a path of go.mod or go.work absolute.
func (m *Module) inModule(path string) string {
	if !filepath.IsAbs(path) {
		path = filepath.Join(m.dir, path)
	}
	return filepath.Clean(path)
}

func (m *Module) goJSON(ctx context.Context, to any, args ...string) error {
	out, err := m.goOutput(ctx, args...)
	if err == nil {
		err = json.Unmarshal(out, to)
	}
	return err
}

// goOutput runs a go command in the session's folder, with its go.work.
func (m *Module) goOutput(ctx context.Context, args ...string) ([]byte, error) {
	cmd := m.home.Toolchain.Command(ctx, m.dir, args...)
	cmd.Env = append(cmd.Env, "GOWORK=")
	out, err := toolchain.Output(cmd)
	if err != nil {
		return nil, fmt.Errorf("go %s %s: %w", args[0], args[1], err)
	}
	return out, nil
}
