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

// hideByImports lets the imports of a cell hide older variables and declarations
// of their names, and returns notes about that.
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
		notes = append(notes, fmt.Sprintf("from now on %s means the package %q; code that was declared before still uses the %s (%%rm %s undoes this)", name, c.imports[name], what, name))
		st.imported[name] = true
	}
	return notes, nil
}

// merge puts the declarations of a cell into the state, in place of older ones and
// of variables with their names. It returns these variables.
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
				// The type check complains about two in this cell.
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

// dropMethods drops methods that older cells declared for types that this cell
// redeclares, and returns notes about that. A cell that redeclares a type mostly
// changes a detail, and the methods stay. They are dropped if the type is now of
// another kind, and if the cell is a whole program, which has no other methods
// than its own.
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

// sortOfDecl returns the kind of a declared type in words, "" if it is unknown.
func sortOfDecl(d *decl, declared func(name string) bool) string {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+d.prefix+d.text, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	for _, decl := range f.Decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE && len(g.Specs) == 1 {
			t := ast.Unparen(g.Specs[0].(*ast.TypeSpec).Type)
			if id, ok := t.(*ast.Ident); ok && declared(id.Name) {
				return "" // the check will tell
			}
			return sortOf(types.ExprString(t))
		}
	}
	return ""
}

// sortOf returns the kind of a type in words, by its text; "" if it is unknown.
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
