package session

import (
	"go/ast"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A compiled unit has everything that makes a file of a plugin.
type compiled struct {
	*unit
	edits   edit.List
	imports map[string]string // from local name to path
	after   string            // generated code at the end
}

// source returns the text of the file.
func (u *compiled) source() string {
	text := u.edits.Apply(u.Text, u.Syntax.FileStart)
	return gen.Clause + gen.ImportDecls(u.imports) + strings.TrimPrefix(text, gen.Clause) + u.after
}

// emit makes the files of a cell's plugin: the statements, the declarations that they
// reach, and a wrapper that declares and registers the variables. What the session
// must remember goes into the state of the plan.
func emit(plan *Plan, p *checkedCell) {
	g := graphOf(p)
	r := reachOf(p, g)
	next := &plan.state
	next.shared = sharedBy(p)
	late := bindLate(p, g, r.units)
	next.late = late.known
	plan.Notes = append(plan.Notes, late.notes...)
	next.held = heldBy(p, r.units)
	var body *compiled
	if p.body != nil {
		lifted, copies := lift(p), &loopCopies{}
		if !p.cell.Debug { // else the debugger would not see what the copies hold
			copies = copyInLoops(p, next.shared)
		}
		plan.makings = lifted.makings
		edits := slices.Concat(traced(p, p.body, p.stmts), p.unused[p.body], lifted.edits, copies.edits, rewrite(p, p.body, p.stmts, late, copies))
		body = &compiled{unit: p.body, edits: edits, imports: usedImports(p.body, p.stmts, edits)}
		maps.Copy(body.imports, lifted.imports)
	}
	var units []*compiled
	for _, u := range r.units {
		edits := slices.Concat(traced(p, u, p.decls), p.unused[u], rewrite(p, u, p.decls, late, &loopCopies{}))
		units = append(units, &compiled{u, edits, usedImports(u, p.decls, edits), late.after[u]})
	}
	n := numbered(p, body, units)
	next.localTypes, next.locals = n.types, n.count
	next.instances = withInstances(p)
	w := wrapperOf(p, r, late)
	plan.Imports = importsOf(body, units, w)
	w.Globals = globalsOf(p.s, plan.Imports)
	plan.Files = append(n.files, File{gen.WrapperFile, w.Text()})
	for _, ident := range slices.Concat(late.vars, sortedKeys(r.vars)) {
		plan.Globals = append(plan.Globals, gen.Symbol(ident))
	}
	next.types = loaded(next.types, r.units)
}

// sharedBy returns how variables are shared, by identifier, with what the cell adds.
// Nothing is ever taken away, because a goroutine or pointer can outlive the code
// that made it. (The statements of a cell that was left behind write variables, too.
// They do not count: they stop at their next check.)
func sharedBy(p *checkedCell) map[string]flow.Sharing {
	all := maps.Clone(p.st.shared)
	add := func(u *unit, in source.Checked) {
		for obj, how := range flow.Shared(in, u.Syntax, u == p.body) {
			if v := p.variableOf(obj, in); v != nil {
				all[v.ident()] = max(all[v.ident()], how)
			}
		}
	}
	for _, u := range p.units {
		add(u, p.decls)
	}
	if p.body != nil {
		add(p.body, p.stmts)
	}
	return all
}

// wrapperOf makes the file that declares the variables, without initializers, and
// tells the worker what to run. The types mentioned in it are kept by the linker.
func wrapperOf(p *checkedCell, r *reach, late *lateCalls) *gen.Wrapper {
	w := &gen.Wrapper{Number: p.cell.Number, Imports: map[string]string{}, Now: late.set, Context: r.context, Blank: slices.Clone(p.content.blank)}
	for _, t := range r.mentioned {
		maps.Copy(w.Imports, t.paths)
		w.Types = append(w.Types, p.versioned(t.typ))
	}
	for _, ident := range sortedKeys(r.vars) {
		v := r.vars[ident]
		maps.Copy(w.Imports, v.paths)
		declared := gen.Var{Ident: ident, Type: p.versioned(v.typ)}
		if p.st.vars[v.name] == v || p.lifted[v.name] == v {
			declared.Name = v.name
		}
		w.Vars = append(w.Vars, declared)
	}
	if p.body != nil {
		w.Run = append(w.Run, gen.Body)
		w.Blank = withCompanions(p.s, w.Blank, p.body, p.stmts)
	}
	for _, u := range r.units {
		w.Blank = withCompanions(p.s, w.Blank, u, p.decls)
	}
	w.Run = append(w.Run, p.content.inits...)
	if p.content.main {
		w.Run = append(w.Run, "main")
	}
	if p.content.tests {
		w.Run = append(w.Run, gen.Test)
	}
	return w
}

// withCompanions adds to packages that are imported for their effect those that
// belong to functions which a unit uses (see Session.With).
func withCompanions(s *Session, blank []string, u *unit, in source.Checked) []string {
	ast.Inspect(u.Syntax, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		fn := flow.Callee(in, id)
		if fn == nil || fn.Pkg() == nil {
			return true
		}
		path := s.with[fn.Pkg().Path()+"."+fn.Name()]
		if path != "" && !slices.Contains(blank, path) && available(s.imp, path+".") {
			blank = append(blank, path)
		}
		return true
	})
	return blank
}

// importsOf lists what the files of a plugin import.
func importsOf(body *compiled, units []*compiled, w *gen.Wrapper) (all []string) {
	add := func(paths []string) {
		for _, path := range paths {
			if !slices.Contains(all, path) {
				all = append(all, path)
			}
		}
	}
	if body != nil {
		add(slices.Sorted(maps.Values(body.imports)))
	}
	for _, u := range units {
		add(slices.Sorted(maps.Values(u.imports)))
	}
	add(w.Paths())
	add(w.Blank)
	return all
}

// globalsOf returns the variables of imported packages that the worker must know.
func globalsOf(s *Session, imports []string) (all []gen.Global) {
	if s.globals == nil {
		return nil
	}
	for _, path := range imports {
		if names := s.globals(path); len(names) > 0 {
			all = append(all, gen.Global{Path: path, Names: names})
		}
	}
	return all
}
