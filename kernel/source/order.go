package source

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"

	"modelbook/kernel/source/gen"
)

// Variables that var declarations make one after the other are initialized as
// at the top of a package: a variable after those that its initializer needs,
// directly or through functions. A cell with a package clause is a whole
// program, where Go knows no other order; in others, a declaration that needs
// its own variable (var x = x + 1) means the older one and stays where it is.

// A VarCheck type-checks a file of var declarations as part of the package of
// all cells, in place of the session's variables of these names. cycle is an
// initialization cycle, or nil.
type VarCheck func(f *File, names map[string]bool) (c Checked, cycle *types.Error)

// A VarOrder puts var declarations into the order in which they are
// initialized.
type VarOrder struct {
	Fset *token.FileSet
	Cell int
	// Program says that the cell is a whole program.
	Program bool
	// Mentioned reports the names that functions of the session or the cell
	// mention.
	Mentioned func(name string) bool
	Check     VarCheck
}

// Order returns the statements of a cell with their var declarations in order,
// and reports whether that is another order than theirs. cycles are the
// initialization cycles of a program.
func (o VarOrder) Order(stmts []Piece) (ordered []Piece, changed bool, cycles []types.Error) {
	for i := 0; i < len(stmts); {
		end := i
		for end < len(stmts) && isVar(stmts[end]) {
			end++
		}
		if end == i {
			ordered = append(ordered, stmts[i])
			i++
			continue
		}
		run, cycle := o.run(stmts[i:end])
		if cycle != nil && o.Program {
			cycles = append(cycles, *cycle)
		}
		if run == nil {
			run = stmts[i:end]
		} else {
			changed = true
		}
		ordered = append(ordered, run...)
		i = end
	}
	return ordered, changed, cycles
}

// isVar reports whether a statement is a var declaration.
func isVar(p Piece) bool {
	rest, ok := strings.CutPrefix(p.Text, "var")
	return ok && rest != "" && strings.ContainsAny(rest[:1], " \t\r\n(/") && p.Before == "" && p.After == ""
}

// parseVars parses the var declarations among statements as the top of a
// package.
func parseVars(fset *token.FileSet, name string, cell int, stmts []Piece) (*File, error) {
	var text strings.Builder
	for _, p := range stmts {
		if isVar(p) {
			text.WriteString(p.Source(cell))
		}
	}
	return Parse(fset, name, gen.Clause, text.String())
}

// eachVarSpec calls f for the specifications of a file of var declarations.
func eachVarSpec(file *File, f func(*ast.ValueSpec)) {
	for _, d := range file.Syntax.Decls {
		for _, spec := range d.(*ast.GenDecl).Specs {
			f(spec.(*ast.ValueSpec))
		}
	}
}

// An initializer is one step of the initialization of a run of variables.
type initializer struct {
	pos    token.Pos // of its first variable
	values bool      // else the variables begin as zero
	piece  Piece     // a var declaration with nothing else
}

// run returns a run of var declarations in the order of initialization; nil when
// they are in order already, or make no sense.
func (o VarOrder) run(run []Piece) (pieces []Piece, cycle *types.Error) {
	f, err := parseVars(o.Fset, "vars", o.Cell, run)
	if err != nil || !o.refersAhead(f) {
		return nil, nil
	}
	var all []initializer
	names, at := map[string]bool{}, map[token.Pos]int{}
	eachVarSpec(f, func(v *ast.ValueSpec) {
		for _, id := range v.Names {
			names[id.Name] = true
		}
		for _, in := range o.initializers(f, v) {
			at[in.pos] = len(all)
			all = append(all, in)
		}
	})
	checked, cycle := o.Check(f, names)
	if cycle != nil {
		return nil, cycle
	}
	var order []int
	for i, in := range all {
		if !in.values { // zero before anything runs
			order = append(order, i)
		}
	}
	for _, in := range checked.Info.InitOrder {
		if i, ok := at[in.Lhs[0].Pos()]; ok {
			order = append(order, i)
		}
	}
	if len(order) != len(all) || slices.IsSorted(order) {
		return nil, nil
	}
	for _, i := range order {
		pieces = append(pieces, all[i].piece)
	}
	return pieces, nil
}

// refersAhead reports whether anything that a variable of a run may need is
// declared after it in the run.
func (o VarOrder) refersAhead(f *File) (ahead bool) {
	seen := map[string]bool{} // mentioned by the variables so far
	count := 0
	eachVarSpec(f, func(v *ast.ValueSpec) {
		for _, id := range v.Names {
			ahead = ahead || (count > 0 || o.Program) && (seen[id.Name] || o.Mentioned(id.Name))
		}
		for _, e := range v.Values {
			count++
			ast.Inspect(e, func(n ast.Node) bool {
				if id, ok := n.(*ast.Ident); ok {
					seen[id.Name] = true
				}
				return true
			})
		}
		for _, id := range v.Names { // a, b = b, 1, and a = a
			ahead = ahead || (len(v.Names) > 1 || o.Program) && seen[id.Name]
		}
	})
	return ahead
}

// initializers takes a specification apart into its steps.
func (o VarOrder) initializers(f *File, v *ast.ValueSpec) (all []initializer) {
	text := func(from, to token.Pos) string {
		return f.Text[o.Fset.PositionFor(from, false).Offset:o.Fset.PositionFor(to, false).Offset]
	}
	add := func(from token.Pos, source string) {
		at := o.Fset.Position(from)
		all = append(all, initializer{from, len(v.Values) > 0, Piece{Line: at.Line, Col: at.Column,
			Text: "var " + gen.Line(o.Cell, at.Line, at.Column) + source}})
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
		at := o.Fset.Position(e.Pos())
		add(v.Names[i].Pos(), v.Names[i].Name+typ+" = "+gen.Line(o.Cell, at.Line, at.Column)+text(e.Pos(), e.End()))
	}
	return all
}

// Foresee finds the types of variables that a cell makes and that its own
// constants and types need (const n = len(table)): the check of its statements
// needs those in turn. decls are the files of the constants and types; names
// that the statements use before they make them, and those of variables that
// exist, mean older variables. Without such variables it returns nil.
func Foresee(fset *token.FileSet, cell int, stmts []Piece, body *File, decls []*File, hasVar func(name string) bool, check VarCheck) (found map[string]types.Type, pkg *types.Package) {
	made := Made(fset, body.Body())
	wanted, names := map[string]bool{}, map[string]bool{}
	for name := range made {
		names[name] = true
		if hasVar(name) || body.Unresolved[name] {
			continue
		}
		if slices.ContainsFunc(decls, func(f *File) bool { return f.Unresolved[name] }) {
			wanted[name] = true
		}
	}
	if len(wanted) == 0 {
		return nil, nil
	}
	f, err := parseVars(fset, "foreseen", cell, stmts)
	if err != nil {
		return nil, nil
	}
	c, _ := check(f, names)
	found = map[string]types.Type{}
	for name := range wanted {
		if v, ok := c.Pkg.Scope().Lookup(name).(*types.Var); ok {
			found[name] = v.Type()
		}
	}
	return found, c.Pkg
}
