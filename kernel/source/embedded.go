package source

import (
	"go/ast"

	"modelbook/kernel/source/gen"
)

// A field that embeds a type which hides a predeclared one ("type error ...",
// "struct{ error }") is named like the type. So it goes by another name in a
// type check, too, where it is selected and where a literal sets it. Only the
// name tells these places: where a field or method of the session has the plain
// name, nothing is renamed, and the check refuses what is selected.

// renameEmbedded renames the selectors of such fields in files whose
// identifiers have their check names. The returned function takes that back.
func renameEmbedded(files []*ast.File) (restore func()) {
	own, plain := fieldNames(files)
	if len(own) == 0 {
		return func() {}
	}
	old := map[*ast.Ident]string{}
	rename := func(id *ast.Ident) {
		if own[id.Name] && !plain[id.Name] {
			old[id] = id.Name
			id.Name = gen.HidingName(id.Name)
		}
	}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.SelectorExpr:
				rename(n.Sel)
			case *ast.CompositeLit:
				for _, e := range n.Elts {
					if kv, ok := e.(*ast.KeyValueExpr); ok {
						if id, ok := kv.Key.(*ast.Ident); ok && id.Obj == nil { // else a variable
							rename(id)
						}
					}
				}
			}
			return true
		})
	}
	return func() {
		for id, name := range old {
			id.Name = name
		}
	}
}

// fieldNames lists the names of fields and methods that files declare: own are
// those of embedded types that hide predeclared ones, without their mark, and
// plain all others.
func fieldNames(files []*ast.File) (own, plain map[string]bool) {
	own, plain = map[string]bool{}, map[string]bool{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.StructType:
				for _, field := range n.Fields.List {
					for _, id := range field.Names {
						plain[id.Name] = true
					}
					if len(field.Names) > 0 {
						continue
					}
					if name, ok := gen.CutHidingName(Receiver(field.Type)); ok {
						own[name] = true
					} else {
						plain[name] = true
					}
				}
			case *ast.InterfaceType:
				for _, method := range n.Methods.List {
					for _, id := range method.Names {
						plain[id.Name] = true
					}
				}
			case *ast.FuncDecl:
				plain[n.Name.Name] = plain[n.Name.Name] || n.Recv != nil
			}
			return true
		})
	}
	return own, plain
}
