package source

import (
	"fmt"
	"go/ast"
	"go/token"
	"strings"
	"testing"
)

// parsed parses a declaration or, with statements, the body of a cell.
func parsed(t *testing.T, text string) *File {
	t.Helper()
	f, err := ParseDecl(token.NewFileSet(), "test", 1, Piece{Text: text, Line: 1, Col: 1}, true)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func parsedBody(t *testing.T, fset *token.FileSet, lines ...string) *File {
	t.Helper()
	var pieces []Piece
	for i, line := range lines {
		pieces = append(pieces, Piece{Text: line, Line: i + 1, Col: 1})
	}
	f, err := ParseBody(fset, "body", 1, pieces, func(p Piece) bool { return p.Line == len(lines) })
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestDecls(t *testing.T) {
	for text, want := range map[string]string{
		"func f() {}":                           "func f [f]",
		"func (T) m() {}":                       "method T.m []",
		"func (x *T) m() {}":                    "method T.m []",
		"func (x *(T)) m() {}":                  "method T.m []",
		"func (x *T[K]) m() {}":                 "method T.m []",
		"func (T[K, V]) m() {}":                 "method T.m []",
		"type T struct{}":                       "type T [T]",
		"type T = int":                          "type T [T]",
		"type ( A int; B[T any] struct{ x T })": "type A [A]; type B [B]",
		"type ()":                               "",
		"const ( A = iota; B; _; C, D = 1, 2 )": "const A,B,_,C,D [A B _ C D]",
		"const ()":                              "const  []",
		"var a, b = 1, 2":                       "var a,b [a b]",
		"import \"fmt\"":                        "",
	} {
		var got []string
		for _, d := range Decls(parsed(t, text).Syntax) {
			got = append(got, fmt.Sprint(d.Symbol.String(), " ", d.Names))
		}
		if s := strings.Join(got, "; "); s != want {
			t.Errorf("%s: %s, want %s", text, s, want)
		}
	}
	f := parsed(t, "type (\n\t// A is documented.\n\tA int\n)")
	if d := Decls(f.Syntax)[0]; d.Prefix != "type " || d.Doc.Text() != "A is documented.\n" {
		t.Errorf("prefix %q, comment %q", d.Prefix, d.Doc.Text())
	}
}

func TestAliases(t *testing.T) {
	aliases := map[string]string{}
	for _, text := range []string{"type A = B", "type B = (C)", "type C struct{}", "type D = []C", "type E = *C", "type X = Y", "type Y = X", "func A2() {}"} {
		d := Decls(parsed(t, text).Syntax)[0]
		aliases[d.Name] = d.AliasOf()
	}
	of := func(name string) string { return aliases[name] }
	for name, want := range map[string]string{"A": "C", "B": "C", "C": "C", "D": "D", "E": "E", "A2": "A2", "unknown": "unknown"} {
		if got := Unalias(name, of); got != want {
			t.Errorf("%s stands for %s, want %s", name, got, want)
		}
	}
	if got := Unalias("X", of); got != "X" && got != "Y" { // it ends, go/types complains
		t.Errorf("X stands for %s", got)
	}
}

func TestTopVars(t *testing.T) {
	f := parsedBody(t, token.NewFileSet(), "x, _ := 1, 2", "var a, _, b int", "for i := range 3 { inner := i; _ = inner }",
		"if n := 1; n > 0 { }", "x = 3", "var ( c = 1; d string )", "x, y := 2, 3", "f := func() { local := 1; _ = local }", "const k = 1")
	var names []string
	for _, id := range TopVars(f.Body()) {
		names = append(names, id.Name)
	}
	if got, want := strings.Join(names, " "), "x a b c d x y f"; got != want {
		t.Errorf("top variables %s, want %s", got, want)
	}
	if TopVars(nil) != nil || TopVars(&ast.FuncDecl{}) != nil {
		t.Error("a function without a body has variables")
	}
}

func TestMade(t *testing.T) {
	fset := token.NewFileSet()
	made := Made(fset, parsedBody(t, fset, "x := 1", "y, x := 2, 3").Body())
	if at := made["x"]; at.String() != "cell[1]:1:1" {
		t.Errorf("x is made at %s", at)
	}
	if at := made["y"]; at.String() != "cell[1]:2:1" || len(made) != 2 {
		t.Errorf("y is made at %s, of %v", at, made)
	}
}

func TestUnresolvedAndSelected(t *testing.T) {
	f := parsed(t, "func f(x T) { rand := x; rand.Foo(); strings.Cut(a, b); _ = map[K]int{key: 1}; go math.Sin(math.Pi); fmt }")
	for _, name := range []string{"T", "strings", "a", "b", "K", "key", "math", "fmt"} {
		if !f.Unresolved[name] {
			t.Errorf("%s is resolved", name)
		}
	}
	for _, name := range []string{"f", "x", "rand", "Foo", "_"} {
		if f.Unresolved[name] {
			t.Errorf("%s is not resolved", name)
		}
	}
	if got := fmt.Sprint(f.Selected); got != "map[math:[Sin Pi] strings:[Cut]]" {
		t.Errorf("selected %s", got)
	}
	f.IgnoreSelected("Cut")
	if names, ok := f.Selected["strings"]; !ok || len(names) > 0 {
		t.Errorf("selected of strings: %v, %v", names, ok)
	}
}
