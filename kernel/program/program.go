// Package program writes declarations of a session as a Go program of their own:
// as a package for go test (with the race detector, or with coverage), or with a
// main function that calls one of them (on several machines, over MPI).
//
// The program holds what the tests or that function reach: declarations as the
// cells have them, and variables with the values that their first statements give
// them. Each declaration is a file, so that it has the imports of its cell and its
// positions are those of the cell, moved by some lines. It imports package
// source for the list of declarations, and package session/edit. Names alone
// decide what is reached, without their types.
package program

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"modelbook/kernel/session/edit"
	"modelbook/kernel/source"
)

// Config says what a program is made of.
type Config struct {
	Scope *source.Snapshot
	// Initials are the statements that have made variables, in the order in
	// which they ran.
	Initials []Initial
	// Find returns the path of a package that needs no import line, by its
	// name and some of its members, or "".
	Find func(name string, members []string) string
	// Tests are the tests that are to run; nil stands for all of the session.
	Tests []string
	// All takes in all functions and methods, whether tests reach them or not.
	All bool
	// Roots, if any, are the functions and variables that are wanted, in place of
	// tests. The program then lacks its main function.
	Roots []string
	// Context is a variable of the program, beside these files, that is the ctx
	// which cells have without declaring it; "" stands for context.Background().
	Context string
}

// A Package is the files of a program.
type Package struct {
	Files map[string]string
	// Zero are variables that are zero because no statement that makes them is
	// known.
	Zero []string

	places map[string]place
	holds  map[string]bool
}

// Holds reports whether the program has a function or variable of this name.
func (p *Package) Holds(name string) bool { return p.holds[name] }

// A place is where the text of a file comes from.
type place struct{ cell, line, col int }

// Place returns the position in a cell of a position in a file of the package.
func (p *Package) Place(file string, line, col int) (cell, cellLine, cellCol int, ok bool) {
	at, ok := p.places[file]
	if !ok || line < textLine {
		return 0, 0, 0, false
	}
	if line == textLine {
		col += at.col - 1
	}
	return at.cell, at.line + line - textLine, col, true
}

// textLine is the line of a file in which the text of a cell begins: the first
// one holds package clause and imports.
const textLine = 2

// Write makes the package.
func Write(c Config) (*Package, error) {
	w := &writer{Config: c, p: &Package{Files: map[string]string{}, places: map[string]place{}}, seen: map[string]bool{}, initials: map[string]Initial{}}
	for _, i := range c.Initials {
		for _, name := range i.Names {
			w.initials[name] = i
		}
	}
	for _, v := range c.Scope.Vars {
		w.vars = append(w.vars, v.Name)
	}
	for _, name := range c.Roots {
		if err := w.name(name); err != nil {
			return nil, err
		}
	}
	for i, d := range c.Scope.Decls {
		test := isTest(d)
		switch {
		case c.Roots != nil:
		case test && (d.Name == "TestMain" || c.Tests == nil || slices.Contains(c.Tests, d.Name)),
			!test && c.All && (d.Kind == source.Func || d.Kind == source.Method):
			if err := w.declaration(i); err != nil {
				return nil, err
			}
		}
	}
	if !w.seen["main"] && c.Roots == nil {
		w.p.Files["main.go"] = "package main\n\nfunc main() {}\n"
	}
	slices.Sort(w.p.Zero)
	w.p.holds = w.seen
	return w.p, nil
}

type writer struct {
	Config
	p        *Package
	vars     []string           // of the session
	initials map[string]Initial // by variable
	seen     map[string]bool    // names and methods that the package holds, or will
}

// declaration writes the declaration with an index, and what it names.
func (w *writer) declaration(i int) error {
	d := w.Scope.Decls[i]
	key := fmt.Sprintf("declaration %d", i)
	if w.seen[key] {
		return nil
	}
	w.seen[key] = true
	for _, name := range d.Names {
		w.seen[name] = true
	}
	name := fmt.Sprintf("d%04d.go", i)
	if isTest(d) {
		name = fmt.Sprintf("d%04d_test.go", i)
	}
	if err := w.file(name, "", d.Text, place{d.Cell, d.Line, d.Col}, d.Imports, d.Dots); err != nil {
		return err
	}
	if d.Kind == source.Type { // its methods belong to it
		for j, m := range w.Scope.Decls {
			if m.Kind == source.Method && slices.Contains(d.Names, m.Recv) {
				if err := w.declaration(j); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// file writes a file of one declaration, with its imports, and then what the
// declaration names. lead is what stands before the text.
func (w *writer) file(name, lead, text string, at place, imports, dots map[string]string) error {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+lead+"\n"+text, 0)
	if err != nil {
		return fmt.Errorf("cell %d, line %d: %w", at.cell, at.line, err)
	}
	members := map[string][]string{} // of what a name may be as a package
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := sel.X.(*ast.Ident); ok {
				members[id.Name] = append(members[id.Name], sel.Sel.Name)
			}
		}
		return true
	})
	var names []string
	for _, id := range f.Unresolved {
		if !slices.Contains(names, id.Name) {
			names = append(names, id.Name)
		}
	}
	slices.Sort(names)
	head := "package main"
	for _, n := range names {
		path := imports[n]
		if path == "" && w.isDeclared(n) {
			continue
		}
		if path == "" {
			path = w.Scope.Imports[n]
		}
		if path == "" && len(members[n]) > 0 {
			path = w.Find(n, members[n])
		}
		if path != "" && members[n] != nil {
			head += fmt.Sprintf("; import %s %q", n, path)
		}
	}
	for _, path := range slices.Compact(slices.Sorted(maps.Values(dots))) {
		head += fmt.Sprintf("; import . %q", path)
	}
	head += "; "
	w.p.Files[name] = head + lead + "\n" + useVariables(lead, text) + "\n"
	w.p.places[name] = at
	for _, n := range names {
		if imports[n] == "" {
			if err := w.name(n); err != nil {
				return err
			}
		}
	}
	return nil
}

