package engine

import (
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/command"
	"modelbook/kernel/program"
	"modelbook/kernel/source"
)

// TestPackage writes the declarations that tests reach as a package for go
// test: with own the tests of the cell, if it has any, else all of the session;
// with all every function of the session.
func (e *Engine) TestPackage(c *cell.Cell, own, all bool) (*command.TestPackage, error) {
	scope := e.session.Scope()
	made := &command.TestPackage{}
	config := program.Config{Scope: scope, Initials: e.initials, Find: e.packageWith, All: all}
	if names := program.Tests(scope, c.Number); own && len(names) > 0 {
		config.Tests, made.Tests = names, names
		for _, name := range names {
			if strings.HasPrefix(name, "Benchmark") {
				made.Benchmarks = append(made.Benchmarks, name)
			}
		}
	}
	p, err := program.Write(config)
	if err != nil {
		return nil, err
	}
	made.Program = e.commandProgram(p)
	return made, nil
}

// commandProgram is a program as commands know it.
func (e *Engine) commandProgram(p *program.Package) command.Program {
	return command.Program{Files: p.Files, Zero: p.Zero, Place: p.Place, Name: e.sources.name, Lines: e.sources.text}
}

// packageWith is the package that a name without import line means, by what is
// selected of it, or "".
func (e *Engine) packageWith(name string, members []string) string {
	scope := source.Scope{Importer: e.imp, Known: e.known}
	fitting := scope.Fitting(&source.File{Selected: map[string][]string{name: members}}, name)
	if len(fitting) == 0 {
		return ""
	}
	return fitting[0]
}
