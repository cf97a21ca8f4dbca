package flow

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"

	"modelbook/kernel/source"
)

// A DroppedError is a variable that a statement assigns an error to, and that
// nothing looks at behind it.
type DroppedError struct {
	Stmt     *ast.AssignStmt
	ID       *ast.Ident
	InClause bool // of an if, for or switch, where no statement can follow it
}

// DroppedErrors finds the errors that the statements of a cell, the body of fn,
// drop: a statement, in a loop or block or in front of one too ("if n, err = f();
// n > 0 {"), assigns the result of a call that could fail, and nothing reads it
// afterwards. A declaration ("var ErrEmpty = ..."), another error's name
// (e := io.EOF) and what only makes an error (errors.New) are no failures, and
// functions are left as they are. elsewhere reports whether a function that the
// cell reaches reads a variable.
func DroppedErrors(c source.Checked, fn *ast.FuncDecl, elsewhere func(types.Object) bool) (all []DroppedError) {
	watched := map[types.Object]bool{} // whether something may look at a variable at any time
	ast.PreorderStack(fn.Body, nil, func(n ast.Node, stack []ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		stmt, ok := n.(*ast.AssignStmt)
		if !ok {
			return true
		}
		// What := declares in a clause is read there: Go asks for it.
		clause := stmt.Tok != token.DEFINE && inClause(stmt, stack[len(stack)-1])
		if !clause && !inList(stmt, stack[len(stack)-1]) {
			return true
		}
		for i, l := range stmt.Lhs {
			id, ok := l.(*ast.Ident)
			if !ok || id.Name == "_" || !CouldFail(c, assignedTo(stmt, i)) {
				continue
			}
			obj := c.Info.ObjectOf(id)
			if obj == nil || !IsError(obj.Type()) {
				continue
			}
			if _, known := watched[obj]; !known {
				watched[obj] = isWatched(c, fn, obj) || elsewhere(obj)
			}
			if !watched[obj] && !isReadBehind(c, fn, stmt, stack, obj) {
				all = append(all, DroppedError{stmt, id, clause})
			}
		}
		return true
	})
	return all
}

// assignedTo is the expression that the i-th variable of an assignment gets, or
// gets a part of.
func assignedTo(stmt *ast.AssignStmt, i int) ast.Expr {
	if len(stmt.Lhs) == len(stmt.Rhs) {
		return stmt.Rhs[i]
	}
	return stmt.Rhs[0]
}

// CouldFail reports whether an expression is a call whose error tells of a
// failure. What makes errors does not, unless it makes them of one that does:
// errors.Join(f(), g()).
func CouldFail(c source.Checked, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok || c.Info.Types[call.Fun].IsType() || c.Info.Types[call.Fun].IsBuiltin() {
		return false
	}
	if !makesErrors(Callee(c, call.Fun)) {
		return true
	}
	return slices.ContainsFunc(call.Args, func(arg ast.Expr) bool {
		_, many := c.Info.TypeOf(arg).(*types.Tuple)
		return (many || IsError(c.Info.TypeOf(arg))) && CouldFail(c, arg)
	})
}

// makesErrors reports whether a function is known to make errors: those of the
// packages called errors, and fmt.Errorf and its like.
func makesErrors(fn *types.Func) bool {
	if fn == nil || fn.Pkg() == nil || fn.Signature().Results().Len() != 1 {
		return false
	}
	return fn.Name() == "Errorf" || fn.Signature().Recv() == nil && (fn.Pkg().Name() == "errors" || fn.Pkg().Name() == "xerrors")
}

// inList reports whether a statement stands in a list of statements, where
// another one can be put behind it.
func inList(stmt ast.Stmt, parent ast.Node) bool {
	_, labeled := parent.(*ast.LabeledStmt)
	return labeled || slices.Contains(listOf(parent), stmt)
}

// inClause reports whether a statement stands in front of the body of another.
func inClause(stmt ast.Stmt, parent ast.Node) bool {
	switch n := parent.(type) {
	case *ast.IfStmt:
		return n.Init == stmt
	case *ast.ForStmt:
		return n.Init == stmt || n.Post == stmt
	case *ast.SwitchStmt:
		return n.Init == stmt
	case *ast.TypeSwitchStmt:
		return n.Init == stmt
	}
	return false
}

