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
	imports, dots := p.scope(p.st.vars).Resolve(p.body.parsed, nil)
	source.Qualify(p.body.file, dots)
	if p.makes("ctx") {
		delete(p.before, "ctx") // ctx, cancel := f(ctx) starts from the fresh one
	}
	files := append(p.unitFiles(p.before, true), p.checkFile(p.body, imports, p.before))
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
	vars := maps.Clone(p.st.vars)
	maps.Copy(vars, p.lifted)
	broken := map[string]string{}
	p.decls = p.check(p.unitFiles(vars, false), vars, func(e types.Error, file string) {
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
	}, slices.Collect(maps.Values(p.units))...)
	return broken
}

// checkFile is a unit as it is checked where these variables exist.
func (p *planner) checkFile(u *unit, imports map[string]string, vars map[string]*variable) source.CheckFile {
	scope := p.scope(vars)
	means := scope.Newest
	if u.decl != nil {
		means = func(name string) source.Meaning { return u.decl.means[name] }
	}
	return source.CheckFile{Syntax: u.file, Imports: imports,
		CheckName: func(name string) string { return scope.CheckName(name, means(name)) }}
}

// unitFiles are all declarations, or only their signatures.
func (p *planner) unitFiles(vars map[string]*variable, signatures bool) (files []source.CheckFile) {
	for _, name := range p.names {
		f := p.checkFile(p.units[name], p.units[name].decl.imports, vars)
		f.Signatures = signatures
		files = append(files, f)
	}
	return files
}

// check type-checks files as the package of all cells, with some variables.
// Unused variables are no errors in a notebook: the units get an edit that uses
// them.
func (p *planner) check(files []source.CheckFile, vars map[string]*variable, report func(e types.Error, file string), units ...*unit) source.Checked {
	byName := map[string]*unit{}
	for _, u := range units {
		byName[u.parsed.Name] = u
	}
	checker := source.Checker{Importer: p.s.imp, Lang: p.s.lang}
	pkg := source.Package{Files: files, Vars: p.checkVariables(vars), Taken: p.taken}
	return checker.Check(p.fset, pkg, func(e types.Error, info *types.Info) {
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
	})
}

// checkVariables are variables as they are checked, with ctx where nothing else
// has the name.
func (p *planner) checkVariables(vars map[string]*variable) (all []source.CheckVar) {
	for _, name := range sortedKeys(vars) {
		all = append(all, source.CheckVar{Name: name, CheckName: p.st.varName(name), Type: vars[name].typ, Paths: vars[name].paths})
	}
	if vars["ctx"] == nil && !p.isDeclared("ctx") {
		all = append(all, source.ContextVar)
	}
	return all
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
	m, ok := source.MessageAt(p.fset.Position(e.Pos), text)
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
	if m, ok := source.MessageAt(p.fset.Position(e.Pos), text); ok {
		return fmt.Sprintf("cell[%d]:%d:%d: %s", m.Cell, m.Line, m.Col, text)
	}
	return text
}

// isTopLevel reports whether the variable at a position is declared at the top
// of the cell; those become session variables.
func (p *planner) isTopLevel(pos token.Pos) bool {
	return slices.ContainsFunc(source.TopVars(p.bodyFunc()), func(id *ast.Ident) bool { return id.Pos() == pos })
}

// useUnused finds the statement that declares an unused variable at pos, and
// adds an edit that uses it.
func (p *planner) useUnused(u *unit, pos token.Pos) (ok bool) {
	insert := func(at token.Pos, text string) { u.unused.Insert(at, text); ok = true }
	declares := func(stmt ast.Stmt) (name string) {
		for _, id := range source.DeclaredBy(stmt) {
			if id.Pos() == pos {
				return id.Name
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
				u.unused.Replace(a.Pos(), a.Rhs[0].Pos(), "")
				ok = true
			}
		}
		return !ok
	})
	return ok
}

// taken reports whether the session or this cell declares a name.
func (p *planner) taken(name string) bool {
	return name == "ctx" || p.before[name] != nil || p.st.vars[name] != nil || p.isDeclared(name) || p.makes(name)
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
