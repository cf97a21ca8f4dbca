package session

import (
	"go/ast"
	"reflect"
	"slices"

	"modelbook/kernel/source/gen"
)

// "import . "strings"" lets a cell and those behind it name what the package
// exports. Names of the session come first. In the type check and the compiled
// files such a name is a qualified one, so that no declaration of the session
// can clash with a name that the package happens to have, too.

// dotted is the package among those imported with a dot that exports a name, ""
// for none. The latest import comes first.
func (p *planner) dotted(name string) string {
	if !ast.IsExported(name) {
		return ""
	}
	for _, path := range slices.Backward(p.st.dots) {
		if pkg, err := p.s.imp.Import(path); err == nil && pkg.Scope().Lookup(name) != nil {
			return path
		}
	}
	return ""
}

// qualify makes qualified names of those that packages export; dots tells the
// packages by name.
func qualify(f *ast.File, dots map[string]string) {
	if len(dots) == 0 {
		return
	}
	named := map[*ast.Ident]bool{}
	f.Unresolved = slices.DeleteFunc(f.Unresolved, func(id *ast.Ident) bool {
		named[id] = dots[id.Name] != ""
		return named[id]
	})
	qualified := func(v reflect.Value) {
		if id, ok := v.Interface().(*ast.Ident); ok && named[id] {
			v.Set(reflect.ValueOf(&ast.SelectorExpr{X: &ast.Ident{NamePos: id.NamePos, Name: gen.DotImport(dots[id.Name])}, Sel: id}))
		}
	}
	expr := reflect.TypeFor[ast.Expr]()
	ast.Inspect(f, func(n ast.Node) bool {
		v := reflect.ValueOf(n)
		if n == nil || v.Kind() != reflect.Pointer {
			return true
		}
		v = v.Elem()
		for i := range v.NumField() {
			switch field := v.Field(i); {
			case field.Type() == expr && !field.IsNil():
				qualified(field)
			case field.Kind() == reflect.Slice && field.Type().Elem() == expr:
				for k := range field.Len() {
					qualified(field.Index(k))
				}
			}
		}
		return true
	})
}

// isDotted reports whether an expression is a name of a package imported with
// a dot, and returns the qualifier that its text lacks.
func isDotted(e ast.Expr) (qualifier string, ok bool) {
	if sel, isSelector := e.(*ast.SelectorExpr); isSelector {
		if id, isIdent := sel.X.(*ast.Ident); isIdent && gen.IsDotImport(id.Name) {
			return id.Name + ".", true
		}
	}
	return "", false
}
