package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// %timeit measures a loop of compiled code:
//
//	__rt.Timeit(loops, runs, quiet, func(__n int, __t *__rt.Timer) {
//		SETUP; __t.Start(); for ; __n > 0; __n-- { STATEMENTS }; __t.Stop()
//	})
//
// Nothing of ours is in the loop, not even a stop check (Timeit asks between
// the runs), and the compiler must believe that the values are of use.

// counter is the variable by which a measured loop is known.
const counter = "__n"

// TimeitBefore and TimeitAfter enclose the statements that a %timeit measures.
// The setup, if any, stands between them and TimeitLoop.
func TimeitBefore(loops, runs int, quiet bool) string {
	return fmt.Sprintf("__rt.Timeit(%d, %d, %v, func(%s int, __t *__rt.Timer) {", loops, runs, quiet, counter)
}

// The rest of the code around measured statements.
const (
	TimeitLoop  = "__t.Start(); for ; " + counter + " > 0; " + counter + "-- {"
	TimeitAfter = "}; __t.Stop() })"
)

func isMeasured(loop *ast.ForStmt) bool {
	cond, ok := loop.Cond.(*ast.BinaryExpr)
	if !ok {
		return false
	}
	id, ok := cond.X.(*ast.Ident)
	return ok && id.Name == counter
}

// measuredAt is the measured loop around a position, or nil.
func measuredAt(u *unit, pos token.Pos) (loop *ast.ForStmt) {
	if !strings.Contains(u.src, counter) {
		return nil
	}
	ast.Inspect(u.file, func(n ast.Node) bool {
		if f, ok := n.(*ast.ForStmt); ok && isMeasured(f) && f.Pos() <= pos && pos < f.End() {
			loop = f
		}
		return loop == nil
	})
	return loop
}

// keepAlive makes the values of the expressions in a measured loop look used,
// so that the compiler does not leave out what makes them.
func (p *planner) keepAlive(u *unit, c checked, body *ast.BlockStmt) {
	for _, stmt := range body.List {
		expr, ok := stmt.(*ast.ExprStmt)
		if !ok {
			continue
		}
		tv := c.info.Types[expr.X]
		if tv.Value != nil {
			p.remove(u, stmt.Pos(), stmt.End(), "") // nothing to measure
			continue
		}
		if tv.IsVoid() || tv.IsType() || tv.Type == nil || tv.Type == types.Typ[types.Invalid] {
			continue
		}
		n := 1
		if tuple, ok := tv.Type.(*types.Tuple); ok {
			n = tuple.Len()
		} else if basic, ok := tv.Type.(*types.Basic); ok && basic.Kind() == types.UntypedNil {
			continue
		}
		var names []string
		alive := ""
		for i := range n {
			name := fmt.Sprintf("__v%d", i)
			names = append(names, name)
			alive += "; __runtime.KeepAlive(&" + name + ")"
		}
		p.edit(u, stmt.Pos(), stmt.Pos(), "{ "+strings.Join(names, ", ")+" := ")
		p.edit(u, stmt.End(), stmt.End(), alive+" }")
	}
}

// isBenchmarked reports whether the condition or range of a loop is that of a
// benchmark (b.Loop() or b.N): it is to hold nothing but what it measures.
func isBenchmarked(e ast.Expr, c checked) bool {
	found := false
	if e != nil {
		ast.Inspect(e, func(n ast.Node) bool {
			if sel, ok := n.(*ast.SelectorExpr); ok && (sel.Sel.Name == "N" || sel.Sel.Name == "Loop") {
				found = found || isTesting(c.info.TypeOf(sel.X), "B")
			}
			return !found
		})
	}
	return found
}

// isTesting reports whether t is a pointer to a type of package testing.
func isTesting(t types.Type, name string) bool {
	ptr, ok := t.(*types.Pointer)
	if !ok {
		return false
	}
	named, ok := ptr.Elem().(*types.Named)
	return ok && named.Obj().Name() == name && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "testing"
}
