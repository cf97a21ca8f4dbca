package session

import (
	"strings"
	"testing"
)

func TestAVariableHidesWhatHasItsName(t *testing.T) {
	for _, c := range []struct{ name, before, cell, after, want string }{
		{"a type", "type node struct{ v int }\nfunc mk(v int) node { return node{v} }", "node := mk(3)", "node.v + mk(4).v", "node__v1.v + mk(4).v"},
		{"a function", "func f() int { return 1 }\nfunc g() int { return f() }", "f := 2", "f + g()", "f__v1 + g()"},
		{"a constant", "const ( A = iota; B; C )\nfunc name(i int) bool { return i == B }", "B := \"b\"", "name(len(B) + C)", "len(B__v1) + C"},
		{"a predeclared type", "func s(x string) string { return x }\nfunc l() []float64 { return nil }", "string, float64 := s(\"a\"), 7", "l(); string + s(\"b\")", "string__v1 + s(\"b\")"},
		{"a predeclared function", "func biggest() int { return max(1, 2) }", "max := 3", "max + biggest()", "max__v1 + biggest()"},
		{"a predeclared value", "func t() bool { return true }", "true := 3", "t(); true + 1", "true__v1 + 1"},
		{"init", "", "init := 5", "init + 1", "init__v1 + 1"},
		{"error", "func check() (bool, error) { return true, nil }", "result, error := check(); _ = error", "check(); result && error == nil", "error__v1 == nil"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t)
			s.commit(c.before, "ys := []float64{1}; var err error; n := \"kept\"; var m map[string]any; _ = err")
			if p := s.commit("", c.cell); strings.Contains(strings.Join(p.Notes, "|"), "gone") || strings.Contains(strings.Join(p.Notes, "|"), "dropped") {
				t.Errorf("notes %q", p.Notes)
			}
			contains(t, s.commit("", c.after), c.want)
			contains(t, s.commit("", "fmt.Println(ys[0], len(n)); m[n] = err"), "var ys__v1 []float64", "var n__v1 string", "var m__v1 map[string]any", "var err__v1 error")
			contains(t, s.commit("", c.cell[:strings.Index(c.cell, ":=")]+"= "+c.cell[strings.Index(c.cell, ":=")+2:]), "__v1")
		})
	}
}

