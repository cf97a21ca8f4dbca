package session

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"maps"
	"slices"

	"modelbook/internal/place"
	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A checkedCell is the result of the second stage: a parsed cell with its types
// and the variables that its statements make.
type checkedCell struct {
	*parsedCell
	stmts, decls source.Checked       // the two passes
	before       map[string]*variable // variables as they were
	madeVariables
	unused map[*unit]edit.List // edits that use unused variables
}

// checkCell type-checks a cell and everything kept. It returns the older
// declarations and variables that no longer compile, with the reasons. An error,
// an *Error, is about the cell itself.
//
// There are two passes. The first checks the statements, with the variables as
// they were before and the signatures of all functions; it tells which variables
// the statements make. The second checks all declarations, with the variables as
// they will be. So "x := fmt.Sprint(x)" can change the type of x, functions can use
// variables of their own cell, and functions that break are found.
func checkCell(p *parsedCell) (*checkedCell, reasons, error) {
	found := &complaints{}
	if stmts := inOrderOfInit(p, found); stmts != nil {
		var err error
		p.cell.Stmts = stmts
		if p.body, err = parseBody(p.fset, p.cell); err != nil {
			return nil, nil, err
		}
	}
	c := &checkedCell{parsedCell: p, before: maps.Clone(p.st.vars), unused: map[*unit]edit.List{}}
	if p.body != nil {
		maps.Copy(c.before, foreseen(p))
		c.checkStatements(found)
		var notes []string
		c.madeVariables, notes = variablesOf(p, c.stmts)
		c.notes = append(c.notes, notes...)
	}
	broken := c.checkDecls(found)
	if err := found.err(c); err != nil {
		return nil, nil, err
	}
	return c, broken, nil
}

// checkStatements is the first pass.
func (c *checkedCell) checkStatements(found *complaints) {
	imports, dots := c.scope(c.st.vars).Resolve(c.body.File, nil)
	source.Qualify(c.body.Syntax, dots)
	if c.made()["ctx"].Line > 0 {
		delete(c.before, "ctx") // ctx, cancel := f(ctx) starts from the fresh one
	}
	files := append(unitFiles(c.parsedCell, c.before, true), checkFile(c.parsedCell, c.body, imports, c.before))
	last := lastStmt(c.body.Body())
	c.stmts = check(c.parsedCell, files, c.before, func(e problem) {
		shown := e.kind == source.UnusedValue && last != nil && e.Pos >= last.Pos() && e.Pos <= last.End()
		if e.unit == c.body && !shown && !c.accepts(e) { // of declarations the second pass reports
			found.add(c.parsedCell, e)
		}
	})
}

// checkDecls is the second pass.
func (c *checkedCell) checkDecls(found *complaints) reasons {
	vars := maps.Clone(c.st.vars)
	maps.Copy(vars, c.lifted)
	broken := reasons{}
	c.decls = check(c.parsedCell, unitFiles(c.parsedCell, vars, false), vars, func(e problem) {
		switch {
		case e.unit == nil: // a variable
			if k := variableKey(e.variable); broken[k] == "" && c.lifted[e.variable] == nil {
				broken[k] = gen.Plain(e.Msg)
			}
		case c.accepts(e):
		case slices.Contains(c.content.decls, e.unit.decl) || slices.Contains(c.content.once, e.unit.decl):
			found.add(c.parsedCell, e)
		case broken[e.unit.decl.key] == "":
			broken[e.unit.decl.key] = placed(messageOf(c.parsedCell, e))
		}
	})
	return broken
}

// accepts reports whether cells allow what Go does not: unused values and
// variables. Unused variables get an edit that uses them.
func (c *checkedCell) accepts(e problem) bool {
	measured := flow.MeasuredAt(e.unit.Syntax, e.Pos) != nil
	switch e.kind {
	case source.UnusedValue:
		return measured // %timeit keeps it alive
	case source.UnusedVariable:
		if e.unit == c.body && isTop(c.body, e.Pos) { // it becomes a session variable
			return true
		}
		if isError(e.info, e.Pos) && !measured {
			return false
		}
		uses := edit.Use(e.unit.Syntax, e.Pos)
		c.unused[e.unit] = append(c.unused[e.unit], uses...)
		return len(uses) > 0
	}
	return false
}

