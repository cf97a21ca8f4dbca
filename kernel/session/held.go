package session

import (
	"go/ast"
	"go/types"
	"maps"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// Code that outlives its cell calls functions late (see bindLate). Generic
// functions and methods that are called by the type of a value cannot be: such
// code keeps those that it was compiled with. So the session knows which ones
// older code may call, and says so when one of them is declared anew.

// changedHeld are the generic functions and methods that this cell changes and
// older code keeps, by their keys, and the notes that say so.
func changedHeld(p *checkedCell) (keys, notes []string) {
	for _, d := range p.cell.decls {
		old := p.s.decls[d.key]
		if !p.s.held[d.key] || old == nil || old.text == d.text {
			continue
		}
		keys = append(keys, d.key)
		what := "the old " + d.name() + ": it is generic"
		if d.kind() == "method" {
			what = "the old method " + d.name() + ", except through interfaces"
		}
		notes = append(notes, "closures, goroutines and stored functions that were made before go on with "+what)
	}
	return keys, notes
}

// heldBy adds to what older code keeps the generic functions and methods that may be called when the cell
// has ended: in function literals, by goroutines, as values, and in what these
// call.
func heldBy(p *checkedCell, reached []*unit) map[string]bool {
	direct := map[string][]string{} // what a function or method calls
	var pending []string
	bound := map[string]bool{} // when compiled
	look := func(u *unit, c source.Checked) {
		ast.PreorderStack(u.file, nil, func(n ast.Node, stack []ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			key, early := calledKey(c.Info.Uses[id], c)
			if key == "" {
				return true
			}
			bound[key] = bound[key] || early
			switch called, inGo := flow.Called(id, stack); {
			case !called || inGo || flow.Outlives(c, stack):
				pending = append(pending, key)
			case u != p.body:
				direct[u.decl.key] = append(direct[u.decl.key], key)
			}
			return true
		})
	}
	if p.body != nil {
		look(p.body, p.stmts)
	}
	for _, u := range reached {
		if !isTests(u) {
			look(u, p.decls)
		}
	}
	held := maps.Clone(p.st.held)
	for seen := map[string]bool{}; len(pending) > 0; {
		key := pending[0]
		pending = pending[1:]
		if !seen[key] {
			seen[key] = true
			pending = append(pending, direct[key]...)
			if bound[key] {
				held[key] = true
			}
		}
	}
	return held
}

// calledKey is the key of the declaration of a function or method of the
// session, "" for others, and whether its callers are bound to it when they are
// compiled.
func calledKey(obj types.Object, c source.Checked) (key string, bound bool) {
	fn, ok := obj.(*types.Func)
	if !ok || fn.Pkg() != c.Pkg {
		return "", false
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return "func " + fn.Name(), fn.Origin().Signature().TypeParams() != nil
	}
	tn := flow.TypeName(recv.Type())
	if tn == nil || types.IsInterface(tn.Type()) || tn.Parent() != c.Pkg.Scope() {
		return "", false
	}
	return "method " + gen.Plain(tn.Name()) + "." + fn.Name(), true
}
