package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// An error that a cell assigns and does not look at would be lost: in a
// notebook, nobody sees it. It is raised at the end of the cell.

// raiseUnread makes statement i raise the errors it assigns when nothing looks
// at them before the next statement that assigns them.
func (p *planner) raiseUnread(fn *ast.FuncDecl, i int, lhs []ast.Expr, stmt ast.Stmt) {
	for _, id := range p.unreadErrors(fn, i, lhs) {
		p.edit(p.body, stmt.End(), stmt.End(), fmt.Sprintf("; __cell.Line(%d).Raise(%s)", p.fset.Position(stmt.Pos()).Line, p.varIdent(p.stmts.info.ObjectOf(id))))
	}
}

// unreadErrors are the errors among the variables that statement i assigns
// that nothing looks at.
func (p *planner) unreadErrors(fn *ast.FuncDecl, i int, lhs []ast.Expr) (unread []*ast.Ident) {
	for _, l := range lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "_" || p.local[id.Name] {
			continue
		}
		obj := p.stmts.info.ObjectOf(id)
		if obj == nil || !types.Identical(obj.Type(), types.Universe.Lookup("error").Type()) || p.readAfter(fn, i, obj) {
			continue
		}
		unread = append(unread, id)
	}
	return unread
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
