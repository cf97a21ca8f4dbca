package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// A loop at the top of a cell reads its session variables from copies, which
// the compiler can keep in registers, and writes them to both:
//
//	{sum__c1 := sum__v1;for i := range n {__cell.Check(); sum__c1 += xs[i];sum__v1 = sum__c1 }}
//
// The memory of the variables is at every moment what it would be without
// copies. So a panic or an interrupt in the loop, and every function, closure
// or goroutine that reads the variables, finds what it should. The copies are
// right as long as nobody else writes the variables meanwhile. So variables that
// others may write are left alone, see share; and in each loop those that it
// assigns where there is no place for the second write.
//
// A loop that nothing but a stop check can end before its time (see quiet.go)
// writes the memory of variables that no function reads when it ends:
//
//	{sum__c1 := sum__v1;for i := range n {if __cell.Stopped() {sum__v1 = sum__c1;__cell.Interrupt()}; sum__c1 += i };sum__v1 = sum__c1}
//
// What is gained is the way through memory from one iteration to the next. In
// arrays and large structs it is there in functions, too: they are left alone.

// copyIdent names the copy of a variable.
func (v *variable) copyIdent() string {
	return strings.Replace(v.ident(), v.name+"__v", v.name+"__c", 1)
}

// copyInLoops finds the outermost loops of the statements and gives the
// variables in them copies.
func (p *planner) copyInLoops() {
	p.copies, p.atStop = map[*ast.Ident]bool{}, map[*ast.BlockStmt]string{}
	fn := p.bodyFunc()
	targets := map[string]bool{} // labels that a goto goes to: nothing fits between them and their loop
	ast.Inspect(fn, func(n ast.Node) bool {
		if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.GOTO {
			targets[b.Label.Name] = true
		}
		return true
	})
	ast.PreorderStack(fn, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return isTimeit(stack[len(stack)-1])
		case *ast.ForStmt:
			if isMeasured(n) || isBenchmarked(n.Cond, p.stmts) {
				return true
			}
		case *ast.RangeStmt:
		default:
			return true
		}
		root := n.(ast.Stmt)
		if label, ok := stack[len(stack)-1].(*ast.LabeledStmt); ok {
			if targets[label.Label.Name] {
				return true
			}
			root = label
		}
		if p.callsBody(n) {
			return true
		}
		p.copyInLoop(root)
		return false
	})
}

// callsBody reports whether a loop is, or has in it, a range over a function:
// its body is a function, too.
func (p *planner) callsBody(loop ast.Node) (found bool) {
	ast.Inspect(loop, func(n ast.Node) bool {
		if r, ok := n.(*ast.RangeStmt); ok {
			_, isFunc := p.stmts.info.TypeOf(r.X).Underlying().(*types.Signature)
			found = found || isFunc
		}
		_, isLit := n.(*ast.FuncLit)
		return !found && !isLit
	})
	return found
}

// copied is a variable that a loop may use a copy of.
type copied struct {
	*variable
	idents []*ast.Ident // that name it
	writes []write      // of its memory
	left   bool         // left alone: an assignment has no place for the second write
}

// A write copies a variable, or a field of it, to memory: behind a statement, or
// at the head of a block.
type write struct {
	at     token.Pos
	atHead bool
	field  string // ".a.b", "" for all of the variable
}

func (v *copied) text(field string) string {
	return v.ident() + field + " = " + v.copyIdent() + field
}

