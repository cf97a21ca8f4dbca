package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"
)

// showing is what becomes of the last expression of a cell.
type showing uint8

const (
	showNothing       showing = iota // a statement like others
	showQuietly                      // evaluated and not shown
	showValue                        // shown
	showValueAndError                // shown, and its last value, an error, raised
	raiseError                       // an error alone: raised
	raiseLastError                   // not shown, its last value raised
	showConstant                     // a constant that no type of its kind can hold, shown as text
	showNoConstant                   // a constant that is not shown
)

// showing tells what becomes of the last expression, and the function through
// which its value is shown, if any.
func (p *planner) showing(stmt *ast.ExprStmt) (how showing, function string) {
	tv := p.stmts.info.Types[stmt.X]
	if tv.IsVoid() || tv.IsType() || tv.Type == nil {
		return showNothing, ""
	}
	if call, ok := ast.Unparen(stmt.X).(*ast.CallExpr); ok && p.stmts.info.Types[call.Fun].IsBuiltin() {
		if tv.Type == types.Typ[types.Invalid] {
			return showNothing, ""
		}
		if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "recover" {
			return showNothing, ""
		}
	}
	if tv.Value != nil && p.c.Quiet {
		return showNoConstant, ""
	}
	if isTooBig(tv) {
		return showConstant, ""
	}
	how = showValue
	if f := p.s.showAs[tv.Type.String()]; f != "" && p.available(f) {
		function = f
	} else if p.c.Quiet {
		how = showQuietly
	}
	if tuple, ok := tv.Type.(*types.Tuple); ok {
		if isErrorType(tuple.At(tuple.Len() - 1).Type()) {
			how = showValueAndError
			if p.c.Quiet || isPrinting(stmt.X) {
				how = raiseLastError
			}
		}
	} else if isErrorType(tv.Type) && p.stmts.couldFail(stmt.X) {
		how = raiseError
	}
	return how, function
}

// show makes the last expression of the cell a shown one.
func (p *planner) show(stmt *ast.ExprStmt) {
	how, function := p.showing(stmt)
	before, after := "", ")"
	line := fmt.Sprintf("__cell.Line(%d).", p.fset.Position(stmt.Pos()).Line)
	switch how {
	case showNothing:
		return
	case showNoConstant:
		p.remove(p.body, stmt.Pos(), stmt.End(), "")
		return
	case showConstant:
		p.remove(p.body, stmt.Pos(), stmt.End(), fmt.Sprintf("__cell.Display(__rt.Constant(%q))", constantText(p.stmts.info.Types[stmt.X].Value)))
		return
	case showQuietly:
		before = "__rt.Discard("
	case showValue:
		before = "__cell.Display("
		if function != "" {
			i := strings.LastIndex(function, ".")
			before, after = before+"__show."+function[i+1:]+"(", "))"
			p.body.used["__show"] = function[:i]
		}
	case showValueAndError:
		before = line + "Show("
	case raiseError:
		before = line + "Raise("
	case raiseLastError:
		before = line + "RaiseLast("
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
