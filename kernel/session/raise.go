package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// An error that a cell assigns and does not look at would be lost: in a
// notebook, nobody sees it. It is raised at the end of the cell.

// raiseUnread makes statement i raise the error it assigns when nothing looks
// at the error before the next statement that assigns it.
func (p *planner) raiseUnread(fn *ast.FuncDecl, i int, lhs []ast.Expr, stmt ast.Stmt) {
	for _, l := range lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "_" || p.local[id.Name] {
			continue
		}
		obj := p.stmts.info.ObjectOf(id)
		if obj == nil || !types.Identical(obj.Type(), types.Universe.Lookup("error").Type()) {
			continue
		}
		if p.readAfter(fn, i, obj) {
			continue
		}
		p.edit(p.body, stmt.End(), stmt.End(), fmt.Sprintf("; __cell.Line(%d).Raise(%s)", p.fset.Position(stmt.Pos()).Line, p.varIdent(obj)))
	}
}

// readAfter reports whether an error variable that statement i assigned is
// read by a later statement, up to the one that assigns it again, or by a
// function literal anywhere.
func (p *planner) readAfter(fn *ast.FuncDecl, i int, obj types.Object) bool {
	read := false
	for k, stmt := range fn.Body.List {
		assigned := map[*ast.Ident]bool{}
		if a, ok := stmt.(*ast.AssignStmt); ok && a.Tok != token.ADD_ASSIGN {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					assigned[id] = true
				}
			}
		}
		again, inFunc := false, 0
		var walk func(n ast.Node) bool
		walk = func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				inFunc++
				ast.Inspect(n.Body, walk)
				inFunc--
				return false
			case *ast.Ident:
				if p.stmts.info.Uses[n] != obj && p.stmts.info.Defs[n] != obj {
					return true
				}
				if assigned[n] {
					again = true
				} else if p.stmts.info.Uses[n] == obj && (k > i || inFunc > 0) {
					read = true
				}
			}
			return true
		}
		ast.Inspect(stmt, walk)
		if read || again && k > i {
			break
		}
	}
	return read
}
