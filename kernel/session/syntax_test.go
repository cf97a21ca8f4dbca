package session

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"modelbook/kernel/cell"
)

// planText plans a cell as it is typed.
func (c *cells) planText(code string) (*Plan, error) {
	c.n++
	parsed, err := cell.Parse(code, c.n)
	if err != nil {
		return nil, err
	}
	s := Cell{Number: c.n, Quiet: parsed.Quiet, Program: parsed.Package != ""}
	for _, p := range parsed.Decls {
		s.Decls = append(s.Decls, Piece{Text: p.Text, Line: p.Line, Col: p.Col})
	}
	for _, p := range parsed.Stmts {
		s.Stmts = append(s.Stmts, Piece{Text: p.Text, Line: p.Line, Col: p.Col})
	}
	return c.Plan(s)
}

// commitText commits it.
func (c *cells) commitText(code string) *Plan {
	c.t.Helper()
	p, err := c.planText(code)
	if err != nil {
		c.t.Fatalf("%s: %v", code, err)
	}
	c.keep(p)
	return p
}

// TestErrorsAreInTheWordsOfTheUser: every complaint is in a line that the cell
// has, and names nothing that the user did not write.
func TestErrorsAreInTheWordsOfTheUser(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"if", "1:3 unexpected end of cell, expected expression"},
		{"if x", "1:5 unexpected end of cell, expected expression"},
		{"switch", "1:7 unexpected end of cell, expected expression"},
		{"for i := 0; i < 3", "1:18 unexpected end of cell, expected expression"},
		{"var", "1:4 unexpected end of cell, expected name"},
		{"y := 1\nvar z = // later\n", "2:8 unexpected end of cell, expected expression"},
		{"func", "1:5 unexpected end of cell, expected '('"},
		{"type T", "1:7 unexpected end of cell, expected type"},
		{"const x =", "1:10 unexpected end of cell, expected expression"},
		{"x := ", "1:5 unexpected end of cell, expected expression"},
		{"goto; x := 1", "1:5 unexpected end of line, expected name"},
		{"map[string]int{\"a\":}", "1:20 expected operand, found '}'"},
		{"package", "1:1 expected package name"},
		{"package 3", "1:1 expected package name"},
		{"package main extra", "1:1 expected package name"},
		{"func nobody()", "1:6 missing function body"},
		{"type T int\nfunc (T) nobody()", "2:10 missing function body"},
		{"func init() int { return 1 }", "1:6 func init must have no arguments and no return values"},
		{"func main() int { return 1 }", "1:6 func main must have no arguments and no return values"},
		{"func main(x int) {}", "1:6 func main must have no arguments and no return values"},
		{"func main[T any]() {}", "1:6 func main must have no type parameters"},
		{"var t struct{ A int }\nt.A, err := 1, error(nil)", "2:1 non-name t.A on left side of :="},
		{"t.A, err := f()", "1:1 non-name t.A on left side of :="},
		{"a := []int{1}\na[0] := 1", "2:1 non-name a[0] on left side of :="},
		{"f := func() int { return 1 }\nf() := 2", "2:1 non-name f() on left side of :="},
		{"p := new(int)\n*p := 2", "2:1 non-name *p on left side of :="},
		{"q := 1\n(q) := 3", "2:1 non-name (q) on left side of :="},
		{"1 := 2", "1:1 non-name 1 on left side of :="},
		{"var t struct{ A int }\nfor t.A := range 3 {}", "2:5 non-name t.A on left side of :="},
		{"fmt", "1:1 use of package fmt without selector"},
		{"x := fmt", "1:6 use of package fmt without selector"},
		{"import s \"strings\"\ns", "2:1 use of package s without selector"},
		{"func f() any { return strings }", "1:23 use of package strings without selector"},
		{"rand", "1:1 undefined: rand (package math/rand/v2 needs a selector)"},
		{"import \"strings\"\nfunc strings() {}", "1:8 strings already declared through import of package (\"strings\")"},
		{"nope", "1:1 undefined: nope"},
	} {
		s := start(t)
		_, err := s.planText(c.code)
		var bad *Error
		var syntax *cell.SyntaxError
		got := fmt.Sprint(err)
		switch {
		case errors.As(err, &bad):
			got = fmt.Sprintf("%d:%d %s", bad.Messages[0].Line, bad.Messages[0].Col, bad.Messages[0].Text)
			for _, m := range bad.Messages {
				if m.Line > strings.Count(c.code, "\n")+1 {
					t.Errorf("%q: %+v is in no line of the cell", c.code, m)
				}
			}
		case errors.As(err, &syntax):
			got = fmt.Sprintf("%d:%d %s", syntax.Line, syntax.Col, syntax.Msg)
		}
		if got != c.want {
			t.Errorf("%q: %s, want %s", c.code, got, c.want)
		}
		if strings.Contains(got, "__") {
			t.Errorf("%q: %s names what is generated", c.code, got)
		}
	}
}

func TestLineDirectivesAreIgnored(t *testing.T) {
	c := start(t)
	contains(t, c.commitText("//line foo.y:60\nfunc ll() int { return 1 }\nll()"), "/*line cell[1]:2:1*/func ll()")
	contains(t, c.commitText("z := 1\n//line foo.y:7\nz + 1"), "/*line cell[2]:3:1*/__cell.Display(z__v1 + 1)")
	contains(t, c.commitText("z = /*line a.y:1:1*/ 3; s := `\n//line kept:1\n`"), "//line kept:1\n`")
	_, err := c.planText("//line foo.y:60\n\nnope")
	if err == nil || err.Error() != "cell[4]:3:1: undefined: nope" {
		t.Errorf("error %v", err)
	}
}

func TestConstantsThatNoTypeHolds(t *testing.T) {
	for _, c := range []struct{ code, want string }{
		{"math.MaxUint64", "18446744073709551615"},
		{"1 << 100", "1267650600228229401496703205376"},
		{"-1 << 70", "-1180591620717411303424"},
		{"const big = 1 << 70\nbig", "1180591620717411303424"},
		{"math.MaxInt64 + 1", "9223372036854775808"},
		{"1e400", "1e+400"},
		{"'a' << 40", "106652627894272"},
		{"1e400i", "(0 + 1e+400i)"},
	} {
		p := start(t).commitText(c.code)
		contains(t, p, fmt.Sprintf("__cell.Display(__rt.Constant(%q))", c.want))
		lacks(t, p, "import math")
		lacks(t, start(t).commitText(c.code+";"), "Constant", "Display", "Discard(")
	}
	contains(t, start(t).commitText("math.MaxInt64"), "__cell.Display(math.MaxInt64)")
	contains(t, start(t).commitText("1e300"), "__cell.Display(1e300)")
	contains(t, start(t).commitText("'a'"), "__cell.Display('a')")
}

func TestUnsafeNeedsNoImport(t *testing.T) {
	contains(t, start(t).commitText("unsafe.Sizeof(3)"), "import unsafe \"unsafe\"", "__cell.Display(unsafe.Sizeof(3))")
}
