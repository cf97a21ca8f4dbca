package session

import (
	"go/ast"
	"go/types"
	"maps"
	"slices"

	"modelbook/kernel/source"
)

// Each instance of a generic type is a type of its own, with its own methods. When
// the methods change, the next plugin must contain all instances that cells use.

// withInstances returns the instances of generic types, by the names of these, with
// those that the cell uses.
func withInstances(p *checkedCell) map[string][]*variable {
	all := maps.Clone(p.st.instances)
	add := func(in source.Checked) {
		for _, instance := range in.Info.Instances {
			named, ok := instance.Type.(*types.Named)
			if !ok || named.Obj().Pkg() != in.Pkg || named.Obj().Parent() != in.Pkg.Scope() {
				continue
			}
			v, ok := typed(named, in.Pkg)
			if !ok {
				continue
			}
			name := named.Obj().Name()
			if !slices.ContainsFunc(all[name], func(o *variable) bool { return o.typ == v.typ }) {
				all[name] = append(slices.Clip(all[name]), v)
			}
		}
	}
	if p.body != nil {
		add(p.stmts)
	}
	add(p.decls)
	return all
}

// mentioned returns declared types as compiled files write them: of a generic type
// its instances, as far as their arguments still exist.
func mentioned(p *checkedCell, names []string) []*variable {
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
