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
//	{sum__c1 := sum__v1;for i := range n {if __cell.Stopped() {sum__v1 = sum__c1;__cell.Check()}; sum__c1 += i };sum__v1 = sum__c1}
//
// What is gained is the way through memory from one iteration to the next. In
// structs and arrays it is there in functions too, mostly: they are left alone.

// sharing tells who but the statements of cells may use a variable.
type sharing uint8

const (
	readByFunctions sharing = iota + 1
	writtenByOthers         // by functions, or through an address
)

// copyIdent names the copy of a variable.
func (v *variable) copyIdent() string {
	return strings.Replace(v.ident(), v.name+"__v", v.name+"__c", 1)
}

// share notes how a unit shares session variables. The note stays: a goroutine
// or a pointer can outlive the code it came from.
func (p *planner) share(u *unit, c checked) {
	note := func(id *ast.Ident, how sharing) {
		if id == nil {
			return
		}
		if v := p.variableOf(c.info.Uses[id], c); v != nil {
			p.st.shared[v.ident()] = max(p.st.shared[v.ident()], how)
		}
	}
	ast.PreorderStack(u.file, nil, func(n ast.Node, stack []ast.Node) bool {
		if u != p.body || inFunction(stack) {
			if id, ok := n.(*ast.Ident); ok {
				note(id, readByFunctions)
			}
			for _, e := range assigned(n) {
				note(held(e, c), writtenByOthers)
			}
		}
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(held(n.X, c), writtenByOthers)
			}
		case *ast.SliceExpr:
			if _, array := c.info.TypeOf(n.X).Underlying().(*types.Array); array {
				note(held(n.X, c), writtenByOthers)
			}
		case *ast.SelectorExpr:
			if takesAddress(n, c) {
				note(held(n.X, c), writtenByOthers)
			}
		}
		return true
	})
}

// takesAddress reports whether a method that is selected gets the address of
// the value it is selected from.
func takesAddress(sel *ast.SelectorExpr, c checked) bool {
	s := c.info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return false
	}
	_, byAddress := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, already := c.info.TypeOf(sel.X).Underlying().(*types.Pointer)
	return byAddress && !already
}

// held is the variable whose memory an expression is, or is part of.
func held(e ast.Expr, c checked) *ast.Ident {
	switch e := e.(type) {
	case *ast.Ident:
		return e
	case *ast.ParenExpr:
		return held(e.X, c)
	case *ast.SelectorExpr:
		if s := c.info.Selections[e]; s != nil && !s.Indirect() {
			return held(e.X, c)
		}
	case *ast.IndexExpr:
		if _, array := c.info.TypeOf(e.X).Underlying().(*types.Array); array {
			return held(e.X, c)
		}
	}
	return nil
}

// inFunction reports whether the innermost of nested nodes are in a function
// literal, apart from that of a %timeit, which runs where it stands.
func inFunction(stack []ast.Node) bool {
	for i, n := range stack {
		if _, ok := n.(*ast.FuncLit); ok && !isTimeit(stack[i-1]) {
			return true
		}
	}
	return false
}

func isTimeit(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	return ok && id.Name == "__rt" && sel.Sel.Name == "Timeit"
}

// assigned are the expressions that a statement by itself assigns. What :=
// assigns in a block or function is the block's own.
func assigned(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.RangeStmt:
		if n.Tok == token.ASSIGN {
			if n.Value == nil {
				return []ast.Expr{n.Key}
			}
			return []ast.Expr{n.Key, n.Value}
		}
	}
	return nil
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
	typ      types.Type
	idents   []*ast.Ident // that name it
	assigned bool
	behind   []token.Pos // where its memory is written behind an assignment, and
	heads    []token.Pos // where in front of the statements of a block
	left     bool        // left alone: an assignment has no place for the second write
}

// copyInLoop rewrites a loop, with its label if it has one. Names in function
// literals still mean the memory.
func (p *planner) copyInLoop(loop ast.Stmt) {
	vars := map[string]*copied{}
	of := func(e ast.Expr) *copied {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			return nil
		}
		obj := p.stmts.info.Uses[id]
		v := p.variableOf(obj, p.stmts)
		if v == nil || p.st.shared[v.ident()] == writtenByOthers || !isCopied(obj.Type()) {
			return nil
		}
		if vars[v.ident()] == nil {
			vars[v.ident()] = &copied{variable: v, typ: obj.Type()}
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
				if v := of(e); v != nil {
					p.secondWrite(v, n, stack)
					// a, x[i] = 1, 2 may assign a and then panic. And two writes of a slice
					// cost more than is gained: x = append(x, 1) mostly writes its length.
					_, slice := v.typ.Underlying().(*types.Slice)
					v.left = v.left || slice || len(targets) > 1 && !areNames(targets)
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
		write := ident + " = " + v.copyIdent()
		switch {
		case onlyAtEnd && v.assigned:
			atEnd = append(atEnd, write)
		case !onlyAtEnd:
			for _, at := range v.behind {
				p.edit(p.body, at, at, ";"+write)
			}
			for _, at := range v.heads {
				p.edit(p.body, at, at, write+";")
			}
		}
	}
	if begin == "" {
		return
	}
	p.edit(p.body, loop.Pos(), loop.Pos(), "{"+begin)
	last := strings.Join(atEnd, ";")
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

// isCopied reports whether variables of a type get copies.
func isCopied(t types.Type) bool {
	switch t := t.Underlying().(type) {
	case *types.Basic:
		return t.Kind() != types.UnsafePointer
	case *types.Slice, *types.Map, *types.Pointer:
		return true
	}
	return false
}

func areNames(all []ast.Expr) bool {
	for _, e := range all {
		if _, ok := ast.Unparen(e).(*ast.Ident); !ok {
			return false
		}
	}
	return true
}

// secondWrite notes where the memory of a variable is written that a statement
// assigns: behind it, at the head of a block, or both. Nothing that can fail or
// read the variable may be between the assignment and the write.
func (p *planner) secondWrite(v *copied, n ast.Node, stack []ast.Node) {
	v.assigned = true
	note := func(at *[]token.Pos, pos token.Pos) {
		if !slices.Contains(*at, pos) {
			*at = append(*at, pos)
		}
	}
	if r, ok := n.(*ast.RangeStmt); ok { // it assigns when the body begins
		note(&v.heads, r.Body.Lbrace+1)
		return
	}
	switch parent := stack[len(stack)-1].(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.LabeledStmt:
		note(&v.behind, n.End())
		return
	case *ast.CommClause:
		if parent.Comm == n {
			note(&v.heads, parent.Colon+1)
		} else {
			note(&v.behind, n.End())
		}
		return
	case *ast.ForStmt: // behind init and post comes the condition, then the body or the end
		if parent.Cond == nil || p.isQuiet(parent.Cond) {
			note(&v.heads, parent.Body.Lbrace+1)
			note(&v.behind, parent.End())
			return
		}
	}
	v.left = true
}
