package complete

import (
	"fmt"
	"go/ast"
	"go/scanner"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/cell"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A program is the session with the cell being written, type-checked as one
// package.
type program struct {
	*Completer
	held  *source.Snapshot
	fset  *token.FileSet
	units []*unit // of the cell
	at    *unit   // the one that the cursor is in
	// isProgram says that the cell has a package clause.
	isProgram bool
	// path leads from the identifier at the cursor up to the file.
	path []ast.Node

	view *source.View              // what names mean in the cell
	made map[string]token.Position // variables that the cell's statements make
	pkg  *types.Package
	info *types.Info
	// lifted are the variables that the cell's own statements make, where they
	// are checked as variables of the package.
	lifted map[string]bool
	// predeclaredContext says that ctx is the predeclared one.
	predeclaredContext bool
	// kept are the declarations of the session that are checked, by file.
	kept map[string]source.KeptDecl

	// others are the packages that the name in front of the cursor may mean
	// besides the one chosen.
	others      []string
	wantedType  types.Type // of what stands at the cursor
	wantedKnown bool
}

// A unit is a part of the cell as a file of its own: an import or another
// declaration, or the statements.
type unit struct {
	*source.File
	kind      partKind
	doc       string // the comment above a declaration
	line, col int    // where it starts in the cell
	imports   map[string]string
	means     map[string]source.Meaning // of a declaration
	// stmts are the statements; the cursor is in the one at this index, at an
	// offset, or nowhere: -1.
	stmts              []source.Piece
	cursorIn, cursorAt int
}

// ident is the identifier at the cursor, or nil.
func (p *program) ident() *ast.Ident {
	if len(p.path) == 0 {
		return nil
	}
	return p.path[0].(*ast.Ident)
}

// load arranges and checks a cell with name at the cursor. If the text before
// the cursor cannot be parsed, its lines with syntax errors are left out. load
// returns nil when that does not help.
func (c *Completer) load(d cell.Draft, start, end int, v view, name string) *program {
	for range 8 {
		p, err := c.parse(arrange(d, start, end, v, name))
		if p.ident() != nil {
			p.check(func(types.Error) {})
			return p
		}
		if v == whole {
			return nil
		}
		var ok bool
		if d.Go, ok = withoutError(d.Go, start, err); !ok {
			return nil
		}
	}
	return nil
}

// withoutError blanks the line of the first syntax error above the line that an
// offset is in.
func withoutError(text string, at int, err error) (string, bool) {
	list, _ := err.(scanner.ErrorList)
	above := strings.Count(text[:at], "\n")
	lines := strings.Split(text, "\n")
	for _, e := range list {
		if e.Pos.Line < 1 || e.Pos.Line > above {
			continue
		}
		if line := lines[e.Pos.Line-1]; strings.TrimSpace(line) != "" {
			lines[e.Pos.Line-1] = strings.Repeat(" ", len(line))
			return strings.Join(lines, "\n"), true
		}
	}
	return text, false
}

// parse parses the parts of a cell and finds the identifier at the cursor. The
// error is that of the part with the cursor.
func (c *Completer) parse(a arranged) (p *program, err error) {
	p = &program{Completer: c, held: c.held.Load(), fset: token.NewFileSet(), isProgram: a.program}
	add := func(u *unit, name, header, text string, cursor int) {
		var wrong error
		u.File, wrong = source.ParseDraft(p.fset, name, header, text)
		if cursor >= 0 {
			err = wrong
		}
		if u.File == nil {
			return
		}
		p.units = append(p.units, u)
		if cursor >= 0 {
			p.at, p.path = u, pathTo(u.Syntax, p.fset, len(header)+cursor)
			u.IgnoreSelected(placeholder)
		}
	}
	for _, kind := range []partKind{importPart, declPart} {
		for i, s := range a.pieces[kind] {
			header := source.DeclHeader(0, source.Piece{Line: s.line, Col: s.col})
			add(&unit{kind: kind, doc: s.doc, line: s.line, col: s.col}, fmt.Sprintf("part%d.%d", kind, i), header, s.text+"\n", s.cursor)
		}
	}
	for _, kind := range []partKind{mainPart, stmtPart} {
		if len(a.pieces[kind]) == 0 {
			continue
		}
		u := &unit{kind: kind, line: 1, col: 1, cursorIn: -1}
		for i, s := range a.pieces[kind] {
			u.stmts = append(u.stmts, source.Piece{Text: s.text, Line: s.line, Col: s.col})
			if s.cursor >= 0 {
				u.cursorIn, u.cursorAt = i, s.cursor
			}
		}
		text, cursor := u.text()
		add(u, u.fileName(), u.head(), text, cursor)
	}
	return p, err
}

// fileName names the file of a unit of statements.
func (u *unit) fileName() string {
	if u.kind == mainPart {
		return "main"
	}
	return "body"
}

// head returns the generated text in front of statements in their file.
func (u *unit) head() string {
	if u.kind == mainPart {
		return gen.Clause + "func main() {\n"
	}
	return source.BodyHeader
}

// text returns the text after the head, and the offset of the cursor in it, or
// -1.
func (u *unit) text() (text string, cursor int) {
	text, offsets := source.BodyText(0, u.stmts)
	if u.cursorIn < 0 {
		return text, -1
	}
	return text, offsets[u.cursorIn] + u.cursorAt
}

// pathTo returns the path from the identifier that starts at an offset up to
// the file.
func pathTo(f *ast.File, fset *token.FileSet, offset int) (path []ast.Node) {
	var stack []ast.Node
	ast.Inspect(f, func(n ast.Node) bool {
		if path != nil {
			return false
		}
		if n == nil {
			stack = stack[:len(stack)-1]
			return true
		}
		stack = append(stack, n)
		if id, ok := n.(*ast.Ident); ok && fset.Position(id.Pos()).Offset == offset {
			path = slices.Clone(stack)
			slices.Reverse(path)
		}
		return true
	})
	return path
}

// body returns the unit of the cell's statements, or nil.
func (p *program) body() *unit {
	for _, u := range p.units {
		if u.kind == stmtPart {
			return u
		}
	}
	return nil
}

// isMade reports whether the cell's statements make a variable of a name.
func (p *program) isMade(name string) bool { _, ok := p.made[name]; return ok }

// isTaken reports whether something other than a package has a name.
func (p *program) isTaken(name string) bool {
	return name == "ctx" || p.isMade(name) || p.view.HasVar(name) || p.view.HasDecl(name)
}

// resolve finds the packages that the names of a unit mean.
func (p *program) resolve(u *unit) {
	if u == p.at && len(p.path) > 1 {
		if sel, ok := p.path[1].(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				if fitting := p.view.Fitting(u.File, id.Name); len(fitting) > 1 {
					p.others = fitting[1:]
				}
			}
		}
	}
	var dots map[string]string
	made := p.isMade
	if u.kind == stmtPart {
		made = nil // what is not resolved here stands above where it is made
	}
	u.imports, dots = p.view.Resolve(u.File, made)
	if u.kind != stmtPart {
		u.means = p.view.Meanings(u.File, u.line, u.col, p.made)
	}
	source.Qualify(u.Syntax, dots)
}

