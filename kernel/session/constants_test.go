package session

import (
	"strings"
	"testing"
)

func TestOneConstantOfAGroupIsDeclaredAnew(t *testing.T) {
	c := start(t)
	c.n++
	plan, err := c.Plan(Cell{Number: c.n, Decls: []Piece{{Text: "const ( A = iota; Second; C )", Line: 1, Col: 1}, {Text: "const p, q = 1, 2", Line: 2, Col: 1},
		{Text: "func name(i int) string { switch i { case A: return \"a\"; case C: return \"c\" }; return \"?\" }", Line: 3, Col: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	c.Commit(plan)
	p := c.commit("const Second = 77", "fmt.Println(A, Second, C, name(2))")
	if len(p.Notes) > 0 {
		t.Errorf("notes %q", p.Notes)
	}
	contains(t, p, "const ( A = iota; _     ; C )", "const Second = 77", "fmt.Println(A, Second, C, name(2))")
	if p = c.commit("", "q := true"); strings.Contains(strings.Join(p.Notes, "|"), "gone") {
		t.Errorf("notes %q", p.Notes)
	}
	contains(t, c.commit("", "fmt.Println(p, q)"), "fmt.Println(p, q__v1)", "const p, q = 1, 2")
	c.Remove("A")
	if _, err := c.plan("", "A"); err == nil || !strings.Contains(err.Error(), "undefined: A") {
		t.Errorf("error %v", err)
	}
	contains(t, c.commit("", "C"), "const ( _ = iota; _     ; C )")
	names := ""
	for _, d := range c.Definitions() {
		names += d.Kind + " " + d.Name + "|"
	}
	if names != "const C|const p,q|const Second|var q|" {
		t.Errorf("definitions %s", names)
	}
	p = c.commit("const ( A = iota; Second; C )", "fmt.Println(A, Second, C)") // the group comes back
	contains(t, p, "const ( A = iota; Second; C )")
	lacks(t, p, "77")
}
