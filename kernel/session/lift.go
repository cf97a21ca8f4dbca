package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// Statements become the body of a function. What they declare at the top of
// the cell is lifted out of it: "x := f()" becomes "x__v1 = f()", and x__v1 a
// variable that all later cells share.

// lift finds the variables that the statements make and rewrites the
// statements that make them.
func (p *planner) lift() {
	p.lifted, p.local, p.liftedObjs = map[string]*variable{}, map[string]bool{}, map[types.Object]bool{}
	fn := p.bodyFunc()
	p.stmts.eachDefined(fn, func(id *ast.Ident, obj types.Object) {
		v, ok := p.newVariable(id.Name, obj.Type())
		if !ok {
			p.local[id.Name] = true
			p.note("%s is known in this cell only: its type %s has no name here", id.Name, obj.Type())
			return
		}
		p.lifted[id.Name], p.liftedObjs[obj] = v, true
	})
	for i, stmt := range fn.Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE {
				p.liftAssign(stmt)
			}
			p.raiseUnread(fn, i, stmt.Lhs, stmt)
		case *ast.DeclStmt:
			if d := stmt.Decl.(*ast.GenDecl); d.Tok == token.VAR {
				p.liftVar(d)
				for _, spec := range d.Specs {
					if v := spec.(*ast.ValueSpec); len(v.Values) > 0 {
						var names []ast.Expr
						for _, n := range v.Names {
							names = append(names, n)
						}
						p.raiseUnread(fn, i, names, stmt)
					}
				}
			}
		}
	}
	if last, ok := lastStmt(fn).(*ast.ExprStmt); ok {
		p.show(last)
	}
}

// eachDefined calls f for every variable that statements at the top of fn
// declare.
func (c checked) eachDefined(fn *ast.FuncDecl, f func(*ast.Ident, types.Object)) {
	defined := func(e ast.Expr) {
		if id, ok := e.(*ast.Ident); ok && id.Name != "_" && c.info.Defs[id] != nil {
			if _, isVar := c.info.Defs[id].(*types.Var); isVar {
				f(id, c.info.Defs[id])
			}
		}
	}
	for _, stmt := range fn.Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			if stmt.Tok == token.DEFINE {
				for _, l := range stmt.Lhs {
					defined(l)
				}
			}
		case *ast.DeclStmt:
			for _, spec := range stmt.Decl.(*ast.GenDecl).Specs {
				if v, ok := spec.(*ast.ValueSpec); ok {
					for _, id := range v.Names {
						defined(id)
					}
				}
			}
		}
	}
}

// newVariable makes a session variable of a type: the storage of an older one
// of the same name and type, else new storage. It reports false for a type
// that cannot be written down, such as another package's unexported one.
func (p *planner) newVariable(name string, t types.Type) (*variable, bool) {
	pkg := p.stmts.pkg
	if !nameable(t, pkg, map[types.Type]bool{}) {
		return nil, false
	}
	v := &variable{name: name, paths: map[string]string{}, version: p.st.retired[name] + 1}
	v.typ = types.TypeString(t, func(q *types.Package) string {
		if q == pkg {
			return ""
		}
		alias := "__" + strings.Map(func(r rune) rune {
			if r == '/' || r == '.' || r == '-' || r == '~' {
				return '_'
			}
			return r
		}, q.Path())
		v.paths[alias] = q.Path()
		return alias
	})
	v.shown = types.TypeString(t, func(q *types.Package) string {
		if q == pkg {
			return ""
		}
		return q.Name()
	})
	if old := p.st.vars[name]; old != nil {
		v.version = old.version
		if old.typ != v.typ {
			v.version++
		}
	}
	return v, true
}

