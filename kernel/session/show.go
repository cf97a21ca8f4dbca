package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// show makes the last expression of the cell a shown one.
func (p *planner) show(stmt *ast.ExprStmt) {
	tv := p.stmts.info.Types[stmt.X]
	if tv.IsVoid() || tv.IsType() || tv.Type == nil {
		return
	}
	if call, ok := ast.Unparen(stmt.X).(*ast.CallExpr); ok && p.stmts.info.Types[call.Fun].IsBuiltin() {
		if tv.Type == types.Typ[types.Invalid] {
			return
		}
		if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && slices.Contains([]string{"copy", "recover"}, id.Name) {
			return
		}
	}
	errorType := types.Universe.Lookup("error").Type()
	_, isCall := ast.Unparen(stmt.X).(*ast.CallExpr)
	before, after := "__cell.Display(", ")"
	if function := p.s.showAs[tv.Type.String()]; function != "" && p.available(function) {
		i := strings.LastIndex(function, ".")
		before, after = "__cell.Display(__show."+function[i+1:]+"(", "))"
		p.body.used["__show"] = function[:i]
	} else if p.c.Quiet {
		before = "__rt.Discard("
	}
	quiet := p.c.Quiet || isPrinting(stmt.X)
	if tuple, ok := tv.Type.(*types.Tuple); ok {
		if types.Identical(tuple.At(tuple.Len()-1).Type(), errorType) {
			before = fmt.Sprintf("__cell.Line(%d).Show(", p.fset.Position(stmt.Pos()).Line)
			if quiet {
				before = fmt.Sprintf("__cell.Line(%d).RaiseLast(", p.fset.Position(stmt.Pos()).Line)
			}
		}
	} else if isCall && types.Identical(tv.Type, errorType) {
		before = fmt.Sprintf("__cell.Line(%d).Raise(", p.fset.Position(stmt.Pos()).Line)
	}
	p.edit(p.body, stmt.Pos(), stmt.Pos(), before)
	p.edit(p.body, stmt.End(), stmt.End(), after)
}

// isPrinting reports whether an expression calls a function named like those
// that print, whose counts of bytes nobody wants to see.
func isPrinting(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	name := ""
	switch f := ast.Unparen(call.Fun).(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		name = f.Sel.Name
	}
	for _, prefix := range []string{"Print", "Fprint", "Write"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

// available reports whether the package of a function can be imported.
func (p *planner) available(function string) bool {
	_, err := p.s.imp.Import(function[:strings.LastIndex(function, ".")])
	return err == nil
}
