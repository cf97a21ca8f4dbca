package trace

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

// What functions tell, by the text that is compiled. It must compile: that is
// checked against a stand-in for package rt.
func TestFunction(t *testing.T) {
	const enter = `__frame := __rt.Enter(3, "f");defer __frame.Leave();`
	for _, c := range []struct{ name, code, want string }{
		{"a line", "func f() {\n\tprintln(1)\n}",
			"func f() {" + enter + "\n\t__frame.At(2, nil);println(1)\n}"},
		{"parameters and results, and what is declared so far", "func f(a int, _ string) (n int) {\n\tb := a\n\tn = b\n\treturn\n}",
			"func f(a int, _ string) (n int) {" + enter + "\n\t" +
				`__frame.At(2, func() []__rt.Local { return []__rt.Local{{"a", &a},{"n", &n},} });b := a` + "\n\t" +
				`__frame.At(3, func() []__rt.Local { return []__rt.Local{{"a", &a},{"b", &b},{"n", &n},} });n = b` + "\n\t" +
				`__frame.At(4, func() []__rt.Local { return []__rt.Local{{"a", &a},{"b", &b},{"n", &n},} });return` + "\n}"},
		{"one stop a line", "func f() { println(1); println(2)\nprintln(3) }",
			"func f() {" + enter + " __frame.At(1, nil);println(1); println(2)\n__frame.At(2, nil);println(3) }"},
		{"the inner variable of two", "func f(x int) {\n{\nx := \"\"\nprintln(x)\n}\n}",
			"func f(x int) {" + enter + "\n" + `__frame.At(2, func() []__rt.Local { return []__rt.Local{{"x", &x},} });{` + "\n" +
				`__frame.At(3, func() []__rt.Local { return []__rt.Local{{"x", &x},} });x := ""` + "\n" +
				`__frame.At(4, func() []__rt.Local { return []__rt.Local{{"x", &x},} });println(x)` + "\n}\n}"},
		{"literals", "func f() {\n\tfunc() {\n\t\tprintln(1)\n\t}()\n}",
			"func f() {" + enter + "\n\t__frame.At(2, nil);func() {" + `__frame := __rt.Enter(3, "f.func1");defer __frame.Leave();` +
				"\n\t\t__frame.At(3, nil);println(1)\n\t}()\n}"},
		{"clauses", "func f(v any) {\nswitch x := v.(type) {\ncase int:\nprintln(x)\n}\nswitch {\ncase true:\nfallthrough\ndefault:\n}\nselect {\ndefault:\nprintln(2)\n}\n}",
			"func f(v any) {" + enter + "\n" + `__frame.At(2, func() []__rt.Local { return []__rt.Local{{"v", &v},} });switch x := v.(type) {` + "\ncase int:\n" +
				`__frame.At(4, func() []__rt.Local { return []__rt.Local{{"x", &x},{"v", &v},} });println(x)` + "\n}\n" +
				`__frame.At(6, func() []__rt.Local { return []__rt.Local{{"v", &v},} });switch {` + "\ncase true:\nfallthrough\ndefault:\n}\n" +
				`__frame.At(11, func() []__rt.Local { return []__rt.Local{{"v", &v},} });select {` + "\ndefault:\n" +
				`__frame.At(13, func() []__rt.Local { return []__rt.Local{{"v", &v},} });println(2)` + "\n}\n}"},
		{"labels and loops", "func f() {\nL:\n\tfor i := range 3 {\n\t\tif i == 1 {\n\t\t\tcontinue L\n\t\t}\n\t}\n}",
			"func f() {" + enter + "\n__frame.At(2, nil);L:\n\tfor i := range 3 {\n\t\t" +
				`__frame.At(4, func() []__rt.Local { return []__rt.Local{{"i", &i},} });if i == 1 {` + "\n\t\t\t" +
				`__frame.At(5, func() []__rt.Local { return []__rt.Local{{"i", &i},} });continue L` + "\n\t\t}\n\t}\n}"},
		{"type parameters", "func f[T any](x T) T {\n\treturn x\n}",
			"func f[T any](x T) T {" + enter + "\n\t" + `__frame.At(2, func() []__rt.Local { return []__rt.Local{{"x", &x},} });return x` + "\n}"},
	} {
		text := trace(t, c.code)
		if text != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, text, c.want)
		}
		compiles(t, text)
	}
}

const header = "package p;"

func trace(t *testing.T, code string) string {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "p.go", header+code, 0)
	if err != nil {
		t.Fatal(err)
	}
	pkg, err := (&types.Config{Importer: importer.Default()}).Check("p", fset, []*ast.File{file}, nil)
	if err != nil {
		t.Fatal(err)
	}
	s := &Source{Fset: fset, Package: pkg, IsLocal: func(*types.Var) bool { return true }}
	list := s.Function(3, "f", file.Decls[0].(*ast.FuncDecl).Body)
	return list.Apply(header+code, file.FileStart)[len(header):]
}

// compiles checks the text with a package that stands for rt.
func compiles(t *testing.T, text string) {
	t.Helper()
	const stand = ";type Local struct { Name string; Pointer any }; type Frame struct{};func Enter(int, string) *Frame { return nil };" +
		"func (*Frame) Leave() {};func (*Frame) At(int, func() []Local) {}"
	fset := token.NewFileSet()
	rt, err := parser.ParseFile(fset, "rt.go", "package rt"+stand, 0)
	if err != nil {
		t.Fatal(err)
	}
	rtPkg, err := (&types.Config{}).Check("rt", fset, []*ast.File{rt}, nil)
	if err != nil {
		t.Fatal(err)
	}
	file, err := parser.ParseFile(fset, "p.go", `package p;import __rt "rt";`+text, 0)
	if err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	if _, err := (&types.Config{Importer: importing{rtPkg}}).Check("p", fset, []*ast.File{file}, nil); err != nil {
		t.Errorf("%v in\n%s", err, text)
	}
}

type importing struct{ pkg *types.Package }

func (i importing) Import(string) (*types.Package, error) { return i.pkg, nil }
