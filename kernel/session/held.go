package session

import (
	"go/ast"
	"go/types"
	"maps"

	"modelbook/kernel/session/flow"
	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// Code that outlives its cell calls functions late (see bindLate). That is not
// possible for generic functions, and for methods that are called by the type of a
// value: such code keeps calling those that it was compiled with. So the session
// remembers which of them older code may call, and tells the user when one of them
// is redeclared.

// changeHeld notes which generic functions and methods the cell changes that older
// code keeps calling.
func (c *changes) changeHeld(p *checkedCell) {
	for _, d := range p.content.decls {
		old := p.s.decls[d.key]
		if !p.s.held[d.key] || old == nil || old.text == d.text {
			continue
		}
		c.held = append(c.held, d.key)
		what := "the old " + d.name() + ", because it is generic"
		if d.key.Kind == source.Method {
			what = "the old method " + d.name() + ", except through interfaces"
		}
		c.note("closures, goroutines and stored functions from earlier cells keep calling %s", what)
	}
}

// heldBy adds, to what older code keeps calling, the generic functions and methods that
// code of this cell may call when it has ended: in function literals, in
// goroutines, as values, and in what these call.
func heldBy(p *checkedCell, reached []*unit) map[key]bool {
	direct := map[key][]key{} // what a function or method calls
	var pending []key
	bound := map[key]bool{} // when compiled
	look := func(u *unit, c source.Checked) {
		ast.PreorderStack(u.Syntax, nil, func(n ast.Node, stack []ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			callee, early, ok := calledKey(c.Info.Uses[id], c)
			if !ok {
				return true
			}
			bound[callee] = bound[callee] || early
			switch called, inGo := flow.Called(id, stack); {
			case !called || inGo || flow.Outlives(c, stack):
				pending = append(pending, callee)
			case u != p.body:
				direct[u.decl.key] = append(direct[u.decl.key], callee)
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
	for seen := map[key]bool{}; len(pending) > 0; {
		next := pending[0]
		pending = pending[1:]
		if !seen[next] {
			seen[next] = true
			pending = append(pending, direct[next]...)
			if bound[next] {
				held[next] = true
			}
		}
	}
	return held
}

// calledKey returns the key of a function or method of the session, and whether
// callers are bound to it when they are compiled; ok is false for other objects.
func calledKey(obj types.Object, in source.Checked) (k key, bound, ok bool) {
	fn, isFunc := obj.(*types.Func)
	if !isFunc || fn.Pkg() != in.Pkg {
		return key{}, false, false
	}
	recv := fn.Signature().Recv()
	if recv == nil {
		return funcKey(fn.Name()), fn.Origin().Signature().TypeParams() != nil, true
	}
	tn := flow.TypeName(recv.Type())
	if tn == nil || types.IsInterface(tn.Type()) || tn.Parent() != in.Pkg.Scope() {
		return key{}, false, false
	}
	return key{Symbol: source.Symbol{Kind: source.Method, Recv: gen.Plain(tn.Name()), Name: fn.Name()}}, true, true
}