func TestAVariableHidesFromItsStatementOn(t *testing.T) {
	c := start(t)
	types := "type node struct{ v int }\nfunc mk(v int) node { return node{v} }"
	p := c.commit(types, "\n\nnode := mk(3)\nnode.v")
	contains(t, p, "node__v1 = mk(3)", "var node__v1 node", "__cell.Display(node__v1.v)", "func mk(v int) node {")
	p = c.commit(types, "\n\nnode := mk(3)\nnode.v") // and once more
	if len(p.Notes) > 0 {
		t.Errorf("notes %q", p.Notes)
	}
	// A declaration above means the older thing, one below the variable.
	c.n++
	p, err := c.Plan(Cell{Number: c.n, Decls: []Piece{{Text: "func above() int { return max(1, 2) }", Line: 1, Col: 1}, {Text: "func below() int { return max }", Line: 3, Col: 1}},
		Stmts: []Piece{{Text: "max := above()", Line: 2, Col: 1}, {Text: "below()", Line: 4, Col: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	c.Commit(p)
	contains(t, p, "return max(1, 2) }", "return max__v1 }")
	contains(t, c.commit("", "above() + below() + max"), "return max(1, 2) }", "return max__v1 }", "+ max__v1")
	c.Remove("max")
	contains(t, c.commit("", "max(1, above())"), "max(1, above())")
	if _, err := c.plan("", "below()"); err == nil {
		t.Error("a function outlives its variable")
	}
}

func TestWhatIsHiddenComesBack(t *testing.T) {
	c := start(t)
	c.commit("type node struct{ v int }", "")
	c.commit("", "node := node{3}")
	if kind, _ := c.Remove("node"); kind != "var" {
		t.Errorf("removed a %s", kind)
	}
	contains(t, c.commit("", "x := node{4}"), "x__v1 = node{4}", "var x__v1 node")
	c.Remove("node")
	if _, err := c.plan("", "y := node{4}"); err == nil {
		t.Error("a removed type is known")
	}
}

func TestDeclarationsOfPredeclaredNames(t *testing.T) {
	c := start(t)
	c.commit("func older(x int) int { println(x); return min(x, 1) }\nfunc local() any { type T struct{ a byte }; return T{1} }", "n := 1")
	p := c.commit("const int = 3\nfunc println(a ...any) { fmt.Println(a...) }", "println(int); local(); older(n)")
	contains(t, p, "const int__own = 3", "func println__own(a ...any)", "println__own(int__own)", "func older(x int) int { println(x);", "var n__v1 int\n")
	c = start(t)
	c.commit("", "x := 1; var err error; _ = err")
	p = c.commit("type error interface{ Foo() }\ntype E struct{ error }", "var e E; _, err := os.Open(\"x\"); _ = err; _ = e")
	contains(t, p, "errorʼ1 interface{ Foo() }", "E struct{ errorʼ1 }", "var err__v1 error\n")
	contains(t, c.commit("", "x"), "var x__v1 int\n")
	p = c.commit("type int string", "x")
	contains(t, p, "var x__v1 int\n")
	p = c.commit("type string uint\nfunc (s string) twice() string { return 2 * s }\nfunc println(a any) {}", "s := string(3).twice()")
	contains(t, p, "stringʼ1 uint", "func (s stringʼ1) twice() stringʼ1", "var s__v1 stringʼ1\n")
	contains(t, c.commit("", "go println(s)"), "func() { defer __cell.Recover();println__own(")
	if _, err := c.plan("", "s + nope"); err == nil || strings.Contains(err.Error(), "__") {
		t.Errorf("error %v", err)
	}
	if _, err := c.plan("", "var x error = 3"); err == nil || strings.Contains(err.Error(), "__") {
		t.Errorf("error %v", err)
	}
}

// A field that embeds a type with a predeclared name has that name, whichever
// the type is.
func TestEmbeddedTypesOfPredeclaredNames(t *testing.T) {
	c := start(t)
	c.commit("type W struct{ error }\ntype P struct{ *int }\nfunc old(w W, p P) string { return w.error.Error() + fmt.Sprint(*p.int) }", "w := W{error: os.ErrExist}")
	// Where older fields have the name, it is theirs: what is promoted works.
	c.commit("type error interface{ Foo() }\ntype V struct{ error }", "v := V{}; v.Foo(); print(w.error.Error())")
	if _, err := c.plan("", "v.error.Foo()"); err == nil || !strings.Contains(err.Error(), "v.error undefined") || strings.Contains(err.Error(), "__") {
		t.Errorf("error %v", err)
	}
	c = start(t)
	p := c.commit("type error interface{ Foo() }\ntype string struct{ a int }\ntype V struct{ error; *string }\nfunc get(error int, v V) error { _ = error; return v.error }",
		"v := V{error: nil, string: &string{3}}; v.string.a++; v.a++; v.error.Foo(); w := struct{ error }{v.error}")
	contains(t, p, "V struct{ errorʼ1; *stringʼ1 }", "V{errorʼ1: nil, stringʼ1: &stringʼ1{3}}", "v__v1.stringʼ1.a++", "v__v1.a++", "v__v1.errorʼ1.Foo()")
	contains(t, c.commit("", "w.error.Foo(); get(1, v).Foo()"), "w__v1.errorʼ1.Foo()", "return v.errorʼ1")
}

func TestAnImportHidesAnOlderName(t *testing.T) {
	c := start(t)
	c.commit("func count() int { return len(strings) }\nfunc log() int { return 1 }\nfunc useLog() int { return log() }", "strings := []string{\"a\"}")
	p := c.commit("import \"strings\"\nimport \"log\"", "strings.ToUpper(\"abc\"); log.Print(count(), useLog())")
	contains(t, p, "strings.ToUpper", "len(strings__v1)", "log.Print(count()", "return log() }")
	if got := strings.Join(p.Notes, "|"); !strings.Contains(got, `from now on strings means the package "strings"; code that was declared before still uses the variable strings []string`) ||
		!strings.Contains(got, "still uses the function log") {
		t.Errorf("notes %q", got)
	}
	p = c.commit("import \"strings\"", "strings.ToUpper(\"abc\")")
	if len(p.Notes) > 0 {
		t.Errorf("notes %q", p.Notes)
	}
	contains(t, c.commit("", "strings.ToLower(\"abc\")"), "strings.ToLower")
	contains(t, c.commit("import ctx \"context\"", "ctx.Background()"), "import __pkg_ctx \"context\"")
	contains(t, start(t).commit("", "<-ctx.Done()"), "<-ctx__cell.Done()")
	c.Remove("strings")
	contains(t, c.commit("", "strings[0]"), "strings__v1[0]")
	contains(t, c.commit("import s \"strings\"", "s.ToLower(\"abc\")"), "s.ToLower")
	contains(t, c.commit("", "s := 1"), "s__v1 = 1")
	contains(t, c.commit("", "s + 1"), "s__v1 + 1")
	contains(t, c.commit("import s \"strings\"", ""))
	contains(t, c.commit("", "s.ToLower(\"abc\")"), "s.ToLower")
	contains(t, c.commit("", "s := 3; s + 2"), "s__v1 + 2")
}

func TestAnExportedProgramRenamesWhatHides(t *testing.T) {
	c := start(t)
	p, err := c.Program([]Cell{
		{Number: 1, Decls: piecesOf("type node struct{ v int }\nfunc mk(v int) node { return node{v} }")},
		{Number: 2, Stmts: piecesOf("node := mk(3); string := \"s\"")},
		{Number: 3, Decls: piecesOf("func f(x int) []int { return make([]int, len(string)) }"), Stmts: piecesOf("var y = []int{node.v}; f(y[0])")},
	})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, c := range p.Cells {
		all = append(all, c.Stmts...)
	}
	for _, d := range p.Decls {
		all = append(all, d.Text)
	}
	got := strings.Join(all, "|")
	for _, want := range []string{"node2 := mk(3)", "string2 = \"s\"", "node2.v", "len(string2)", "type node struct", "return node{v}"} {
		if !strings.Contains(got, want) {
			t.Errorf("lacks %s: %s", want, got)
		}
	}
}

func TestASavedSessionKeepsWhatNamesMean(t *testing.T) {
	c := start(t)
	c.commitText("type node struct{ v int }\nfunc mk(v int) node { return node{v} }\nold := mk(1)")
	c.commitText("node := mk(3)")
	c.commitText("string := \"s\"")
	c.commitText("func f() int { return node.v + len(string) }")
	saved, _ := c.Save(nil)
	var text strings.Builder
	text.WriteString(saved.Decls)
	for _, hides := range []bool{false, true} {
		for i, name := range saved.Names {
			if saved.Hides[name] == hides {
				text.WriteString(saved.Vars[i] + "\n")
			}
		}
	}
	text.WriteString(saved.Later)
	c = start(t)
	c.commitText(text.String())
	contains(t, c.commitText("f() + mk(old.v).v"), "return node__v1.v + len(string__v1)", "func mk(v int) node { return node{v} }", "var old__v1 node")
}
