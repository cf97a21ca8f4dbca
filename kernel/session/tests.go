package session

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// addTests makes a func main that hands the tests, benchmarks, examples and
// fuzz targets of the session to package tests.
func (p *planner) addTests() {
	if !p.c.Test {
		return
	}
	var b strings.Builder
	b.WriteString("func __test() {\n")
	for _, d := range p.kept() {
		if name, ok := strings.CutPrefix(d.key, "func "); ok {
			b.WriteString(p.addTest(name, d))
		}
	}
	args := []string{strconv.Itoa(p.c.TestLine)}
	for _, a := range p.c.TestArgs {
		args = append(args, strconv.Quote(a))
	}
	run := "Run(" + strings.Join(args, ", ") + ")"
	if p.c.TestArgs == nil {
		run = "RunDefault(" + args[0] + ")"
	}
	b.WriteString("__tests." + run + "\n}")
	p.cell.tests = true
	p.cell.once = append(p.cell.once, &decl{key: "func __test", names: []string{"__test"}, cell: p.c.Number, line: 1, col: 1, text: b.String()})
}

// addTest is the statement that hands over one function, "" for one that is
// no test.
func (p *planner) addTest(name string, d *decl) string {
	mine := slices.Contains(p.cell.decls, d)
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
			return "__tests.Main(TestMain)\n"
		case takes(f, kind.param):
			return fmt.Sprintf("__tests.%s(%q, %v, %s)\n", kind.function, name, mine, name)
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
			return fmt.Sprintf("__tests.Example(%q, %v, %s, %q, %v)\n", name, mine, name, e.Output, e.Unordered)
		}
	}
	return "" // without an output it is only compiled, as by go test
}

// isTestName reports whether go test takes a name for one of a test: what
// follows the prefix does not begin with a small letter.
func isTestName(name, prefix string) bool {
	rest, ok := strings.CutPrefix(name, prefix)
	if !ok {
		return false
	}
	r, _ := utf8.DecodeRuneInString(rest)
	return rest == "" || !unicode.IsLower(r)
}

// function is the syntax of a declared function, and of a file with nothing
// else.
func (d *decl) function() (*ast.FuncDecl, *ast.File) {
	file, err := parser.ParseFile(token.NewFileSet(), "x_test.go", "package p;"+d.prefix+d.text, parser.ParseComments)
	if err != nil || len(file.Decls) == 0 {
		return nil, nil
	}
	f, _ := file.Decls[len(file.Decls)-1].(*ast.FuncDecl)
	return f, file
}

// takes reports whether a function's only parameter is a pointer to a type of
// package testing, as far as its text says.
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

// guardSubtest wraps the function of t.Run, b.Run or f.Fuzz: it runs in a
// goroutine of package testing, where a panic would end the worker.
func (p *planner) guardSubtest(u *unit, c checked, call *ast.CallExpr) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return
	}
	fn, ok := c.info.Uses[sel.Sel].(*types.Func)
	if !ok || fn.Pkg() == nil || fn.Pkg().Path() != "testing" || len(call.Args) == 0 {
		return
	}
	guard := ""
	switch t := c.info.TypeOf(sel.X); {
	case fn.Name() == "Run" && len(call.Args) == 2 && (isTesting(t, "T") || isTesting(t, "B")):
		guard = "__tests.Guard("
	case fn.Name() == "Fuzz" && isTesting(t, "F"):
		guard = "__tests.GuardFuzz("
	default:
		return
	}
	last := call.Args[len(call.Args)-1]
	p.edit(u, last.Pos(), last.Pos(), guard)
	p.edit(u, last.End(), last.End(), ")")
}
