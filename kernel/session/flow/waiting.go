package flow

import (
	"go/ast"
	"go/token"
	"slices"

	"modelbook/kernel/source"
)

// waiting are the functions that may wait for long: all of a package, or those
// with these names.
var waiting = map[string][]string{
	"bufio": nil, "io": nil, "net": nil, "net/http": nil, "os/exec": nil,
	"fmt":  {"Scan", "Scanf", "Scanln", "Fscan", "Fscanf", "Fscanln"},
	"sync": {"Wait"},
	"time": {"Sleep"},
	"os":   {"Read"},
}

// Waits reports whether a statement may wait for something, or, if calls is
// set, calls anything. The blocks inside it do not count: their statements are
// asked about one by one.
func Waits(c source.Checked, stmt ast.Stmt, calls bool) bool {
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
			tv := c.Info.Types[n.Fun]
			found = found || calls && !tv.IsBuiltin() && !tv.IsType() || mayWait(c, n.Fun)
		}
		return !found
	})
	return found
}

// mayWait reports whether an expression names one of the waiting functions.
func mayWait(c source.Checked, fun ast.Expr) bool {
	if _, ok := ast.Unparen(fun).(*ast.SelectorExpr); !ok {
		return false
	}
	fn := Callee(c, fun)
	if fn == nil || fn.Pkg() == nil {
		return false
	}
	names, ok := waiting[fn.Pkg().Path()]
	return ok && (names == nil || slices.Contains(names, fn.Name()))
}
