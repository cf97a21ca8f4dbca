package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
)

// WithoutConst returns the text of a group of constants without one of them: the
// others are still counted by iota as they were, so the place of the one that
// is gone is left blank. ok is false when no constant is left. The columns of
// what follows stay what they were.
func WithoutConst(text string, names []string, name string) (rest string, left []string, ok bool) {
	left = slices.Clone(names)
	for i, n := range left {
		if n == name {
			left[i] = "_"
		}
	}
	if !slices.ContainsFunc(left, func(n string) bool { return n != "_" }) {
		return "", nil, false
	}
	const clause = "package p;"
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", clause+text, parser.SkipObjectResolution)
	if err != nil {
		return "", nil, false
	}
	b := []byte(text)
	ast.Inspect(f, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		for _, id := range v.Names {
			if id.Name == name {
				at := fset.PositionFor(id.Pos(), false).Offset - len(clause)
				copy(b[at:], "_"+strings.Repeat(" ", len(name)-1))
			}
		}
		return true
	})
	return string(b), left, true
}
