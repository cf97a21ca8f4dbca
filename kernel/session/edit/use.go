package edit

import (
	"go/ast"
	"go/token"

	"modelbook/kernel/source"
)

// Use returns the edits that use the unused variable declared at a position, none
// where that is not possible: cells may have such variables.
func Use(f *ast.File, pos token.Pos) (uses List) {
	declares := func(stmt ast.Stmt) (name string) {
		for _, id := range source.DeclaredBy(stmt) {
			if id.Pos() == pos {
				return id.Name
			}
		}
		return ""
	}
	list := func(stmts []ast.Stmt) {
		for _, stmt := range stmts {
			if name := declares(stmt); name != "" {
				uses.Insert(stmt.End(), ";_ = "+name)
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			list(n.List)
		case *ast.CaseClause:
			list(n.Body)
		case *ast.CommClause:
			list(n.Body)
			if name := declares(n.Comm); name != "" {
				uses.Insert(n.Colon+1, "_ = "+name+";")
			}
		case *ast.IfStmt:
			if name := declares(n.Init); name != "" {
				uses.Insert(n.Body.Lbrace+1, "_ = "+name+";")
			}
		case *ast.ForStmt:
			if name := declares(n.Init); name != "" {
				uses.Insert(n.Body.Lbrace+1, "_ = "+name+";")
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, isIdent := e.(*ast.Ident); isIdent && id.Pos() == pos {
					uses.Insert(n.Body.Lbrace+1, "_ = "+id.Name+";")
				}
			}
		case *ast.TypeSwitchStmt:
			if a, isAssign := n.Assign.(*ast.AssignStmt); isAssign && a.Lhs[0].Pos() == pos {
				uses.Replace(a.Pos(), a.Rhs[0].Pos(), "")
			}
		}
		return len(uses) == 0
	})
	return uses
}
