package flow

import (
	"go/ast"
	"slices"

	"modelbook/kernel/source"
)

// runsNow are packages whose functions keep no function that they are given.
var runsNow = []string{"slices", "sort", "strings", "bytes", "maps"}

// InFunction reports whether the innermost of nested nodes are in a function
// literal, apart from that of a %timeit, which runs where it stands.
func InFunction(stack []ast.Node) bool {
	for i, n := range stack {
		if _, ok := n.(*ast.FuncLit); ok && !isTimeit(stack[i-1]) {
			return true
		}
	}
	return false
}

// Called reports whether a name of a function or method, with the nodes around
// it, is called where it stands, and whether that is by a go statement.
func Called(id *ast.Ident, stack []ast.Node) (called, inGo bool) {
	var at ast.Node = id
	for i, parent := range slices.Backward(stack) {
		switch n := parent.(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr, *ast.ParenExpr:
			at = parent
			continue
		case *ast.CallExpr:
			if n.Fun == at {
				_, inGo = stack[i-1].(*ast.GoStmt)
				return true, inGo
			}
		case *ast.RangeStmt:
			return n.X == at, false
		}
		return false, false
	}
	return false, false
}

// Outlives reports whether the innermost of nested nodes are in a function
// literal that may be called after what surrounds it has returned.
func Outlives(c source.Checked, stack []ast.Node) bool {
	for i, n := range stack {
		lit, ok := n.(*ast.FuncLit)
		if !ok || isTimeit(stack[i-1]) {
			continue
		}
		call, ok := stack[i-1].(*ast.CallExpr)
		if !ok {
			return true
		}
		if call.Fun == lit { // called at once, or by defer
			if _, isGo := stack[i-2].(*ast.GoStmt); isGo {
				return true
			}
			continue
		}
		if fn := Callee(c, call.Fun); fn == nil || fn.Pkg() == nil || !slices.Contains(runsNow, fn.Pkg().Path()) {
			return true
		}
	}
	return false
}
