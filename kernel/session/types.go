package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// typeVersion is what decides the identity of a declared type. All plugins
// share one descriptor per linker symbol, so a type whose layout or methods
// changed needs another symbol: its name gets a version (point, pointʼ2).
type typeVersion struct {
	version int
	layout  string // the underlying type
	code    string // the methods and all they call
	gone    bool   // by a reset
}

// versionTypes compares all declared types with what they were, and drops the
// variables whose memory no longer fits their type. Variables to be given up
// are returned, with the reason.
func (p *planner) versionTypes() map[string]string {
	scope := p.decls.pkg.Scope()
	g := p.graph()
	code, calls := p.reach(g)
	gone := map[string]string{}
	changed, layout := map[string]bool{}, map[string]bool{}
	uses := map[string][]string{}
	for _, d := range p.kept() {
		if !strings.HasPrefix(d.key, "type ") {
			continue
		}
		name := declName(d.names[0])
		tn, ok := scope.Lookup(name).(*types.TypeName)
		if !ok {
			continue
		}
		now := typeVersion{version: 1, layout: p.layout(tn), code: code[name]}
		uses[name] = p.mentions(tn)
		if old, known := p.st.types[name]; known {
			now.version = old.version
			switch {
			case old.gone:
				now.version++
			case old.layout != now.layout:
				changed[name], layout[name] = true, true
			case old.code != now.code:
				changed[name] = true
			}
		}
		p.st.types[name] = now
	}
	spread(layout, uses) // what contains a changed type changes too
	for name, others := range calls {
		uses[name] = append(uses[name], others...)
	}
	spread(changed, uses)
	for name := range changed {
		t := p.st.types[name]
		t.version++
		p.st.types[name] = t
	}
	for _, name := range sortedKeys(p.st.vars) { // those the cell makes anew, too: it must not read the old ones
		v := p.st.vars[name]
		for _, t := range sortedKeys(layout) {
			if mentionsName(v.typ, t) {
				gone["var "+name] = "its type " + v.shown + " was redefined"
				break
			}
		}
	}
	for name, v := range p.lifted {
		p.st.vars[name] = v
	}
	return gone
}

// spread adds to a set of types those that use one of it.
func spread(set map[string]bool, uses map[string][]string) {
	for again := true; again; {
		again = false
		for name, others := range uses {
			if !set[name] && slices.ContainsFunc(others, func(o string) bool { return set[o] }) {
				set[name], again = true, true
			}
		}
	}
}

// layout is the underlying type as text, with its type parameters. An alias
// has one too: variables are declared with its name.
func (p *planner) layout(tn *types.TypeName) string {
	text := ""
	if tn.IsAlias() {
		text = "= " + types.TypeString(types.Unalias(tn.Type()), (*types.Package).Path) + " "
	}
	text += types.TypeString(tn.Type().Underlying(), (*types.Package).Path)
	if named, ok := tn.Type().(*types.Named); ok && named.TypeParams().Len() > 0 {
		for i := range named.TypeParams().Len() {
			tp := named.TypeParams().At(i)
			text += ";" + tp.String() + " " + types.TypeString(tp.Constraint(), (*types.Package).Path)
		}
	}
	return text
}

// mentions lists the declared types that a type's definition names.
func (p *planner) mentions(tn *types.TypeName) []string {
	var names []string
	for _, u := range p.units {
		if u.decl.key != "type "+Plain(tn.Name()) {
			continue
		}
		ast.Inspect(u.file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok {
				if o, ok := p.decls.info.Uses[id].(*types.TypeName); ok && o.Parent() == p.decls.pkg.Scope() {
					names = append(names, o.Name())
				}
			}
			return true
		})
	}
	return names
}

