package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"modelbook/kernel/source"
)

// Code is quiet when it cannot panic, block or run other code of the session,
// and does nothing that other code could see, but for its assignments.

// QuietLoop reports whether a loop, with its label if it has one, is quiet
// and ends nowhere but at its end.
func QuietLoop(c source.Checked, loop ast.Stmt) bool {
	labels := map[string]bool{}
	ast.Inspect(loop, func(n ast.Node) bool {
		if l, ok := n.(*ast.LabeledStmt); ok {
			labels[l.Label.Name] = true
		}
		return true
	})
	return areQuiet(c, labels, loop)
}

// areQuiet reports whether statements are quiet and jump to no other labels.
// nil stands for one that is not there.
func areQuiet(c source.Checked, labels map[string]bool, stmts ...ast.Stmt) bool {
	for _, s := range stmts {
		ok := false
		switch s := s.(type) {
		case nil, *ast.EmptyStmt:
			ok = true
		case *ast.BlockStmt:
			ok = areQuiet(c, labels, s.List...)
		case *ast.LabeledStmt:
			ok = areQuiet(c, labels, s.Stmt)
		case *ast.BranchStmt:
			ok = s.Tok != token.GOTO && (s.Label == nil || labels[s.Label.Name])
		case *ast.AssignStmt:
			ok = ArePlaces(c, s.Lhs...) && Quiet(c, s.Rhs...) && (s.Tok == token.ASSIGN || s.Tok == token.DEFINE || !mayFail(c, s.Tok, s.Lhs[0], s.Rhs[0]))
		case *ast.IncDecStmt:
			ok = ArePlaces(c, s.X)
		case *ast.IfStmt:
			ok = areQuiet(c, labels, s.Init, s.Body, s.Else) && Quiet(c, s.Cond)
		case *ast.ForStmt:
			ok = areQuiet(c, labels, s.Init, s.Post, s.Body) && (s.Cond == nil || Quiet(c, s.Cond))
		case *ast.RangeStmt:
			ok = isQuietRange(c, s) && areQuiet(c, labels, s.Body)
		case *ast.SwitchStmt:
			ok = areQuiet(c, labels, s.Init, s.Body) && (s.Tag == nil || Quiet(c, s.Tag) && isBasic(c, s.Tag))
		case *ast.CaseClause:
			ok = Quiet(c, s.List...) && areQuiet(c, labels, s.Body...)
			for _, e := range s.List {
				ok = ok && isBasic(c, e)
			}
		}
		if !ok {
			return false
		}
	}
	return true
}

func isQuietRange(c source.Checked, s *ast.RangeStmt) bool {
	for _, e := range []ast.Expr{s.Key, s.Value} {
		if e != nil && !ArePlaces(c, e) {
			return false
		}
	}
	switch c.Info.TypeOf(s.X).Underlying().(type) {
	case *types.Basic, *types.Slice, *types.Array, *types.Map:
		return Quiet(c, s.X)
	}
	return false
}

// Quiet reports whether the evaluation of expressions is quiet.
func Quiet(c source.Checked, all ...ast.Expr) bool {
	for _, e := range all {
		if tv := c.Info.Types[e]; tv.Value != nil || tv.IsNil() {
			continue
		}
		ok := false
		switch e := e.(type) {
		case *ast.Ident:
			ok = true
		case *ast.ParenExpr:
			ok = Quiet(c, e.X)
		case *ast.SelectorExpr:
			ok = ArePlaces(c, e)
		case *ast.UnaryExpr:
			ok = e.Op != token.ARROW && e.Op != token.AND && Quiet(c, e.X)
		case *ast.BinaryExpr: // interfaces panic when compared
			ok = Quiet(c, e.X, e.Y) && isBasic(c, e.X) && isBasic(c, e.Y) && !mayFail(c, e.Op, e.X, e.Y)
		case *ast.CallExpr:
			ok = Quiet(c, e.Args...) && isQuietCall(c, e)
		}
		if !ok {
			return false
		}
	}
	return true
}

// isQuietCall reports whether calls are quiet but for their arguments:
// conversions of basic types, some predeclared functions, and package math.
func isQuietCall(c source.Checked, call *ast.CallExpr) bool {
	f := c.Info.Types[call.Fun]
	if f.IsType() {
		return isBasic(c, call.Fun) && isBasic(c, call.Args[0])
	}
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		switch fun.Name {
		case "len", "cap", "min", "max", "real", "imag", "complex":
			return f.IsBuiltin()
		}
	case *ast.SelectorExpr:
		fn, ok := c.Info.Uses[fun.Sel].(*types.Func)
		return ok && fn.Pkg() != nil && fn.Pkg().Path() == "math"
	}
	return false
}

// mayFail reports whether an operation panics for some operands: integers by
// zero, and shifts by what is negative.
func mayFail(c source.Checked, op token.Token, x, y ast.Expr) bool {
	if c.Info.Types[y].Value != nil {
		return false
	}
	switch op {
	case token.QUO, token.REM, token.QUO_ASSIGN, token.REM_ASSIGN:
		return isBasic(c, x, types.IsInteger)
	case token.SHL, token.SHR, token.SHL_ASSIGN, token.SHR_ASSIGN:
		return !isBasic(c, y, types.IsUnsigned)
	}
	return false
}

// isBasic reports whether an expression has a basic type, and of some sorts.
func isBasic(c source.Checked, e ast.Expr, sorts ...types.BasicInfo) bool {
	basic, ok := c.Info.TypeOf(e).Underlying().(*types.Basic)
	for _, s := range sorts {
		ok = ok && basic.Info()&s != 0
	}
	return ok
}
