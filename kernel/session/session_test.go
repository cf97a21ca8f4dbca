package session

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"strings"
	"testing"
	"time"

	"modelbook/kernel/source/gen"
)

// known are the packages that tests use without import line.
func known(name string) []string {
	switch name {
	case "fmt", "math", "strings", "errors", "context", "time", "os", "log":
		return []string{name}
	case "rand":
		return []string{"math/rand/v2", "math/rand"}
	}
	return nil
}

// The runtime package is checked from its source, like all others here: these
// tests need no compiled package and no compiler.
var shared = importer.ForCompiler(token.NewFileSet(), "source", nil)

// cells plans cells, one after the other, without compiling them.
type cells struct {
	t *testing.T
	*Session
	n int
}

func start(t *testing.T) *cells {
	t.Helper()
	return &cells{t: t, Session: New(shared, known, "go1.26")}
}

// plan plans a cell of declarations and statements, written apart.
func (c *cells) plan(decls, stmts string) (*Plan, error) {
	c.t.Helper()
	c.n++
	cell := Cell{Number: c.n}
	cell.Decls, cell.Stmts = piecesOf(decls), piecesOf(stmts)
	return c.Plan(cell)
}

// piecesOf are the lines of a text.
func piecesOf(text string) (pieces []Piece) {
	for k, line := range strings.Split(text, "\n") {
		if strings.TrimSpace(line) != "" {
			p := Piece{Text: line, Line: k + 1, Col: 1}
			if before, rest, ok := strings.Cut(line, gen.TimeitLoop); ok { // as a %timeit encloses it
				p.Before, p.Text, p.After = before+gen.TimeitLoop, strings.TrimSuffix(rest, gen.TimeitAfter), gen.TimeitAfter
			}
			pieces = append(pieces, p)
		}
	}
	return pieces
}

func (c *cells) commit(decls, stmts string) *Plan {
	c.t.Helper()
	p, err := c.plan(decls, stmts)
	if err != nil {
		c.t.Fatalf("cell %d: %v", c.n, err)
	}
	c.keep(p)
	return p
}

// keep commits a plan, whose files must be right Go.
func (c *cells) keep(p *Plan) {
	c.t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, f := range p.Files {
		file, err := parser.ParseFile(fset, f.Name, f.Text, 0)
		if err != nil {
			c.t.Fatalf("cell %d: %s is no Go: %v\n%s", c.n, f.Name, err, f.Text)
		}
		files = append(files, file)
	}
	conf := types.Config{Importer: shared, Error: func(err error) {
		if !strings.HasPrefix(err.(types.Error).Msg, "\t") {
			c.t.Errorf("cell %d: the compiler would refuse it: %v\n%s", c.n, err, p.text())
		}
	}}
	conf.Check("sess", fset, files, nil)
	c.Commit(p)
}

func (p *Plan) text() string {
	var b strings.Builder
	for _, f := range p.Files {
		b.WriteString("== " + f.Name + "\n" + f.Text)
	}
	return b.String()
}

func contains(t *testing.T, p *Plan, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !strings.Contains(p.text(), text) {
			t.Errorf("files lack %q:\n%s", text, p.text())
		}
	}
}

func lacks(t *testing.T, p *Plan, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(p.text(), text) {
			t.Errorf("files have %q:\n%s", text, p.text())
		}
	}
}

func TestDeclarationsAloneNeedNoPlugin(t *testing.T) {
	c := start(t)
	if p := c.commit("func f() int { return 1 }\ntype T struct{}", ""); len(p.Files) != 0 {
		t.Errorf("files %v", p.text())
	}
}

func TestPlanChangesNothing(t *testing.T) {
	c := start(t)
	c.commit("", "x := 1")
	before := fmt.Sprint(c.Definitions())
	if _, err := c.plan("func f() {}", "x := \"s\""); err != nil {
		t.Fatal(err)
	}
	if after := fmt.Sprint(c.Definitions()); after != before {
		t.Errorf("a plan changed the session: %s, was %s", after, before)
	}
}

func TestVariablesKeepTheirStorage(t *testing.T) {
	c := start(t)
	p := c.commit("", "x := 1")
	contains(t, p, "x__v1 = 1", "var x__v1 int\n")
	p = c.commit("", "x := 2")
	contains(t, p, "x__v1 = 2")
	if fmt.Sprint(p.Globals) != "[sess.x__v1]" {
		t.Errorf("globals %v", p.Globals)
	}
	p = c.commit("", "x := fmt.Sprint(x)")
	contains(t, p, "x__v2 = fmt.Sprint(x__v1)", "var x__v2 string\n", "var x__v1 int\n")
	c.Remove("x")
	contains(t, c.commit("", "x := 1"), "x__v3 = 1")
}

