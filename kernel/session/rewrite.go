package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// rewrite adds to a unit the edits that make it part of a session: versions in
// the names of variables and types, stop checks, a recover for goroutines,
// stand-ins for os.Exit and the like.
func (p *planner) rewrite(u *unit, c source.Checked) {
	ast.Inspect(u.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.SelectorExpr:
			if name := standIn(n, c); name != "" {
				u.edits.Replace(n.Pos(), n.End(), name)
				return false
			}
			if qualifier, ok := isDotted(n); ok {
				u.edits.Replace(n.Pos(), n.End(), qualifier+n.Sel.Name)
			}
			if name := loggerFatal(n, c); name != "" {
				_, ptr := c.Info.TypeOf(n.X).Underlying().(*types.Pointer)
				around := gen.Logger(name, !ptr)
				u.edits.Insert(n.Pos(), around.Before)
				u.edits.Replace(n.X.End(), n.End(), around.After)
			}
		case *ast.Ident:
			if p.lateNames[n] {
				u.edits.Replace(n.Pos(), n.End(), gen.Late(n.Name))
			} else {
				p.rename(u, c, n)
			}
		case *ast.BlockStmt:
			p.checkBetween(u, c, n.List)
		case *ast.CaseClause:
			p.checkBetween(u, c, n.Body)
		case *ast.CommClause:
			p.checkBetween(u, c, n.Body)
		case *ast.FuncDecl:
			if n.Body != nil && flow.Calls(c, n.Body) && n.Name.Name != gen.Body {
				p.stopCheck(u, n.Body)
			}
		case *ast.FuncLit:
			if flow.Calls(c, n.Body) {
				p.stopCheck(u, n.Body)
			}
		case *ast.ForStmt:
			if flow.IsMeasured(n) {
				p.keepAlive(u, c, n.Body)
			} else if !flow.IsBenchmarked(c, n.Cond) {
				p.stopCheck(u, n.Body)
			}
		case *ast.CallExpr:
			p.guardSubtest(u, c, n)
		case *ast.RangeStmt:
			if !flow.IsBenchmarked(c, n.X) {
				p.stopCheck(u, n.Body)
			}
		case *ast.BranchStmt:
			if n.Tok == token.GOTO {
				u.edits.Insert(n.Pos(), p.stopAt(u, n.Pos())+";")
			}
		case *ast.GoStmt:
			p.guard(u, c, n)
		}
		return true
	})
	for name, path := range p.usedImports(u, c) {
		u.used[name] = path
	}
	for _, e := range u.edits {
		gen.Imports(u.used, e.Text)
	}
}

// checkBetween inserts stop checks between the statements of a list. A cell that
// is interrupted while it waits is left behind: nothing but the end of the waiting
// wakes it. What follows must not run then, in the middle of some later cell. So
// there is a check behind what may wait, and at the top of the cell behind every
// call.
func (p *planner) checkBetween(u *unit, c source.Checked, list []ast.Stmt) {
	top := u == p.body && u != nil && len(list) > 0 && slices.Equal(list, p.bodyFunc().Body.List)
	for i, stmt := range list {
		// Not behind the last one, which may be what ends a function.
		if i+1 < len(list) && flow.Waits(c, stmt, top) {
			u.edits.Insert(stmt.End(), ";"+p.stopAt(u, stmt.Pos()))
		}
	}
}

// stopCheck inserts a stop check at the start of a block. In some loops there
// is something to do first.
func (p *planner) stopCheck(u *unit, b *ast.BlockStmt) {
	check := p.stopAt(u, b.Lbrace) + ";"
	if first := p.atStop[b]; first != "" {
		check = gen.CheckAndStore(first) + ";"
	}
	u.edits.Insert(b.Lbrace+1, check)
}

// stopAt is the stop check at a place. The statements of a cell have one of their
// own, apart from functions in them: they run once, in one goroutine.
func (p *planner) stopAt(u *unit, at token.Pos) string {
	if u == nil || u != p.body {
		return gen.Check
	}
	if p.literals == nil {
		p.literals = []*ast.FuncLit{}
		ast.Inspect(p.bodyFunc(), func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncLit); ok {
				p.literals = append(p.literals, f)
			}
			return true
		})
	}
	for _, f := range p.literals {
		if f.Body.Lbrace <= at && at < f.Body.Rbrace {
			return gen.Check
		}
	}
	return gen.CheckBody
}

// keepAlive makes the values of the expressions in a measured loop look used,
// so that the compiler does not leave out what makes them.
func (p *planner) keepAlive(u *unit, c source.Checked, body *ast.BlockStmt) {
	for _, stmt := range body.List {
		expr, ok := stmt.(*ast.ExprStmt)
		if !ok {
			continue
		}
		tv := c.Info.Types[expr.X]
		if tv.Value != nil {
			u.edits.Remove(stmt.Pos(), stmt.End(), "") // nothing to measure
			continue
		}
		if tv.IsVoid() || tv.IsType() || tv.Type == nil || tv.Type == types.Typ[types.Invalid] {
			continue
		}
		n := 1
		if tuple, ok := tv.Type.(*types.Tuple); ok {
			n = tuple.Len()
		} else if basic, ok := tv.Type.(*types.Basic); ok && basic.Kind() == types.UntypedNil {
			continue
		}
		alive := gen.KeepAlive(n)
		u.edits.Insert(stmt.Pos(), alive.Before)
		u.edits.Insert(stmt.End(), alive.After)
	}
}

