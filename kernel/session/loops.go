package session

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/flow"
	"modelbook/kernel/source/gen"
)

// A loop at the top of a cell reads its session variables from copies, which
// the compiler can keep in registers, and writes them to both:
//
//	{sum__c1 := sum__v1;for i := range n {__cell.Check(); sum__c1 += xs[i];sum__v1 = sum__c1 }}
//
// At every moment the memory of the variables is what it would be without copies.
// So a panic or an interrupt in the loop, and every function, closure or goroutine
// that reads the variables, finds the right values. The copies are right as long as
// nothing else writes the variables during the loop. So there are no copies of
// variables that others may write (flow.Shared), of those that a loop assigns where
// there is no place for the second write, and none in loops that wait or call
// functions: a cell of another shell may write then, and is seen.
//
// If only a stop check can end a loop early (flow.QuietLoop), variables that no
// function reads are written to memory when the loop ends:
//
//	{sum__c1 := sum__v1;for i := range n {if __cell.Stopped() {sum__v1 = sum__c1;__cell.Interrupt()}; sum__c1 += i };sum__v1 = sum__c1}
//
// This saves the way through memory from one iteration to the next. Arrays and
// large structs take that way in functions, too, and are not copied.

// copyIdent is the name of the copy of a variable.
func (v *variable) copyIdent() string { return gen.Copy(v.name, v.version) }

// copied is the statement that writes a copy, or a field of it, to memory.
func (v *variable) copied(field string) string {
	return v.ident() + field + " = " + v.copyIdent() + field
}

// loopCopies are the copies of variables in the loops of the statements.
type loopCopies struct {
	idents map[*ast.Ident]bool       // names that mean the copy of a variable
	atStop map[*ast.BlockStmt]string // what the body of a loop does when it is stopped
	edits  edit.List                 // of the statements
}

// copyInLoops makes copies of the variables in the outermost loops of the
// statements. shared tells which variables are used elsewhere, by identifier.
func copyInLoops(p *checkedCell, shared map[string]flow.Sharing) *loopCopies {
	all := &loopCopies{idents: map[*ast.Ident]bool{}, atStop: map[*ast.BlockStmt]string{}}
	if p.body != nil {
		for _, loop := range flow.Loops(p.stmts, p.body.Body()) {
			all.add(p, shared, loop)
		}
	}
	return all
}

// add makes copies for a loop, with its label if it has one. Function literals use
// the memory, not the copies.
func (all *loopCopies) add(p *checkedCell, shared map[string]flow.Sharing, loop ast.Stmt) {
	vars := map[string]*variable{} // by identifier
	copies := flow.Copies(p.stmts, loop, func(obj types.Object) string {
		v := p.variableOf(obj, p.stmts)
		if v == nil || shared[v.ident()] == flow.WrittenByOthers {
			return ""
		}
		vars[v.ident()] = v
		return v.ident()
	})
	begin, atEnd := "", []string(nil)
	quiet := flow.QuietLoop(p.stmts, loop)
	for _, ident := range sortedKeys(copies) {
		v, c := vars[ident], copies[ident]
		onlyAtEnd := quiet && shared[ident] == flow.NotShared
		if c.Left && !onlyAtEnd {
			continue
		}
		begin += v.copyIdent() + " := " + ident + ";"
		for _, id := range c.Idents {
			all.idents[id] = true
		}
		for _, w := range c.Writes {
			switch {
			case onlyAtEnd:
				atEnd = append(atEnd, v.copied(w.Field))
			case w.AtHead:
				all.edits.Insert(w.At, v.copied(w.Field)+";")
			default:
				all.edits.Insert(w.At, ";"+v.copied(w.Field))
			}
		}
	}
	if begin == "" {
		return
	}
	all.edits.Insert(loop.Pos(), "{"+begin)
	slices.Sort(atEnd)
	last := strings.Join(slices.Compact(atEnd), ";")
	if last != "" {
		all.edits.Insert(loop.End(), ";"+last)
	}
	all.edits.Insert(loop.End(), "}")
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt:
			all.atStop[n.Body] = last
		case *ast.RangeStmt:
			all.atStop[n.Body] = last
		}
		return true
	})
}
