package session

import (
	"go/ast"
	"go/token"
	"go/types"
)

// Code is quiet when it cannot panic, block or run other code of the session,
// and does nothing that other code could see, but for its assignments.

// isQuietLoop reports whether a loop, with its label if it has one, is quiet
// and ends nowhere but at its end.
func (p *planner) isQuietLoop(loop ast.Stmt) bool {
	labels := map[string]bool{}
	ast.Inspect(loop, func(n ast.Node) bool {
		if l, ok := n.(*ast.LabeledStmt); ok {
			labels[l.Label.Name] = true
		}
		return true
	})
	return p.areQuiet(labels, loop)
}

// areQuiet reports whether statements are quiet and jump to no other labels.
// nil stands for one that is not there.
func (p *planner) areQuiet(labels map[string]bool, stmts ...ast.Stmt) bool {
	for _, s := range stmts {
		ok := false
		switch s := s.(type) {
		case nil, *ast.EmptyStmt:
			ok = true
		case *ast.BlockStmt:
			ok = p.areQuiet(labels, s.List...)
		case *ast.LabeledStmt:
			ok = p.areQuiet(labels, s.Stmt)
		case *ast.BranchStmt:
			ok = s.Tok != token.GOTO && (s.Label == nil || labels[s.Label.Name])
		case *ast.AssignStmt:
			ok = p.arePlaces(s.Lhs...) && p.isQuiet(s.Rhs...) && (s.Tok == token.ASSIGN || s.Tok == token.DEFINE || !p.mayFail(s.Tok, s.Lhs[0], s.Rhs[0]))
		case *ast.IncDecStmt:
			ok = p.arePlaces(s.X)
		case *ast.IfStmt:
			ok = p.areQuiet(labels, s.Init, s.Body, s.Else) && p.isQuiet(s.Cond)
		case *ast.ForStmt:
			ok = p.areQuiet(labels, s.Init, s.Post, s.Body) && (s.Cond == nil || p.isQuiet(s.Cond))
		case *ast.RangeStmt:
			ok = p.isQuietRange(s) && p.areQuiet(labels, s.Body)
		case *ast.SwitchStmt:
			ok = p.areQuiet(labels, s.Init, s.Body) && (s.Tag == nil || p.isQuiet(s.Tag) && p.isBasic(s.Tag))
		case *ast.CaseClause:
			ok = p.isQuiet(s.List...) && p.areQuiet(labels, s.Body...)
			for _, e := range s.List {
				ok = ok && p.isBasic(e)
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

func (p *planner) isQuietRange(s *ast.RangeStmt) bool {
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil && !p.arePlaces(e) {
			return false
		}
	}
	switch p.stmts.info.TypeOf(s.X).Underlying().(type) {
	case *types.Basic, *types.Slice, *types.Array, *types.Map:
		return p.isQuiet(s.X)
	}
	return false
}

// isQuiet reports whether the evaluation of expressions is quiet.
func (p *planner) isQuiet(all ...ast.Expr) bool {
	for _, e := range all {
		if tv := p.stmts.info.Types[e]; tv.Value != nil || tv.IsNil() {
			continue
		}
		ok := false
		switch e := e.(type) {
		case *ast.Ident:
			ok = true
		case *ast.ParenExpr:
			ok = p.isQuiet(e.X)
		case *ast.SelectorExpr:
			ok = p.arePlaces(e)
		case *ast.UnaryExpr:
			ok = e.Op != token.ARROW && e.Op != token.AND && p.isQuiet(e.X)
		case *ast.BinaryExpr: // interfaces panic when compared
			ok = p.isQuiet(e.X, e.Y) && p.isBasic(e.X) && p.isBasic(e.Y) && !p.mayFail(e.Op, e.X, e.Y)
		case *ast.CallExpr:
			ok = p.isQuiet(e.Args...) && p.isQuietCall(e)
		}
		if !ok {
			return false
		}
	}
	return true
}

// isQuietCall reports whether calls are quiet but for their arguments:
// conversions of basic types, some predeclared functions, and package math.
func (p *planner) isQuietCall(call *ast.CallExpr) bool {
	f := p.stmts.info.Types[call.Fun]
	if f.IsType() {
		return p.isBasic(call.Fun) && p.isBasic(call.Args[0])
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		switch fun.Name {
		case "len", "cap", "min", "max", "real", "imag", "complex":
			return f.IsBuiltin()
		}
	case *ast.SelectorExpr:
		fn, ok := p.stmts.info.Uses[fun.Sel].(*types.Func)
		return ok && fn.Pkg() != nil && fn.Pkg().Path() == "math"
	}
	return false
}

// mayFail reports whether an operation panics for some operands: integers by
// zero, and shifts by what is negative.
func (p *planner) mayFail(op token.Token, x, y ast.Expr) bool {
	if p.stmts.info.Types[y].Value != nil {
		return false
	}
	switch op {
	case token.QUO, token.REM, token.QUO_ASSIGN, token.REM_ASSIGN:
		return p.isBasic(x, types.IsInteger)
	case token.SHL, token.SHR, token.SHL_ASSIGN, token.SHR_ASSIGN:
		return !p.isBasic(y, types.IsUnsigned)
	}
	return false
}

// isBasic reports whether an expression has a basic type, and of some sorts.
func (p *planner) isBasic(e ast.Expr, sorts ...types.BasicInfo) bool {
	basic, ok := p.stmts.info.TypeOf(e).Underlying().(*types.Basic)
	for _, s := range sorts {
		ok = ok && basic.Info()&s != 0
	}
	return ok
}
