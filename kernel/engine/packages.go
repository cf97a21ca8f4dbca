package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"modelbook/kernel/module"
	"modelbook/kernel/session"
	"modelbook/kernel/source"
	"modelbook/kernel/toolchain"
)

// obtain makes the packages available that a cell imports and that were not
// compiled ahead.
func (e *Engine) obtain(ctx context.Context, imports []session.Import, out Sink) error {
	var missing []string
	var first session.Import
	for _, i := range imports {
		if e.packages.Archive(i.Path) == "" && i.Path != "unsafe" {
			if missing == nil {
				first = i
			}
			missing = append(missing, i.Path)
		}
	}
	if len(missing) == 0 {
		return nil
	}
	say := func(text string) { out.Stream("stderr", text) }
	changed, err := e.module.Obtain(ctx, missing, e.autoGet, say)
	var restart *module.RestartError
	if errors.As(err, &restart) && restart.Ahead && len(e.variableNames()) == 0 {
		// No value is lost by a new process, which has not loaded them yet.
		if err := e.plainWorker(); err != nil {
			return err
		}
		if changed, err = e.module.Obtain(ctx, missing, e.autoGet, say); err == nil {
			note(out, "other versions of packages are needed than those compiled ahead: cells of this session are linked in full, which takes about 100 ms longer")
		}
	}
	if e.autoGet && errors.As(err, &restart) {
		if other, bad := e.module.ObtainBeside(ctx, missing, restart, say); bad == nil {
			changed, err = other, nil
		}
	}
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	if errors.As(err, &restart) {
		if restart.Said != "" {
			say(restart.Said)
		}
		advice := "Restart the kernel and run this cell before those that load them. A restart loses all values"
		if names := e.variableNames(); len(names) > 0 {
			advice += ": " + strings.Join(names, ", ")
		}
		return e.importError("RestartNeeded", first, restart.Error()+"\n"+advice+".")
	}
	if err != nil {
		text := err.Error()
		for _, i := range imports {
			if !toolchain.LacksDomain(text, i.Path) {
				continue
			}
			first = i
			text = fmt.Sprintf("there is no package %q in the standard library%s; paths of other modules begin with a domain, as example.org/name",
				i.Path, meant(e.completer.NearestPackage(i.Path), `"`))
		}
		if !e.autoGet {
			text += "\n%autoget makes cells download missing packages"
		}
		return e.importError("ImportError", first, text)
	}
	if changed {
		e.imp.renew()
	}
	return nil
}

// obtainNamed compiles the standard packages whose names are undefined in a cell;
// the common ones were compiled ahead. It reports whether there were any.
func (e *Engine) obtainNamed(ctx context.Context, complaints []session.Message, out Sink) (bool, error) {
	var missing []session.Import
	for _, m := range complaints {
		if m.Problem != source.UndefinedName {
			continue
		}
		for _, path := range e.home.Standard()[m.Name] {
			if e.packages.Archive(path) == "" {
				missing = append(missing, session.Import{Path: path, Message: m})
			}
		}
	}
	if len(missing) == 0 {
		return false, nil
	}
	return true, e.obtain(ctx, missing, out)
}

// sayUpgraded says at once, and not at a later import, that commands of a cell
// have changed the versions of modules whose packages are compiled or loaded.
func (e *Engine) sayUpgraded(ctx context.Context, out Sink) {
	changed := e.module.Upgraded(ctx)
	if len(changed) == 0 {
		return
	}
	cost := "a restart loses no values now"
	if names := e.variableNames(); len(names) > 0 {
		cost = "a restart loses all values: " + strings.Join(names, ", ")
	}
	note(out, "go.mod requires other versions than cells use: %s. Cells continue to use those that are compiled; importing a package of the new version that depends on a loaded one needs a restart of the kernel, and %s.", strings.Join(changed, ", "), cost)
}

// plainWorker replaces the worker by one that holds no packages ahead.
func (e *Engine) plainWorker() error {
	e.stopWorker()
	e.packages.UsePlainWorker()
	e.packages.NewWorker()
	return e.startWorker()
}

// importError is an error at an import of a cell.
func (e *Engine) importError(name string, at session.Import, text string) *CellError {
	first, rest, _ := strings.Cut(text, "\n")
	err := &CellError{Name: name, Value: first}
	err.Traceback = e.sources.place(at.Cell, at.Line, at.Col, ": "+red+name+plain+": "+first)
	if rest != "" {
		err.Traceback = append(err.Traceback, strings.Split(rest, "\n")...)
	}
	return err
}

func (e *Engine) variableNames() []string {
	var names []string
	for _, d := range e.session.Definitions() {
		if d.Kind == "var" {
			names = append(names, d.Name)
		}
	}
	return names
}
