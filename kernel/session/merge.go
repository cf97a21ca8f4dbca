package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/source"
)

// hideByImports puts the imports of the cell before older variables and
// declarations of their names, and returns notes that say so.
func hideByImports(st *state, c *content) (notes []string, err error) {
	for i, name := range c.named {
		v := st.vars[name]
		if c.declares(name) {
			m := c.at[i]
			m.Text = fmt.Sprintf("%s already declared through import of package (%q)", name, c.imports[name])
			return nil, &Error{Messages: []Message{m}}
		}
		if st.imported[name] || v == nil && !st.declares(name) {
			continue
		}
		what := ""
		if v != nil {
			what = "variable " + name + " " + v.shown
		} else {
			what = st.declaring(name).what() + " " + name
		}
		notes = append(notes, fmt.Sprintf("%s is the package %q from here on; what is declared before goes on with the %s (%%rm %s gives it back)", name, c.imports[name], what, name))
		st.imported[name] = true
	}
	return notes, nil
}

// merge puts the declarations of a cell into the state: they replace older ones
// of their names, and variables, which are returned.
func merge(st *state, c *content) (replaced []*variable) {
	for _, d := range slices.Concat(c.decls, c.once) {
		for _, name := range d.names {
			if name == "_" {
				continue
			}
			delete(st.imported, name)
			if v := st.vars[name]; v != nil {
				replaced = append(replaced, v)
				st.retire(name)
			}
			for _, old := range st.kept() {
				// Of two in this cell the type checker complains.
				if slices.Contains(old.names, name) && !slices.Contains(c.decls, old) {
					st.undeclare(old, name)
				}
			}
		}
	}
	for _, d := range c.decls {
		for st.decls[d.key] != nil && slices.Contains(c.decls, st.decls[d.key]) {
			d.key.again++ // twice in one cell
		}
		st.keep(d)
	}
	return replaced
}

// dropMethods drops the methods that older cells have declared for types that a
// cell declares anew. Mostly such a cell edits the type, and they stay. They go
// when the type has become something else, and when the cell is a whole program,
// which knows of no others. Notes tell of it.
func dropMethods(st *state, c *content, isProgram bool) (notes []string) {
	for _, d := range c.decls {
		if d.key.Kind != source.Type {
			continue
		}
		name := d.key.Name
		old, known := st.types[name]
		if !known || old.gone {
			continue
		}
		was, is := sortOf(old.layout), sortOfDecl(d, func(name string) bool { return st.declares(name) || c.declares(name) })
		why := fmt.Sprintf("%s was %s and is %s now", name, was, is)
		if isProgram {
			why = fmt.Sprintf("this program has a type %s of its own", name)
		} else if was == is || was == "" || is == "" {
			continue
		}
		for _, m := range st.kept() {
			if m.key.Kind == source.Method && m.key.Recv == name && !slices.Contains(c.decls, m) {
				st.drop(m.key)
				notes = append(notes, fmt.Sprintf("method %s is gone: %s", m.name(), why))
			}
		}
	}
	return notes
}

// sortOfDecl tells what sort of type a declared type is, "" if it cannot be told.
func sortOfDecl(d *decl, declared func(name string) bool) string {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+d.prefix+d.text, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	for _, decl := range f.Decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE && len(g.Specs) == 1 {
			t := ast.Unparen(g.Specs[0].(*ast.TypeSpec).Type)
			if id, ok := t.(*ast.Ident); ok && declared(id.Name) {
				return "" // what that is now will be found later
			}
			return sortOf(types.ExprString(t))
		}
	}
	return ""
}

// sortOf tells what sort of type the text of one is, "" if it cannot be told.
func sortOf(text string) string {
	for _, sort := range []struct{ prefix, name string }{
		{"struct{", "a structure"}, {"[]", "a slice"}, {"[", "an array"}, {"map[", "a map"}, {"func(", "a function"},
		{"interface{", "an interface"}, {"chan ", "a channel"}, {"<-chan ", "a channel"}, {"*", "a pointer"},
	} {
		if strings.HasPrefix(text, sort.prefix) {
			return sort.name
		}
	}
	if tn, ok := types.Universe.Lookup(text).(*types.TypeName); ok {
		if basic, ok := tn.Type().Underlying().(*types.Basic); ok {
			switch {
			case basic.Info()&types.IsNumeric != 0:
				return "a number"
			case basic.Info()&types.IsString != 0:
				return "a string"
			case basic.Info()&types.IsBoolean != 0:
				return "a boolean"
			}
		}
	}
	return ""
}