// meaning returns what a name means in a unit.
func (p *program) meaning(u *unit, name string) source.Meaning {
	if u.kind == stmtPart {
		return p.view.Newest(name)
	}
	return u.means[name]
}

// checkName returns the check name of a name in the unit at the cursor.
func (p *program) checkName(name string) string {
	return p.view.CheckName(name, p.meaning(p.at, name))
}

// see determines what names mean in the cell.
func (p *program) see() {
	var imports []source.ImportSpec
	var decls []source.Decl
	for _, u := range p.units {
		switch u.kind {
		case importPart:
			imports = append(imports, source.Imports(u.Syntax)...)
		case declPart, mainPart:
			decls = append(decls, source.Decls(u.Syntax)...)
		case stmtPart:
			p.made = source.Made(p.fset, u.Body())
		}
	}
	p.view = p.held.For(imports, decls, p.packages, func(name string) []string { return p.cfg.Known[name] })
	for _, u := range p.units {
		p.resolve(u)
	}
}

// check type-checks the session and the cell in the two passes of a session:
// the statements against the variables as they are; then, where the cursor is
// in a declaration, the declarations against the variables that the statements
// make. report is called for what the passes find wrong.
func (p *program) check(report func(types.Error)) {
	p.see()
	kept := p.keptFiles()
	p.order(kept)
	vars := p.foresee(kept)
	for _, v := range p.view.Vars {
		if v.Name != "ctx" || !p.isMade("ctx") { // ctx, cancel := f(ctx) starts from the predeclared one
			vars = append(vars, p.view.CheckVar(v))
		}
	}
	if p.body() != nil || p.at.kind == importPart {
		p.run(stmtPart, kept, vars, report)
	}
	if p.at.kind == stmtPart || p.at.kind == importPart {
		return
	}
	made := p.liftedVars()
	vars = nil
	for _, v := range p.view.Vars {
		if !p.lifted[v.Name] {
			vars = append(vars, p.view.CheckVar(v))
		}
	}
	for _, v := range made {
		vars = append(vars, p.view.CheckVar(v))
	}
	p.run(declPart, kept, vars, report)
}

