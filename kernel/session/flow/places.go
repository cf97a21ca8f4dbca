package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"modelbook/kernel/source"
)

// Place is the variable that an expression names, and the field of it as
// written (".a.b", "" for all of it). It is nil for what is found through a
// pointer, an index or a call.
func Place(c source.Checked, e ast.Expr) (id *ast.Ident, field string) {
	switch e := e.(type) {
	case *ast.Ident:
		return e, ""
	case *ast.ParenExpr:
		return Place(c, e.X)
	case *ast.SelectorExpr:
		s := c.Info.Selections[e]
		if s == nil || s.Kind() != types.FieldVal || s.Indirect() || s.Obj().(*types.Var).Embedded() {
			return nil, "" // an embedded field has the name of its type, in some version
		}
		id, field = Place(c, e.X)
		return id, field + "." + e.Sel.Name
	}
	return nil, ""
}

// ArePlaces reports whether expressions name variables or fields of them.
func ArePlaces(c source.Checked, all ...ast.Expr) bool {
	for _, e := range all {
		if id, _ := Place(c, e); id == nil {
			return false
		}
	}
	return true
}

// MemoryOf is the variable whose memory an expression is, or is part of; nil for
// none.
func MemoryOf(c source.Checked, e ast.Expr) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.ParenExpr:
		return MemoryOf(c, e.X)
	case *ast.SelectorExpr:
		if s := c.Info.Selections[e]; s != nil && !s.Indirect() {
			return MemoryOf(c, e.X)
		}
	case *ast.IndexExpr:
		if _, array := c.Info.TypeOf(e.X).Underlying().(*types.Array); array {
			return MemoryOf(c, e.X)
		}
	}
	return nil
}

// Assigned are the expressions that a statement itself assigns. What :=
// assigns in a block or function belongs to the block, and is not among them.
func Assigned(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			if n.Value == nil {
				return []ast.Expr{n.Key}
			}
			return []ast.Expr{n.Key, n.Value}
		}
	}
	return nil
}