func TestOnlyWhatACellReachesIsCompiled(t *testing.T) {
	c := start(t)
	c.commit("func used() int { return helper() }\nfunc helper() int { return 1 }\nfunc unused() int { return 2 }\ntype T struct{ n int }\nfunc (t T) M() int { return t.n }", "other := 5")
	p := c.commit("", "x := used()")
	contains(t, p, "func used()", "func helper()")
	lacks(t, p, "unused", "other", "type T")
	p = c.commit("", "v := T{1}")
	contains(t, p, "T struct", "func (t T) M()")
	p = c.commit("", "v.M()")
	contains(t, p, "T struct", "func (t T) M()", "__cell.Display(v__v1.M())")
}

func TestTypeVersions(t *testing.T) {
	c := start(t)
	c.commit("type T struct{ n int }\ntype Outer struct{ T }", "v := Outer{}")
	p := c.commit("func (t T) M() int { return t.n }", "v.M()") // a method more is no other type
	contains(t, p, "T struct", "Outer struct{ T }", "var v__v1 Outer\n", "(*T)(nil)", "(*Outer)(nil)")
	if len(p.Notes) != 0 {
		t.Errorf("notes %q", p.Notes)
	}
	p = c.commit("type T struct{ n, m int }", "")
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "variable v is gone") {
		t.Errorf("notes %q", p.Notes)
	}
	contains(t, c.commit("", "v := Outer{}"), "Outerʼ2", "v__v2")
}

// What a type may keep its identity through, and what not.
func TestTypesKeepTheirIdentity(t *testing.T) {
	const first, method, helper = "type T struct{ N int }", "func (t T) M() int { return help() }", "func help() int { return 1 }"
	for _, change := range []struct{ name, decl, note, uses string }{
		{"a method more", "func (t *T) P() {}", "", "(*T)(nil)"},
		{"another body", "func (t T) M() int { return 5 }", "", "(*T)(nil)"},
		{"a function that a method calls", "func help() int { return 2 }", "", "(*T)(nil)"},
		{"the same once more", first, "", ""},
		{"another receiver, with more methods", "func (t T) V() {}", "", "(*T)(nil)"},
		{"a tag", "type T struct{ N int `json:\"n\"` }", "tags of its fields changed", "Tʼ2 struct"},
		{"another signature", "func (t T) M() string { return \"\" }", "its method M has another signature", "Tʼ2 struct"},
		{"a pointer receiver", "func (t *T) M() int { return 1 }", "its method M has another signature", "Tʼ2 struct"},
		{"a method that encoders look for once", "func (t T) MarshalJSON() ([]byte, error) { return nil, nil }", "MarshalJSON", "Tʼ2 struct"},
	} {
		t.Run(change.name, func(t *testing.T) {
			c := start(t)
			c.commit(first+"\n"+method+"\n"+helper+"\nfunc (t *T) V() {}", "v := T{}")
			p := c.commit(change.decl, "other := 1")
			if notes := strings.Join(p.Notes, "\n"); !strings.Contains(notes, change.note) || change.note == "" && notes != "" {
				t.Errorf("notes %q, want %q", notes, change.note)
			}
			if change.uses == "(*T)(nil)" {
				contains(t, p, change.uses)
				lacks(t, c.commit("", "other = 2"), "type /*line cell[1]:1:6*/T") // the worker has them now
			}
			p = c.commit("", "v.N++")
			contains(t, p, "v__v1.N++")
			if strings.Contains(change.uses, "ʼ") {
				contains(t, p, change.uses)
			}
		})
	}
	c := start(t)
	c.commit("type G[A any] struct{ a A }", "v := G[int]{1}\nvar w G[[]string]")
	contains(t, c.commit("func (g G[A]) M() A { return g.a }", "1"), "(*G[int])(nil)", "(*G[[]string])(nil)")
	c.commit("type X struct{}", "var gx G[*X]")
	contains(t, c.commit("func (g G[A]) M() A { return g.a }\nfunc (g G[A]) O() {}", "1"), "(*G[*X])(nil)", "X struct{}")
	c.Forget()
	lacks(t, c.commit("func (g G[A]) N() A { return g.a }", "1"), "G[int]") // a new worker has none
	c.commit("func (t G[A]) Lost() {}", "x := G[int]{1}")
	c.Remove("G.Lost")
	if p := c.commit("", "y := x"); len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "no longer has the method Lost") {
		t.Errorf("notes %q", p.Notes)
	}
}

