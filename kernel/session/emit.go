package session

import (
	"go/ast"
	"go/parser"
	"go/types"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// variableOf is the session variable that an object of a check stands for.
func (p *planner) variableOf(obj types.Object, c source.Checked) *variable {
	v, ok := obj.(*types.Var)
	if !ok || v.IsField() {
		return nil
	}
	if c.Pkg == p.stmts.Pkg {
		if p.liftedObjs[obj] {
			return p.lifted[obj.Name()]
		}
		if obj.Parent() == c.Pkg.Scope() {
			return p.before[gen.Plain(obj.Name())]
		}
		return nil
	}
	if obj.Parent() != c.Pkg.Scope() {
		return nil
	}
	name := gen.Plain(obj.Name())
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

// isContext reports whether an object is the predeclared ctx.
func (p *planner) isContext(obj types.Object, c source.Checked) bool {
	v, ok := obj.(*types.Var)
	return ok && v.Name() == "ctx" && v.Parent() == c.Pkg.Scope() && p.variableOf(obj, c) == nil
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
	useVars := func(u *unit, c source.Checked) (usesContext bool) {
		ast.Inspect(u.file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if obj := c.Info.ObjectOf(id); obj != nil && obj.Pkg() == c.Pkg {
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
		visit(g.owner[source.DeclName(d.names[0])])
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
			p.noteLoaded(source.DeclName(name))
		}
	}
}

// share notes how a unit shares session variables. The note stays: a goroutine
// or a pointer can outlive the code it came from. (A statement of a cell that was
// left behind is one more writer, which is not noted: it stops at its next check.)
func (p *planner) share(u *unit, c source.Checked) {
	for obj, how := range flow.Shared(c, u.file, u == p.body) {
		if v := p.variableOf(obj, c); v != nil {
			p.st.shared[v.ident()] = max(p.st.shared[v.ident()], how)
		}
	}
}

func visitAll(units []*unit, visit func(*unit)) {
	for _, u := range units {
		visit(u)
	}
}

// imports notes what the files of the plugin import.
func (p *planner) imports(paths []string) {
	for _, path := range paths {
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
	text := u.edits.Apply(u.src, u.file.FileStart)
	p.imports(slices.Collect(maps.Values(u.used)))
	p.addFile(name, gen.Clause+gen.ImportDecls(u.used)+strings.TrimPrefix(text, gen.Clause)+u.after)
}

// companions imports, for their effect, the packages that belong to the
// functions a unit uses.
func (p *planner) companions(u *unit, c source.Checked) {
	ast.Inspect(u.file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		fn, ok := c.Info.Uses[id].(*types.Func)
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

// emitRegistration adds the file that declares the variables, without
// initializers, and tells the worker what to run. The linker keeps the types
// that are mentioned.
func (p *planner) emitRegistration(vars map[string]*variable, context bool, mentioned []*variable) {
	file := &gen.Wrapper{Number: p.c.Number, Imports: map[string]string{}, Blank: p.cell.blank, Now: p.lateSet, Context: context}
	for _, t := range mentioned {
		maps.Copy(file.Imports, t.paths)
		file.Types = append(file.Types, p.versioned(t.typ))
	}
	for _, ident := range sortedKeys(vars) {
		v := vars[ident]
		maps.Copy(file.Imports, v.paths)
		declared := gen.Var{Ident: ident, Type: p.versioned(v.typ)}
		if p.st.vars[v.name] == v || p.lifted[v.name] == v {
			declared.Name = v.name
		}
		file.Vars = append(file.Vars, declared)
		p.plan.Globals = append(p.plan.Globals, gen.Symbol(ident))
	}
	if p.body != nil {
		file.Run = append(file.Run, gen.Body)
	}
	file.Run = append(file.Run, p.cell.inits...)
	if p.cell.main {
		file.Run = append(file.Run, "main")
	}
	if p.cell.tests {
		file.Run = append(file.Run, gen.Test)
	}
	p.imports(file.Paths())
	p.plan.Imports = append(p.plan.Imports, p.cell.blank...)
	file.Globals = p.globals()
	p.addFile(gen.WrapperFile, file.Text())
}

// globals are the variables of the imported packages that are to be registered.
func (p *planner) globals() (all []gen.Global) {
	if p.s.globals == nil {
		return nil
	}
	for i, path := range p.plan.Imports {
		if slices.Index(p.plan.Imports, path) < i {
			continue
		}
		if names := p.s.globals(path); len(names) > 0 {
			all = append(all, gen.Global{Path: path, Names: names})
		}
	}
	return all
}

// versioned is the text of a type with the versions of declared types in it.
func (p *planner) versioned(typ string) string {
	var edits edit.List
	eachTypeName(typ, func(id *ast.Ident) {
		if name := p.typeIdent(id.Name); name != id.Name {
			edits.Replace(id.Pos(), id.End(), name)
		}
	})
	return edits.Apply(typ, edit.InExpr)
}

func parseType(typ string) (ast.Expr, error) { return parser.ParseExpr(typ) }

// typeIdent is the name of a declared type in the compiled files.
func (p *planner) typeIdent(name string) string {
	plain, hides := gen.CutHidingName(name)
	if hides { // never that of the predeclared type
		return gen.Type(plain, p.st.types[name].version, true)
	}
	if t, ok := p.st.types[name]; ok && !t.gone {
		return gen.Type(name, t.version, false)
	}
	return name
}
