package session

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// Variables that var declarations make one after the other are initialized as
// at the top of a package: a variable behind those that its initializer needs,
// directly or through functions. A cell with a package clause is a whole
// program, where Go knows no other order; in others, a declaration that needs
// its own variable (var x = x + 1) means the older one and stays where it is.

// initializer is one step of the initialization of a run of variables.
type initializer struct {
	pos    token.Pos // of its first variable
	values bool      // else the variables begin as zero
	piece  Piece     // a var declaration with nothing else
}

// orderVars puts the var declarations of the cell into the order in which they
// are initialized, and reports whether that changed the cell.
func (p *planner) orderVars(errs *Error) bool {
	changed := false
	var stmts []Piece
	for i := 0; i < len(p.c.Stmts); {
		end := i
		for end < len(p.c.Stmts) && isVar(p.c.Stmts[end]) {
			end++
		}
		if end == i {
			stmts = append(stmts, p.c.Stmts[i])
			i++
			continue
		}
		run := p.c.Stmts[i:end]
		if ordered := p.ordered(run, errs); ordered != nil {
			run, changed = ordered, true
		}
		stmts = append(stmts, run...)
		i = end
	}
	if changed {
		p.c.Stmts = stmts
	}
	return changed
}

// isVar reports whether a statement is a var declaration.
func isVar(p Piece) bool {
	rest, ok := strings.CutPrefix(p.Text, "var")
	return ok && rest != "" && strings.ContainsAny(rest[:1], " \t\r\n(/") && p.Before == "" && p.After == ""
}

// ordered is a run of var declarations in the order of initialization; nil when
// they are in order already, or make no sense.
func (p *planner) ordered(run []Piece, errs *Error) []Piece {
	var text strings.Builder
	for _, piece := range run {
		text.WriteString(piece.Source(p.c.Number))
	}
	u, err := parseUnit(p.fset, "vars", gen.Clause, text.String())
	if err != nil || !p.refersAhead(u) {
		return nil
	}
	var all []initializer
	names, at := map[string]bool{}, map[token.Pos]int{}
	for _, d := range u.file.Decls {
		for _, spec := range d.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			for _, id := range v.Names {
				names[id.Name] = true
			}
			for _, in := range p.initializers(u, v) {
				at[in.pos] = len(all)
				all = append(all, in)
			}
		}
	}
	checked, cycle := p.checkVars(u, names)
	if cycle != nil {
		if p.c.Program {
			p.complain(errs, *cycle)
		}
		return nil
	}
	// Those without a value come first: they are zero before anything runs.
	var order []int
	for i, in := range all {
		if !in.values {
			order = append(order, i)
		}
	}
	for _, in := range checked.Info.InitOrder {
		if i, ours := at[in.Lhs[0].Pos()]; ours {
			order = append(order, i)
		}
	}
	if len(order) != len(all) || slices.IsSorted(order) {
		return nil
	}
	var pieces []Piece
	for _, i := range order {
		pieces = append(pieces, all[i].piece)
	}
	return pieces
}

// refersAhead reports whether anything that a variable of a run may need is
// declared behind it in the run.
func (p *planner) refersAhead(u *unit) bool {
	mentioned := map[string]bool{} // by functions, at any time
	for _, name := range p.names {
		for n := range p.units[name].parsed.Unresolved {
			mentioned[n] = true
		}
	}
	var seen []string // mentioned by the variables so far
	count := 0
	for _, d := range u.file.Decls {
		for _, spec := range d.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			for _, id := range v.Names {
				if (count > 0 || p.c.Program) && (mentioned[id.Name] || slices.Contains(seen, id.Name)) {
					return true
				}
			}
			for _, e := range v.Values {
				count++
				ast.Inspect(e, func(n ast.Node) bool {
					if id, ok := n.(*ast.Ident); ok {
						seen = append(seen, id.Name)
					}
					return true
				})
			}
			for _, id := range v.Names { // a, b = b, 1, and a = a
				if (len(v.Names) > 1 || p.c.Program) && slices.Contains(seen, id.Name) {
					return true
				}
			}
		}
	}
	return false
}

// initializers takes a specification apart into its steps.
func (p *planner) initializers(u *unit, v *ast.ValueSpec) (all []initializer) {
	text := func(from, to token.Pos) string {
		a, b := p.fset.PositionFor(from, false).Offset, p.fset.PositionFor(to, false).Offset
		return u.src[a:b]
	}
	add := func(from token.Pos, source string) {
		at := p.fset.Position(from)
		all = append(all, initializer{from, len(v.Values) > 0, Piece{Line: at.Line, Col: at.Column,
			Text: "var " + gen.Line(p.c.Number, at.Line, at.Column) + source}})
	}
	if len(v.Names) == 1 || len(v.Values) != len(v.Names) {
		add(v.Pos(), text(v.Pos(), v.End()))
		return all
	}
	typ := ""
	if v.Type != nil {
		typ = " " + text(v.Type.Pos(), v.Type.End())
	}
	for i, e := range v.Values {
		at := p.fset.Position(e.Pos())
		add(v.Names[i].Pos(), v.Names[i].Name+typ+" = "+gen.Line(p.c.Number, at.Line, at.Column)+text(e.Pos(), e.End()))
	}
	return all
}

// foresee makes variables of the cell known to the constants and types of the
// cell that need their types (const n = len(table)), before the statements are
// checked, which need those.
func (p *planner) foresee() {
	made := p.bodyNames()
	wanted := map[string]bool{}
	for _, u := range p.units {
		if kind := u.decl.kind(); u.decl.cell != p.c.Number || kind != "const" && kind != "type" {
			continue
		}
		for name := range u.parsed.Unresolved {
			if made[name].Line > 0 && p.before[name] == nil && !p.body.parsed.Unresolved[name] {
				wanted[name] = true
			}
		}
	}
	if len(wanted) == 0 {
		return
	}
	var text strings.Builder
	for _, piece := range p.c.Stmts {
		if isVar(piece) {
			text.WriteString(piece.Source(p.c.Number))
		}
	}
	u, err := parseUnit(p.fset, "foreseen", gen.Clause, text.String())
	if err != nil {
		return
	}
	names := map[string]bool{}
	for name := range made {
		names[name] = true
	}
	c, _ := p.checkVars(u, names)
	p.stmts = c
	for name := range wanted {
		if v, ok := c.Pkg.Scope().Lookup(name).(*types.Var); ok {
			if v, ok := newVariable(&p.st, name, v.Type(), p.stmts.Pkg); ok {
				p.before[name] = v
			}
		}
	}
}

// checkVars type-checks a run of variables as part of the package: what it
// finds wrong is for the check of the cell to tell, but for a cycle.
func (p *planner) checkVars(u *unit, names map[string]bool) (c source.Checked, cycle *types.Error) {
	imports, dots := p.scope(p.st.vars).Resolve(u.parsed, nil)
	source.Qualify(u.file, dots)
	older := map[string]*variable{}
	for name, v := range p.st.vars {
		if !names[name] {
			older[name] = v
		}
	}
	files := append(p.unitFiles(older, false), p.checkFile(u, imports, older))
	c = p.check(files, older, func(e types.Error, _ string) {
		if cycle == nil && strings.HasPrefix(e.Msg, "initialization cycle") {
			cycle = &e
		}
	})
	return c, cycle
}
