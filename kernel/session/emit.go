package session

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"sort"
	"strings"
)

// An edit replaces a range of a unit's source when the compiled file is made.
type edit struct {
	from, to int
	text     string
}

func (p *planner) edit(u *unit, from, to token.Pos, text string) {
	a, b := p.fset.PositionFor(from, false).Offset, p.fset.PositionFor(to, false).Offset
	u.edits = append(u.edits, edit{a, b, text})
}

// remove replaces a range by text that has nothing of it.
func (p *planner) remove(u *unit, from, to token.Pos, text string) {
	p.edit(u, from, to, text)
	u.removed = append(u.removed, u.edits[len(u.edits)-1])
}

// isRemoved reports whether a position is in a removed part.
func (p *planner) isRemoved(u *unit, pos token.Pos) bool {
	at := p.fset.PositionFor(pos, false).Offset
	return slices.ContainsFunc(u.removed, func(e edit) bool { return e.from <= at && at < e.to })
}

// edited is the unit's source with its edits; one that lies inside another is
// lost with what it edits.
func (u *unit) edited() string {
	sort.SliceStable(u.edits, func(i, j int) bool {
		a, b := u.edits[i], u.edits[j]
		if a.from != b.from {
			return a.from < b.from
		}
		if (a.from == a.to) != (b.from == b.to) {
			return a.from == a.to // insertions first
		}
		return a.to > b.to
	})
	var b strings.Builder
	at := 0
	for _, e := range u.edits {
		if e.from < at {
			continue
		}
		b.WriteString(u.src[at:e.from])
		b.WriteString(e.text)
		at = e.to
	}
	b.WriteString(u.src[at:])
	return b.String()
}

// variableOf is the session variable that an object of a check stands for.
func (p *planner) variableOf(obj types.Object, c checked) *variable {
	v, ok := obj.(*types.Var)
	if !ok || v.IsField() {
		return nil
	}
	if c.pkg == p.stmts.pkg {
		if p.liftedObjs[obj] {
			return p.lifted[obj.Name()]
		}
		if obj.Parent() == c.pkg.Scope() {
			return p.before[Plain(obj.Name())]
		}
		return nil
	}
	if obj.Parent() != c.pkg.Scope() {
		return nil
	}
	name := Plain(obj.Name())
	if l := p.lifted[name]; l != nil {
		return l
	}
	return p.st.vars[name]
}

// varIdent is the name of an object in the compiled files.
func (p *planner) varIdent(obj types.Object) string {
	if v := p.variableOf(obj, p.stmts); v != nil {
		return v.ident()
	}
	return obj.Name()
}

// contextIdent names the predeclared ctx in compiled files.
const contextIdent = "ctx__cell"

// isContext reports whether an object is the predeclared ctx.
func (p *planner) isContext(obj types.Object, c checked) bool {
	v, ok := obj.(*types.Var)
	return ok && v.Name() == "ctx" && v.Parent() == c.pkg.Scope() && p.variableOf(obj, c) == nil
}