// behindInit is what follows the first clause of an if or switch in it.
func behindInit(n ast.Node) (rest []ast.Node) {
	switch n := n.(type) {
	case *ast.IfStmt:
		if rest = []ast.Node{n.Cond, n.Body}; n.Else != nil {
			rest = append(rest, n.Else)
		}
	case *ast.SwitchStmt:
		if rest = []ast.Node{n.Body}; n.Tag != nil {
			rest = append(rest, n.Tag)
		}
	case *ast.TypeSwitchStmt:
		rest = []ast.Node{n.Assign, n.Body}
	}
	return rest
}

func listOf(n ast.Node) []ast.Stmt {
	switch n := n.(type) {
	case *ast.BlockStmt:
		return n.List
	case *ast.CaseClause:
		return n.Body
	case *ast.CommClause:
		return n.Body
	}
	return nil
}

// isReadBehind reports whether a variable may be read after a statement, whose
// place is given by the nodes around it, and before it is assigned again.
func isReadBehind(c source.Checked, fn *ast.FuncDecl, stmt ast.Stmt, stack []ast.Node, obj types.Object) bool {
	var at ast.Node = stmt
	jumps := false // where to is not followed
	for _, parent := range slices.Backward(stack) {
		// The next turn of a loop may read what is not of this turn only.
		if body := loopBody(parent); body != nil && (obj.Pos() < body.Pos() || obj.Pos() > body.End()) && reads(c, parent, obj) {
			return true
		}
		if at == stmt && inClause(stmt, parent) && slices.ContainsFunc(behindInit(parent), func(n ast.Node) bool { return reads(c, n, obj) }) {
			return true
		}
		list := listOf(parent)
		switch at.(type) {
		case *ast.CaseClause, *ast.CommClause:
			list = nil // one of them runs
		}
		for _, next := range list[slices.IndexFunc(list, func(s ast.Stmt) bool { return s == at })+1:] {
			if reads(c, next, obj) {
				return true
			}
			if a, ok := next.(*ast.AssignStmt); ok && !jumps && assigns(c, a, obj) {
				return false
			}
			ast.Inspect(next, func(n ast.Node) bool {
				if b, ok := n.(*ast.BranchStmt); ok {
					jumps = true
					if b.Tok == token.GOTO || b.Tok == token.FALLTHROUGH {
						at = nil
					}
				}
				return true
			})
			if at == nil {
				return reads(c, fn.Body, obj)
			}
		}
		at = parent
	}
	return false
}

func loopBody(n ast.Node) *ast.BlockStmt {
	switch n := n.(type) {
	case *ast.ForStmt:
		return n.Body
	case *ast.RangeStmt:
		return n.Body
	}
	return nil
}

func assigns(c source.Checked, a *ast.AssignStmt, obj types.Object) bool {
	return slices.ContainsFunc(a.Lhs, func(e ast.Expr) bool {
		id, ok := e.(*ast.Ident)
		return ok && c.Info.ObjectOf(id) == obj
	})
}

// reads reports whether code reads a variable, and does not only assign it.
func reads(c source.Checked, n ast.Node, obj types.Object) (found bool) {
	written := map[*ast.Ident]bool{}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.AssignStmt:
			for _, l := range n.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					written[id] = true
				}
			}
		case *ast.Ident:
			found = found || c.Info.Uses[n] == obj && !written[n]
		}
		return !found
	})
	return found
}

// isWatched reports whether a variable is read where it cannot be said when: in
// a function literal or through its address.
func isWatched(c source.Checked, fn *ast.FuncDecl, obj types.Object) (found bool) {
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			found = found || reads(c, n.Body, obj)
		case *ast.UnaryExpr:
			if id, ok := ast.Unparen(n.X).(*ast.Ident); ok && n.Op == token.AND {
				found = found || c.Info.Uses[id] == obj
			}
		}
		return !found
	})
	return found
}
