package flow

import (
	"go/ast"
	"go/token"
	"go/types"

	"modelbook/kernel/source"
)

// Sharing tells who but the statements of cells may use a variable.
type Sharing uint8

const (
	NotShared       Sharing = iota
	ReadByFunctions         // read, and written by nothing but statements of cells
	WrittenByOthers         // by functions, or through an address
)

// Shared tells how a file shares the variables that it uses. statements says
// that the file holds the statements of a cell: outside of function literals,
// these use variables themselves. A variable that is not shared is not in the
// map.
func Shared(c source.Checked, f *ast.File, statements bool) map[types.Object]Sharing {
	all := map[types.Object]Sharing{}
	note := func(id *ast.Ident, how Sharing) {
		if id == nil {
			return
		}
		if obj := c.Info.Uses[id]; obj != nil {
			all[obj] = max(all[obj], how)
		}
	}
	ast.PreorderStack(f, nil, func(n ast.Node, stack []ast.Node) bool {
		if !statements || InFunction(stack) {
			if id, ok := n.(*ast.Ident); ok {
				note(id, ReadByFunctions)
			}
			for _, e := range Assigned(n) {
				note(MemoryOf(c, e), WrittenByOthers)
			}
		}
		switch n := n.(type) {
		case *ast.UnaryExpr:
			if n.Op == token.AND {
				note(MemoryOf(c, n.X), WrittenByOthers)
			}
		case *ast.SliceExpr:
			if _, array := c.Info.TypeOf(n.X).Underlying().(*types.Array); array {
				note(MemoryOf(c, n.X), WrittenByOthers)
			}
		case *ast.SelectorExpr:
			if takesAddress(c, n) {
				note(MemoryOf(c, n.X), WrittenByOthers)
			}
		}
		return true
	})
	return all
}

// takesAddress reports whether a method that is selected gets the address of
// the value it is selected from.
func takesAddress(c source.Checked, sel *ast.SelectorExpr) bool {
	s := c.Info.Selections[sel]
	if s == nil || s.Kind() != types.MethodVal {
		return false
	}
	_, byAddress := s.Obj().(*types.Func).Signature().Recv().Type().(*types.Pointer)
	_, already := c.Info.TypeOf(sel.X).Underlying().(*types.Pointer)
	return byAddress && !already
}
