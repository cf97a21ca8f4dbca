package session

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"regexp"
	"slices"
	"strings"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A cell is checked in two passes. The statements are checked first, against
// the variables as they were and the signatures of all functions; that gives
// the variables they make. Then all declarations are checked against the
// variables as they will be. So "x := fmt.Sprint(x)" may change the type of x,
// functions may use variables of their own cell, and functions that the change
// breaks are found.

// checkStatements does the first pass.
func (p *planner) checkStatements(errs *Error) {
	imports := p.resolve(p.body, nil)
	qualify(p.body.file, p.body.dots)
	files := []*ast.File{p.withImports(p.body.file, imports)}
	for _, name := range p.names {
		u := p.units[name]
		files = append(files, p.withImports(signatures(u.file), u.decl.imports))
	}
	if p.makes("ctx") {
		delete(p.before, "ctx") // ctx, cancel := f(ctx) starts from the fresh one
	}
	files = append(files, p.varFiles(p.before)...)
	last := lastStmt(p.bodyFunc())
	p.stmts = p.check(files, p.before, func(e types.Error, file string) {
		if file != "body" {
			return // reported by the second pass
		}
		if strings.HasSuffix(e.Msg, "is not used") && last != nil && e.Pos >= last.Pos() && e.Pos <= last.End() {
			return // it is shown
		}
		p.complain(errs, e)
	}, p.body)
}

// checkDecls does the second pass and returns the kept declarations that no
// longer compile, with the reason.
func (p *planner) checkDecls(errs *Error) map[string]string {
	var files []*ast.File
	var units []*unit
	for _, name := range p.names {
		u := p.units[name]
		files = append(files, p.withImports(u.file, u.decl.imports))
		units = append(units, u)
	}
	vars := maps.Clone(p.st.vars)
	maps.Copy(vars, p.lifted)
	files = append(files, p.varFiles(vars)...)
	broken := map[string]string{}
	p.decls = p.check(files, vars, func(e types.Error, file string) {
		u := p.units[file]
		switch {
		case u == nil: // a variable
			if broken[file] == "" && p.lifted[strings.TrimPrefix(file, "var ")] == nil {
				broken[file] = gen.Plain(e.Msg)
			}
		case u.decl.cell == p.c.Number && (slices.Contains(p.cell.decls, u.decl) || slices.Contains(p.cell.once, u.decl)):
			p.complain(errs, e)
		case broken[u.decl.key] == "":
			broken[u.decl.key] = p.placed(e)
		}
	}, units...)
	return broken
}

// check type-checks files as the package of all cells, with some variables. Unused variables are
// no errors in a notebook: the units get an edit that uses them.
func (p *planner) check(files []*ast.File, vars map[string]*variable, report func(e types.Error, file string), units ...*unit) source.Checked {
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Types: map[ast.Expr]types.TypeAndValue{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Instances: map[*ast.Ident]types.Instance{}, Implicits: map[ast.Node]types.Object{}}
	byName := map[string]*unit{}
	for _, u := range units {
		byName[p.fset.PositionFor(u.file.Package, false).Filename] = u
	}
	conf := types.Config{Importer: p.s.imp, GoVersion: p.s.lang, Error: func(err error) {
		e := err.(types.Error)
		file := p.fset.PositionFor(e.Pos, false).Filename
		if u := byName[file]; u != nil && strings.Contains(e.Msg, "declared and not used") {
			top := u == p.body && p.isTopLevel(e.Pos)
			if !top && isError(info, e.Pos) && flow.MeasuredAt(u.file, e.Pos) == nil {
				e.Msg += " (an error that nobody sees: handle it, or assign it to _)"
			} else if top || p.useUnused(u, e.Pos) {
				return
			}
		}
		if strings.HasSuffix(e.Msg, " and not used") && strings.Contains(e.Msg, " imported ") || strings.HasPrefix(e.Msg, "\t") {
			return
		}
		if u := byName[file]; u != nil && strings.HasSuffix(e.Msg, "is not used") && flow.MeasuredAt(u.file, e.Pos) != nil {
			return // its value is kept alive
		}
		report(e, file)
	}}
	if p.body != nil {
		defer p.checkNamesOf(p.body, vars)()
	}
	for _, u := range p.units {
		defer p.checkNamesOf(u, vars)()
	}
	defer embeddedNames(files)()
	pkg, _ := conf.Check(gen.Package, p.fset, files, info)
	return source.Checked{Pkg: pkg, Info: info}
}

