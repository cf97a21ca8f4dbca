package session

import (
	"slices"
	"strings"
	"testing"
)

func (c *cells) refused(stmts string) string {
	c.t.Helper()
	_, err := c.plan("", stmts)
	if err == nil {
		return ""
	}
	return err.Error()
}

func (c *cells) refusedWith(stmts, want string) {
	c.t.Helper()
	if got := c.refused(stmts); !strings.Contains(got, want) {
		c.t.Errorf("%s: error %q, want %q", stmts, got, want)
	}
}

func TestVariablesOfStatementsThatDidNotRun(t *testing.T) {
	c := start(t)
	c.commit("", "same, other := 1, 2")
	p := c.commit("", "print()\nsame := 3\nother, fresh := \"two\", 4\nvar late int")
	contains(t, p, "same__v1 = 3;__cell.Made(1)", "other__v2, fresh__v1 = \"two\", 4;__cell.Made(2)", "__rt.Zero(&late__v1);__cell.Made(3)")
	changed, notes := c.Unmade(p, 0)
	if !slices.Equal(changed, []string{"other", "fresh", "late"}) {
		t.Errorf("changed %q", changed)
	}
	if len(notes) != 1 || !strings.HasPrefix(notes[0], "other, same keep their old values: ") {
		t.Errorf("notes %q", notes)
	}
	contains(t, c.commit("", "other++; same++"), "other__v1++", "same__v1++")
	if got := c.refused("print(fresh[fresh])"); !strings.Contains(got, "fresh was never assigned: its statement (cell[2]:3) did not run") || strings.Contains(got, "more") {
		t.Errorf("error %q", got)
	}
	// Their storage is not used for another type.
	contains(t, c.commit("", "other, fresh := 1.5, 4"), "other__v3, fresh__v2 = 1.5, 4")
	if got := c.refused("print(fresh, late)"); !strings.Contains(got, "late was never assigned") || strings.Contains(got, "fresh was") {
		t.Errorf("error %q", got)
	}
	c.commit("func late() {}", "")
	if got := c.refused("late()"); got != "" {
		t.Errorf("error %q", got)
	}
}

func TestVariablesOfStatementsThatRan(t *testing.T) {
	c := start(t)
	c.commit("", "x := 1")
	p := c.commit("", "x := \"a\"\ny := 1\nx, z := \"b\", 2")
	if changed, notes := c.Unmade(p, 2); !slices.Equal(changed, []string{"z"}) || notes != nil {
		t.Errorf("changed %q, notes %q", changed, notes)
	}
	contains(t, c.commit("", "x += \"c\"; y++"), "x__v2 +=", "y__v1++")
	if changed, notes := c.Unmade(c.commit("", "x := \"a\""), 1); changed != nil || notes != nil {
		t.Errorf("changed %q, notes %q", changed, notes)
	}
}

func TestFunctionsAreThereAgainWhenWhatTheyUseDidNotChange(t *testing.T) {
	c := start(t)
	c.commit("type P struct{ A int }\nfunc use() int { return x }\nfunc (P) Use() int { return x }\nfunc over() int { return use() + y }\nfunc text() string { return z }", "x, y, z := 1, 2, \"z\"\np := P{1}")
	p := c.commit("type T struct{ A int }\ntype P struct{ A, B int }\nfunc text() int { return 1 }", "x := T{}\nz := 5\ny := \"y\"\np := P{}")
	wantDropped := []string{"func use was dropped: ", "method P.Use was dropped: ", "func over was dropped: "}
	for _, want := range wantDropped {
		if !slices.ContainsFunc(p.Notes, func(n string) bool { return strings.HasPrefix(n, want) }) {
			t.Errorf("notes %q lack %q", p.Notes, want)
		}
	}
	_, notes := c.Unmade(p, 2) // y and p did not come
	want := []string{"y keeps its old value: the cell ended before the statement that assigns it",
		"the variable p is gone: its type P was redefined, and the cell ended before the statement that makes it again"}
	if !slices.Equal(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
	c.refusedWith("use()", "dropped")

	c = start(t)
	c.commit("func use() int { return x }\nfunc over() int { return use() + y }\nfunc text() string { return z }", "x, y, z := 1, 2, \"z\"")
	p = c.commit("type T struct{ A int }", "z := 5\nx := T{}\ny := \"y\"")
	_, notes = c.Unmade(p, 1) // x and y did not come
	want = []string{"x, y keep their old values: the cell ended before the statements that assign them",
		"func use is declared again: it compiles with what is defined now", "func over is declared again: it compiles with what is defined now"}
	if !slices.Equal(notes, want) {
		t.Errorf("notes %q, want %q", notes, want)
	}
	contains(t, c.commit("", "print(use() + over())"), "func use() int", "return x__v1", "use() + y__v1")
	c.refusedWith("print(text())", "undefined: text (dropped: ")
}
