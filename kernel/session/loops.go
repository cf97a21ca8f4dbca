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
//	{sum__c1 := sum__v1;for i := 0; i < n; i++ {__cell.Check(); sum__c1 += xs[i]; sum__v1 = sum__c1 }}
//
// At every moment the memory of the variables is what it would be without
// copies. So a panic or an interrupt in the loop, and every function, closure
// or goroutine that reads the variables, finds what it should. The copies are
// right as long as nobody else writes the variables meanwhile. So variables that
// are shared are left alone, see share; and in each loop those that it assigns
// in a way that leaves no place for the second write.
//
// What is gained is the way through memory from one iteration to the next. That
// is why structs and arrays are left alone: so are their parts in functions,
// mostly.

// copyIdent names the copy of a variable.
func (v *variable) copyIdent() string {
	return strings.Replace(v.ident(), v.name+"__v", v.name+"__c", 1)
}

// share marks the session variables that others than the statements of cells
// may write, as a unit says: those whose address it takes, and those that a
// function in it assigns. The mark stays: a goroutine or a pointer can outlive
// the code it came from.
func (p *planner) share(u *unit, c checked) {
	mark := func(e ast.Expr) {
		if id := held(e, c); id != nil {
			if v := p.variableOf(c.info.Uses[id], c); v != nil {
				p.st.shared[v.ident()] = true
			}
		}
	}
	ast.PreorderStack(u.file, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				mark(n.X)
			}
		case *ast.SliceExpr:
			if _, array := c.info.TypeOf(n.X).Underlying().(*types.Array); array {
				mark(n.X)
			}
		case *ast.SelectorExpr:
			if takesAddress(n, c) {
				mark(n.X)
			}
		default:
			if u != p.body || inFunction(stack) {
				for _, e := range assigned(n) {
					mark(e)
				}
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
	p.copies = map[*ast.Ident]bool{}
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
		at := n.Pos()
		if label, ok := stack[len(stack)-1].(*ast.LabeledStmt); ok {
			if targets[label.Label.Name] {
				return true
			}
			at = label.Pos()
		}
		if p.callsBody(n) {
			return true
		}
		p.copyInLoop(n, at)
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
	idents []*ast.Ident // that name it
	writes []token.Pos  // where, behind an assignment, the memory is written, and
	heads  []token.Pos  // where in front of the statements of a block
	left   bool         // left alone: an assignment has no place for the second write
}

// copyInLoop rewrites a loop, whose label, if any, is at a position. Names in
// function literals still mean the memory.
func (p *planner) copyInLoop(loop ast.Node, at token.Pos) {
	vars := map[string]*copied{}
	of := func(e ast.Expr) *copied {
		id, ok := ast.Unparen(e).(*ast.Ident)
		if !ok {
			return nil
		}
		obj := p.stmts.info.Uses[id]
		v := p.variableOf(obj, p.stmts)
		if v == nil || p.st.shared[v.ident()] || !isCopied(obj.Type()) {
			return nil
		}
		if vars[v.ident()] == nil {
			vars[v.ident()] = &copied{}
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
			var at, head token.Pos
			targets := assigned(n)
			if len(targets) > 0 {
				at, head = p.secondWrite(n, stack)
			}
			for _, e := range targets {
				v := of(e)
				if v == nil {
					continue
				}
				if at.IsValid() && !slices.Contains(v.writes, at) {
					v.writes = append(v.writes, at)
				}
				if head.IsValid() && !slices.Contains(v.heads, head) {
					v.heads = append(v.heads, head)
				}
				// a, x[i] = 1, 2 may assign a and then panic
				v.left = v.left || !at.IsValid() && !head.IsValid() || len(targets) > 1 && !areNames(targets)
			}
		}
		return true
	})
	begin := "{"
	for _, ident := range sortedKeys(vars) {
		v := vars[ident]
		if v.left {
			continue
		}
		own := p.variableOf(p.stmts.info.Uses[v.idents[0]], p.stmts).copyIdent()
		begin += own + " := " + ident + ";"
		for _, id := range v.idents {
			p.copies[id] = true
		}
		for _, at := range v.writes {
			p.edit(p.body, at, at, ";"+ident+" = "+own)
		}
		for _, at := range v.heads {
			p.edit(p.body, at, at, ident+" = "+own+";")
		}
	}
	if begin != "{" {
		p.edit(p.body, at, at, begin)
		p.edit(p.body, loop.End(), loop.End(), "}")
	}
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

// secondWrite finds the places for the writes to memory that belong to an
// assignment: behind it, at the head of a block, or both. Nothing that can fail
// or read the variables may be between the assignment and the write.
func (p *planner) secondWrite(n ast.Node, stack []ast.Node) (behind, head token.Pos) {
	if r, ok := n.(*ast.RangeStmt); ok { // it assigns when the body begins
		return token.NoPos, r.Body.Lbrace + 1
	}
	switch parent := stack[len(stack)-1].(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.LabeledStmt:
		return n.End(), token.NoPos
	case *ast.CommClause:
		if parent.Comm == n {
			return token.NoPos, parent.Colon + 1
		}
		return n.End(), token.NoPos
	case *ast.ForStmt: // behind init and post comes the condition, then the body or the end
		if parent.Cond == nil || p.isQuiet(parent.Cond) {
			return parent.End(), parent.Body.Lbrace + 1
		}
	}
	return token.NoPos, token.NoPos
}

// isQuiet reports whether the evaluation of an expression cannot panic, block,
// or run other code.
func (p *planner) isQuiet(e ast.Expr) bool {
	tv := p.stmts.info.Types[e]
	if tv.Value != nil || tv.IsType() {
		return true
	}
	switch e := e.(type) {
	case *ast.Ident:
		return true
	case *ast.ParenExpr:
		return p.isQuiet(e.X)
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && p.isQuiet(e.X)
	case *ast.BinaryExpr:
		switch e.Op {
		case token.QUO, token.REM, token.SHL, token.SHR:
			if p.stmts.info.Types[e.Y].Value == nil {
				return false
			}
		}
		_, basic := p.stmts.info.TypeOf(e.X).Underlying().(*types.Basic) // interfaces panic when compared
		return basic && p.isQuiet(e.X) && p.isQuiet(e.Y)
	case *ast.CallExpr:
		if f := p.stmts.info.Types[e.Fun]; f.IsType() {
			_, basic := f.Type.Underlying().(*types.Basic)
			return basic && p.isQuiet(e.Args[0])
		}
		id, ok := ast.Unparen(e.Fun).(*ast.Ident)
		if !ok || !p.stmts.info.Types[e.Fun].IsBuiltin() {
			return false
		}
		switch id.Name {
		case "len", "cap", "min", "max":
			for _, arg := range e.Args {
				if !p.isQuiet(arg) {
					return false
				}
			}
			return true
		}
	}
	return false
}
