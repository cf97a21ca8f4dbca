package session

import (
	"go/ast"
	"go/types"
	"slices"
)

// A generic type is as many types as there are arguments for it, each with
// methods of its own. When the methods change, the next plugin brings those of
// the types that cells have named.

// noteInstances notes the types that the cell makes of generic ones.
func (p *planner) noteInstances() {
	add := func(info *types.Info, pkg *types.Package) {
		for _, instance := range info.Instances {
			named, ok := instance.Type.(*types.Named)
			if !ok || named.Obj().Pkg() != pkg || named.Obj().Parent() != pkg.Scope() {
				continue
			}
			v, ok := typed(named, pkg)
			if !ok {
				continue
			}
			name := named.Obj().Name()
			if !slices.ContainsFunc(p.st.instances[name], func(o *variable) bool { return o.typ == v.typ }) {
				p.st.instances[name] = append(slices.Clip(p.st.instances[name]), v)
			}
		}
	}
	if p.body != nil {
		add(p.stmts.Info, p.stmts.Pkg)
	}
	add(p.decls.Info, p.decls.Pkg)
}

// mentioned are types as the compiled files write them: declared ones, and of
// generic ones what was made of them and can still be written.
func (p *planner) mentioned(names []string) []*variable {
	var all []*variable
	for _, name := range names {
		tn, ok := p.decls.Pkg.Scope().Lookup(name).(*types.TypeName)
		if !ok || tn.IsAlias() || types.IsInterface(tn.Type()) {
			continue
		}
		if generic, ok := tn.Type().(*types.Named); !ok || generic.TypeParams().Len() == 0 {
			all = append(all, &variable{typ: name})
			continue
		}
		for _, v := range p.st.instances[name] {
			known := true
			eachTypeName(v.typ, func(id *ast.Ident) {
				_, isType := p.decls.Pkg.Scope().Lookup(id.Name).(*types.TypeName)
				_, isBasic := types.Universe.Lookup(id.Name).(*types.TypeName)
				known = known && (isType || isBasic)
			})
			if known {
				all = append(all, v)
			}
		}
	}
	return all
}
