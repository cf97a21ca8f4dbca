package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A rewriter makes the edits that every unit needs: the names that variables and
// types have in compiled files, stop checks, a recover for goroutines, replacements
// for os.Exit and the like.
type rewriter struct {
	p        *checkedCell
	u        *unit
	in       source.Checked
	late     map[*ast.Ident]bool // names of functions that are called late
	copies   *loopCopies
	literals []*ast.FuncLit // of the statements
	edits    edit.List
}

// rewrite returns the edits of a unit; in is the pass that has checked it.
func rewrite(p *checkedCell, u *unit, in source.Checked, late *lateCalls, copies *loopCopies) edit.List {
	r := &rewriter{p: p, u: u, in: in, late: late.names, copies: copies}
	if u == p.body {
		ast.Inspect(p.body.Body(), func(n ast.Node) bool {
			if f, ok := n.(*ast.FuncLit); ok {
				r.literals = append(r.literals, f)
			}
			return true
		})
	}
	ast.Inspect(u.Syntax, r.visit)
	return r.edits
}

func (r *rewriter) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.ImportSpec:
		return false
	case *ast.SelectorExpr:
		if name := standIn(n, r.in); name != "" {
			r.edits.Replace(n.Pos(), n.End(), name)
			return false
		}
		if qualifier, ok := isDotted(n); ok {
			r.edits.Replace(n.Pos(), n.End(), qualifier+n.Sel.Name)
		}
		if name := loggerFatal(n, r.in); name != "" {
			_, ptr := r.in.Info.TypeOf(n.X).Underlying().(*types.Pointer)
			around := gen.Logger(name, !ptr)
			r.edits.Insert(n.Pos(), around.Before)
			r.edits.Replace(n.X.End(), n.End(), around.After)
		}
	case *ast.Ident:
		r.rename(n)
	case *ast.BlockStmt:
		r.checkBetween(n.List)
	case *ast.CaseClause:
		r.checkBetween(n.Body)
	case *ast.CommClause:
		r.checkBetween(n.Body)
	case *ast.FuncDecl:
		if n.Body != nil && flow.Calls(r.in, n.Body) && n.Name.Name != gen.Body {
			r.stopCheck(n.Body)
		}
	case *ast.FuncLit:
		if flow.Calls(r.in, n.Body) {
			r.stopCheck(n.Body)
		}
	case *ast.ForStmt:
		if flow.IsMeasured(n) {
			r.keepAlive(n.Body)
		} else if !flow.IsBenchmarked(r.in, n.Cond) {
			r.stopCheck(n.Body)
		}
	case *ast.CallExpr:
		r.guardSubtest(n)
	case *ast.RangeStmt:
		if !flow.IsBenchmarked(r.in, n.X) {
			r.stopCheck(n.Body)
		}
	case *ast.BranchStmt:
		if n.Tok == token.GOTO {
			r.edits.Insert(n.Pos(), r.stopAt(n.Pos())+";")
		}
	case *ast.GoStmt:
		r.guard(n)
	}
	return true
}

// rename gives an identifier its name in compiled files.
func (r *rewriter) rename(id *ast.Ident) {
	if r.late[id] {
		r.edits.Replace(id.Pos(), id.End(), gen.Late(id.Name))
		return
	}
	if _, ok := r.in.Info.ObjectOf(id).(*types.PkgName); ok {
		if written, hidden := gen.CutHiddenImport(id.Name); hidden { // a dot import is edited with what is selected from it
			r.edits.Replace(id.Pos(), id.Pos()+token.Pos(len(written)), id.Name)
		}
		return
	}
	name := r.p.compiledName(id, r.in)
	if r.copies.idents[id] {
		name = r.p.variableOf(r.in.Info.ObjectOf(id), r.in).copyIdent()
	}
	if name != id.Name {
		r.edits.Replace(id.Pos(), id.End(), name)
	}
}

// checkBetween inserts stop checks between the statements of a list. A cell that is
// interrupted while it waits is left behind, because it cannot be woken. When the
// wait ends, the statements that follow must not run, in the middle of a later cell.
// So there is a check after what may wait, and at the top of the cell after every
// call.
func (r *rewriter) checkBetween(list []ast.Stmt) {
	top := r.u == r.p.body && len(list) > 0 && slices.Equal(list, r.p.body.Body().Body.List)
	for i, stmt := range list {
		// Not after the last one, which may be a terminating statement.
		if i+1 < len(list) && flow.Waits(r.in, stmt, top) {
			r.edits.Insert(stmt.End(), ";"+r.stopAt(stmt.Pos()))
		}
	}
}

// stopCheck inserts a stop check at the start of a block. Some loops write copies of
// variables to memory before they stop.
func (r *rewriter) stopCheck(b *ast.BlockStmt) {
	check := r.stopAt(b.Lbrace)
	if first := r.copies.atStop[b]; first != "" {
		check = gen.CheckAndStore(first)
	}
	r.edits.Insert(b.Lbrace+1, check+";")
}

// stopAt returns the stop check for a place. Statements of a cell, outside of function
// literals, have a check of their own: they run once, in one goroutine.
func (r *rewriter) stopAt(at token.Pos) string {
	if r.u != r.p.body || slices.ContainsFunc(r.literals, func(f *ast.FuncLit) bool { return f.Body.Lbrace <= at && at < f.Body.Rbrace }) {
		return gen.Check
	}
	return gen.CheckBody
}