// nameable reports whether a type can be written in package pkg.
func nameable(t types.Type, pkg *types.Package, seen map[types.Type]bool) bool {
	if seen[t] {
		return true
	}
	seen[t] = true
	all := func(list ...types.Type) bool {
		return !slices.ContainsFunc(list, func(t types.Type) bool { return !nameable(t, pkg, seen) })
	}
	named := func(obj *types.TypeName, args *types.TypeList) bool {
		for i := range args.Len() {
			if !nameable(args.At(i), pkg, seen) {
				return false
			}
		}
		if obj.Pkg() == nil {
			return true
		}
		if obj.Parent() != obj.Pkg().Scope() && obj.Pkg() == pkg {
			return false // declared inside a function
		}
		return obj.Pkg() == pkg || obj.Exported() && !strings.Contains("/"+obj.Pkg().Path(), "/internal/")
	}
	switch t := t.(type) {
	case *types.Named:
		return named(t.Obj(), t.TypeArgs())
	case *types.Alias:
		return named(t.Obj(), t.TypeArgs())
	case *types.Basic:
		return t.Kind() != types.Invalid
	case *types.TypeParam:
		return false
	case interface{ Elem() types.Type }:
		if m, ok := t.(*types.Map); ok && !nameable(m.Key(), pkg, seen) {
			return false
		}
		return all(t.Elem())
	case *types.Struct:
		for i := range t.NumFields() {
			f := t.Field(i)
			if !f.Exported() && f.Pkg() != pkg || !nameable(f.Type(), pkg, seen) {
				return false
			}
		}
	case *types.Signature:
		return all(t.Params(), t.Results())
	case *types.Tuple:
		for i := range t.Len() {
			if !nameable(t.At(i).Type(), pkg, seen) {
				return false
			}
		}
	case *types.Interface:
		for i := range t.NumMethods() {
			m := t.Method(i)
			if !m.Exported() && m.Pkg() != pkg || !nameable(m.Type(), pkg, seen) {
				return false
			}
		}
	}
	return true
}

// liftAssign turns := into =. Where a variable must stay local, := stays, and
// the others are assigned behind it.
func (p *planner) liftAssign(stmt *ast.AssignStmt) {
	mixed := false
	for _, l := range stmt.Lhs {
		mixed = mixed || p.local[l.(*ast.Ident).Name]
	}
	if !mixed {
		p.edit(p.body, stmt.TokPos, stmt.TokPos+2, "=")
		return
	}
	for i, l := range stmt.Lhs {
		id := l.(*ast.Ident)
		if v := p.lifted[id.Name]; v != nil {
			temp := fmt.Sprintf("__t%d", i)
			p.edit(p.body, id.Pos(), id.End(), temp)
			p.edit(p.body, stmt.End(), stmt.End(), ";"+v.ident()+" = "+temp)
		} else if id.Name != "_" {
			p.edit(p.body, stmt.End(), stmt.End(), ";_ = "+id.Name)
		}
	}
}

// liftVar turns "var a, b T = x, y" into "a, b = x, y" and "var a T" into
// setting a to zero: a cell that runs again starts anew.
func (p *planner) liftVar(d *ast.GenDecl) {
	first := d.Specs
	if len(first) == 0 {
		return
	}
	for _, spec := range d.Specs {
		for _, n := range spec.(*ast.ValueSpec).Names {
			if p.local[n.Name] {
				return
			}
		}
	}
	p.edit(p.body, d.Pos(), d.Specs[0].Pos(), "")
	if d.Rparen.IsValid() {
		p.edit(p.body, d.Rparen, d.Rparen+1, "")
	}
	for _, spec := range d.Specs {
		v := spec.(*ast.ValueSpec)
		if len(v.Values) > 0 {
			if v.Type != nil {
				p.remove(p.body, v.Type.Pos(), v.Type.End(), "")
			}
			continue
		}
		var zero []string
		for _, n := range v.Names {
			if n.Name != "_" {
				zero = append(zero, "__rt.Zero(&"+p.lifted[n.Name].ident()+")")
			}
		}
		p.remove(p.body, v.Pos(), v.End(), strings.Join(zero, ";"))
	}
}

