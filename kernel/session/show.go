package session

import (
	"go/ast"
	"go/types"
	"strings"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source/gen"
)

// showing says what happens with the last expression of a cell.
type showing uint8

const (
	showNothing       showing = iota // nothing: a statement like others
	showQuietly                      // evaluated, not shown
	showValue                        // shown
	showValueAndError                // shown, and its last value, an error, is raised
	raiseError                       // an error, raised
	raiseLastError                   // not shown, but its last value, an error, is raised
	showConstant                     // a constant that no type of its kind can hold, shown as text
	showNoConstant                   // a constant that is not shown
)

// showingOf decides what happens with the last expression, and returns the function
// through which its value is shown, "" for none.
func showingOf(p *checkedCell, stmt *ast.ExprStmt) (how showing, function string) {
	tv := p.stmts.Info.Types[stmt.X]
	if tv.IsVoid() || tv.IsType() || tv.Type == nil {
		return showNothing, ""
	}
	if call, ok := ast.Unparen(stmt.X).(*ast.CallExpr); ok && p.stmts.Info.Types[call.Fun].IsBuiltin() {
		if tv.Type == types.Typ[types.Invalid] {
			return showNothing, ""
		}
		if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && id.Name == "recover" {
			return showNothing, ""
		}
	}
	if tv.Value != nil && p.cell.Quiet {
		return showNoConstant, ""
	}
	if isTooBig(tv) {
		return showConstant, ""
	}
	how = showValue
	if f := p.s.showAs[tv.Type.String()]; f != "" && available(p.s.imp, f) {
		function = f
	} else if p.cell.Quiet {
		how = showQuietly
	}
	if tuple, ok := tv.Type.(*types.Tuple); ok {
		if flow.IsError(tuple.At(tuple.Len() - 1).Type()) {
			how = showValueAndError
			if p.cell.Quiet || isPrinting(stmt.X) {
				how = raiseLastError
			}
		}
	} else if flow.IsError(tv.Type) && flow.CouldFail(p.stmts, stmt.X) {
		how = raiseError
	}
	return how, function
}

// show inserts the code that shows the last expression.
func (l *lifting) show(p *checkedCell, stmt *ast.ExprStmt) {
	how, function := showingOf(p, stmt)
	line := p.fset.Position(stmt.Pos()).Line
	var around gen.Wrap
	switch how {
	case showNothing:
		return
	case showNoConstant:
		l.edits.Remove(stmt.Pos(), stmt.End(), "")
		return
	case showConstant:
		l.edits.Remove(stmt.Pos(), stmt.End(), gen.DisplayConstant(constantText(p.stmts.Info.Types[stmt.X].Value)))
		return
	case showQuietly:
		around = gen.Discards()
	case showValue:
		call := ""
		if function != "" {
			i := strings.LastIndex(function, ".")
			var local string
			call, local = gen.ShowFunc(function[i+1:])
			l.imports[local] = function[:i]
		}
		around = gen.Displays(call)
	case showValueAndError:
		around = gen.Shows(line)
	case raiseError:
		around = gen.Raises(line)
	case raiseLastError:
		around = gen.RaisesLast(line)
	}
	l.edits.Wrap(stmt, around)
}

// isPrinting reports whether an expression calls a function that prints, by its name.
// The number of bytes that it returns is of no interest.
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
func available(imp types.Importer, function string) bool {
	_, err := imp.Import(function[:strings.LastIndex(function, ".")])
	return err == nil
}
