package session

import (
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"modelbook/kernel/source"
	"modelbook/kernel/source/gen"
)

// testsOf declares a function that registers the tests, benchmarks, examples and fuzz
// targets of the session with package tests, and runs them.
func testsOf(cell Cell, st *state, c *content) *decl {
	var handed strings.Builder
	for _, d := range st.kept() {
		if d.key.Kind == source.Func {
			handed.WriteString(testOf(d, slices.Contains(c.decls, d)))
		}
	}
	return &decl{key: funcKey(gen.Test), names: []string{gen.Test}, cell: cell.Number, line: 1, col: 1,
		text: gen.RunTests(handed.String(), cell.TestLine, cell.TestArgs)}
}

// testOf returns the statement that registers one function, "" for one that is no
// test. mine says that the cell itself declares it.
func testOf(d *decl, mine bool) string {
	name := d.key.Name
	for _, kind := range []struct{ prefix, function, param string }{
		{"Test", "Test", "T"}, {"Benchmark", "Benchmark", "B"}, {"Fuzz", "Fuzz", "F"},
	} {
		if !isTestName(name, kind.prefix) {
			continue
		}
		f, _ := d.function()
		switch {
		case f == nil:
		case name == "TestMain" && takes(f, "M"):
			return gen.TestMain
		case takes(f, kind.param):
			return gen.TestFunc(kind.function, name, mine)
		}
		return ""
	}
	if !isTestName(name, "Example") {
		return ""
	}
	f, file := d.function()
	if f == nil || f.Type.Params.NumFields() > 0 || f.Type.Results.NumFields() > 0 {
		return ""
	}
	for _, e := range doc.Examples(file) {
		if e.Output != "" || e.EmptyOutput {
			return gen.Example(name, mine, e.Output, e.Unordered)
		}
	}
	return "" // without an output it only has to compile, as with go test
}

// isTestName reports whether a name has the prefix and go test would run it: the rest
// must not begin with a lower-case letter.
func isTestName(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !unicode.IsLower(r)
}

// function returns the syntax of a declared function, and of a file that contains
// only it.
func (d *decl) function() (*ast.FuncDecl, *ast.File) {
	file, err := parser.ParseFile(token.NewFileSet(), "x_test.go", "package p;"+d.prefix+d.text, parser.ParseComments)
	if err != nil || len(file.Decls) == 0 {
		return nil, nil
	}
	f, _ := file.Decls[len(file.Decls)-1].(*ast.FuncDecl)
	return f, file
}

// takes reports whether the only parameter of a function is a pointer to a type of
// this name, in whatever package: its text says no more.
func takes(f *ast.FuncDecl, typ string) bool {
	if f.Type.TypeParams != nil || f.Type.Results.NumFields() > 0 || f.Type.Params.NumFields() != 1 {
		return false
	}
	ptr, ok := f.Type.Params.List[0].Type.(*ast.StarExpr)
	if !ok {
		return false
	}
	sel, ok := ptr.X.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == typ
}