// standIn names what replaces a qualified name in cells, "" for nothing.
func standIn(sel *ast.SelectorExpr, c source.Checked) string {
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	pkg, ok := c.Info.Uses[id].(*types.PkgName)
	if !ok {
		return ""
	}
	return gen.StandIn(pkg.Imported().Path(), sel.Sel.Name)
}

// loggerFatal is the name of a method of *log.Logger that ends the process.
func loggerFatal(sel *ast.SelectorExpr, c source.Checked) string {
	fn, ok := c.Info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "log" || !strings.HasPrefix(fn.Name(), "Fatal") {
		return ""
	}
	if s := c.Info.Selections[sel]; s == nil || s.Kind() != types.MethodVal || len(s.Index()) != 1 {
		return "" // embedded in something else: rare, and left alone
	}
	return fn.Name()
}

// usedImports are the imports that a unit still needs after its edits.
func (p *planner) usedImports(u *unit, c source.Checked) map[string]string {
	used := map[string]string{}
	ast.Inspect(u.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if standIn(n, c) != "" {
				return false
			}
		case *ast.Ident:
			if pkg, ok := c.Info.Uses[n].(*types.PkgName); ok && !u.edits.Removed(n.Pos()) {
				used[pkg.Name()] = pkg.Imported().Path()
			}
		}
		return true
	})
	return used
}

// rename gives an identifier the name its variable or type has in this
// version.
func (p *planner) rename(u *unit, c source.Checked, id *ast.Ident) {
	obj := c.Info.ObjectOf(id)
	if _, ok := obj.(*types.PkgName); ok {
		if written, hidden := gen.CutHiddenImport(id.Name); hidden { // a dot import is edited with what is selected from it
			u.edits.Replace(id.Pos(), id.Pos()+token.Pos(len(written)), id.Name)
		}
		return
	}
	if obj == nil || obj.Pkg() != c.Pkg {
		return
	}
	name := id.Name
	switch o := obj.(type) {
	case *types.Var:
		if o.Embedded() { // a field named like its type
			if tn := flow.TypeName(o.Type()); tn != nil && tn.Parent() == c.Pkg.Scope() && gen.Plain(tn.Name()) == name {
				name = p.emittedName(tn)
			}
		} else if v := p.variableOf(o, c); v != nil {
			name = v.ident()
			if p.copies[id] {
				name = v.copyIdent()
			}
		} else if p.isContext(o, c) {
			name = gen.Context
		}
	default:
		if o.Parent() == c.Pkg.Scope() {
			name = p.emittedName(o)
		}
	}
	if name != id.Name {
		u.edits.Replace(id.Pos(), id.End(), name)
	}
}

// guard gives a go statement a recover: a panic in a goroutine of a cell is
// reported and does not end the worker. "go f(x, 5)" evaluates f and x at once,
// so it becomes
//
//	{f1, x1, _ := f, x, 0; go func() { defer recover; f1(x1, 5) }()}
func (p *planner) guard(u *unit, c source.Checked, g *ast.GoStmt) {
	call := g.Call
	if lit, ok := call.Fun.(*ast.FuncLit); ok {
		u.edits.Insert(lit.Body.Lbrace+1, gen.Recover)
		return
	}
	if tv := c.Info.Types[call.Fun]; tv.IsBuiltin() || tv.IsType() {
		return
	}
	for _, arg := range call.Args {
		if _, many := c.Info.Types[arg].Type.(*types.Tuple); many {
			return // go f(g()) is rare, and left alone
		}
	}
	text := func(e ast.Expr) string {
		if sel, ok := e.(*ast.SelectorExpr); ok && standIn(sel, c) != "" {
			return standIn(sel, c)
		}
		return u.src[p.fset.PositionFor(e.Pos(), false).Offset:p.fset.PositionFor(e.End(), false).Offset]
	}
	var left, inner []string // the variables, and what the call is made of
	hoist := func(e ast.Expr, now bool) {
		if now {
			name := gen.Hoisted(len(left))
			left, inner = append(left, name), append(inner, name)
			return
		}
		u.edits.Replace(e.Pos(), e.End(), "0")
		as := text(e)
		if id, ok := e.(*ast.Ident); ok && c.Info.Uses[id].Parent() == c.Pkg.Scope() {
			as = p.emittedName(c.Info.Uses[id])
			if p.lateNames[id] {
				as = gen.Late(id.Name)
			}
		}
		if qualifier, ok := isDotted(e); ok {
			as = qualifier + as
		}
		left, inner = append(left, "_"), append(inner, as)
	}
	hoist(call.Fun, !flow.IsFunction(c, call.Fun))
	for _, arg := range call.Args {
		tv := c.Info.Types[arg]
		hoist(arg, tv.Value == nil && !tv.IsNil())
	}
	end, dots := call.Lparen, ""
	if n := len(call.Args); n > 0 {
		u.edits.Replace(call.Lparen, call.Lparen+1, ", ")
		end = call.Args[n-1].End()
	}
	if call.Ellipsis.IsValid() {
		dots = "..."
	}
	around := gen.Go(left, inner[0]+"("+strings.Join(inner[1:], ", ")+dots+")")
	u.edits.Replace(g.Pos(), call.Pos(), around.Before)
	u.edits.Replace(end, call.Rparen+1, around.After)
}
