package session

import (
	"go/ast"

	"modelbook/kernel/source/gen"
)

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
