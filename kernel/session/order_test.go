package session

import (
	"errors"
	"regexp"
	"strings"
	"testing"
)

// program plans a cell with a package clause: declarations and var
// declarations, written apart.
func (c *cells) program(decls, vars string) (*Plan, error) {
	c.t.Helper()
	c.n++
	return c.Plan(Cell{Number: c.n, Program: true, Decls: piecesOf(decls), Stmts: piecesOf(vars)})
}

var assignment = regexp.MustCompile(`(\w+?)__v\d(?:, (\w+?)__v\d)? +=|()(_) =|__rt.Zero\(&(\w+?)__v`)

// assignments are the variables that a plan's body sets, in order.
func assignments(p *Plan) string {
	var names []string
	for _, f := range p.Files {
		if f.Name != "body.go" {
			continue
		}
		for _, m := range assignment.FindAllStringSubmatch(f.Text, -1) {
			names = append(names, strings.Fields(strings.Join(m[1:], " "))...)
		}
	}
	return strings.Join(names, " ")
}

func TestVariablesAreInitializedInTheOrderOfTheirDependencies(t *testing.T) {
	for _, c := range []struct{ name, decls, vars, want string }{
		{"in order", "", "var a = 1\nvar b = a", "a b"},
		{"a block", "", "var ( aa = bb + 1; bb = 2 )", "bb aa"},
		{"one behind the other", "", "var a = b\nvar b = c\nvar c = 1", "c b a"},
		{"through a function", "func g() int { return e }", "var d = g()\nvar e = 7", "e d"},
		{"through a method", "type T struct{}\nfunc (T) m() int { return e }", "var d = T{}.m()\nvar e = 7", "e d"},
		{"through functions that call each other", "func f() int { return g() }\nfunc g() int { return e }", "var d = f()\nvar e = 7", "e d"},
		{"a literal", "", "var d = func() int { return e }()\nvar e = 7", "e d"},
		{"what has no value is zero first", "func g() int { e = 5; return 1 }", "var d = g()\nvar e int", "e d"},
		{"many in one", "", "var a, b = b, 1", "b a"},
		{"of a function with two results", "func g() (int, int) { return e, e }", "var a, b = g()\nvar e = 1", "e a b"},
		{"blank", "func g() int { e++; return e }", "var _ = g()\nvar e = 1", "e _"},
		{"a block of many kinds", "", "var ( x, y = z+1, 2; z float64 = 3; w string )", "w y z x"},
		{"the rest stays in order", "", "var a = c\nvar b = 1\nvar c = 2\nvar d = 3", "b c a d"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := start(t).plan(c.decls, c.vars)
			if err != nil {
				t.Fatal(err)
			}
			if got := assignments(p); got != c.want {
				t.Errorf("set %s, want %s\n%s", got, c.want, p.text())
			}
			if p, err = start(t).program(c.decls, c.vars); err != nil {
				t.Fatal(err)
			}
			if got := assignments(p); got != c.want {
				t.Errorf("a program sets %s, want %s", got, c.want)
			}
		})
	}
}

func TestAProgramDoesNotSeeOlderVariablesOfItsNames(t *testing.T) {
	c := start(t)
	c.commit("", "b := 2")
	p, err := c.program("", "var a = b\nvar b = \"hello\"")
	if err != nil {
		t.Fatal(err)
	}
	contains(t, p, "var a__v1 string", "a__v1 = b__v2")
	_, err = c.program("", "var b = b + 1")
	var bad *Error
	if !errors.As(err, &bad) || bad.Messages[0].Text != "initialization cycle: b refers to itself" || bad.Messages[0].Line != 1 || bad.Messages[0].Col != 5 {
		t.Errorf("error %v", err)
	}
	if _, err = c.program("func f() int { return d }", "var d = f()"); err == nil || !strings.Contains(err.Error(), "initialization cycle for d") {
		t.Errorf("error %v", err)
	}
	// As in a function, and not as in a program:
	contains(t, c.commit("", "var b = b + 1"), "b__v1 = b__v1 + 1")
}

func TestErrorsOfOrderedVariablesHavePlaces(t *testing.T) {
	_, err := start(t).plan("", "var (\n")
	if err == nil {
		t.Fatal("half a block is no error")
	}
	c := start(t)
	c.n++
	_, err = c.Plan(Cell{Number: 1, Stmts: []Piece{{Text: "var (\n\ta = b + c\n\tb, c = 1, \"s\"\n)", Line: 3, Col: 1}}})
	var bad *Error
	if !errors.As(err, &bad) || bad.Messages[0].Line != 4 || bad.Messages[0].Col != 6 {
		t.Errorf("error %+v", bad)
	}
}

func TestAnExportedProgramInitializesInTheSameOrder(t *testing.T) {
	c := start(t)
	p, err := c.Program([]Cell{{Number: 1, Program: true, Decls: piecesOf("func g() int { return e }"), Stmts: piecesOf("var d = g()\nvar e = 7")}})
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(p.Cells[0].Stmts, "|"); got != "e = 7|d := g()" && got != "e = 7|var d = g()" {
		t.Errorf("statements %s", got)
	}
}

func TestConstantsOfVariables(t *testing.T) {
	c := start(t)
	p := c.commitText("var cc = [...]int{1, 2, 3}\nconst clen = len(cc)\nvar gc [clen]byte\nlen(gc)")
	contains(t, p, "var gc__v1 [3]byte", "const clen = len(cc__v1)")
	contains(t, c.commitText("type Row [len(cc)]string\nvar r Row\nlen(r)"), "type", "Row [len(cc__v1)]string")
	if _, err := c.planText("fmt.Println(late)\nvar late = [2]int{}\nconst n = len(late)"); err == nil || !strings.Contains(err.Error(), "undefined: late") {
		t.Errorf("error %v", err)
	}
	contains(t, c.commitText("package main\nconst X = 2\nfunc main() {\n\tconst (\n\t\tX = X + X\n\t\tY\n\t)\n\tprintln(X, Y)\n}"), "const X = 2", "X = X + X")
}

func TestMethodsOfAnAlias(t *testing.T) {
	c := start(t)
	contains(t, c.commitText("type Number int32\ntype Alias = Number\nfunc (n Alias) OK() bool { return true }\nNumber(5).OK()"), "func (n Alias) OK() bool")
	p := c.commitText("func (n Number) OK() bool { return false }\nNumber(5).OK()")
	contains(t, p, "OK() bool { return false }")
	lacks(t, p, "n Alias")
	if kind, _ := c.Remove("Number.OK"); kind != "method" {
		t.Errorf("removed a %q", kind)
	}
	if _, err := c.planText("type A = B\ntype B = A\nfunc (A) m() {}"); err == nil {
		t.Error("aliases of each other are types")
	}
}