// copyInLoop rewrites a loop, with its label if it has one. Names in function
// literals still mean the memory.
func (p *planner) copyInLoop(loop ast.Stmt) {
	vars := map[string]*copied{}
	of := func(id *ast.Ident) *copied {
		obj := p.stmts.info.Uses[id]
		v := p.variableOf(obj, p.stmts)
		if v == nil || p.st.shared[v.ident()] == writtenByOthers || !isCopied(obj.Type()) {
			return nil
		}
		if vars[v.ident()] == nil {
			vars[v.ident()] = &copied{variable: v}
		}
		return vars[v.ident()]
	}
	ast.PreorderStack(loop, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.Ident:
			if v := of(n); v != nil {
				v.idents = append(v.idents, n)
			}
		default:
			targets := assigned(n)
			for _, e := range targets {
				id := held(e, p.stmts)
				if id == nil {
					continue
				}
				if v := of(id); v != nil {
					p.secondWrite(v, e, n, stack)
					// a, x[i] = 1, 2 may assign a and then panic. And two writes of a slice
					// cost more than is gained: x = append(x, 1) mostly writes its length.
					v.left = v.left || p.isSlice(e) || !p.arePlaces(targets...)
				}
			}
		}
		return true
	})
	begin, atEnd := "", []string(nil)
	quiet := p.isQuietLoop(loop)
	for _, ident := range sortedKeys(vars) {
		v := vars[ident]
		onlyAtEnd := quiet && p.st.shared[ident] == 0
		if v.left && !onlyAtEnd {
			continue
		}
		begin += v.copyIdent() + " := " + ident + ";"
		for _, id := range v.idents {
			p.copies[id] = true
		}
		for _, w := range v.writes {
			switch {
			case onlyAtEnd:
				atEnd = append(atEnd, v.text(w.field))
			case w.atHead:
				p.edit(p.body, w.at, w.at, v.text(w.field)+";")
			default:
				p.edit(p.body, w.at, w.at, ";"+v.text(w.field))
			}
		}
	}
	if begin == "" {
		return
	}
	p.edit(p.body, loop.Pos(), loop.Pos(), "{"+begin)
	slices.Sort(atEnd)
	last := strings.Join(slices.Compact(atEnd), ";")
	if last != "" {
		p.edit(p.body, loop.End(), loop.End(), ";"+last)
	}
	p.edit(p.body, loop.End(), loop.End(), "}")
	ast.Inspect(loop, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ForStmt:
			p.atStop[n.Body] = last
		case *ast.RangeStmt:
			p.atStop[n.Body] = last
		}
		return true
	})
}

// isCopied reports whether variables of a type get copies: those that the
// compiler keeps in registers, and that are changed only as a whole or by field.
func isCopied(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() != types.UnsafePointer
	case *types.Slice, *types.Map, *types.Pointer:
		return true
	case *types.Struct:
		return isSmall(t) && types.SizesFor("gc", "amd64").Sizeof(t) <= 32
	}
	return false
}

// isSmall reports whether a struct has at most four fields, and so have those
// in it, and nowhere an array.
func isSmall(t *types.Struct) bool {
	for i := range t.NumFields() {
		switch f := t.Field(i).Type().Underlying().(type) {
		case *types.Array:
			return false
		case *types.Struct:
			if !isSmall(f) {
				return false
			}
		}
	}
	return t.NumFields() <= 4
}

func (p *planner) isSlice(e ast.Expr) bool {
	_, ok := p.stmts.info.TypeOf(e).Underlying().(*types.Slice)
	return ok
}

// place is the variable that an expression names, and the field of it as
// written (".a.b", "" for all of it); nil for what is found through a pointer,
// an index or a call.
func (p *planner) place(e ast.Expr) (id *ast.Ident, field string) {
	switch e := e.(type) {
	case *ast.Ident:
		return e, ""
	case *ast.ParenExpr:
		return p.place(e.X)
	case *ast.SelectorExpr:
		s := p.stmts.info.Selections[e]
		if s == nil || s.Kind() != types.FieldVal || s.Indirect() || s.Obj().(*types.Var).Embedded() {
			return nil, "" // an embedded field has the name of its type, in some version
		}
		id, field = p.place(e.X)
		return id, field + "." + e.Sel.Name
	}
	return nil, ""
}

// arePlaces reports whether expressions name variables or fields of them.
func (p *planner) arePlaces(all ...ast.Expr) bool {
	for _, e := range all {
		if id, _ := p.place(e); id == nil {
			return false
		}
	}
	return true
}

// secondWrite notes where the memory of a variable, or of a field of it, is
// written that a statement assigns: behind it, at the head of a block, or both.
// Nothing that can fail or read the variable may be between the assignment and
// the write.
func (p *planner) secondWrite(v *copied, target ast.Expr, n ast.Node, stack []ast.Node) {
	_, field := p.place(target)
	note := func(at token.Pos, atHead bool) {
		if w := (write{at, atHead, field}); !slices.Contains(v.writes, w) {
			v.writes = append(v.writes, w)
		}
	}
	if r, ok := n.(*ast.RangeStmt); ok { // it assigns when the body begins
		note(r.Body.Lbrace+1, true)
		return
	}
	switch parent := stack[len(stack)-1].(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.LabeledStmt:
		note(n.End(), false)
		return
	case *ast.CommClause:
		if parent.Comm == n {
			note(parent.Colon+1, true)
		} else {
			note(n.End(), false)
		}
		return
	case *ast.ForStmt: // behind init and post comes the condition, then the body or the end
		if parent.Cond == nil || p.isQuiet(parent.Cond) {
			note(parent.Body.Lbrace+1, true)
			note(parent.End(), false)
			return
		}
	}
	v.left = true
	v.writes = append(v.writes, write{field: field}) // of a loop that writes at its end
}