// isTop reports whether the variable at a position is declared at the top of the
// statements.
func isTop(body *unit, pos token.Pos) bool {
	return slices.ContainsFunc(source.TopVars(body.Body()), func(id *ast.Ident) bool { return id.Pos() == pos })
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

// A problem is an error of a type check, and where it is.
type problem struct {
	types.Error
	kind     source.Problem
	info     *types.Info
	unit     *unit  // nil for the declaration of a session variable
	variable string // the name of that
}

// check type-checks files as the package of all cells, with some variables. It does
// not report unused imports, which cells allow.
func check(p *parsedCell, files []source.CheckFile, vars map[string]*variable, report func(problem)) source.Checked {
	all, made := checkVars(p, vars), p.made()
	units, names := map[string]*unit{}, map[string]string{} // by file name
	for _, u := range p.units {
		units[u.Name] = u
	}
	if p.body != nil {
		units[p.body.Name] = p.body
	}
	for _, v := range all {
		names[source.VarFile(v.Name)] = v.Name
	}
	taken := func(name string) bool {
		return name == "ctx" || p.st.vars[name] != nil || p.isDeclared(name) || made[name].Line > 0
	}
	checker := source.Checker{Importer: p.s.imp, Lang: p.s.lang}
	return checker.Check(p.fset, source.Package{Files: files, Vars: all, Taken: taken}, func(e types.Error, info *types.Info) {
		kind := source.ProblemOf(e)
		if kind == source.Detail || kind == source.UnusedImport {
			return
		}
		file := p.fset.PositionFor(e.Pos, false).Filename
		report(problem{e, kind, info, units[file], names[file]})
	})
}

// checkFile prepares a unit for a check with some variables.
func checkFile(p *parsedCell, u *unit, imports map[string]string, vars map[string]*variable) source.CheckFile {
	scope := p.scope(vars)
	means := scope.Newest
	if u.decl != nil {
		means = func(name string) source.Meaning { return u.decl.means[name] }
	}
	return source.CheckFile{Syntax: u.Syntax, Imports: imports,
		CheckName: func(name string) string { return scope.CheckName(name, means(name)) }}
}

// unitFiles prepares all declarations for a check, or only their signatures.
func unitFiles(p *parsedCell, vars map[string]*variable, signatures bool) (files []source.CheckFile) {
	for _, u := range p.units {
		f := checkFile(p, u, u.decl.imports, vars)
		f.Signatures = signatures
		files = append(files, f)
	}
	return files
}

// checkVars prepares variables for a check, and ctx if nothing else has the name.
func checkVars(p *parsedCell, vars map[string]*variable) (all []source.CheckVar) {
	for _, name := range sortedKeys(vars) {
		all = append(all, source.CheckVar{Name: name, CheckName: p.st.varName(name), Type: vars[name].typ, Paths: vars[name].paths})
	}
	if vars["ctx"] == nil && !p.isDeclared("ctx") {
		all = append(all, source.ContextVar)
	}
	return all
}

// placed is a message with its place in a cell, if it has one.
func placed(m Message) string {
	if m.Line == 0 {
		return m.Text
	}
	return fmt.Sprintf("%s:%d:%d: %s", place.File(m.Cell), m.Line, m.Col, m.Text)
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

// complaints collect what is wrong with a cell.
type complaints struct {
	messages []Message
	syntax   []Message // of these, what the parser of the compiler would refuse
}

func (found *complaints) add(p *parsedCell, e problem) {
	m := messageOf(p, e)
	if m.Line == 0 {
		m.Cell, m.Line, m.Col = p.cell.Number, 1, 1
	}
	found.messages = append(found.messages, m)
	if e.kind == source.BadSyntax {
		found.syntax = append(found.syntax, m)
	}
}

// err returns the error, nil for none. Errors of syntax are reported alone, as the
// compiler does.
func (found *complaints) err(c *checkedCell) error {
	if len(found.messages) == 0 {
		return nil
	}
	all := explained(c, found.messages)
	if len(found.syntax) > 0 {
		all = found.syntax
	}
	slices.SortStableFunc(all, func(a, b Message) int { return cmp.Or(a.Line-b.Line, a.Col-b.Col) })
	return &Error{Messages: all}
}