// emit generates the files of the plugin: the statements, the declarations
// they reach, the variables all of these use, and the registration.
func (p *planner) emit() {
	g := p.graph()
	var reached []*unit
	var visit func(u *unit)
	visit = func(u *unit) {
		if u == nil || slices.Contains(reached, u) {
			return
		}
		reached = append(reached, u)
		for _, next := range g.uses[u] {
			visit(next)
		}
	}
	vars := map[string]*variable{} // by identifier
	useVars := func(u *unit, c checked) (usesContext bool) {
		ast.Inspect(u.file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if obj := c.info.ObjectOf(id); obj != nil && obj.Pkg() == c.pkg {
					if v := p.variableOf(obj, c); v != nil {
						vars[v.ident()] = v
					}
					usesContext = usesContext || p.isContext(obj, c)
				}
			}
			return true
		})
		return usesContext
	}
	context := false
	if p.body != nil {
		for _, u := range p.usedUnits(g, p.body, p.stmts) {
			visit(u)
		}
		context = useVars(p.body, p.stmts)
		for _, v := range p.lifted {
			vars[v.ident()] = v
		}
	}
	for _, d := range p.cell.once {
		visit(g.owner[declName(d.names[0])])
	}
	for _, name := range p.cell.inits {
		visit(g.owner[name])
	}
	for _, name := range p.declaredAnew() {
		visit(g.owner[name])
	}
	for _, v := range vars { // the types of lifted variables
		eachTypeName(v.typ, func(id *ast.Ident) { visit(g.owner[id.Name]); visitAll(g.methods[id.Name], visit) })
	}
	renewed := p.renewed()
	for _, name := range renewed {
		visit(g.owner[name])
		visitAll(g.methods[name], visit)
	}
	mentioned := p.mentioned(renewed)
	for _, v := range mentioned { // the arguments of generic types
		eachTypeName(v.typ, func(id *ast.Ident) { visit(g.owner[id.Name]); visitAll(g.methods[id.Name], visit) })
	}
	for i := 0; i < len(reached); i++ {
		if useVars(reached[i], p.decls) {
			context = true
		}
	}
	for _, v := range vars { // and of variables the declarations use
		eachTypeName(v.typ, func(id *ast.Ident) { visit(g.owner[id.Name]); visitAll(g.methods[id.Name], visit) })
	}
	for _, name := range p.names {
		p.share(p.units[name], p.decls)
	}
	p.bindLate(g, reached)
	p.hold(reached)
	if p.body != nil {
		p.share(p.body, p.stmts)
		p.copyInLoops()
		p.rewrite(p.body, p.stmts)
		p.companions(p.body, p.stmts)
	}
	for _, u := range reached {
		p.rewrite(u, p.decls)
		p.companions(u, p.decls)
	}
	p.emitUnits(reached)
	p.noteInstances()
	p.emitRegistration(vars, context, mentioned)
	for _, u := range reached {
		if name, ok := strings.CutPrefix(u.decl.key, "type "); ok {
			p.noteLoaded(declName(name))
		}
	}
}

func visitAll(units []*unit, visit func(*unit)) {
	for _, u := range units {
		visit(u)
	}
}

// imports notes what the files of the plugin import.
func (p *planner) imports(m map[string]string) {
	for _, path := range m {
		if !slices.Contains(p.plan.Imports, path) {
			p.plan.Imports = append(p.plan.Imports, path)
		}
	}
}

func (p *planner) addFile(name, text string) {
	p.plan.Files = append(p.plan.Files, File{name, text})
}

// emitUnit writes a unit with the imports that are left after its edits.
func (p *planner) emitUnit(name string, u *unit) {
	text := u.edited()
	clause := "package " + packageName + ";"
	p.imports(u.used)
	p.addFile(name, clause+importDecls(u.used)+strings.TrimPrefix(text, clause)+u.after)
}

// companions imports, for their effect, the packages that belong to the
// functions a unit uses.
func (p *planner) companions(u *unit, c checked) {
	ast.Inspect(u.file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		fn, ok := c.info.Uses[id].(*types.Func)
		if !ok || fn.Pkg() == nil {
			return true
		}
		path := p.s.with[fn.Pkg().Path()+"."+fn.Name()]
		if path != "" && !slices.Contains(p.cell.blank, path) && p.available(path+".") {
			p.cell.blank = append(p.cell.blank, path)
		}
		return true
	})
}