// keepAlive makes the values of expressions in a measured loop look used, so that the
// compiler does not remove them.
func (r *rewriter) keepAlive(body *ast.BlockStmt) {
	for _, stmt := range body.List {
		expr, ok := stmt.(*ast.ExprStmt)
		if !ok {
			continue
		}
		tv := r.in.Info.Types[expr.X]
		if tv.Value != nil {
			r.edits.Remove(stmt.Pos(), stmt.End(), "") // nothing to measure
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
		r.edits.Wrap(stmt, gen.KeepAlive(n))
	}
}

// guardSubtest wraps the function of t.Run, b.Run or f.Fuzz: it runs in a
// goroutine of package testing, where a panic would end the worker.
func (r *rewriter) guardSubtest(call *ast.CallExpr) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	fn, ok := r.in.Info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "testing" || len(call.Args) == 0 {
		return
	}
	last := call.Args[len(call.Args)-1]
	switch t := r.in.Info.TypeOf(sel.X); {
	case fn.Name() == "Run" && len(call.Args) == 2 && (flow.IsTesting(t, "T") || flow.IsTesting(t, "B")):
		r.edits.Wrap(last, gen.GuardSubtest)
	case fn.Name() == "Fuzz" && flow.IsTesting(t, "F"):
		r.edits.Wrap(last, gen.GuardFuzz)
	}
}

// guard adds a recover to a go statement, so that a panic in the goroutine is reported
// and does not end the worker. "go f(x, 5)" evaluates f and x at once, so it becomes
//
//	{f1, x1, _ := f, x, 0; go func() { defer recover; f1(x1, 5) }()}
func (r *rewriter) guard(g *ast.GoStmt) {
	call := g.Call
	if lit, ok := call.Fun.(*ast.FuncLit); ok {
		r.edits.Insert(lit.Body.Lbrace+1, gen.Recover)
		return
	}
	if tv := r.in.Info.Types[call.Fun]; tv.IsBuiltin() || tv.IsType() {
		return
	}
	for _, arg := range call.Args {
		if _, many := r.in.Info.Types[arg].Type.(*types.Tuple); many {
			return // go f(g()) is rare and stays as it is
		}
	}
	var left, inner []string // the variables, and what the call is made of
	hoist := func(e ast.Expr, now bool) {
		if now {
			name := gen.Hoisted(len(left))
			left, inner = append(left, name), append(inner, name)
			return
		}
		r.edits.Replace(e.Pos(), e.End(), "0")
		left, inner = append(left, "_"), append(inner, r.compiledText(e))
	}
	hoist(call.Fun, !flow.IsFunction(r.in, call.Fun))
	for _, arg := range call.Args {
		tv := r.in.Info.Types[arg]
		hoist(arg, tv.Value == nil && !tv.IsNil())
	}
	end, dots := call.Lparen, ""
	if n := len(call.Args); n > 0 {
		r.edits.Replace(call.Lparen, call.Lparen+1, ", ")
		end = call.Args[n-1].End()
	}
	if call.Ellipsis.IsValid() {
		dots = "..."
	}
	around := gen.Go(left, inner[0]+"("+strings.Join(inner[1:], ", ")+dots+")")
	r.edits.Replace(g.Pos(), call.Pos(), around.Before)
	r.edits.Replace(end, call.Rparen+1, around.After)
}

// compiledText returns the text in compiled files of a function's name or of a
// constant.
func (r *rewriter) compiledText(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		if r.late[e] {
			return gen.Late(e.Name)
		}
		return r.p.compiledName(e, r.in)
	case *ast.SelectorExpr:
		if in := standIn(e, r.in); in != "" {
			return in
		}
		if qualifier, ok := isDotted(e); ok {
			return qualifier + r.u.text(e)
		}
	}
	return r.u.text(e)
}

// standIn returns what replaces a qualified name in cells, "" for nothing.
func standIn(sel *ast.SelectorExpr, in source.Checked) string {
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return ""
	}
	pkg, ok := in.Info.Uses[id].(*types.PkgName)
	if !ok {
		return ""
	}
	return gen.StandIn(pkg.Imported().Path(), sel.Sel.Name)
}

// loggerFatal returns the name of a selected method of *log.Logger that ends the
// process, "" for any other.
func loggerFatal(sel *ast.SelectorExpr, in source.Checked) string {
	fn, ok := in.Info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "log" || !strings.HasPrefix(fn.Name(), "Fatal") {
		return ""
	}
	if s := in.Info.Selections[sel]; s == nil || s.Kind() != types.MethodVal || len(s.Index()) != 1 {
		return "" // through an embedded field: rare, and stays as it is
	}
	return fn.Name()
}

// usedImports returns the imports, from local name to path, that a unit needs with its
// edits.
func usedImports(u *unit, in source.Checked, edits edit.List) map[string]string {
	used := map[string]string{}
	ast.Inspect(u.Syntax, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			if standIn(n, in) != "" {
				return false
			}
		case *ast.Ident:
			if pkg, ok := in.Info.Uses[n].(*types.PkgName); ok && !edits.Removed(n.Pos()) {
				used[pkg.Name()] = pkg.Imported().Path()
			}
		}
		return true
	})
	for _, e := range edits {
		gen.Imports(used, e.Text)
	}
	return used
}
