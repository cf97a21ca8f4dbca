package session

import (
	"go/ast"
	"go/types"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/session/trace"
	"modelbook/kernel/source"
)

// traced are the edits that make the functions of a unit tell the debugger where
// they are; none where no debugger is on. They come before all others, which
// belong to the line that they tell of.
func traced(p *checkedCell, u *unit, in source.Checked) (edits edit.List) {
	if !p.cell.Debug {
		return nil
	}
	s := &trace.Source{Fset: p.fset, Package: in.Pkg, IsLocal: func(v *types.Var) bool { return p.variableOf(v, in) == nil }}
	cell := p.cell.Number
	if u.decl != nil {
		cell = u.decl.cell
	}
	for _, d := range u.Syntax.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok || f.Body == nil {
			continue
		}
		name := ""
		if u != p.body {
			name = f.Name.Name
			if f.Recv != nil && len(f.Recv.List) > 0 {
				name = source.Receiver(f.Recv.List[0].Type) + "." + name
			}
		}
		edits = append(edits, s.Function(cell, name, f.Body)...)
	}
	return edits
}
