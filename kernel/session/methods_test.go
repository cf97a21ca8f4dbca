package session

import (
	"strings"
	"testing"
)

// A method stays with a type that is edited, and goes when the type has become
// something else.
func TestMethodsOfAnotherType(t *testing.T) {
	for _, test := range []struct {
		old, now string
		program  bool
		gone     string
	}{
		{"struct{}", "struct{ n int }", false, ""},
		{"struct{}", "[]byte", false, "method T.M is gone: T was a structure and is a slice now"},
		{"[]byte", "[3]byte", false, "method T.M is gone: T was a slice and is an array now"},
		{"float64", "float32", false, ""},
		{"int", "string", false, "method T.M is gone: T was a number and is a string now"},
		{"map[string]int", "func(int) bool", false, "method T.M is gone: T was a map and is a function now"},
		{"struct{}", "struct{ n int }", true, "method T.M is gone: this program has a type T of its own"},
		{"struct{}", "time.Duration", false, ""},
		{"struct{}", "struct{ n int }\nfunc (T) M() int { return 2 }", true, ""},
	} {
		c := start(t)
		c.commit("type T "+test.old+"\nfunc (T) M() int { return 1 }", "")
		c.n++
		plan, err := c.Plan(Cell{Number: c.n, Decls: piecesOf("type T " + test.now), Program: test.program})
		if err != nil {
			t.Errorf("%v: %v", test, err)
			continue
		}
		if notes := strings.Join(plan.Notes, "\n"); notes != test.gone {
			t.Errorf("%s to %s: notes %q, want %q", test.old, test.now, notes, test.gone)
		}
	}
}