// isError reports whether the variable declared at pos is of type error.
func isError(info *types.Info, pos token.Pos) bool {
	for id, obj := range info.Defs {
		if id.Pos() == pos && obj != nil {
			return flow.IsError(obj.Type())
		}
	}
	return false
}

func (p *planner) complain(errs *Error, e types.Error) {
	text := worded(e.Msg)
	m, ok := message(p.fset.Position(e.Pos), text)
	if !ok {
		m = Message{Cell: p.c.Number, Line: 1, Col: 1, Text: text}
	}
	errs.Messages = append(errs.Messages, m)
}

// notDeclared matches what the check says of what := cannot declare in a range
// clause, where the parser takes anything.
var notDeclared = regexp.MustCompile(`^cannot declare (.*)$`)

// worded is what a check says in the words of the compiler.
func worded(text string) string {
	if rest, ok := strings.CutPrefix(text, "invalid syntax tree: "); ok {
		text = notDeclared.ReplaceAllString(rest, "non-name $1 on left side of :=")
	}
	if strings.HasPrefix(text, "use of package ") {
		text = strings.Replace(text, " not in selector", " without selector", 1)
	}
	return gen.Plain(text)
}

// placed is a complaint with its place in the cell.
func (p *planner) placed(e types.Error) string {
	text := worded(e.Msg)
	if m, ok := message(p.fset.Position(e.Pos), text); ok {
		return fmt.Sprintf("cell[%d]:%d:%d: %s", m.Cell, m.Line, m.Col, text)
	}
	return text
}

// isTopLevel reports whether a position is in a statement that declares
// variables at the top of the cell; those become session variables.
func (p *planner) isTopLevel(pos token.Pos) bool {
	for _, stmt := range p.bodyFunc().Body.List {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			for _, l := range stmt.Lhs {
				if l.Pos() == pos {
					return true
				}
			}
		case *ast.DeclStmt:
			for _, spec := range stmt.Decl.(*ast.GenDecl).Specs {
				if v, ok := spec.(*ast.ValueSpec); ok && slices.ContainsFunc(v.Names, func(id *ast.Ident) bool { return id.Pos() == pos }) {
					return true
				}
			}
		}
	}
	return false
}

// useUnused finds the statement that declares an unused variable at pos, and
// adds an edit that uses it.
func (p *planner) useUnused(u *unit, pos token.Pos) (ok bool) {
	before := len(u.edits)
	defer func() { u.unused = append(u.unused, u.edits[before:]...) }()
	insert := func(at token.Pos, text string) { u.edits.Insert(at, text); ok = true }
	declares := func(stmt ast.Stmt) (name string) {
		switch stmt := stmt.(type) {
		case *ast.AssignStmt:
			for _, l := range stmt.Lhs {
				if id, isIdent := l.(*ast.Ident); isIdent && id.Pos() == pos {
					return id.Name
				}
			}
		case *ast.DeclStmt:
			if d, isGen := stmt.Decl.(*ast.GenDecl); isGen {
				for _, spec := range d.Specs {
					if v, isValue := spec.(*ast.ValueSpec); isValue {
						for _, id := range v.Names {
							if id.Pos() == pos {
								return id.Name
							}
						}
					}
				}
			}
		}
		return ""
	}
	list := func(stmts []ast.Stmt) {
		for _, stmt := range stmts {
			if name := declares(stmt); name != "" {
				insert(stmt.End(), ";_ = "+name)
			}
		}
	}
	ast.Inspect(u.file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			list(n.List)
		case *ast.CaseClause:
			list(n.Body)
		case *ast.CommClause:
			list(n.Body)
			if name := declares(n.Comm); name != "" {
				insert(n.Colon+1, "_ = "+name+";")
			}
		case *ast.IfStmt:
			if name := declares(n.Init); name != "" {
				insert(n.Body.Lbrace+1, "_ = "+name+";")
			}
		case *ast.ForStmt:
			if name := declares(n.Init); name != "" {
				insert(n.Body.Lbrace+1, "_ = "+name+";")
			}
		case *ast.RangeStmt:
			for _, e := range []ast.Expr{n.Key, n.Value} {
				if id, isIdent := e.(*ast.Ident); isIdent && id.Pos() == pos {
					insert(n.Body.Lbrace+1, "_ = "+id.Name+";")
				}
			}
		case *ast.TypeSwitchStmt:
			if a, isAssign := n.Assign.(*ast.AssignStmt); isAssign && a.Lhs[0].Pos() == pos {
				u.edits.Replace(a.Pos(), a.Rhs[0].Pos(), "")
				ok = true
			}
		}
		return !ok
	})
	return ok
}

