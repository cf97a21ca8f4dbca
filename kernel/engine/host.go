package engine

import (
	"context"
	"maps"
	"os"
	"slices"
	"strings"

	"modelbook/kernel/command"
	"modelbook/kernel/session"
	"modelbook/kernel/worker/control"
)

// host is the engine as the commands of the cell see it.
func (e *cellRun) host() command.Host {
	return command.Host{Environment: e, Session: e, Modules: e, Tracking: e, Saving: e, Running: e, Page: e, Documentation: e, Programs: e}
}

// Dir is the working directory of cells and shell commands.
func (e *Engine) Dir() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.dir
}

// SetDir changes it, in the worker too.
func (e *Engine) SetDir(dir string) error {
	if err := e.worker.Chdir(dir); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.dir = dir
	return nil
}

// Environ is the environment of cells and shell commands.
func (e *Engine) Environ() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	set := map[string]string{}
	for _, kv := range os.Environ() {
		if k, v, ok := strings.Cut(kv, "="); ok {
			set[k] = v
		}
	}
	set["PATH"] = e.home.Toolchain.InPath(set["PATH"])
	set["MODELBOOK_HOME"] = e.home.Dir
	set["GONB_DIR"] = e.cfg.Dir
	set["GONB_TMP_DIR"] = e.module.Dir()
	set["GONB_VERSION"] = "v0.11.3"
	set["GONB_GIT_COMMIT"] = "https://github.com/janpfeifer/gonb/tree/v0.11.3"
	if e.cfg.JupyterRoot != "" {
		set["GONB_JUPYTER_ROOT"] = e.cfg.JupyterRoot
	}
	if e.cfg.KernelID != "" {
		set["GONB_JUPYTER_KERNEL_ID"] = e.cfg.KernelID
	}
	if e.pipe != nil {
		for _, kv := range e.pipe.Env() {
			if k, v, ok := strings.Cut(kv, "="); ok {
				set[k] = v
			}
		}
	}
	maps.Copy(set, e.env)
	var env []string
	for _, k := range slices.Sorted(maps.Keys(set)) {
		env = append(env, k+"="+set[k])
	}
	return env
}

// SetEnv sets an environment variable of cells and shell commands.
func (e *Engine) SetEnv(key, value string) error {
	if err := e.worker.Setenv(key, value); err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.env[key] = value
	return nil
}

// Declarations lists what the session has declared, variables included.
func (e *Engine) Declarations() []command.Declaration {
	var all []command.Declaration
	for _, d := range e.session.Definitions() {
		where := ""
		if d.Cell > 0 {
			where = e.sources.name(d.Cell)
		}
		all = append(all, command.Declaration{Kind: d.Kind, Name: d.Name, Text: d.Text, Where: where})
	}
	return all
}

// Variables lists the session's variables with their present values.
func (e *Engine) Variables() []command.Variable {
	values := map[string]control.Variable{}
	if vars, err := e.worker.Vars(); err == nil {
		for _, v := range vars {
			values[v.Name] = v
		}
	}
	var all []command.Variable
	for _, d := range e.session.Definitions() {
		if d.Kind == "var" {
			all = append(all, command.Variable{Name: d.Name, Type: d.Text, Value: values[d.Name].Value, Size: values[d.Name].Size, Shape: values[d.Name].Shape})
		}
	}
	return all
}

// Remove forgets what a name means and returns its kind, "" when it means
// nothing, and the variables that are lost because it was their type.
func (e *Engine) Remove(name string) (kind string, lost []string, err error) {
	kind, lost = e.session.Remove(name)
	forget := lost
	if kind == "var" {
		forget = append(slices.Clone(lost), name)
	}
	if len(forget) > 0 {
		err = e.worker.Forget(forget)
	}
	return kind, lost, err
}

// RunFile runs the text of a Go file as a cell.
func (e *cellRun) RunFile(ctx context.Context, name, text string, args []string, out *command.Output) error {
	defer e.take(context.Background())
	text = strings.TrimPrefix(text, byteOrderMark)
	e.files++
	number := firstFile + e.files
	e.sources.addFile(number, name, text)
	if args == nil {
		args = []string{}
	}
	return e.execute(ctx, Request{Code: text, Cell: number, args: args}, out)
}

// Definitions lists what the session holds, for completion and inspection.
func (e *Engine) Definitions() []session.Definition { return e.session.Definitions() }

// History lists the texts of the cells so far; that of cell n has index n-1.
func (e *Engine) History() []string {
	e.sources.mu.Lock()
	defer e.sources.mu.Unlock()
	var cells []string
	for n, lines := range e.sources.lines {
		if n < 1 || n >= firstFile {
			continue
		}
		for len(cells) < n {
			cells = append(cells, "")
		}
		cells[n-1] = strings.Join(lines, "\n")
	}
	return cells
}
