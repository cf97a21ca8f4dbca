package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/command"
	"modelbook/kernel/mpi"
	"modelbook/kernel/nearest"
	"modelbook/kernel/program"
	"modelbook/kernel/source"
)

// RankProgram writes a function of the session, and what it reaches, as a program
// that calls it on all ranks.
func (e *Engine) RankProgram(function string, trainers []string, dir string) (*command.RankProgram, error) {
	scope := e.session.Scope()
	at := slices.IndexFunc(scope.Decls, func(d source.KeptDecl) bool { return d.Kind == source.Func && d.Name == function })
	if at < 0 {
		var names []string
		for _, d := range scope.Decls {
			if d.Kind == source.Func {
				names = append(names, d.Name)
			}
		}
		hint := ""
		if near := nearest.Names(function, names); near != nil {
			hint = ": did you mean " + strings.Join(near, " or ") + "?"
		}
		return nil, fmt.Errorf("the session has no function %s%s (what ranks call is a function such as %s)", function, hint, mpi.Form)
	}
	d := scope.Decls[at]
	f, err := mpi.ParseFunction(d.Text, func(name string) string {
		for _, imports := range []map[string]string{d.Imports, scope.Imports} {
			if imports[name] != "" {
				return imports[name]
			}
		}
		return e.packageWith(name, nil)
	})
	if err != nil {
		return nil, err
	}
	names, err := f.Bind(trainers)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if err := isTrainer(scope, function, name); err != nil {
			return nil, err
		}
	}
	written, err := program.Write(program.Config{Scope: scope, Initials: e.initials, Find: e.packageWith, Roots: append([]string{function}, names...), Context: mpi.ContextVariable})
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if slices.Contains(written.Zero, name) {
			return nil, fmt.Errorf("no statement is known that makes %s, so that ranks cannot: declare it in a cell with %s := ...", name, name)
		}
	}
	made := &command.RankProgram{Program: e.commandProgram(written), MPI: mpi.Program{Function: f, Trainers: names, Dir: dir}}
	for _, v := range scope.Vars {
		if mpi.IsTrainer(v.Type, v.Paths) && !slices.Contains(names, v.Name) && written.Holds(v.Name) {
			made.Left = append(made.Left, v.Name)
		}
	}
	for _, text := range written.Files {
		made.MPI.Figures = made.MPI.Figures || strings.Contains(text, `"modelbook/plotting"`)
	}
	files, err := made.MPI.Files()
	if err != nil {
		return nil, err
	}
	maps.Copy(made.Files, files)
	made.Module, err = e.module.WithRanks()
	return made, err
}

// isTrainer says what is wrong with a name that is to be that of a Trainer.
func isTrainer(scope *source.Snapshot, function, name string) error {
	for _, v := range scope.Vars {
		if v.Name != name {
			continue
		}
		if !mpi.IsTrainer(v.Type, v.Paths) {
			return fmt.Errorf("%s is of type %s, and %s trains a variable of type %s", name, v.Shown, function, mpi.TrainerType)
		}
		return nil
	}
	return fmt.Errorf("%s is to train %s, and the session has no variable %s: name one behind %s (%%mpirun %s trainer)", function, name, name, function, function)
}

// RunText runs Go code as a cell that is not the user's.
func (e *cellRun) RunText(ctx context.Context, name, text string, out *command.Output) error {
	return e.RunFile(ctx, name, text, nil, out)
}