func TestBrokenFunctionsAreDropped(t *testing.T) {
	c := start(t)
	c.commit("func f() int { return 1 }\nfunc g() int { return f() }", "")
	p := c.commit("func f() string { return \"\" }", "")
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "func g was dropped") {
		t.Errorf("notes %q", p.Notes)
	}
	for range 2 { // the reason stays
		_, err := c.plan("", "g()")
		var bad *Error
		if !errors.As(err, &bad) || !strings.HasPrefix(bad.Messages[0].Text, "undefined: g (dropped: cell[1]:2:23: cannot use f()") {
			t.Errorf("error %v", err)
		}
	}
	c.Remove("g")
	if _, err := c.plan("", "g()"); err == nil || !strings.HasSuffix(err.Error(), "undefined: g") {
		t.Errorf("error %v", err)
	}
}

func TestErrorsHavePlaces(t *testing.T) {
	c := start(t)
	_, err := c.plan("func f() int { return nope }", "a := 1\n\nb := a + \"x\"")
	var bad *Error
	if !errors.As(err, &bad) || len(bad.Messages) != 2 {
		t.Fatalf("error %v", err)
	}
	if m := bad.Messages[0]; m.Line != 1 || m.Col != 23 || m.Text != "undefined: nope" {
		t.Errorf("first message %+v", m)
	}
	if m := bad.Messages[1]; m.Line != 3 || m.Col != 6 {
		t.Errorf("second message %+v", m)
	}
}

func TestUnusedErrorsOfFunctionsAreErrors(t *testing.T) {
	_, err := start(t).plan("func f() { n, err := fmt.Println() }", "")
	var bad *Error
	if !errors.As(err, &bad) || len(bad.Messages) != 1 || !strings.Contains(bad.Messages[0].Text, "declared and not used: err") {
		t.Errorf("error %v", err)
	}
}

func TestRewriting(t *testing.T) {
	for _, c := range []struct{ name, stmts, want string }{
		{"between calls", "fmt.Println(); x := 1; x++; fmt.Println()", "fmt.Println();__cell.CheckBody(); x__v1 = 1;__cell.Made(1); x__v1++; __cell"},
		{"behind a wait", "f := func() { x := 1; x++; time.Sleep(1); <-ctx.Done(); x++; time.Sleep(1) }; f()",
			"x := 1; x++; time.Sleep(1);__cell.Check(); <-ctx__cell.Done();__cell.Check(); x++; time.Sleep(1) }"},
		{"behind a wait in a case", "f := func() int { switch { case true: time.Sleep(1); fallthrough; default: select {} } }; f()",
			"time.Sleep(1);__cell.Check(); fallthrough; default: select {} } }"},
		{"loop", "for i := range 3 { _ = i }", "range 3 {__cell.CheckBody(); _ = i }"},
		{"loop in a function", "f := func() { for i := range 3 { _ = i } }; f()", "range 3 {__cell.Check(); _ = i }"},
		{"exit", "os.Exit(1)", "__rt.Exit(1)"},
		{"fatal", "log.Fatalf(\"x\")", "__rt.Fatalf(\"x\")"},
		{"goroutine", "go func() { println() }()", "go func() {defer __cell.Recover(); println() }()"},
		{"goroutine of a function", "go fmt.Println(1, fmt.Sprint(2))", "{_, _, __g2 := 0, 0, fmt.Sprint(2); go func() { defer __cell.Recover();fmt.Println(1, __g2) }()}"},
		{"goroutine of a stand-in", "go os.Exit(3)", "go func() { defer __cell.Recover();__rt.Exit(3) }()"},
		{"context", "<-ctx.Done()", "<-ctx__cell.Done()"},
		{"error", "err := os.Chdir(\"x\")", "err__v1 = os.Chdir(\"x\");__cell.Made(1); __cell.Line(1).Raise(err__v1)"},
		{"error looked at", "err := os.Chdir(\"x\"); _ = err", "err__v1 = os.Chdir(\"x\");__cell.Made(1);__cell.CheckBody(); _ = err__v1;"},
		{"error in a loop", "var err error; for range 3 { err = os.Chdir(\"x\"); print() }", "err__v1 = os.Chdir(\"x\"); __cell.Line(1).Raise(err__v1);"},
		{"value and error", "fmt.Sscan(\"1\")", "__cell.Line(1).Show(fmt.Sscan(\"1\"))"},
		{"copy", "a := []byte{1}; copy(a, a)", "__cell.Display(copy(a__v1, a__v1))"},
		{"printing", "fmt.Println()", "__cell.Line(1).RaiseLast(fmt.Println())"},
		{"zero", "var x, y int", "__rt.Zero(&x__v1);__rt.Zero(&y__v1)"},
		{"typed", "var x any = 1", "x__v1  = 1"},
		{"unused in a block", "if true { x := 1 }", "{ x := 1;_ = x }"},
	} {
		t.Run(c.name, func(t *testing.T) { contains(t, start(t).commit("", c.stmts), c.want) })
	}
}

