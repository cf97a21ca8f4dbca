// Package trace makes functions tell the debugger where they are: a call when a
// function is entered, and one before each line's first statement, with the
// variables in scope there. What it inserts is on the lines that are there, so
// positions stay.
//
// It knows syntax and types and nothing of sessions: it imports packages edit
// and gen. How a goroutine stops is decided by the worker (its debug.go).
package trace

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/source/gen"
)

// A Source is what functions are traced in.
type Source struct {
	Fset *token.FileSet
	// Package is what the functions were checked as.
	Package *types.Package
	// IsLocal reports whether a variable of a function is a local one in the
	// compiled code, too.
	IsLocal func(*types.Var) bool
}

// Function are the insertions for a function of a cell, those in it included.
// Its name is what the user knows.
func (s *Source) Function(cell int, name string, body *ast.BlockStmt) edit.List {
	t := &tracer{Source: s, cell: cell}
	t.function(name, body)
	return t.edits
}

type tracer struct {
	*Source
	cell  int
	edits edit.List
}

func (t *tracer) function(name string, body *ast.BlockStmt) {
	t.edits.Insert(body.Lbrace+1, gen.EnterFrame(t.cell, name))
	literals := 0
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			literals++
			inner := "func" + strconv.Itoa(literals)
			if name != "" {
				inner = name + "." + inner
			}
			t.function(inner, n.Body)
			return false
		case *ast.BlockStmt:
			t.list(n.List)
		case *ast.CaseClause:
			t.list(n.Body)
		case *ast.CommClause:
			t.list(n.Body)
		}
		return true
	})
}

// list traces statements that follow one another, the first one of each line.
func (t *tracer) list(list []ast.Stmt) {
	last := 0
	for _, stmt := range list {
		switch s := stmt.(type) {
		case *ast.EmptyStmt, *ast.CaseClause, *ast.CommClause:
			continue
		case *ast.BranchStmt:
			if s.Tok == token.FALLTHROUGH {
				continue
			}
		}
		if line := t.Fset.Position(stmt.Pos()).Line; line != last {
			last = line
			t.edits.Insert(stmt.Pos(), gen.AtLine(line, t.locals(stmt.Pos())))
		}
	}
}

// locals are the variables in scope at a place, inner ones first. Of those with
// one name the inner one is in scope.
func (t *tracer) locals(at token.Pos) (names []string) {
	seen := map[string]bool{}
	all := t.Package.Scope()
	for scope := all.Innermost(at); scope != nil && scope != all && scope.Parent() != all; scope = scope.Parent() {
		for _, name := range scope.Names() {
			v, ok := scope.Lookup(name).(*types.Var)
			if !ok || name == "_" || seen[name] {
				continue
			}
			if _, visible := scope.LookupParent(name, at); visible != v {
				continue // declared further down
			}
			seen[name] = true
			if t.IsLocal(v) {
				names = append(names, name)
			}
		}
	}
	return names
}
