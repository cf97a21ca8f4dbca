package session

import (
	"strings"
	"testing"
)

// program translates cells, whose lines are declarations when they begin like
// one, and writes the result down in order.
func program(t *testing.T, cells ...string) (string, *Program, error) {
	t.Helper()
	var all []Cell
	for i, text := range cells {
		c := Cell{Number: i + 1}
		for k, line := range strings.Split(text, "\n") {
			piece := Piece{Text: line, Line: k + 1, Col: 1}
			switch word, _, _ := strings.Cut(line, " "); word {
			case "func", "type", "const", "import":
				c.Decls = append(c.Decls, piece)
			default:
				c.Stmts = append(c.Stmts, piece)
			}
		}
		all = append(all, c)
	}
	p, err := New(shared, known, "go1.26").Program(all)
	if err != nil {
		return "", nil, err
	}
	var b strings.Builder
	for _, d := range append(p.Vars, p.Decls...) {
		b.WriteString(d.Text + "\n")
	}
	for _, c := range p.Cells {
		b.WriteString("--\n")
		for _, l := range c.Locals {
			b.WriteString("local " + l + "\n")
		}
		for _, s := range c.Stmts {
			b.WriteString(s + "\n")
		}
		for _, call := range c.Calls {
			b.WriteString("call " + call + "\n")
		}
	}
	return b.String(), p, nil
}

func TestProgram(t *testing.T) {
	for name, c := range map[string]struct {
		cells []string
		want  string
	}{
		"a variable stays where it is made": {[]string{"x := 1", "x + 1"}, "--\nx := 1\n--\nshow(x + 1)\n"},
		"made again, it is assigned":        {[]string{"x := 1", "x := 2", "x"}, "--\nx := 1\n--\nx = 2\n--\nshow(x)\n"},
		"of another type it gets a name": {[]string{"x := 1", "x := \"a\"\nx", "x"},
			"--\nx := 1\n--\nx2 := \"a\"\nshow(x2)\n--\nshow(x2)\n"},
		"the name is not taken by another": {[]string{"x, x2 := 1, 2", "x := 1.5", "x"},
			"--\nx, x2 := 1, 2\n--\nx3 := 1.5\n--\nshow(x3)\n"},
		"a variable that a function uses is the program's": {[]string{"n, m := 1, 2", "func f() int { return n }", "f() + m"},
			"var n int\nfunc f() int { return n }\n--\nvar m int\nn, m = 1, 2\n--\n--\nshow(f() + m)\n"},
		"errors are checked": {[]string{"f, err := os.Open(\"x\")\nf", "_, err = f.Stat()\nerr"},
			"--\nf, err := os.Open(\"x\")\ncheck(err)\nshow(f)\n--\n_, err = f.Stat()\nshow(err)\n"},
		"a last value with an error":  {[]string{"os.Open(\"x\")", "os.Remove(\"x\")", "fmt.Println(1)"}, "--\nshow(must(os.Open(\"x\")))\n--\ncheck(os.Remove(\"x\"))\n--\nfmt.Println(1)\n"},
		"a var without a value":       {[]string{"var x []int", "var x []int\nx"}, "--\nvar x []int\n--\nx = nil\nshow(x)\n"},
		"a cell that returns":         {[]string{"x := 1\nif x > 0 { return }", "x"}, "--\nlocal var x int\nx = 1\nif x > 0 { return }\n--\nshow(x)\n"},
		"a redefined function":        {[]string{"func f() int { return 1 }", "func g() int { return f() }\ng()", "func f() int { return 2 }\ng()"}, "func f() int { return 1 }\nfunc g() int { return f() }\nfunc g2() int { return f2() }\nfunc f2() int { return 2 }\n--\n--\nshow(g())\n--\nshow(g2())\n"},
		"a redefined type":            {[]string{"type T struct{ a int }\nfunc (t T) m() int { return t.a }", "x := T{1}\nx.m()", "type T struct{ a, b int }\nx := T{1, 2}\nx.m()"}, "type T struct{ a int }\nfunc (t T) m() int { return t.a }\nfunc (t T2) m() int { return t.a }\ntype T2 struct{ a, b int }\n--\n--\nx := T{1}\nshow(x.m())\n--\nx2 := T2{1, 2}\nshow(x2.m())\n"},
		"the same again":              {[]string{"func f() int { return 1 }", "func f() int { return 1 }\nf()"}, "func f() int { return 1 }\n--\n--\nshow(f())\n"},
		"a variable named as package": {[]string{"rand := rand.New(rand.NewPCG(1, 2))\nrand.IntN(3)"}, "--\nrand := rand2.New(rand2.NewPCG(1, 2))\nshow(rand.IntN(3))\n"},
		"errors that are values":      {[]string{"var ErrA = errors.New(\"a\")\ne := errors.Join(ErrA, os.ErrExist)", "e"}, "--\nvar ErrA = errors.New(\"a\")\ne := errors.Join(ErrA, os.ErrExist)\n--\nshow(e)\n"},
		"a dropped error in a loop":   {[]string{"var err error", "for range 3 { err = os.Chdir(\"x\") }"}, "--\nvar err error\n--\nfor range 3 { err = os.Chdir(\"x\")\ncheck(err) }\n"},
		"one in front of a block":     {[]string{"var err error", "if err = os.Chdir(\"x\"); true { println() }"}, "--\nvar err error\n--\nif func() { err = os.Chdir(\"x\")\ncheck(err) }(); true { println() }\n"},
		"ctx":                         {[]string{"ctx.Err()"}, "--\ncheck(ctx.Err())\n"},
		"unused variables inside":     {[]string{"if true { y := 1 }"}, "--\nif true { y := 1;_ = y }\n"},
		"main and init run":           {[]string{"func init() { fmt.Println(1) }\nfunc main() { fmt.Println(2) }"}, "func init1() { fmt.Println(1) }\nfunc cell1() { fmt.Println(2) }\n--\ncall init1\ncall cell1\n"},
	} {
		got, _, err := program(t, c.cells...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else if got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestProgramRefusesWhatOnlyANotebookCanDo(t *testing.T) {
	_, _, err := program(t, "type T int\nfunc (t T) m() int { return 1 }", "x := T(1)", "func (t T) m() int { return 2 }", "x.m()")
	if err == nil || !strings.Contains(err.Error(), "variable x") {
		t.Errorf("a method changed under a variable: %v", err)
	}
}
