package session

import (
	"fmt"
	"go/types"
	"slices"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// declares reports whether the session holds a declaration of a name.
func (s *state) declares(name string) bool { return s.declaring(name) != nil }

// varName is the check name of a variable.
func (s *state) varName(name string) string { return source.VarName(name, s.declares(name)) }

// scope says what names mean where these variables exist.
func (p *planner) scope(vars map[string]*variable) *source.Scope {
	return &source.Scope{
		Importer: p.s.imp, Known: p.s.known,
		HasVar: func(name string) bool { return vars[name] != nil }, HasDecl: p.isDeclared,
		Imports: p.cell.imports, Hiding: p.st.imported, Dots: p.st.dots,
	}
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
