package session

import (
	"go/ast"
	"go/token"
	"go/types"
)

// sharing tells who but the statements of cells may use a variable.
type sharing uint8

const (
	readByFunctions sharing = iota + 1
	writtenByOthers         // by functions, or through an address
)

// share notes how a unit shares session variables. The note stays: a goroutine
// or a pointer can outlive the code it came from. (A statement of a cell that was
// left behind is one more writer, which is not noted: it stops at its next check.)
func (p *planner) share(u *unit, c checked) {
	note := func(id *ast.Ident, how sharing) {
		if id == nil {
			return
		}
		if v := p.variableOf(c.info.Uses[id], c); v != nil {
			p.st.shared[v.ident()] = max(p.st.shared[v.ident()], how)
		}
	}
	ast.PreorderStack(u.file, nil, func(n ast.Node, stack []ast.Node) bool {
		if u != p.body || inFunction(stack) {
			if id, ok := n.(*ast.Ident); ok {
				note(id, readByFunctions)
			}
			for _, e := range assigned(n) {
				note(held(e, c), writtenByOthers)
			}
		}
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(held(n.X, c), writtenByOthers)
			}
		case *ast.SliceExpr:
			if _, array := c.info.TypeOf(n.X).Underlying().(*types.Array); array {
				note(held(n.X, c), writtenByOthers)
			}
		case *ast.SelectorExpr:
			if takesAddress(n, c) {
				note(held(n.X, c), writtenByOthers)
			}
		}
		return true
	})
}

// takesAddress reports whether a method that is selected gets the address of
// the value it is selected from.
func takesAddress(sel *ast.SelectorExpr, c checked) bool {
	s := c.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return false
	}
	_, byAddress := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, already := c.info.TypeOf(sel.X).Underlying().(*types.Pointer)
	return byAddress && !already
}

// held is the variable whose memory an expression is, or is part of.
func held(e ast.Expr, c checked) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.ParenExpr:
		return held(e.X, c)
	case *ast.SelectorExpr:
		if s := c.info.Selections[e]; s != nil && !s.Indirect() {
			return held(e.X, c)
		}
	case *ast.IndexExpr:
		if _, array := c.info.TypeOf(e.X).Underlying().(*types.Array); array {
			return held(e.X, c)
		}
	}
	return nil
}

// inFunction reports whether the innermost of nested nodes are in a function
// literal, apart from that of a %timeit, which runs where it stands.
func inFunction(stack []ast.Node) bool {
	for i, n := range stack {
		if _, ok := n.(*ast.FuncLit); ok && !isTimeit(stack[i-1]) {
			return true
		}
	}
	return false
}

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
	return ok && id.Name == "__rt" && sel.Sel.Name == "Timeit"
}

// assigned are the expressions that a statement by itself assigns. What :=
// assigns in a block or function is the block's own.
func assigned(n ast.Node) []ast.Expr {
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