// withImports is a file with import declarations in front. They are built,
// not parsed: a unit is parsed once, and what it imports is known afterwards.
// A package whose name something else in the session has too goes by an alias.
func (p *planner) withImports(f *ast.File, imports map[string]string) *ast.File {
	c := *f
	c.Decls, c.Imports = nil, nil
	for _, name := range sortedKeys(imports) {
		alias := name
		if p.taken(name) {
			alias = gen.HiddenImport(name)
			for _, id := range f.Unresolved {
				if id.Name == name {
					id.Name = alias
				}
			}
		}
		spec := &ast.ImportSpec{Name: &ast.Ident{Name: alias, NamePos: f.Package},
			Path: &ast.BasicLit{Kind: token.STRING, Value: fmt.Sprintf("%q", imports[name]), ValuePos: f.Package}}
		c.Imports = append(c.Imports, spec)
		c.Decls = append(c.Decls, &ast.GenDecl{Tok: token.IMPORT, TokPos: f.Package, Specs: []ast.Spec{spec}})
	}
	c.Decls = append(c.Decls, f.Decls...)
	return &c
}

// taken reports whether the session or this cell declares a name.
func (p *planner) taken(name string) bool {
	return name == "ctx" || p.before[name] != nil || p.st.vars[name] != nil || p.isDeclared(name) || p.makes(name)
}

// signatures is a file without the bodies of its functions.
func signatures(f *ast.File) *ast.File {
	c := *f
	c.Decls = slices.Clone(f.Decls)
	for i, d := range c.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Type.TypeParams == nil {
			bare := *fn
			bare.Body = nil
			c.Decls[i] = &bare
		}
	}
	return &c
}

// varFiles declares variables, one a file, and ctx where nothing else does.
func (p *planner) varFiles(vars map[string]*variable) []*ast.File {
	var files []*ast.File
	add := func(name, src string) {
		if u, err := parseUnit(p.fset, "var "+name, "", src); err == nil {
			files = append(files, u.file)
		}
	}
	for _, name := range sortedKeys(vars) {
		add(name, gen.Clause+gen.ImportDecls(vars[name].paths)+"var "+p.st.varName(name)+" "+vars[name].typ)
	}
	if vars["ctx"] == nil && !p.isDeclared("ctx") {
		add("ctx", gen.Clause+gen.ContextImport+gen.ContextDecl)
	}
	return files
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// lastStmt is the last statement of a function, nil without one.
func lastStmt(fn *ast.FuncDecl) ast.Stmt {
	for i := len(fn.Body.List) - 1; i >= 0; i-- {
		if _, empty := fn.Body.List[i].(*ast.EmptyStmt); !empty {
			return fn.Body.List[i]
		}
	}
	return nil
}
