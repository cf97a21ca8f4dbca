package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"modelbook/kernel/source/gen"
)

// A name means what it means in a function: a variable that a statement makes
// hides a type, function, constant or predeclared name from there on, and what
// was declared before keeps meaning what it meant. "node := mk(3)" leaves the
// type node to mk, and "string := s" the type string to all older cells.
//
// A package has one scope and no "from there on". So what hides something else
// goes by another name in the type check, its check name, and a declaration
// remembers which of its names meant what hides.

// meaning tells what a name of a declaration means.
type meaning uint8

const (
	meansOutermost meaning = iota // what it would without the session's: a predeclared name
	meansDecl                     // the session's declaration
	meansVariable                 // the session's variable
)

// isPredeclared reports whether a name means something without any declaration.
// That init is no variable of a package, and main the function of a cell, are
// other matters with the same cure.
func isPredeclared(name string) bool {
	return name == "init" || name == "main" || types.Universe.Lookup(name) != nil
}

// declName is the check name of a type, function or constant.
func declName(name string) string {
	if types.Universe.Lookup(name) != nil {
		return gen.HidingName(name)
	}
	return name
}

// declares reports whether the session holds a declaration of a name.
func (s *state) declares(name string) bool { return s.declaring(name) != nil }

// varName is the check name of a variable.
func (s *state) varName(name string) string {
	if isPredeclared(name) || s.declares(name) {
		return gen.HidingVariable(name)
	}
	return name
}

// meant are the check names of what names mean, as far as they are others.
func (s *state) meant(has func(name string) bool, means func(name string) meaning) func(name string) string {
	return func(name string) string {
		m := means(name)
		if m == meansVariable && has(name) {
			return s.varName(name)
		}
		if m != meansOutermost && s.declares(name) {
			return declName(name)
		}
		return name
	}
}

// CheckNames renames, for a type check, the identifiers of a file that its text
// does not declare, or declares for the package, and returns what takes it back.
func CheckNames(f *ast.File, name func(string) string) (back func()) {
	var renamed []*ast.Ident
	rename := func(id *ast.Ident, to string) {
		if to != id.Name {
			renamed = append(renamed, id)
			id.Name = to
		}
	}
	olds := map[*ast.Ident]string{}
	for _, id := range f.Unresolved {
		olds[id] = id.Name
		rename(id, name(id.Name))
	}
	for declared, obj := range f.Scope.Objects { // found by the parser, as Unresolved was
		to := declName(declared)
		if to == declared {
			continue
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Obj == obj {
				olds[id] = id.Name
				rename(id, to)
			}
			return true
		})
	}
	return func() {
		for _, id := range renamed {
			id.Name = olds[id]
		}
	}
}

// checkNamesOf renames what a unit names for a check in which some variables
// exist.
func (p *planner) checkNamesOf(u *unit, vars map[string]*variable) (back func()) {
	means := func(name string) meaning { return u.decl.means[name] }
	if u.decl == nil {
		means = func(name string) meaning { return p.newest(name, vars) }
	}
	return CheckNames(u.file, p.st.meant(func(name string) bool { return vars[name] != nil }, means))
}

// newest is what a name means to the statements of a cell that has made none
// of them yet.
func (p *planner) newest(name string, vars map[string]*variable) meaning {
	switch {
	case vars[name] != nil:
		return meansVariable
	case p.isDeclared(name):
		return meansDecl
	}
	return meansOutermost
}

// meanings are what the names of a new declaration mean, as far as they could
// mean something else. Variables that the cell's own statements make hide
// something older from the declarations behind them.
func (p *planner) meanings(u *unit, made map[string]token.Position) map[string]meaning {
	means := map[string]meaning{}
	for name := range u.unresolved {
		if !isPredeclared(name) && !p.isDeclared(name) {
			continue
		}
		means[name] = p.newest(name, p.st.vars)
		if at, ok := made[name]; ok && (at.Line < u.decl.line || at.Line == u.decl.line && at.Column < u.decl.col) {
			means[name] = meansVariable
		}
	}
	return means
}

// emittedName is the name in the compiled files of a type, function or constant
// of the session, by its check name.
func (p *planner) emittedName(obj types.Object) string {
	name := obj.Name()
	if _, ok := obj.(*types.TypeName); ok {
		return p.typeIdent(name)
	}
	if plain, ok := gen.CutHidingName(name); ok {
		return gen.HidingDecl(plain)
	}
	return name
}

// mergeImports puts the imports of the cell before older variables and
// declarations of their names.
func (p *planner) mergeImports() error {
	for i, name := range p.cell.named {
		v := p.st.vars[name]
		if p.declares(name) {
			m := p.cell.at[i]
			m.Text = fmt.Sprintf("%s already declared through import of package (%q)", name, p.cell.imports[name])
			return &Error{Messages: []Message{m}}
		}
		if p.st.imported[name] || v == nil && !p.st.declares(name) {
			continue
		}
		what := ""
		if v != nil {
			what = "variable " + name + " " + v.shown
		} else {
			what = p.st.declaring(name).what() + " " + name
		}
		p.note("%s is the package %q from here on; what is declared before goes on with the %s (%%rm %s gives it back)", name, p.cell.imports[name], what, name)
		p.st.imported[name] = true
	}
	return nil
}

// noteHidden tells what the variables of this cell hide, and which are gone.
func (p *planner) noteHidden() {
	for _, v := range p.replaced {
		if p.lifted[v.name] == nil {
			p.note("the variable %s %s is gone: the name is declared anew", v.name, v.shown)
		}
	}
	for _, name := range sortedKeys(p.lifted) {
		d := p.st.declaring(name)
		hid := p.s.vars[name] != nil && p.s.declares(name) || p.declares(name)
		if d != nil && !hid {
			p.note("%s is a variable from here on; what is declared before goes on with the %s %s (%%rm %s gives it back)", name, d.what(), name, name)
		}
		delete(p.st.imported, name)
	}
}

// declaring is the declaration of a name, nil without one.
func (s *state) declaring(name string) *decl {
	for _, d := range s.decls {
		if slices.Contains(d.names, name) {
			return d
		}
	}
	return nil
}

// what is the kind of a declaration, for readers.
func (d *decl) what() string {
	switch kind := d.kind(); kind {
	case "func":
		return "function"
	case "const":
		return "constant"
	default:
		return kind
	}
}
