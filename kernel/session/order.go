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

// inOrderOfInit are the statements of a cell with its var declarations in the
// order in which they are initialized, nil if they are so already.
func inOrderOfInit(p *parsedCell, found *complaints) []Piece {
	changed := false
	var stmts []Piece
	for i := 0; i < len(p.cell.Stmts); {
		end := i
		for end < len(p.cell.Stmts) && isVar(p.cell.Stmts[end]) {
			end++
		}
		if end == i {
			stmts = append(stmts, p.cell.Stmts[i])
			i++
			continue
		}
		run := p.cell.Stmts[i:end]
		if ordered := ordered(p, run, found); ordered != nil {
			run, changed = ordered, true
		}
		stmts = append(stmts, run...)
		i = end
	}
	if !changed {
		return nil
	}
	return stmts
}

// isVar reports whether a statement is a var declaration.
func isVar(p Piece) bool {
	rest, ok := strings.CutPrefix(p.Text, "var")
	return ok && rest != "" && strings.ContainsAny(rest[:1], " \t\r\n(/") && p.Before == "" && p.After == ""
}

// ordered is a run of var declarations in the order of initialization; nil when
// they are in order already, or make no sense.
func ordered(p *parsedCell, run []Piece, found *complaints) []Piece {
	var text strings.Builder
	for _, piece := range run {
		text.WriteString(piece.Source(p.cell.Number))
	}
	f, err := source.Parse(p.fset, "vars", gen.Clause, text.String())
	if err != nil || !refersAhead(p, f.Syntax) {
		return nil
	}
	var all []initializer
	names, at := map[string]bool{}, map[token.Pos]int{}
	for _, d := range f.Syntax.Decls {
		for _, spec := range d.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			for _, id := range v.Names {
				names[id.Name] = true
			}
			for _, in := range initializers(p, f, v) {
				at[in.pos] = len(all)
				all = append(all, in)
			}
		}
	}
	checked, cycle := checkRun(p, f, names)
	if cycle != nil {
		if p.cell.Program {
			found.add(p, *cycle)
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
func refersAhead(p *parsedCell, f *ast.File) bool {
	mentioned := map[string]bool{} // by functions, at any time
	for _, u := range p.units {
		for n := range u.Unresolved {
			mentioned[n] = true
		}
	}
	var seen []string // mentioned by the variables so far
	count := 0
	for _, d := range f.Decls {
		for _, spec := range d.(*ast.GenDecl).Specs {
			v := spec.(*ast.ValueSpec)
			for _, id := range v.Names {
				if (count > 0 || p.cell.Program) && (mentioned[id.Name] || slices.Contains(seen, id.Name)) {
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
				if (len(v.Names) > 1 || p.cell.Program) && slices.Contains(seen, id.Name) {
					return true
				}
			}
		}
	}
	return false
}

// initializers takes a specification apart into its steps.
func initializers(p *parsedCell, f *source.File, v *ast.ValueSpec) (all []initializer) {
	text := func(from, to token.Pos) string {
		return f.Text[from-f.Syntax.FileStart : to-f.Syntax.FileStart]
	}
	add := func(from token.Pos, source string) {
		at := p.fset.Position(from)
		all = append(all, initializer{from, len(v.Values) > 0, Piece{Line: at.Line, Col: at.Column,
			Text: "var " + gen.Line(p.cell.Number, at.Line, at.Column) + source}})
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
		add(v.Names[i].Pos(), v.Names[i].Name+typ+" = "+gen.Line(p.cell.Number, at.Line, at.Column)+text(e.Pos(), e.End()))
	}
	return all
}

// foreseen are variables of the cell that its constants and types need (const n =
// len(table)). They must be known before the statements are checked, which need
// those.
func foreseen(p *parsedCell) map[string]*variable {
	made := p.made()
	wanted := map[string]bool{}
	for _, u := range p.units {
		if kind := u.decl.key.Kind; u.decl.cell != p.cell.Number || kind != source.Const && kind != source.Type {
			continue
		}
		for name := range u.Unresolved {
			if made[name].Line > 0 && p.st.vars[name] == nil && !p.body.Unresolved[name] {
				wanted[name] = true
			}
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	var text strings.Builder
	for _, piece := range p.cell.Stmts {
		if isVar(piece) {
			text.WriteString(piece.Source(p.cell.Number))
		}
	}
	f, err := source.Parse(p.fset, "foreseen", gen.Clause, text.String())
	if err != nil {
		return nil
	}
	names := map[string]bool{}
	for name := range made {
		names[name] = true
	}
	in, _ := checkRun(p, f, names)
	all := map[string]*variable{}
	for name := range wanted {
		if v, ok := in.Pkg.Scope().Lookup(name).(*types.Var); ok {
			if v, ok := newVariable(&p.st, name, v.Type(), in.Pkg); ok {
				all[name] = v
			}
		}
	}
	return all
}

// checkRun type-checks a run of variables as part of the package: what it finds
// wrong is for the check of the cell to tell, but for a cycle.
func checkRun(p *parsedCell, f *source.File, names map[string]bool) (in source.Checked, cycle *problem) {
	imports, dots := p.scope(p.st.vars).Resolve(f, nil)
	source.Qualify(f.Syntax, dots)
	older := map[string]*variable{}
	for name, v := range p.st.vars {
		if !names[name] {
			older[name] = v
		}
	}
	files := append(unitFiles(p, older, false), checkFile(p, &unit{File: f}, imports, older))
	in = check(p, files, older, func(e problem) {
		if cycle == nil && e.kind == source.InitCycle {
			cycle = &e
		}
	})
	return in, cycle
}
