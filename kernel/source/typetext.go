package source

import (
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/source/gen"
)

// A TypeText is a type as the declaration of a variable writes it.
type TypeText struct {
	Text  string            // as Go source, packages by the names in Paths
	Shown string            // as a reader would write it
	Paths map[string]string // name to import path
}

// TextOf writes a type for package pkg. It reports false for a type that cannot
// be written there, such as another package's unexported one.
func TextOf(t types.Type, pkg *types.Package) (TypeText, bool) {
	if !nameable(t, pkg, map[types.Type]bool{}) {
		return TypeText{}, false
	}
	text := TypeText{Paths: map[string]string{}}
	text.Text = types.TypeString(t, func(q *types.Package) string {
		if q == pkg {
			return ""
		}
		name := gen.Alias(q.Path())
		text.Paths[name] = q.Path()
		return name
	})
	text.Shown = gen.Plain(types.TypeString(t, func(q *types.Package) string {
		if q == pkg {
			return ""
		}
		return q.Name()
	}))
	return text, true
}

// nameable reports whether a type can be written in package pkg.
func nameable(t types.Type, pkg *types.Package, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	all := func(list ...types.Type) bool {
		return !slices.ContainsFunc(list, func(t types.Type) bool { return !nameable(t, pkg, seen) })
	}
	named := func(obj *types.TypeName, args *types.TypeList) bool {
		for i := range args.Len() {
			if !nameable(args.At(i), pkg, seen) {
				return false
			}
		}
		if obj.Pkg() == nil {
			return true
		}
		if obj.Parent() != obj.Pkg().Scope() && obj.Pkg() == pkg {
			return false // declared inside a function
		}
		return obj.Pkg() == pkg || obj.Exported() && !strings.Contains("/"+obj.Pkg().Path(), "/internal/")
	}
	switch t := t.(type) {
	case *types.Named:
		return named(t.Obj(), t.TypeArgs())
	case *types.Alias:
		return named(t.Obj(), t.TypeArgs())
	case *types.Basic:
		return t.Kind() != types.Invalid
	case *types.TypeParam:
		return false
	case interface{ Elem() types.Type }:
		if m, ok := t.(*types.Map); ok && !nameable(m.Key(), pkg, seen) {
			return false
		}
		return all(t.Elem())
	case *types.Struct:
		for i := range t.NumFields() {
			f := t.Field(i)
			if !f.Exported() && f.Pkg() != pkg || !nameable(f.Type(), pkg, seen) {
				return false
			}
		}
	case *types.Signature:
		return all(t.Params(), t.Results())
	case *types.Tuple:
		for i := range t.Len() {
			if !nameable(t.At(i).Type(), pkg, seen) {
				return false
			}
		}
	case *types.Interface:
		for i := range t.NumMethods() {
			m := t.Method(i)
			if !m.Exported() && m.Pkg() != pkg || !nameable(m.Type(), pkg, seen) {
				return false
			}
		}
	}
	return true
}