// reach tells for every type what code its methods reach, as text, and what
// types that code names. Calls through an interface go through the descriptor
// to the methods it was compiled with, so when any of that code is replaced,
// the type needs a new descriptor.
func (p *planner) reach(g *useGraph) (code map[string]string, calls map[string][]string) {
	code, calls = map[string]string{}, map[string][]string{}
	for name, methods := range g.methods {
		seen := map[*unit]bool{}
		var visit func(u *unit)
		visit = func(u *unit) {
			if u == nil || seen[u] {
				return
			}
			seen[u] = true
			for _, next := range g.uses[u] {
				visit(next)
			}
		}
		for _, m := range methods {
			visit(m)
		}
		var all []string
		for u := range seen {
			if t, ok := strings.CutPrefix(u.decl.key, "type "); ok {
				calls[name] = append(calls[name], declName(t))
			} else {
				all = append(all, u.decl.text+"\n"+importDecls(u.decl.imports)+strings.Join(g.vars[u], " "))
			}
		}
		slices.Sort(all)
		code[name] = strings.Join(all, "\n")
	}
	return code, calls
}

// mentionsName reports whether the text of a type uses a name that is not a
// field's, a package's or a method's.
func mentionsName(typ, name string) bool {
	found := false
	eachTypeName(typ, func(id *ast.Ident) { found = found || id.Name == name })
	return found
}

// eachTypeName calls f for the names of declared types in the text of a type.
func eachTypeName(typ string, f func(*ast.Ident)) {
	expr, err := parseType(typ)
	if err != nil {
		return
	}
	ast.Inspect(expr, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SelectorExpr:
			return false
		case *ast.Field:
			ast.Inspect(n.Type, func(m ast.Node) bool { return visitTypeName(m, f) })
			return false
		}
		return visitTypeName(n, f)
	})
}

func visitTypeName(n ast.Node, f func(*ast.Ident)) bool {
	switch n := n.(type) {
	case *ast.SelectorExpr:
		return false
	case *ast.Field:
		ast.Inspect(n.Type, func(m ast.Node) bool { return visitTypeName(m, f) })
		return false
	case *ast.Ident:
		f(n)
	}
	return true
}

// useGraph says which declarations use which.
type useGraph struct {
	uses    map[*unit][]*unit
	methods map[string][]*unit // of a type, by its name
	owner   map[string]*unit   // of a name
	vars    map[*unit][]string // identifiers of the variables used
}

// graph follows the names that each declaration uses. A type brings its
// methods along.
func (p *planner) graph() *useGraph {
	g := &useGraph{uses: map[*unit][]*unit{}, methods: map[string][]*unit{}, owner: map[string]*unit{}, vars: map[*unit][]string{}}
	for _, name := range p.names {
		u := p.units[name]
		for _, n := range u.decl.names {
			g.owner[declName(n)] = u
		}
		if rest, ok := strings.CutPrefix(u.decl.key, "method "); ok {
			t, _, _ := strings.Cut(rest, ".")
			g.methods[declName(t)] = append(g.methods[declName(t)], u)
		}
	}
	for _, name := range p.names {
		u := p.units[name]
		g.uses[u] = p.usedUnits(g, u, p.decls)
	}
	return g
}

// usedUnits lists the declarations that a unit uses directly, variables' types
// included.
func (p *planner) usedUnits(g *useGraph, u *unit, c checked) []*unit {
	var used []*unit
	add := func(name string) {
		if o := g.owner[name]; o != nil && !slices.Contains(used, o) {
			used = append(used, o)
			used = append(used, g.methods[name]...)
		}
	}
	ast.Inspect(u.file, func(n ast.Node) bool {
		if d, ok := n.(*ast.GenDecl); ok && d.Tok == token.CONST {
			// What a later constant repeats is checked again, and may mean another
			// thing there; Uses tells the last.
			for _, id := range u.file.Unresolved {
				if d.Pos() <= id.Pos() && id.Pos() < d.End() {
					add(id.Name)
				}
			}
		}
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		obj := c.info.Uses[id]
		if obj == nil || obj.Pkg() != c.pkg || obj.Parent() != c.pkg.Scope() {
			return true
		}
		if v := p.variableOf(obj, c); v != nil {
			eachTypeName(v.typ, func(id *ast.Ident) { add(id.Name) })
			g.vars[u] = append(g.vars[u], v.ident())
		} else {
			add(obj.Name())
		}
		return true
	})
	return used
}