func TestLocalTypesKeepTheirNumbers(t *testing.T) {
	c := start(t)
	lacks(t, c.commit("func f() any { type local int; return local(1) }", "f()"), "__padding")
	contains(t, c.commit("func g() any { type local int; return local(1) }", "g()"), "func __padding0() {type t0 int;}")
	lacks(t, c.commit("", "f()"), "type t0 int")
	files := c.commit("", "g(); f()")
	contains(t, files, "func f()", "func g()")
	lacks(t, files, "type t")
	contains(t, c.commit("", "g()"), "func __padding0() {type t0 int;}")
	contains(t, c.commit("func f() any { type local string; return local(\"\") }", "f()"), "func __padding0() {type t0 int;type t1 int;}")
}

func TestGuessedImportHasWhatIsUsed(t *testing.T) {
	contains(t, start(t).commit("", "rand.IntN(5)"), "math/rand/v2")
	contains(t, start(t).commit("", "rand.Intn(5)"), "rand \"math/rand\"")
}

func TestAliasChangesMeaning(t *testing.T) {
	c := start(t)
	c.commit("type A = int", "var x A = 1")
	p := c.commit("type A = string", "y := 2")
	if len(p.Notes) != 1 || !strings.Contains(p.Notes[0], "variable x is gone") {
		t.Errorf("notes %q", p.Notes)
	}
	contains(t, c.commit("", "var x A = \"s\""), "x__v2")
}

func TestWhichTypeWasRedefinedIsTold(t *testing.T) {
	c := start(t)
	c.commit("type Inner struct{ n int }\ntype Middle struct{ i Inner }\ntype Outer struct{ m []Middle }", "o, i := Outer{}, Inner{}")
	p := c.commit("type Inner struct{ s string }", "")
	notes := strings.Join(p.Notes, "\n")
	if !strings.Contains(notes, "o is gone: its type Outer is made of Inner, which was redefined") || !strings.Contains(notes, "i is gone: its type Inner was redefined") {
		t.Errorf("notes\n%s", notes)
	}
}

func TestRemovedTypeTakesItsVariables(t *testing.T) {
	c := start(t)
	c.commit("type T struct{ n int }\ntype Holder struct{ all []T }\ntype Other int", "t := T{}\nps := map[string]*T{}\nh := &Holder{}\no := Other(1)\nx := 1")
	if _, with := c.Remove("T"); fmt.Sprint(with) != "[h ps t]" {
		t.Errorf("with it go %v", with)
	}
	if _, err := c.plan("", "print(h)"); err == nil || !strings.Contains(err.Error(), "undefined: h (dropped: its type T was removed)") {
		t.Errorf("error %v", err)
	}
	c.commit("", "x++; o++")
	contains(t, c.commit("type T int", "var t T"), "t__v2")
}

func TestRemoveAndReset(t *testing.T) {
	c := start(t)
	c.commit("func f() {}\ntype T struct{}\nfunc (T) M() {}\nconst A, B = 1, 2", "x := 1")
	for name, want := range map[string]string{"f": "func", "T": "type", "x": "var", "A": "const", "nope": ""} {
		if kind, _ := c.Remove(name); kind != want {
			t.Errorf("%s was a %q, want %q", name, kind, want)
		}
	}
	if d := c.Definitions(); len(d) != 1 || d[0].Kind != "const" || d[0].Name != "B" {
		t.Errorf("left %v", d)
	}
	c.Reset()
	if d := c.Definitions(); len(d) != 0 {
		t.Errorf("after reset %v", d)
	}
}

func FuzzPlan(f *testing.F) {
	for _, s := range []string{"x := 1", "func f() {", "type T[", "go f(", "if x { /*line a:1*/ }", "var (\n", "a, b := <-c", "}; func x() {"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, decls, stmts string) {
		s := New(shared, known, "go1.26")
		hang := time.AfterFunc(10*time.Second, func() { panic(fmt.Sprintf("hangs on %q, %q", decls, stmts)) })
		defer hang.Stop()
		s.Plan(Cell{Number: 1, Decls: []Piece{{Text: decls, Line: 1, Col: 1}}, Stmts: []Piece{{Text: stmts, Line: 1, Col: 1}}})
	})
}
