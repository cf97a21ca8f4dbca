package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// IsMeasured reports whether a loop is the one that a %timeit measures. Nothing
// is added to it, not even a stop check: Timeit checks between the runs.
func IsMeasured(loop *ast.ForStmt) bool {
	cond, ok := loop.Cond.(*ast.BinaryExpr)
	if !ok {
		return false
	}
	id, ok := cond.X.(*ast.Ident)
	return ok && id.Name == gen.Counter
}

// MeasuredAt is the measured loop around a position, or nil.
func MeasuredAt(f *ast.File, pos token.Pos) (loop *ast.ForStmt) {
	ast.Inspect(f, func(n ast.Node) bool {
		if f, ok := n.(*ast.ForStmt); ok && IsMeasured(f) && f.Pos() <= pos && pos < f.End() {
			loop = f
		}
		return loop == nil
	})
	return loop
}

// isTimeit reports whether a node is the call of a %timeit.
func isTimeit(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && gen.IsTimeit(id.Name, sel.Sel.Name)
}

// IsBenchmarked reports whether the condition or range of a loop is that of a
// benchmark (b.Loop() or b.N): the loop should hold nothing but what it
// measures.
func IsBenchmarked(c source.Checked, e ast.Expr) bool {
	found := false
	if e != nil {
		ast.Inspect(e, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "N" || sel.Sel.Name == "Loop") {
				found = found || IsTesting(c.Info.TypeOf(sel.X), "B")
			}
			return !found
		})
	}
	return found
}

// IsTesting reports whether t is a pointer to a type of package testing.
func IsTesting(t types.Type, name string) bool {
	ptr, ok := t.(*types.Pointer)
	if !ok {
		return false
	}
	named, ok := ptr.Elem().(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "testing"
}