// useVariables adds uses of local variables that have none: cells may have them,
// programs may not. Names of other files are unknown here, which does not
// matter: what they are called with counts as used.
func useVariables(lead, text string) string {
	const clause = "package p;"
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", clause+lead+"\n"+text, parser.SkipObjectResolution)
	if err != nil {
		return text
	}
	var uses edit.List
	check := types.Config{Importer: noPackages{}, Error: func(err error) {
		if e, ok := err.(types.Error); ok && source.ProblemOf(e) == source.UnusedVariable {
			uses = append(uses, edit.Use(f, e.Pos)...)
		}
	}}
	check.Check("p", fset, []*ast.File{f}, nil) // its errors are those that Error takes
	return uses.Apply(text, f.FileStart+token.Pos(len(clause)+len(lead)+1))
}

// noPackages imports nothing.
type noPackages struct{}

func (noPackages) Import(path string) (*types.Package, error) {
	return nil, errors.New("no packages")
}

// isDeclared reports whether a name is one of the session's.
func (w *writer) isDeclared(name string) bool {
	return slices.Contains(w.vars, name) || w.index(name) >= 0
}

// index is that of the declaration of a name, or -1.
func (w *writer) index(name string) int {
	return slices.IndexFunc(w.Scope.Decls, func(d source.KeptDecl) bool { return slices.Contains(d.Names, name) })
}

// name writes what declares a name, once.
func (w *writer) name(name string) error {
	if w.seen[name] {
		return nil
	}
	if slices.Contains(w.vars, name) {
		return w.variable(name)
	}
	if i := w.index(name); i >= 0 {
		return w.declaration(i)
	}
	if name == "ctx" {
		w.seen[name] = true
		w.p.Files["ctx.go"] = w.context()
	}
	return nil
}

// context is the file that makes ctx.
func (w *writer) context() string {
	if w.Context == "" {
		return "package main\n\nimport \"context\"\n\nvar ctx = context.Background()\n"
	}
	return "package main\n\nvar ctx = " + w.Context + "\n"
}

// variable writes the statement that makes a variable, as a declaration.
func (w *writer) variable(name string) error {
	i, known := w.initials[name]
	if !known {
		w.seen[name] = true
		w.p.Zero = append(w.p.Zero, name)
		for _, v := range w.Scope.Vars {
			if v.Name == name {
				return w.file("v_"+name+".go", "", "var "+name+" "+v.Type, place{}, v.Paths, nil)
			}
		}
		return nil
	}
	file := fmt.Sprintf("s%d_%d_%d.go", i.Cell, i.Line, i.Col)
	mine := func(n string) bool { // a later statement makes the other variables
		latest, ok := w.initials[n]
		return ok && latest.Text == i.Text && latest.Cell == i.Cell && latest.Line == i.Line && latest.Col == i.Col && slices.Contains(w.vars, n)
	}
	text := i.blank(mine)
	for _, n := range i.Names {
		if mine(n) {
			w.seen[n] = true
		}
	}
	return w.file(file, i.lead, text, place{i.Cell, i.Line, i.Col}, nil, nil)
}

// Tests lists the tests, benchmarks, examples and fuzz targets that a cell
// declares.
func Tests(scope *source.Snapshot, cell int) []string {
	var names []string
	for _, d := range scope.Decls {
		if d.Cell == cell && isTest(d) && d.Name != "TestMain" {
			names = append(names, d.Name)
		}
	}
	return names
}

// isTest reports whether go test would run a declaration: it belongs into a
// file whose name says so.
func isTest(d source.KeptDecl) bool {
	if d.Kind != source.Func {
		return false
	}
	for _, prefix := range []string{"Test", "Benchmark", "Fuzz", "Example"} {
		rest, ok := strings.CutPrefix(d.Name, prefix)
		if r, _ := utf8.DecodeRuneInString(rest); !ok || unicode.IsLower(r) {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), "", "package p;"+d.Text, parser.SkipObjectResolution)
		if err != nil || len(f.Decls) != 1 {
			return false
		}
		fn, ok := f.Decls[0].(*ast.FuncDecl)
		if !ok || fn.Type.Results.NumFields() > 0 {
			return false
		}
		if prefix == "Example" {
			return fn.Type.Params.NumFields() == 0
		}
		if fn.Type.Params.NumFields() != 1 {
			return false
		}
		star, ok := fn.Type.Params.List[0].Type.(*ast.StarExpr)
		if !ok {
			return false
		}
		sel, ok := star.X.(*ast.SelectorExpr)
		return ok && len(sel.Sel.Name) == 1 // testing.T, B, F, M
	}
	return false
}