// keptFiles returns the declarations of the session that the cell does not
// replace, for a check.
func (p *program) keptFiles() (files []source.CheckFile) {
	p.kept = map[string]source.KeptDecl{}
	for i, d := range p.view.Decls {
		name := fmt.Sprintf("kept%d", i)
		if f, err := p.view.CheckFile(p.fset, name, d); err == nil {
			p.kept[name] = d
			files = append(files, f)
		}
	}
	return files
}

// liftedVars returns the variables that the statements make, as variables of the
// session, and adds them to the view.
func (p *program) liftedVars() (all []source.KeptVar) {
	p.lifted = map[string]bool{}
	b := p.body()
	if b == nil {
		return nil
	}
	for _, id := range source.TopVars(b.Body()) {
		obj := p.info.Defs[id]
		if obj == nil || p.lifted[id.Name] {
			continue
		}
		if t, ok := source.TextOf(obj.Type(), p.pkg); ok {
			p.lifted[id.Name] = true
			all = append(all, source.KeptVar{Name: id.Name, Type: t.Text, Shown: t.Shown, Paths: t.Paths})
			p.view.AddVars(id.Name)
		}
	}
	return all
}

// order puts the var declarations above the cursor into the order in which a
// session initializes them.
func (p *program) order(kept []source.CheckFile) {
	b := p.body()
	if b == nil {
		return
	}
	movable := len(b.stmts)
	if b.cursorIn >= 0 {
		movable = b.cursorIn
	}
	mentioned := func(name string) bool {
		return slices.ContainsFunc(p.units, func(u *unit) bool { return u.kind != stmtPart && u.Unresolved[name] }) ||
			slices.ContainsFunc(kept, func(f source.CheckFile) bool {
				return slices.ContainsFunc(f.Syntax.Unresolved, func(id *ast.Ident) bool { return id.Name == name })
			})
	}
	order := source.VarOrder{Fset: p.fset, Program: p.isProgram, Mentioned: mentioned, Check: p.checkVars(kept)}
	stmts, changed, _ := order.Order(b.stmts[:movable])
	if !changed {
		return
	}
	if b.cursorIn >= 0 {
		b.cursorIn = len(stmts)
	}
	b.stmts = append(stmts, b.stmts[movable:]...)
	text, cursor := b.text()
	f, err := source.ParseDraft(p.fset, b.fileName(), b.head(), text)
	if err != nil && f == nil {
		return
	}
	b.File = f
	if b.cursorIn >= 0 {
		p.path = pathTo(f.Syntax, p.fset, len(b.head())+cursor)
		f.IgnoreSelected(placeholder)
	}
	p.made = source.Made(p.fset, b.Body())
	p.resolve(b)
}

