package session

import (
	"fmt"
	"go/ast"
	"go/types"
	"maps"
	"slices"
	"strings"

	"modelbook/kernel/source/gen"
)

// A type declared inside a function links as sess.name·K, where K counts the
// local types of one compilation, in the order of its files. All plugins share one
// descriptor for each symbol. So different types need different numbers, and a
// function that is compiled again unchanged needs its old numbers: otherwise a value
// that it put into an interface in an earlier cell would not equal the same value
// now.

// localTypes are the numbers of the local types of a declaration.
type localTypes struct {
	first int    // how many types come before
	means string // everything that decides what the types are
}

// A numbering gives the local types of a plugin their numbers.
type numbering struct {
	types map[key]localTypes // of declarations
	count int                // types emitted so far
	files []File
}

// numbered puts the files of a plugin into an order that gives each local type its
// number, with files of unused types in the gaps: first the declarations whose types
// have numbers already, then the statements, then the other declarations.
func numbered(p *checkedCell, body *compiled, reached []*compiled) numbering {
	n := numbering{types: maps.Clone(p.st.localTypes)}
	pad := func(to int) {
		if to > n.count {
			file, text := gen.Padding(n.count, to)
			n.files = append(n.files, File{file, text})
		}
		n.count = to
	}
	var known, others []*compiled
	for _, u := range reached {
		if old, ok := n.types[u.decl.key]; ok && old.means == localMeaning(p, u.unit) && countLocalTypes(u.Syntax) > 0 {
			known = append(known, u)
		} else {
			others = append(others, u)
		}
	}
	first := func(u *compiled) int { return n.types[u.decl.key].first }
	slices.SortFunc(known, func(a, b *compiled) int { return first(a) - first(b) })
	units := 0
	emit := func(u *compiled) {
		n.files = append(n.files, File{fmt.Sprintf("unit%d.go", units), u.source()})
		n.count += countLocalTypes(u.Syntax)
		units++
	}
	for _, u := range known {
		pad(first(u))
		emit(u)
	}
	pad(p.st.locals)
	if body != nil {
		n.files = append(n.files, File{"body.go", body.source()})
		n.count += countLocalTypes(body.Syntax)
	}
	for _, u := range others {
		if countLocalTypes(u.Syntax) > 0 {
			n.types[u.decl.key] = localTypes{n.count, localMeaning(p, u.unit)}
		}
		emit(u)
	}
	return n
}

// localMeaning decides what the local types of a declaration are: its text, what its
// types consist of, and the versions of the types that it names.
func localMeaning(p *checkedCell, u *unit) string {
	var b strings.Builder
	b.WriteString(u.decl.text + "\n" + gen.ImportDecls(u.decl.imports))
	ast.Inspect(u.Syntax, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok {
			return true
		}
		if tn, ok := p.decls.Info.Defs[id].(*types.TypeName); ok {
			b.WriteString(layout(tn, true) + "\n")
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
