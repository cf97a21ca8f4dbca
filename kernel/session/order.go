package session

import (
	"go/types"
	"maps"
	"slices"

	"modelbook/kernel/source"
)

// inOrderOfInit returns the statements of a cell with its var declarations in
// the order in which they are initialized, nil if they are so already.
func inOrderOfInit(p *parsedCell, found *complaints) []Piece {
	order := source.VarOrder{Fset: p.fset, Cell: p.cell.Number, Program: p.cell.Program, Check: varCheck(p), Mentioned: func(name string) bool {
		return slices.ContainsFunc(p.units, func(u *unit) bool { return u.Unresolved[name] })
	}}
	stmts, changed, cycles := order.Order(p.cell.Stmts)
	for _, cycle := range cycles {
		found.add(p, problem{Error: cycle, kind: source.InitCycle})
	}
	if !changed {
		return nil
	}
	return stmts
}

// foreseen returns the variables of the cell that its constants and types need.
// They must be known before the statements are checked, which need those.
func foreseen(p *parsedCell) map[string]*variable {
	var decls []*source.File
	for _, u := range p.units {
		if kind := u.decl.key.Kind; u.decl.cell == p.cell.Number && (kind == source.Const || kind == source.Type) {
			decls = append(decls, u.File)
		}
	}
	hasVar := func(name string) bool { return p.st.vars[name] != nil }
	found, pkg := source.Foresee(p.fset, p.cell.Number, p.cell.Stmts, p.body.File, decls, hasVar, varCheck(p))
	all := map[string]*variable{}
	for name, typ := range found {
		if v, ok := newVariable(&p.st, name, typ, pkg); ok {
			all[name] = v
		}
	}
	return all
}

// varCheck returns a check of variables as part of the package: what it finds
// wrong is for the check of the cell to tell, but for a cycle.
func varCheck(p *parsedCell) source.VarCheck {
	return func(f *source.File, names map[string]bool) (c source.Checked, cycle *types.Error) {
		imports, dots := p.scope(p.st.vars).Resolve(f, nil)
		source.Qualify(f.Syntax, dots)
		older := maps.Clone(p.st.vars)
		maps.DeleteFunc(older, func(name string, _ *variable) bool { return names[name] })
		files := append(unitFiles(p, older, false), checkFile(p, &unit{File: f}, imports, older))
		c = check(p, files, older, func(e problem) {
			if cycle == nil && e.kind == source.InitCycle {
				cycle = &e.Error
			}
		})
		return c, cycle
	}
}
