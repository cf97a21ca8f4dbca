package session

import (
	"strings"
	"testing"
)

// What calls a function after its cell has ended calls the one that is declared
// then.
func TestFunctionsAreCalledLate(t *testing.T) {
	for _, c := range []struct{ name, stmts, want string }{
		{"closure", "f := func() int { return h(1) }; f()", "return h__late(1)"},
		{"value", "f := h; f(1)", "f__v1 = h__late;"},
		{"argument", "strings.IndexFunc(\"a\", letter)", "letter__late)"},
		{"iterator", "for x := range seq { _ = x }", "range seq {"},
		{"goroutine", "go loop()", "go func() { defer __cell.Recover();loop() }()"},
		{"goroutine in a closure", "f := func() { go loop(); go many(h(1), 2) }; f()", "__cell.Recover();loop__late() }()}; {_, __g1, _ := 0, h__late(1), 0; go func() { defer __cell.Recover();many__late(__g1, 2) }()} }"},
		{"statement", "h(1)", "Display(h(1))"},
		{"inside a statement", "for range h(1) { if ok(h(2)) { many(1, 2) } }", "for range h(1) {__cell.CheckBody(); if ok(h(2)) { many(1, 2) } }"},
		{"generic", "f := func() int { return g(1) }; f()", "return g(1)"},
		{"itself as a value", "f := again; f(1)", "return again__late"},
		{"itself in a closure", "f := later; f(1)", "return later__late(x)"},
		{"itself", "f := down; f(1)", "return down(x - 1)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			nb := start(t)
			nb.commit("func h(x int) int { return x }\nfunc ok(x int) bool { return true }\nfunc loop() { for { h(1) } }\nfunc letter(r rune) bool { return true }\nfunc seq(yield func(int) bool) {}\nfunc many(a int, b ...int) {}\nfunc g[T any](x T) T { return x }\ntype step func(int) step\nfunc again(x int) step { return again }\nfunc later(x int) int { return func() int { return later(x) }() }\nfunc down(x int) int { return down(x - 1) }", "")
			contains(t, nb.commit("", c.stmts), c.want)
		})
	}
}

// The functions that code left behind may call are bound late, too; those that
// only statements call are not.
func TestLateBindingReachesFunctions(t *testing.T) {
	nb := start(t)
	nb.commit("func h(x int) int { return x }\nfunc a() int { return h(1) }\nfunc b() int { if false { return b() }; return a() }\nfunc c() int { return h(2) }\ntype T struct{}\nfunc (T) m() int { return c() }", "")
	text := nb.commit("", "f := func() int { return b() }; c()").text()
	for _, want := range []string{"return b__late()", "if false { return b() }; return a__late()", "return h__late(1)", "return h(2)",
		"var h__now1 func(int) (int)", "func h__late(__p0 int) (int) { if __f := h__now1; __f != nil { return __f(__p0) }; return h(__p0) }"} {
		if !strings.Contains(text, want) {
			t.Errorf("lacks %s:\n%s", want, text)
		}
	}
	contains(t, nb.commit("", "T{}.m()"), "return c__late()", "return h__late(2)")
	// The plugin of a cell that only declares a function binds older code to it.
	text = nb.commit("func h(y int) int { return 2 * y }", "").text()
	if !strings.Contains(text, "\th__now1 = h\n") {
		t.Errorf("h is not bound anew:\n%s", text)
	}
	// What is made from then on calls the new one, and the next one later.
	contains(t, nb.commit("", "g := func() int { return h(3) }; g()"), "h__now3; __f != nil")
	text = nb.commit("func h(y int) int { return 3 * y }", "g()").text()
	if !strings.Contains(text, "\th__now1 = h\n") || !strings.Contains(text, "\th__now3 = h\n") {
		t.Errorf("h is not bound anew:\n%s", text)
	}
	// Another signature cannot be bound, and that is said.
	p := nb.commit("func h(y int, z string) int { return 3 * y }", "")
	if len(p.Notes) == 0 || !strings.Contains(strings.Join(p.Notes, "\n"), "keep calling the old h, because its parameters or results changed") {
		t.Errorf("notes %q", p.Notes)
	}
	if p := nb.commit("func unused() int { return 1 }", ""); len(p.Files) > 0 {
		t.Errorf("a function that nothing calls is compiled:\n%s", p.text())
	}
}
