package source

import (
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"testing"
)

// TestProblems checks that the problems of this Go release's go/types are
// recognized, each in code that is no sample.
func TestProblems(t *testing.T) {
	for text, want := range map[string]Problem{
		"func f() int { return y + 1 }":                                 UndefinedName,
		"type T struct{ a int }; func f(t T) int { return t.b }":        UnknownMember,
		"type T struct{ a int }; var t = T{b: 1}":                       UnknownMember,
		"type T struct{}; func f(t *T) { t.M() }":                       UnknownMember,
		"func f() { var s string }":                                     UnusedVariable,
		"func f(a []int) { a[0] }":                                      UnusedValue,
		"func f(a []int) { len(a) }":                                    UnusedValue,
		"var a, b = b, a":                                               InitCycle,
		"func f(m map[string]int) { for k, m[k] := range m { _ = k } }": BadSyntax,
		"type T struct{ a int }; var t = T(\"\")":                       BadConversion,
		"type T struct{ a int }; var t = T(1, 2)":                       WrongArgCount,
		"func f(int) {}; func g() { f(1, 2) }":                          WrongArgCount,
		"import \"unsafe\"":                                             UnusedImport,
		"import u \"unsafe\"":                                           UnusedImport,
		"import u \"unsafe\"; var p = u.Foo":                            UnknownExport,
		"import u \"unsafe\"; var p = u":                                BarePackage,
		"func f() { x.y, z := 1, 2 }; var x struct{ y int }":            BadSyntax,
		"var a int = \"\"":                                              OtherProblem,
	} {
		fset := token.NewFileSet()
		f, err := parser.ParseFile(fset, "", "package p;"+text, 0)
		if err != nil {
			t.Fatal(err)
		}
		var got []Problem
		conf := types.Config{Importer: onlyUnsafe{}, Error: func(err error) { got = append(got, ProblemOf(err.(types.Error))) }}
		conf.Check("p", fset, []*ast.File{f}, nil)
		if len(got) == 0 || got[0] != want {
			t.Errorf("%s: %v, want %v", text, got, want)
		}
		if want == InitCycle && (len(got) < 2 || got[1] != Detail) {
			t.Errorf("%s: %v has no details", text, got)
		}
	}
}

func TestNameAt(t *testing.T) {
	const text = "package p; func f() { x.y = abc }"
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", text, 0)
	if err != nil {
		t.Fatal(err)
	}
	for offset, want := range map[int]string{22: "x", 24: "y", 28: "abc", 29: "", 11: "", 16: "f"} {
		got := ""
		if id := NameAt([]*ast.File{f}, f.FileStart+token.Pos(offset)); id != nil {
			got = id.Name
		}
		if got != want {
			t.Errorf("at %q: %q, want %q", text[offset:], got, want)
		}
	}
}
