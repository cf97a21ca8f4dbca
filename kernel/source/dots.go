package source

import (
	"go/ast"
	"reflect"
	"slices"

	"modelbook/kernel/source/gen"
)

// After "import . "strings"", a cell and those behind it can name what the
// package exports. Names of the session come first. In the type check and the
// compiled files such a name is a qualified one, so that no declaration of the
// session can clash with a name that the package happens to have, too.

// Qualify turns the names that packages imported with a dot export into
// qualified ones. dots leads from names to the paths of the packages.
func Qualify(f *ast.File, dots map[string]string) {
	if len(dots) == 0 {
		return
	}
	named := map[*ast.Ident]bool{}
	f.Unresolved = slices.DeleteFunc(f.Unresolved, func(id *ast.Ident) bool {
		named[id] = dots[id.Name] != ""
		return named[id]
	})
	qualify := func(v reflect.Value) {
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
				qualify(field)
			case field.Kind() == reflect.Slice && field.Type().Elem() == expr:
				for k := range field.Len() {
					qualify(field.Index(k))
				}
			}
		}
		return true
	})
}
