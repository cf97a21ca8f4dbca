package session

import (
	"go/ast"
	"go/types"
	"slices"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// An error that a cell assigns and does not look at would be lost. So the statement
// that assigns it raises it: the cell ends with the error.

// lookBehind inserts code after the statement that assigns a dropped error.
func lookBehind(d flow.DroppedError, code string) (edits edit.List) {
	around := gen.Wrap{After: code}
	if d.InClause { // the clause takes a call of a function literal
		around = gen.Wrap{Before: "func() { ", After: code + " }()"}
	}
	edits.Wrap(d.Stmt, around)
	return edits
}

// raiseDropped makes the statements of a cell raise the errors that they drop.
func raiseDropped(p *checkedCell, fn *ast.FuncDecl) (edits edit.List) {
	for _, d := range droppedErrors(p, fn) {
		code := "; " + gen.Raise(p.fset.Position(d.Stmt.Pos()).Line, p.varIdent(p.stmts.Info.ObjectOf(d.ID)))
		edits = append(edits, lookBehind(d, code)...)
	}
	return edits
}

// droppedErrors finds the errors that the statements of a cell drop.
func droppedErrors(p *checkedCell, fn *ast.FuncDecl) []flow.DroppedError {
	return flow.DroppedErrors(p.stmts, fn, func(obj types.Object) bool {
		return p.variableOf(obj, p.stmts) != nil && functionsRead(p, gen.Plain(obj.Name()))
	})
}

// functionsRead reports whether a function that the cell may call reads a session
// variable. Every method counts as called.
func functionsRead(p *checkedCell, name string) bool {
	seen := map[*unit]bool{}
	var reach func(names map[string]bool) bool
	reach = func(names map[string]bool) bool {
		for _, u := range p.units {
			called := slices.ContainsFunc(u.decl.names, func(n string) bool { return names[n] }) ||
				u.decl.key.Kind == source.Method || slices.Contains(p.content.once, u.decl)
			if seen[u] || !called {
				continue
			}
			seen[u] = true
			if u.Unresolved[name] && readsName(u.Syntax, name) || reach(u.Unresolved) {
				return true
			}
		}
		return false
	}
	return reach(p.body.Unresolved)
}

// readsName reports whether a file reads a variable that it does not declare, and
// does not only assign it. The file need not be checked.
func readsName(f *ast.File, name string) bool {
	written := map[*ast.Ident]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if a, ok := n.(*ast.AssignStmt); ok {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					written[id] = true
				}
			}
		}
		return true
	})
	return slices.ContainsFunc(f.Unresolved, func(id *ast.Ident) bool { return id.Name == name && !written[id] })
}
