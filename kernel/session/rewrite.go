package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// stand-ins for functions that would end the worker, or would fail when a
// cell runs twice.
var standIns = map[string]string{
	"os.Exit": "Exit", "log.Fatal": "Fatal", "log.Fatalf": "Fatalf", "log.Fatalln": "Fatalln", "flag.Parse": "ParseFlags",
}

// rewrite adds to a unit the edits that make it part of a session: versions in
// the names of variables and types, stop checks, a recover for goroutines,
// stand-ins for os.Exit and the like.
func (p *planner) rewrite(u *unit, c checked) {
	ast.Inspect(u.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.SelectorExpr:
			if name := standIn(n, c); name != "" {
				p.edit(u, n.Pos(), n.End(), "__rt."+name)
				return false
			}
			if qualifier, ok := isDotted(n); ok {
				p.edit(u, n.Pos(), n.End(), qualifier+n.Sel.Name)
			}
			if name := loggerFatal(n, c); name != "" {
				address := ""
				if _, ptr := c.info.TypeOf(n.X).Underlying().(*types.Pointer); !ptr {
					address = "&"
				}
				p.edit(u, n.Pos(), n.Pos(), "__rt.Logger"+name+"("+address)
				p.edit(u, n.X.End(), n.End(), ")")
			}
		case *ast.Ident:
			if p.lateNames[n] {
				p.edit(u, n.Pos(), n.End(), lateIdent(n.Name))
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
			if n.Body != nil && callsOrLoops(n.Body, c) && n.Name.Name != "__body" {
				p.stopCheck(u, n.Body)
			}
		case *ast.FuncLit:
			if callsOrLoops(n.Body, c) {
				p.stopCheck(u, n.Body)
			}
		case *ast.ForStmt:
			if isMeasured(n) {
				p.keepAlive(u, c, n.Body)
			} else if !isBenchmarked(n.Cond, c) {
				p.stopCheck(u, n.Body)
			}
		case *ast.CallExpr:
			p.guardSubtest(u, c, n)
		case *ast.RangeStmt:
			if !isBenchmarked(n.X, c) {
				p.stopCheck(u, n.Body)
			}
		case *ast.BranchStmt:
			if n.Tok == token.GOTO {
				p.edit(u, n.Pos(), n.Pos(), p.stopAt(u, n.Pos())+";")
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
		for name, path := range generated {
			if strings.Contains(e.text, name+".") {
				u.used[name] = path
			}
		}
	}
}

// stopCheck inserts a stop check at the start of a block. In some loops there
// is something to do first.
func (p *planner) stopCheck(u *unit, b *ast.BlockStmt) {
	check := p.stopAt(u, b.Lbrace) + ";"
	if first := p.atStop[b]; first != "" {
		check = "if __cell.Stopped() {" + first + ";__cell.Interrupt()};"
	}
	p.edit(u, b.Lbrace+1, b.Lbrace+1, check)
}

// stopAt is the stop check at a place. The statements of a cell have one of their
// own, apart from functions in them: they run once, in one goroutine.
func (p *planner) stopAt(u *unit, at token.Pos) string {
	if u == nil || u != p.body {
		return "__cell.Check()"
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
			return "__cell.Check()"
		}
	}
	return "__cell.CheckBody()"
}

// standIn names the function of package rt that replaces a qualified name.
func standIn(sel *ast.SelectorExpr, c checked) string {
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	pkg, ok := c.info.Uses[id].(*types.PkgName)
	if !ok {
		return ""
	}
	return standIns[pkg.Imported().Path()+"."+sel.Sel.Name]
}

// loggerFatal is the name of a method of *log.Logger that ends the process.
func loggerFatal(sel *ast.SelectorExpr, c checked) string {
	fn, ok := c.info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "log" || !strings.HasPrefix(fn.Name(), "Fatal") {
		return ""
	}
	if s := c.info.Selections[sel]; s == nil || s.Kind() != types.MethodVal || len(s.Index()) != 1 {
		return "" // embedded in something else: rare, and left alone
	}
	return fn.Name()
}

// usedImports are the imports that a unit still needs after its edits.
func (p *planner) usedImports(u *unit, c checked) map[string]string {
	used := map[string]string{}
	ast.Inspect(u.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if standIn(n, c) != "" {
				return false
			}
		case *ast.Ident:
			if pkg, ok := c.info.Uses[n].(*types.PkgName); ok && !p.isRemoved(u, n.Pos()) {
				used[pkg.Name()] = pkg.Imported().Path()
			}
		}
		return true
	})
	return used
}

