package session

import (
	"strings"
	"testing"
)

func TestDotImports(t *testing.T) {
	c := start(t)
	contains(t, c.commitText("import . \"strings\"\nfunc up(b *Builder, s string) string { return ToUpper(s) }\ntype W struct { *Builder; n int }\nm := map[string]int{ToLower(\"A\"): 1}\nup(nil, Repeat(\"a\", 2))"),
		`import __dot_strings "strings"`, "func up(b *__dot_strings.Builder, s string)", "return __dot_strings.ToUpper(s)",
		"map[string]int{__dot_strings.ToLower(\"A\"): 1}", "up(nil, __dot_strings.Repeat(\"a\", 2))")
	contains(t, c.commitText("w := W{Builder: &Builder{}, n: 1}\nw.Len()"), "W{Builder: &__dot_strings.Builder{}, n: 1}", "struct { *__dot_strings.Builder; n int }")
	// The session's names come first, and do not change what functions meant.
	contains(t, c.commitText("func ToUpper(s string) string { return s }\nup(nil, ToUpper(\"a\"))"), "return __dot_strings.ToUpper(s)", "up(nil, ToUpper(\"a\"))")
	contains(t, c.commitText("import . \"os\"\nfunc quit() { Exit(1) }\ngo Getenv(\"x\")\nquit()"), "__rt.Exit(1)", "__dot_os.Getenv(")
	contains(t, c.commitText("import . \"math\"\nconst table = 3\nx := map[float64]string{Pi: \"pi\"}; _ = []int{table: 1}\nvar n = Sqrt(2)"), "{__dot_math.Pi: \"pi\"}", "__dot_math.Sqrt(2)")
	if _, err := c.planText("ToLowest(1)"); err == nil || !strings.Contains(err.Error(), "undefined: ToLowest") {
		t.Errorf("error %v", err)
	}
	if _, err := c.planText("Repeat(1, 2)"); err == nil || strings.Contains(err.Error(), "__") {
		t.Errorf("error %v", err)
	}
	saved, _ := c.Save(nil)
	if !strings.Contains(saved.Decls, "import . \"strings\"\n") {
		t.Errorf("saved %s", saved.Decls)
	}
	if kind, _ := c.Remove("."); kind != "import" {
		t.Error("dot imports are not removed")
	}
	if _, err := c.planText("Repeat(\"a\", 2)"); err == nil {
		t.Error("a removed import is known")
	}
	contains(t, c.commitText("up(nil, \"a\")"), "__dot_strings.ToUpper(s)")
}

func TestDotImportsOfWholePrograms(t *testing.T) {
	c := start(t)
	p, err := c.planText("package main\nimport . \"fmt\"\nimport . \"strings\"\nvar s = ToUpper(t)\nvar t = \"x\"\nfunc main() { Println(s, HasPrefix(t, \"x\")) }")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, p, "__dot_fmt.Println(s__v1, __dot_strings.HasPrefix(t__v1", "s__v1 = __dot_strings.ToUpper(t__v1)")
	exported, err := start(t).Program([]Cell{{Number: 1, Decls: piecesOf("import . \"strings\"\nfunc f(b Builder) string { return ToUpper(b.String()) }"), Stmts: piecesOf("Repeat(f(Builder{}), 2)")}})
	if err != nil {
		t.Fatal(err)
	}
	if got := exported.Cells[0].Stmts[0]; got != `show(strings.Repeat(f(strings.Builder{}), 2))` {
		t.Errorf("statement %s", got)
	}
	if got := exported.Decls[0].Text; got != `func f(b strings.Builder) string { return strings.ToUpper(b.String()) }` || exported.DeclImports["strings"] != "strings" {
		t.Errorf("declaration %s, imports %v", got, exported.DeclImports)
	}
}
