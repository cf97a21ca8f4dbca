package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A cell that declares a type anew mostly edits it, and its methods in other
// cells stay. They go when the type has become something else, and when the
// cell is a whole program, which knows of no others.
func (p *planner) dropMethods() {
	for _, d := range p.cell.decls {
		name, ok := strings.CutPrefix(d.key, "type ")
		if !ok {
			continue
		}
		old, known := p.st.types[name]
		if !known || old.gone {
			continue
		}
		was, is := sortOf(old.layout), p.sortOf(d)
		why := fmt.Sprintf("%s was %s and is %s now", name, was, is)
		if p.c.Program {
			why = fmt.Sprintf("this program has a type %s of its own", name)
		} else if was == is || was == "" || is == "" {
			continue
		}
		for _, key := range slices.Clone(p.st.order) {
			if method, ok := strings.CutPrefix(key, "method "+name+"."); ok && !slices.Contains(p.cell.decls, p.st.decls[key]) {
				p.st.drop(key)
				p.note("method %s.%s is gone: %s", name, method, why)
			}
		}
	}
}

// sortOf tells what sort of type an underlying type is, "" if it cannot be told.
func (p *planner) sortOf(d *decl) string {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+d.prefix+d.text, parser.SkipObjectResolution)
	if err != nil {
		return ""
	}
	for _, decl := range f.Decls {
		if g, ok := decl.(*ast.GenDecl); ok && g.Tok == token.TYPE && len(g.Specs) == 1 {
			t := ast.Unparen(g.Specs[0].(*ast.TypeSpec).Type)
			if id, ok := t.(*ast.Ident); ok && p.isDeclared(id.Name) {
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