// raiseUnread makes statement i raise the error it assigns when nothing looks
// at the error before the next statement that assigns it.
func (p *planner) raiseUnread(fn *ast.FuncDecl, i int, lhs []ast.Expr, stmt ast.Stmt) {
	for _, l := range lhs {
		id, ok := l.(*ast.Ident)
		if !ok || id.Name == "_" || p.local[id.Name] {
			continue
		}
		obj := p.stmts.info.ObjectOf(id)
		if obj == nil || !types.Identical(obj.Type(), types.Universe.Lookup("error").Type()) {
			continue
		}
		if p.readAfter(fn, i, obj) {
			continue
		}
		p.edit(p.body, stmt.End(), stmt.End(), fmt.Sprintf("; __cell.Line(%d).Raise(%s)", p.fset.Position(stmt.Pos()).Line, p.varIdent(obj)))
	}
}

// readAfter reports whether an error variable that statement i assigned is
// read by a later statement, up to the one that assigns it again, or by a
// function literal anywhere.
func (p *planner) readAfter(fn *ast.FuncDecl, i int, obj types.Object) bool {
	read := false
	for k, stmt := range fn.Body.List {
		assigned := map[*ast.Ident]bool{}
		if a, ok := stmt.(*ast.AssignStmt); ok && a.Tok != token.ADD_ASSIGN {
			for _, l := range a.Lhs {
				if id, ok := l.(*ast.Ident); ok {
					assigned[id] = true
				}
			}
		}
		again, inFunc := false, 0
		var walk func(n ast.Node) bool
		walk = func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				inFunc++
				ast.Inspect(n.Body, walk)
				inFunc--
				return false
			case *ast.Ident:
				if p.stmts.info.Uses[n] != obj && p.stmts.info.Defs[n] != obj {
					return true
				}
				if assigned[n] {
					again = true
				} else if p.stmts.info.Uses[n] == obj && (k > i || inFunc > 0) {
					read = true
				}
			}
			return true
		}
		ast.Inspect(stmt, walk)
		if read || again && k > i {
			break
		}
	}
	return read
}

// show makes the last expression of the cell a shown one.
func (p *planner) show(stmt *ast.ExprStmt) {
	tv := p.stmts.info.Types[stmt.X]
	if tv.IsVoid() || tv.IsType() || tv.Type == nil {
		return
	}
	if call, ok := ast.Unparen(stmt.X).(*ast.CallExpr); ok && p.stmts.info.Types[call.Fun].IsBuiltin() {
		if tv.Type == types.Typ[types.Invalid] {
			return
		}
		if id, ok := ast.Unparen(call.Fun).(*ast.Ident); ok && slices.Contains([]string{"copy", "recover"}, id.Name) {
			return
		}
	}
	errorType := types.Universe.Lookup("error").Type()
	_, isCall := ast.Unparen(stmt.X).(*ast.CallExpr)
	before, after := "__cell.Display(", ")"
	if function := p.s.showAs[tv.Type.String()]; function != "" && p.available(function) {
		i := strings.LastIndex(function, ".")
		before, after = "__cell.Display(__show."+function[i+1:]+"(", "))"
		p.body.used["__show"] = function[:i]
	} else if p.c.Quiet {
		before = "__rt.Discard("
	}
	quiet := p.c.Quiet || isPrinting(stmt.X)
	if tuple, ok := tv.Type.(*types.Tuple); ok {
		if types.Identical(tuple.At(tuple.Len()-1).Type(), errorType) {
			before = fmt.Sprintf("__cell.Line(%d).Show(", p.fset.Position(stmt.Pos()).Line)
			if quiet {
				before = fmt.Sprintf("__cell.Line(%d).RaiseLast(", p.fset.Position(stmt.Pos()).Line)
			}
		}
	} else if isCall && types.Identical(tv.Type, errorType) {
		before = fmt.Sprintf("__cell.Line(%d).Raise(", p.fset.Position(stmt.Pos()).Line)
	}
	p.edit(p.body, stmt.Pos(), stmt.Pos(), before)
	p.edit(p.body, stmt.End(), stmt.End(), after)
}

// isPrinting reports whether an expression calls a function named like those
// that print, whose counts of bytes nobody wants to see.
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
func (p *planner) available(function string) bool {
	_, err := p.s.imp.Import(function[:strings.LastIndex(function, ".")])
	return err == nil
}
