package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/source/gen"
)

// A type declared inside a function links as sess.name·K, where K counts the
// local types of one compilation, in the order of its files. All plugins share
// one descriptor per symbol: types that differ need different numbers, and a
// function that is compiled again as it was needs its old ones, or a value that
// it boxed in an earlier cell would not equal the one it makes now.

// localTypes says what numbers a declaration's local types have.
type localTypes struct {
	first int    // how many types go before
	means string // all that decides what the types are
}

// emitUnits writes the body and the declarations it reaches, those whose local
// types have numbers first, with as many dummies between them as it takes.
func (p *planner) emitUnits(reached []*unit) {
	at := 0
	pad := func(to int) {
		if to > at {
			p.addFile(gen.Padding(at, to))
		}
		at = to
	}
	var known, others []*unit
	for _, u := range reached {
		if old, ok := p.st.localTypes[u.decl.key]; ok && old.means == p.localMeaning(u) && countLocalTypes(u.file) > 0 {
			known = append(known, u)
		} else {
			others = append(others, u)
		}
	}
	slices.SortFunc(known, func(a, b *unit) int {
		return p.st.localTypes[a.decl.key].first - p.st.localTypes[b.decl.key].first
	})
	n := 0
	emit := func(u *unit) {
		p.emitUnit(fmt.Sprintf("unit%d.go", n), u)
		n++
		at += countLocalTypes(u.file)
	}
	for _, u := range known {
		pad(p.st.localTypes[u.decl.key].first)
		emit(u)
	}
	pad(p.st.locals)
	if p.body != nil {
		p.emitUnit("body.go", p.body)
		at += countLocalTypes(p.body.file)
	}
	for _, u := range others {
		if countLocalTypes(u.file) > 0 {
			p.st.localTypes[u.decl.key] = localTypes{at, p.localMeaning(u)}
		}
		emit(u)
	}
	p.st.locals = at
}

// localMeaning is what the local types of a declaration are: what the
// declaration says, what its types are made of, and the versions of the types
// it names.
func (p *planner) localMeaning(u *unit) string {
	var b strings.Builder
	b.WriteString(u.decl.text + "\n" + gen.ImportDecls(u.decl.imports))
	ast.Inspect(u.file, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if tn, ok := p.decls.Info.Defs[id].(*types.TypeName); ok {
			b.WriteString(p.layout(tn, true) + "\n")
		} else if tn, ok := p.decls.Info.Uses[id].(*types.TypeName); ok && tn.Parent() == p.decls.Pkg.Scope() {
			b.WriteString(p.typeIdent(tn.Name()) + "\n")
		}
		return true
	})
	return b.String()
}

// countLocalTypes counts the types that a file declares inside functions.
func countLocalTypes(f *ast.File) int {
	n := 0
	for _, d := range f.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Body != nil {
			ast.Inspect(fn.Body, func(x ast.Node) bool {
				if _, ok := x.(*ast.TypeSpec); ok {
					n++
				}
				return true
			})
		}
	}
	return n
}
