package session

import (
	"go/ast"

	"modelbook/kernel/source/gen"
)

// A field that embeds a type which hides a predeclared one ("type error ...",
// "struct{ error }") is named like the type, so it goes by another name in a type
// check, too, where it is selected and where a literal sets it. That is told by
// the name alone: where a field or method of the session has the plain name,
// nothing is renamed, and the check refuses what is selected.

// embeddedNames renames the selectors of such fields in files whose identifiers
// have their names for the check, and returns what takes it back.
func embeddedNames(files []*ast.File) (back func()) {
	own, plain := map[string]bool{}, map[string]bool{}
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
					if name, ok := gen.CutHidingName(receiver(field.Type)); ok {
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
	if len(own) == 0 {
		return func() {}
	}
	var renamed []*ast.Ident
	rename := func(id *ast.Ident) {
		if own[id.Name] && !plain[id.Name] {
			renamed = append(renamed, id)
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
		for _, id := range renamed {
			id.Name, _ = gen.CutHidingName(id.Name)
		}
	}
}
