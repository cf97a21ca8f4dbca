package program

import (
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"slices"
	"strings"
	"testing"

	"modelbook/kernel/source"
)

func TestInitials(t *testing.T) {
	for _, test := range []struct{ text, names, want string }{
		{"x := 1", "[x]", "var\nx  = 1"},
		{"a, _, err := f(\n\t1)", "[a err]", "var\na, _, err  = f(\n\t1)"},
		{"var a, b int", "[a b]", "\nvar a, b int"},
		{"var (\n\ta = 1\n\tb = a\n)", "[a b]", "\nvar (\n\ta = 1\n\tb = a\n)"},
		{"x = 2", "[]", ""},
		{"if x := 1; x > 0 {\n}", "[]", ""},
		{"for i := range 3 {\n}", "[]", ""},
		{"f()", "[]", ""},
	} {
		i, ok := initial(test.text)
		got := ""
		if ok {
			got = i.lead + "\n" + i.Text
		}
		if fmt.Sprint(i.Names) != test.names || got != test.want {
			t.Errorf("%q: %v %q, want %s %q", test.text, i.Names, got, test.names, test.want)
		}
	}
	i, _ := initial("long, err := f()")
	if got := i.blank(func(name string) bool { return name == "err" }); got != "_   , err  = f()" {
		t.Errorf("%q", got)
	}
}

var kinds = map[string]source.Kind{"func": source.Func, "method": source.Method, "type": source.Type, "const": source.Const}

func TestUnusedVariables(t *testing.T) {
	for _, test := range []struct{ text, want string }{
		{"func f() { x := g(); y := 1; h(y) }", "func f() { x := g();_ = x; y := 1; h(y) }"},
		{"func f(xs []int) {\n\tfor i, x := range xs {\n\t\tpkg.F(x)\n\t}\n}", "func f(xs []int) {\n\tfor i, x := range xs {_ = i;\n\t\tpkg.F(x)\n\t}\n}"},
		{"func f() { x := 1; unknown.y(func() { x++ }, other[x]) }", "func f() { x := 1; unknown.y(func() { x++ }, other[x]) }"},
		{"x  = func() int { y := 1; return 2 }", "x  = func() int { y := 1;_ = y; return 2 }"},
	} {
		lead := ""
		if strings.HasPrefix(test.text, "x") {
			lead = "var"
		}
		if got := useVariables(lead, test.text); got != test.want {
			t.Errorf("got\n%s\nwant\n%s", got, test.want)
		}
	}
}

// scope is a session of some declarations.
func scope(cells ...string) *source.Snapshot {
	sc := &source.Snapshot{Imports: map[string]string{"mypkg": "example.org/mypkg"}}
	for n, text := range cells {
		kind, rest, _ := strings.Cut(text, " ")
		name := strings.FieldsFunc(rest, func(r rune) bool { return strings.ContainsRune(" (\n", r) })[0]
		d := source.KeptDecl{Symbol: source.Symbol{Kind: kinds[kind], Name: name}, Names: []string{name}, Text: text, Cell: n + 1, Line: 3, Col: 2}
		if kind == "method" {
			d.Recv, d.Name, _ = strings.Cut(name, ".")
			d.Text, d.Names = "func (t "+strings.Replace(rest, ".", ") ", 1), nil
		}
		if strings.Contains(text, "strings.") {
			d.Imports = map[string]string{"strings": "strings"}
		}
		sc.Decls = append(sc.Decls, d)
	}
	return sc
}

func TestWrite(t *testing.T) {
	sc := scope(
		"type T struct{ N int }",
		"method T.Up() int { return t.N + k }",
		"func helper(s string) string { return strings.ToUpper(s) }",
		"func other() {}",
		"func TestA(t *testing.T) { v := T{x}; helper(\"a\"); mypkg.F(v.Up(), y, ctx) }",
		"func TestB(t *testing.T) { other() }",
		"func TestData() string { return \"\" }",
		"const k = 3",
	)
	sc.Vars = []source.KeptVar{{Name: "x", Type: "int"}, {Name: "y", Type: "p.T", Paths: map[string]string{"p": "example.org/p"}}, {Name: "err", Type: "error"}, {Name: "z", Type: "int"}}
	first, _ := initial("x, err := f()")
	first.Cell, first.Line, first.Col = 9, 5, 1
	later, _ := initial("z, err := f()")
	later.Cell = 10
	find := func(name string, members []string) string {
		if name == "testing" {
			return name
		}
		return ""
	}
	for _, test := range []struct {
		config Config
		files  string
	}{
		{Config{Tests: []string{"TestA"}}, "ctx.go d0000.go d0001.go d0002.go d0004_test.go d0007.go main.go s9_5_1.go v_y.go"},
		{Config{Tests: []string{"TestB"}}, "d0003.go d0005_test.go main.go"},
		{Config{}, "ctx.go d0000.go d0001.go d0002.go d0003.go d0004_test.go d0005_test.go d0007.go main.go s9_5_1.go v_y.go"},
		{Config{Roots: []string{"helper", "y"}}, "d0002.go v_y.go"},
		{Config{Roots: []string{"x", "ctx"}}, "ctx.go s9_5_1.go"},
		{Config{Tests: []string{"TestB"}, All: true}, "d0000.go d0001.go d0002.go d0003.go d0005_test.go d0006.go d0007.go main.go"},
	} {
		test.config.Scope, test.config.Find, test.config.Initials = sc, find, []Initial{first, later}
		p, err := Write(test.config)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(slices.Sorted(maps.Keys(p.Files)), " "); got != test.files {
			t.Errorf("%+v: files\n%s\nwant\n%s", test.config.Tests, got, test.files)
		}
		for name, text := range p.Files {
			if _, err := parser.ParseFile(token.NewFileSet(), name, text, 0); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		if test.config.Tests == nil || test.config.Tests[0] != "TestA" {
			continue
		}
		for name, want := range map[string]string{
			"s9_5_1.go":     "package main; var\nx, _    = f()\n", // a later statement makes err
			"v_y.go":        "package main; import p \"example.org/p\"; \nvar y p.T\n",
			"d0002.go":      "package main; import strings \"strings\"; \nfunc helper(s string) string { return strings.ToUpper(s) }\n",
			"d0004_test.go": "package main; import mypkg \"example.org/mypkg\"; import testing \"testing\"; \n" + sc.Decls[4].Text + "\n",
		} {
			if p.Files[name] != want {
				t.Errorf("%s:\n%s\nwant\n%s", name, p.Files[name], want)
			}
		}
		if !slices.Equal(p.Zero, []string{"y"}) {
			t.Errorf("zero: %q", p.Zero)
		}
		if cell, line, col, ok := p.Place("d0002.go", 2, 4); cell != 3 || line != 3 || col != 5 || !ok {
			t.Errorf("line 2 of d0002.go is %d:%d:%d", cell, line, col)
		}
		if _, _, _, ok := p.Place("main.go", 1, 1); ok {
			t.Error("main.go is of no cell")
		}
	}
}

func TestAProgramMayMakeItsContext(t *testing.T) {
	for context, want := range map[string]string{"": "package main\n\nimport \"context\"\n\nvar ctx = context.Background()\n", "mine": "package main\n\nvar ctx = mine\n"} {
		p, err := Write(Config{Scope: scope("func f() { g(ctx) }"), Find: func(string, []string) string { return "" }, Roots: []string{"f"}, Context: context})
		if err != nil || p.Files["ctx.go"] != want {
			t.Errorf("%q: %q, %v", context, p.Files["ctx.go"], err)
		}
	}
}
