// Package flow answers questions about checked code: which memory an expression
// is part of, who else may write a variable, what an error's value is used for,
// what may wait, what can outlive its cell. Package session asks them to decide
// how it rewrites a cell.
//
// Every answer is a function of syntax and the result of a type check. Nothing
// here knows a session, edits text or writes any: a table of snippets tests it.
// It may import kernel/source and kernel/source/gen.
//
// Where a change goes: a new question gets a file of its own, with its test. A
// function of a library that behaves in a special way goes into the list at the
// question it matters for (runsNow, waiting, makesErrors, isQuietCall).
package flow

import (
	"go/ast"
	"go/types"

	"modelbook/kernel/source"
)

// Callee is the function or method that an expression names, or nil.
func Callee(c source.Checked, fun ast.Expr) *types.Func {
	switch fun := ast.Unparen(fun).(type) {
	case *ast.Ident:
		fn, _ := c.Info.Uses[fun].(*types.Func)
		return fn
	case *ast.SelectorExpr:
		fn, _ := c.Info.Uses[fun.Sel].(*types.Func)
		return fn
	}
	return nil
}

// IsFunction reports whether an expression is the name of a declared function,
// which evaluates to the same at any time.
func IsFunction(c source.Checked, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.Ident:
		_, ok := c.Info.Uses[e].(*types.Func)
		return ok
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			_, pkg := c.Info.Uses[id].(*types.PkgName)
			_, fn := c.Info.Uses[e.Sel].(*types.Func)
			return pkg && fn
		}
	}
	return false
}

// Calls reports whether a block calls anything but builtin functions and
// conversions.
func Calls(c source.Checked, body *ast.BlockStmt) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if tv := c.Info.Types[call.Fun]; !tv.IsBuiltin() && !tv.IsType() {
				found = true
			}
		}
		return !found
	})
	return found
}

// TypeName is the declared name of a type or of what it points to, nil for a
// type without one.
func TypeName(t types.Type) *types.TypeName {
	if ptr, ok := t.(*types.Pointer); ok {
		t = ptr.Elem()
	}
	switch t := t.(type) {
	case *types.Named:
		return t.Origin().Obj()
	case *types.Alias:
		return t.Obj()
	}
	return nil
}

// IsError reports whether a type is the predeclared error.
func IsError(t types.Type) bool {
	return types.Identical(t, types.Universe.Lookup("error").Type())
}