// foresee finds the variables of the cell that its constants and types need.
func (p *program) foresee(kept []source.CheckFile) (vars []source.CheckVar) {
	b := p.body()
	if b == nil {
		return nil
	}
	var decls []*source.File
	for _, u := range p.units {
		if u.kind == declPart && slices.ContainsFunc(source.Decls(u.Syntax), func(d source.Decl) bool { return d.Kind == source.Const || d.Kind == source.Type }) {
			decls = append(decls, u.File)
		}
	}
	found, pkg := source.Foresee(p.fset, 0, b.stmts, b.File, decls, p.view.HasVar, p.checkVars(kept))
	for name, typ := range found {
		if t, ok := source.TextOf(typ, pkg); ok {
			p.view.AddVars(name)
			vars = append(vars, p.view.CheckVar(source.KeptVar{Name: name, Type: t.Text, Shown: t.Shown, Paths: t.Paths}))
		}
	}
	return vars
}

// checkVars checks var declarations as part of the package.
func (p *program) checkVars(kept []source.CheckFile) source.VarCheck {
	return func(f *source.File, names map[string]bool) (c source.Checked, cycle *types.Error) {
		imports, dots := p.view.Resolve(f, nil)
		source.Qualify(f.Syntax, dots)
		hasVar := func(name string) bool { return p.view.HasVar(name) && !names[name] }
		scope := p.view.Scope
		scope.HasVar = hasVar
		var all source.Package
		all.Taken = p.isTaken
		for _, k := range kept {
			k.Signatures = false
			all.Files = append(all.Files, k)
		}
		for _, u := range p.units {
			if u.kind != stmtPart {
				all.Files = append(all.Files, source.CheckFile{Syntax: u.Syntax, Imports: u.imports,
					CheckName: func(name string) string { return scope.CheckName(name, u.means[name]) }})
			}
		}
		all.Files = append(all.Files, source.CheckFile{Syntax: f.Syntax, Imports: imports,
			CheckName: func(name string) string { return scope.CheckName(name, scope.Newest(name)) }})
		for _, v := range p.view.Vars {
			if !names[v.Name] {
				all.Vars = append(all.Vars, p.view.CheckVar(v))
			}
		}
		if !hasVar("ctx") && !p.view.HasDecl("ctx") {
			all.Vars = append(all.Vars, source.ContextVar)
		}
		c = p.checker().Check(p.fset, all, func(e types.Error, _ *types.Info) {
			if cycle == nil && source.ProblemOf(e) == source.InitCycle {
				cycle = &e
			}
		})
		return c, cycle
	}
}

// run checks the statements, with the signatures of all functions, or the
// declarations of the cell.
func (p *program) run(pass partKind, kept []source.CheckFile, vars []source.CheckVar, report func(types.Error)) {
	all := source.Package{Files: slices.Clone(kept), Vars: vars, Taken: p.isTaken}
	for _, u := range p.units {
		if pass == declPart && u.kind == stmtPart {
			continue
		}
		all.Files = append(all.Files, source.CheckFile{
			Syntax: u.Syntax, Imports: u.imports, Signatures: pass == stmtPart && u.kind != stmtPart,
			CheckName: func(name string) string { return p.view.CheckName(name, p.meaning(u, name)) },
		})
	}
	if p.predeclaredContext = !p.view.HasDecl("ctx") && !slices.ContainsFunc(vars, func(v source.CheckVar) bool { return v.Name == "ctx" }); p.predeclaredContext {
		all.Vars = append(all.Vars, source.ContextVar)
	}
	checked := p.checker().Check(p.fset, all, func(e types.Error, _ *types.Info) { report(e) })
	p.pkg, p.info = checked.Pkg, checked.Info
}

func (p *program) checker() source.Checker {
	return source.Checker{Importer: p.packages, Lang: p.cfg.Lang}
}
