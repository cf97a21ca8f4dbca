package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
)

// A cell that is interrupted while it waits is left behind: nothing but the
// end of the waiting wakes it. What stands behind must not run then, in the
// middle of some later cell. So there is a check behind what may wait, and at
// the top of the cell behind every call.

// checkBetween inserts stop checks between the statements of a list.
func (p *planner) checkBetween(u *unit, c checked, list []ast.Stmt) {
	top := u == p.body && u != nil && len(list) > 0 && slices.Equal(list, p.bodyFunc().Body.List)
	for i, stmt := range list {
		// Not behind the last one, which may be what ends a function.
		if i+1 < len(list) && waits(stmt, c, top) {
			p.edit(u, stmt.End(), stmt.End(), ";"+p.stopAt(u, stmt.Pos()))
		}
	}
}

// waiting are the functions that may wait for long: all of a package, or those
// with these names.
var waiting = map[string][]string{
	"bufio": nil, "io": nil, "net": nil, "net/http": nil, "os/exec": nil,
	"fmt":  {"Scan", "Scanf", "Scanln", "Fscan", "Fscanf", "Fscanln"},
	"sync": {"Wait"},
	"time": {"Sleep"},
	"os":   {"Read"},
}

// waits reports whether a statement may wait for something, or, if calls is
// set, calls anything. The blocks inside it are looked at by themselves.
func waits(stmt ast.Stmt, c checked, calls bool) bool {
	switch stmt.(type) {
	case *ast.GoStmt, *ast.DeferStmt, *ast.LabeledStmt, *ast.CaseClause, *ast.CommClause:
		return false
	case *ast.SelectStmt, *ast.SendStmt:
		return true
	}
	found := false
	ast.Inspect(stmt, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BlockStmt:
			return calls
		case *ast.UnaryExpr:
			found = found || n.Op == token.ARROW
		case *ast.CallExpr:
			tv := c.info.Types[n.Fun]
			found = found || calls && !tv.IsBuiltin() && !tv.IsType() || mayWait(n.Fun, c)
		}
		return !found
	})
	return found
}

// mayWait reports whether an expression names one of the waiting functions.
func mayWait(fun ast.Expr, c checked) bool {
	sel, ok := ast.Unparen(fun).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := c.info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	names, ok := waiting[fn.Pkg().Path()]
	return ok && (names == nil || slices.Contains(names, fn.Name()))
}