// emitRegistration declares the variables, without initializers, and tells
// the worker what to run. The linker keeps the types that are mentioned.
func (p *planner) emitRegistration(vars map[string]*variable, context bool, mentioned []*variable) {
	var decls, regs strings.Builder
	imports := map[string]string{"__rt": runtimePath}
	for _, t := range mentioned {
		maps.Copy(imports, t.paths)
		fmt.Fprintf(&regs, "\t__rt.Keep((*%s)(nil))\n", p.versioned(t.typ))
	}
	for _, ident := range sortedKeys(vars) {
		v := vars[ident]
		maps.Copy(imports, v.paths)
		fmt.Fprintf(&decls, "var %s %s\n", ident, p.versioned(v.typ))
		if p.st.vars[v.name] == v || p.lifted[v.name] == v {
			fmt.Fprintf(&regs, "\t__rt.Var(%q, &%s)\n", v.name, ident)
		} else {
			fmt.Fprintf(&regs, "\t__rt.Keep(&%s)\n", ident)
		}
		p.plan.Globals = append(p.plan.Globals, "sess."+ident)
	}
	for _, set := range p.lateSet {
		regs.WriteString(set)
	}
	if context {
		imports["__context"] = "context"
		fmt.Fprintf(&decls, "var %s = __rt.Context.(__context.Context)\n", contextIdent)
	}
	var run strings.Builder
	if p.body != nil {
		run.WriteString("\t__body()\n")
	}
	for _, name := range p.cell.inits {
		fmt.Fprintf(&run, "\t%s()\n", name)
	}
	if p.cell.main {
		run.WriteString("\tmain()\n")
	}
	if p.cell.tests {
		run.WriteString("\t__test()\n")
	}
	p.imports(imports)
	p.plan.Imports = append(p.plan.Imports, p.cell.blank...)
	blank := ""
	for _, path := range p.cell.blank {
		blank += fmt.Sprintf("import _ %q;", path)
	}
	named, list := p.globals()
	blank += named
	if list != "" {
		regs.WriteString("\t__rt.AddGlobals(__globals[:])\n")
	}
	p.addFile("zz_cell.go", fmt.Sprintf("package %s;%s%s\nvar __cell __rt.Cell\n%s%sfunc __run() {\n%s}\nfunc init() {\n\t__rt.Load(&__cell, %d, __run)\n%s}\n",
		packageName, importDecls(imports), blank, list, decls.String(), run.String(), p.c.Number, regs.String()))
}

// globals declares a list of the variables of packages that are to be
// registered, "" when there are none, and returns the imports that this takes.
func (p *planner) globals() (imports, list string) {
	if p.s.globals == nil {
		return "", ""
	}
	var b strings.Builder
	for i, path := range p.plan.Imports {
		if slices.Index(p.plan.Imports, path) < i {
			continue
		}
		names := p.s.globals(path)
		for _, name := range names {
			fmt.Fprintf(&b, "\t{%q, &__p%d.%s},\n", path+"."+name, i, name)
		}
		if len(names) > 0 {
			imports += fmt.Sprintf("import __p%d %q;", i, path)
		}
	}
	if b.Len() > 0 {
		list = "var __globals = [...]__rt.Global{\n" + b.String() + "}\n"
	}
	return imports, list
}

// versioned is the text of a type with the versions of declared types in it.
func (p *planner) versioned(typ string) string {
	u := &unit{src: typ}
	eachTypeName(typ, func(id *ast.Ident) {
		if name := p.typeIdent(id.Name); name != id.Name {
			// Positions of ParseExpr start at 1.
			u.edits = append(u.edits, edit{int(id.Pos()) - 1, int(id.End()) - 1, name})
		}
	})
	return u.edited()
}

func parseType(typ string) (ast.Expr, error) { return parser.ParseExpr(typ) }

// typeIdent is the name of a declared type in the compiled files.
func (p *planner) typeIdent(name string) string {
	if plain, ok := strings.CutPrefix(name, hidingDecl); ok { // never that of the predeclared type
		return fmt.Sprintf("%sʼ%d", plain, max(p.st.types[name].version, 1))
	}
	if t, ok := p.st.types[name]; ok && t.version > 1 && !t.gone {
		return fmt.Sprintf("%sʼ%d", name, t.version)
	}
	return name
}