// rename gives an identifier the name its variable or type has in this
// version.
func (p *planner) rename(u *unit, c checked, id *ast.Ident) {
	obj := c.info.ObjectOf(id)
	if _, ok := obj.(*types.PkgName); ok && strings.HasPrefix(id.Name, DotPrefix) {
		return // with what is selected from it
	}
	if _, ok := obj.(*types.PkgName); ok && strings.HasPrefix(id.Name, aliasPrefix) {
		p.edit(u, id.Pos(), id.Pos()+token.Pos(len(id.Name)-len(aliasPrefix)), id.Name)
		return
	}
	if obj == nil || obj.Pkg() != c.pkg {
		return
	}
	name := id.Name
	switch o := obj.(type) {
	case *types.Var:
		if o.Embedded() { // a field named like its type
			if tn := declaredType(o.Type()); tn != nil && tn.Parent() == c.pkg.Scope() && Plain(tn.Name()) == name {
				name = p.emittedName(tn)
			}
		} else if v := p.variableOf(o, c); v != nil {
			name = v.ident()
			if p.copies[id] {
				name = v.copyIdent()
			}
		} else if p.isContext(o, c) {
			name = contextIdent
		}
	default:
		if o.Parent() == c.pkg.Scope() {
			name = p.emittedName(o)
		}
	}
	if name != id.Name {
		p.edit(u, id.Pos(), id.End(), name)
	}
}

// declaredType is the name of the type of an embedded field.
func declaredType(t types.Type) *types.TypeName {
	if ptr, ok := t.(*types.Pointer); ok {
		t = ptr.Elem()
	}
	switch t := t.(type) {
	case *types.Named:
		return t.Origin().Obj()
	case *types.Alias:
		return t.Obj()
	}
	return nil
}

// callsOrLoops reports whether a body calls anything: a function that does
// not is over soon, and is not worth a check at its entry.
func callsOrLoops(body *ast.BlockStmt, c checked) bool {
	found := false
	ast.Inspect(body, func(n ast.Node) bool {
		if call, ok := n.(*ast.CallExpr); ok {
			if tv := c.info.Types[call.Fun]; !tv.IsBuiltin() && !tv.IsType() {
				found = true
			}
		}
		return !found
	})
	return found
}

// guard gives a go statement a recover: a panic in a goroutine of a cell is
// reported and does not end the worker. "go f(x, 5)" evaluates f and x at once,
// so it becomes
//
//	{f1, x1, _ := f, x, 0; go func() { defer recover; f1(x1, 5) }()}
func (p *planner) guard(u *unit, c checked, g *ast.GoStmt) {
	const recovering = "defer __cell.Recover();"
	call := g.Call
	if lit, ok := call.Fun.(*ast.FuncLit); ok {
		p.edit(u, lit.Body.Lbrace+1, lit.Body.Lbrace+1, recovering)
		return
	}
	if tv := c.info.Types[call.Fun]; tv.IsBuiltin() || tv.IsType() {
		return
	}
	text := func(e ast.Expr) string {
		if sel, ok := e.(*ast.SelectorExpr); ok && standIn(sel, c) != "" {
			return "__rt." + standIn(sel, c)
		}
		return u.src[p.fset.PositionFor(e.Pos(), false).Offset:p.fset.PositionFor(e.End(), false).Offset]
	}
	var left, inner []string // the variables, and what the call is made of
	define := "="
	hoist := func(e ast.Expr, now bool) {
		if now {
			name := fmt.Sprintf("__g%d", len(left))
			left, inner, define = append(left, name), append(inner, name), ":="
			return
		}
		p.edit(u, e.Pos(), e.End(), "0")
		as := text(e)
		if id, ok := e.(*ast.Ident); ok && c.info.Uses[id].Parent() == c.pkg.Scope() {
			as = p.emittedName(c.info.Uses[id])
			if p.lateNames[id] {
				as = lateIdent(id.Name)
			}
		}
		if qualifier, ok := isDotted(e); ok {
			as = qualifier + as
		}
		left, inner = append(left, "_"), append(inner, as)
	}
	hoist(call.Fun, !isFunction(call.Fun, c))
	for _, arg := range call.Args {
		tv := c.info.Types[arg]
		if _, many := tv.Type.(*types.Tuple); many {
			return // go f(g()) is rare, and left alone
		}
		hoist(arg, tv.Value == nil && !tv.IsNil())
	}
	end, dots := call.Lparen, ""
	if n := len(call.Args); n > 0 {
		p.edit(u, call.Lparen, call.Lparen+1, ", ")
		end = call.Args[n-1].End()
	}
	if call.Ellipsis.IsValid() {
		dots = "..."
	}
	p.edit(u, g.Pos(), call.Pos(), "{"+strings.Join(left, ", ")+" "+define+" ")
	p.edit(u, end, call.Rparen+1, fmt.Sprintf("; go func() { %s%s(%s%s) }()}", recovering, inner[0], strings.Join(inner[1:], ", "), dots))
}

// isFunction reports whether an expression is the name of a declared function,
// which evaluates to the same at any time.
func isFunction(e ast.Expr, c checked) bool {
	switch e := e.(type) {
	case *ast.Ident:
		_, ok := c.info.Uses[e].(*types.Func)
		return ok
	case *ast.SelectorExpr:
		if id, ok := e.X.(*ast.Ident); ok {
			_, pkg := c.info.Uses[id].(*types.PkgName)
			_, fn := c.info.Uses[e.Sel].(*types.Func)
			return pkg && fn
		}
	}
	return false
}
