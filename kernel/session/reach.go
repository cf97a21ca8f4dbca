package session

import (
	"go/ast"
	"go/token"
	"slices"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// A useGraph says which declarations use which.
type useGraph struct {
	uses    map[*unit][]*unit
	methods map[string][]*unit // of a type, by its check name
	owner   map[string]*unit   // of a check name
	vars    map[*unit][]string // identifiers of the variables used
}

// graphOf finds what each declaration uses. What uses a type uses its methods.
func graphOf(p *checkedCell) *useGraph {
	g := &useGraph{uses: map[*unit][]*unit{}, methods: map[string][]*unit{}, owner: map[string]*unit{}, vars: map[*unit][]string{}}
	for _, u := range p.units {
		for _, n := range u.decl.names {
			g.owner[source.DeclName(n)] = u
		}
		if t := u.decl.key.Recv; t != "" {
			g.methods[source.DeclName(t)] = append(g.methods[source.DeclName(t)], u)
		}
	}
	for _, u := range p.units {
		g.uses[u] = g.usedBy(p, u, p.decls)
	}
	return g
}

// usedBy returns the declarations that a unit uses directly, and the types of the
// variables that it uses.
func (g *useGraph) usedBy(p *checkedCell, u *unit, in source.Checked) []*unit {
	var used []*unit
	add := func(name string) {
		if o := g.owner[name]; o != nil && !slices.Contains(used, o) {
			used = append(used, o)
			used = append(used, g.methods[name]...)
		}
	}
	ast.Inspect(u.Syntax, func(n ast.Node) bool {
		if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
			// A repeated expression is checked again for each constant and may mean
			// something else there; Uses has the last meaning only.
			for _, id := range u.Syntax.Unresolved {
				if d.Pos() <= id.Pos() && id.Pos() < d.End() {
					add(id.Name)
				}
			}
		}
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := in.Info.Uses[id]
		if obj == nil || obj.Pkg() != in.Pkg || obj.Parent() != in.Pkg.Scope() {
			return true
		}
		if v := p.variableOf(obj, in); v != nil {
			eachTypeName(v.typ, func(id *ast.Ident) { add(id.Name) })
			g.vars[u] = append(g.vars[u], v.ident())
		} else {
			add(obj.Name())
		}
		return true
	})
	return used
}

// A reach is what a plugin must contain.
type reach struct {
	units     []*unit
	vars      map[string]*variable // by identifier
	mentioned []*variable          // types whose newer descriptors the worker needs
	context   bool                 // something uses ctx
}

// reachOf finds the declarations and variables that the plugin of a cell must
// contain: what its statements use, directly or through others, what else the cell
// runs, redeclared functions that older code calls late, and types whose methods
// changed.
func reachOf(p *checkedCell, g *useGraph) *reach {
	r := &reach{vars: map[string]*variable{}}
	var visit func(u *unit)
	visit = func(u *unit) {
		if u == nil || slices.Contains(r.units, u) {
			return
		}
		r.units = append(r.units, u)
		for _, next := range g.uses[u] {
			visit(next)
		}
	}
	visitType := func(name string) {
		visit(g.owner[name])
		for _, m := range g.methods[name] {
			visit(m)
		}
	}
	visitTypes := func(v *variable) { eachTypeName(v.typ, func(id *ast.Ident) { visitType(id.Name) }) }
	if p.body != nil {
		for _, u := range g.usedBy(p, p.body, p.stmts) {
			visit(u)
		}
		r.use(p, p.body, p.stmts)
		for _, v := range p.lifted {
			r.vars[v.ident()] = v
		}
	}
	for _, d := range p.content.once {
		visit(g.owner[source.DeclName(d.names[0])])
	}
	for _, name := range p.content.inits {
		visit(g.owner[name])
	}
	for _, name := range declaredAnew(p) {
		visit(g.owner[name])
	}
	for _, v := range r.vars { // the types of lifted variables
		visitTypes(v)
	}
	names := renewed(p.st.types)
	for _, name := range names {
		visitType(name)
	}
	r.mentioned = mentioned(p, names)
	for _, v := range r.mentioned { // the arguments of generic types
		visitTypes(v)
	}
	for i := 0; i < len(r.units); i++ {
		r.use(p, r.units[i], p.decls)
	}
	for _, v := range r.vars { // and of variables the declarations use
		visitTypes(v)
	}
	return r
}

// use adds the variables that a unit uses.
func (r *reach) use(p *checkedCell, u *unit, in source.Checked) {
	ast.Inspect(u.Syntax, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if obj := in.Info.ObjectOf(id); obj != nil && obj.Pkg() == in.Pkg {
				if v := p.variableOf(obj, in); v != nil {
					r.vars[v.ident()] = v
				}
				r.context = r.context || p.isContext(obj, in)
			}
		}
		return true
	})
}

// isTests reports whether a unit is the function that runs the tests.
func isTests(u *unit) bool { return slices.Contains(u.decl.names, gen.Test) }
